"""Indicator questionnaires: exactly the published rule; more indicators never lower the result."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.vocabulary import screening
from kerege.vocabulary.pack import find_pack, using
from kerege.vocabulary.pack.pack import read_pack
from kerege.vocabulary.screening import CLASSES, Tool, combine, judge, positive
from tests.vocabulary.pack.pack_folder import copy_pack

ADULT = screening.shipped()["ilo_delphi_adult_labour"]
CHILD = screening.shipped()["ilo_delphi_child_labour"]
ELEVEN = screening.shipped()["ilo_eleven"]
DIMENSIONS = [row.code for row in ADULT.dimension]
# the published rule: smallest sets of indicators that make a dimension positive
SMALLEST = {("S", "S"), ("M", "S"), ("S", "W"), ("M", "M", "M"), ("M", "M", "W")}


def oracle(letters: str) -> bool:
    """Return whether some of the present indicators form one of the smallest positive sets."""
    return any(tuple(sorted(some)) in SMALLEST for n in (2, 3) for some in combinations(letters, n))


COUNTS = list(product(range(5), range(7), range(5)))


@pytest.mark.parametrize(("strong", "medium", "weak"), COUNTS)
def test_a_dimension_is_positive_exactly_by_the_smallest_sets(strong: int, medium: int, weak: int) -> None:
    assert positive(strong, medium, weak) is oracle("S" * strong + "M" * medium + "W" * weak)


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("S", False),
        ("M", False),
        ("MM", False),
        ("W", False),
        ("WW", False),
        ("WWWWW", False),
        ("MW", False),
        ("MWW", False),
        ("MWWWWW", False),
        ("SS", True),
        ("SM", True),
        ("SW", True),
        ("MMM", True),
        ("MMW", True),
        ("", False),
    ],
)
def test_every_boundary_of_the_rule(letters: str, expected: bool) -> None:
    assert positive(letters.count("S"), letters.count("M"), letters.count("W")) is expected


def test_one_more_indicator_or_a_heavier_one_never_lowers_a_dimension() -> None:
    for strong, medium, weak in COUNTS:
        if positive(strong, medium, weak):
            assert positive(strong + 1, medium, weak)
            assert positive(strong, medium + 1, weak)
            assert positive(strong, medium, weak + 1)
            assert medium == 0 or positive(strong + 1, medium - 1, weak)
            assert weak == 0 or positive(strong, medium + 1, weak - 1)


SUBSETS = [set(some) for n in range(7) for some in combinations(DIMENSIONS, n)]


def expected_class_of_adults(dimensions: set[str]) -> str:
    """Compute the combined class from its definition: recruitment, then exploitation, then coercion."""
    deceived, coerced, lured, exploited, held, dependent = (name in dimensions for name in DIMENSIONS)
    if not exploited:
        return "insufficient"
    if (deceived or coerced or lured) and held:
        return "trafficking"
    if not any([deceived, coerced, lured, held, dependent]):
        return "labour_rights"
    return "intermediate"


@pytest.mark.parametrize("dimensions", SUBSETS, ids=lambda dimensions: "+".join(sorted(dimensions)) or "none")
def test_the_combined_class_of_every_set_of_dimensions(dimensions: set[str]) -> None:
    assert combine("adult", dimensions) == expected_class_of_adults(dimensions)
    for act in (False, True):
        traffic = act or bool(dimensions & set(DIMENSIONS[:3]))
        child = "insufficient" if "exploitation" not in dimensions else "trafficking" if traffic else "labour_rights"
        assert combine("child", dimensions, act) == child


def test_another_positive_dimension_never_lowers_the_class() -> None:
    for profile, act, dimensions in product(("adult", "child", "presence"), (False, True), SUBSETS):
        rank = CLASSES.index(combine(profile, dimensions, act))
        assert all(CLASSES.index(combine(profile, dimensions | {more}, act)) >= rank for more in DIMENSIONS)
        assert CLASSES.index(combine(profile, dimensions, True)) >= rank


def test_a_child_needs_no_means() -> None:
    assert combine("child", {"exploitation"}, act=True) == "trafficking"
    assert combine("adult", {"exploitation"}, act=True) == "labour_rights"


ANSWERS = st.sampled_from(["", "yes", "no", "unknown", "not_asked", "refused"])


def answered(tool: Tool) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries(dict.fromkeys(tool.questions, ANSWERS))


@pytest.mark.parametrize("tool", [ADULT, CHILD, ELEVEN], ids=lambda tool: tool.id)
@given(data=st.data())
def test_one_more_yes_never_lowers_the_result(tool: Tool, data: st.DataObject) -> None:
    answers = data.draw(answered(tool))
    code = data.draw(st.sampled_from(tool.questions))
    before, after = judge(tool, answers), judge(tool, answers | {code: "yes"})
    assert CLASSES.index(before.combined) <= CLASSES.index(after.combined) <= CLASSES.index(after.reachable)
    assert CLASSES.index(after.combined) <= CLASSES.index(before.reachable) or answers[code] == "no"
    for old, new in zip(before.findings, after.findings, strict=True):
        assert new.positive or not old.positive


@given(data=st.data())
def test_findings_are_those_of_the_oracle_and_only_a_yes_counts(data: st.DataObject) -> None:
    answers = data.draw(answered(ADULT))
    result = judge(ADULT, answers)
    for row in result.findings:
        letters = "".join(one.weight for one in ADULT.of(row.dimension) if answers[one.code] == "yes")
        possible = "".join(one.weight for one in ADULT.of(row.dimension) if answers[one.code] != "no")
        assert row.positive is oracle(letters)
        assert row.open is (oracle(possible) and not oracle(letters))
        assert (row.strong, row.medium, row.weak) == tuple(letters.count(weight) for weight in "SMW")


def test_an_unanswered_questionnaire_excludes_no_class() -> None:
    result = judge(ADULT, {})
    assert (result.combined, result.reachable, result.answered) == ("insufficient", "trafficking", 0)
    assert judge(ADULT, dict.fromkeys(ADULT.questions, "refused")).reachable == "trafficking"
    assert judge(ADULT, dict.fromkeys(ADULT.questions, "no")).reachable == "insufficient"


def test_the_lists_have_the_published_numbers_of_indicators() -> None:
    assert [len(ADULT.of(name)) for name in DIMENSIONS] == [10, 10, 16, 9, 15, 7]
    assert [len(CHILD.of(name)) for name in DIMENSIONS] == [10, 10, 15, 8, 15, 7]
    assert len(ELEVEN.indicator) == 11
    strong = {row.code for row in ADULT.indicator if row.weight == "S"}
    assert strong == {
        "deceived_job",
        "coerced_violence",
        "exploited_hours",
        "held_papers",
        "held_debt",
        "held_isolation",
        "held_violence",
    }
    weights = {name: [row.weight for row in CHILD.of(name)] for name in DIMENSIONS}
    assert [weights[name].count("S") for name in DIMENSIONS] == [2, 4, 0, 1, 8, 0]


def test_the_eleven_indicators_have_no_combined_class() -> None:
    assert judge(ELEVEN, {"debt": "yes"}).combined == "indicators_present"
    assert judge(ELEVEN, dict.fromkeys(ELEVEN.questions, "yes")).combined == "indicators_present"
    assert judge(ELEVEN, {"debt": "no"}).combined == "insufficient"


def test_questions_within_a_dimension_are_different() -> None:
    for tool in screening.shipped().values():
        for row in tool.dimension:
            for language in ("kk", "ru", "en"):
                words = [one.ask.in_language(language) for one in tool.of(row.code)]
                assert len(set(words)) == len(words)
                assert not any("{" in text or "  " in text for text in words)


def test_a_wrong_answer_is_refused() -> None:
    for answers in ({"deceived_job": "perhaps"}, {"no_such_question": "yes"}):
        with pytest.raises(BadInput):
            judge(ADULT, answers)


NATIONAL = """
id = "national_criteria"
version = "2025"
profile = "presence"
confirmed = true
source = "order 33002"
title = {kk = "a", ru = "b", en = "c"}
note = {kk = "a", ru = "b", en = "c"}
[[dimension]]
code = "harm"
title = {kk = "a", ru = "b", en = "c"}
[[indicator]]
code = "beaten"
dimension = "harm"
ask = {kk = "a", ru = "b", en = "c"}
"""


def test_national_criteria_are_offered_when_they_have_indicators(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path))
    assert not screening.tools()["national_criteria"].usable
    assert "national_criteria" not in {tool.id for tool in screening.offered()}
    (tmp_path / "screening").mkdir()
    (tmp_path / "screening" / "national.toml").write_text(NATIONAL, encoding="utf-8")
    assert "national_criteria" in {tool.id for tool in screening.offered()}
    assert screening.faults() == []


def test_a_pack_adds_its_questionnaires_in_its_country_only(tmp_path: Path) -> None:
    folder = copy_pack(tmp_path / "pack")
    (folder / "screening" / "national_criteria.toml").write_text(NATIONAL, encoding="utf-8")
    with using(read_pack(folder, "folder")):
        assert screening.tools()["national_criteria"].usable
    assert not screening.tools()["national_criteria"].usable
    with using(find_pack("kg")):
        assert "national_criteria" not in screening.tools()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (('dimension = "harm"', 'dimension = "lost"'), "there is no dimension lost"),
        (('profile = "presence"', 'profile = "adult"'), "is missing"),
        (('code = "beaten"', 'code = "harm"'), "harm occurs twice"),
        (('version = "2025"', "version ="), "is not TOML"),
        (("confirmed = true", "surprise = true"), "surprise"),
    ],
)
def test_a_faulty_file_is_reported_and_ignored(
    change: tuple[str, str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path))
    (tmp_path / "screening").mkdir()
    (tmp_path / "screening" / "x.toml").write_text(NATIONAL.replace(*change), encoding="utf-8")
    assert any(sentence in str(fault) for fault in screening.faults())
    assert set(screening.tools()) == {*screening.shipped(), "national_criteria"}


def test_a_file_not_in_utf_8_is_reported_and_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path))
    (tmp_path / "screening").mkdir()
    (tmp_path / "screening" / "x.toml").write_bytes("title = 'Кыргыз'".encode("cp1251"))
    assert [str(fault) for fault in screening.faults()] == [
        "x.toml: cannot be read as UTF-8, save it as UTF-8, readable by the program"
    ]
    assert set(screening.tools()) == {*screening.shipped(), "national_criteria"}


def test_a_separate_list_serves_sexual_exploitation_servitude_and_begging() -> None:
    """It holds the eleven indicators of the ILO, weighs nothing, and says that it is not validated."""
    tool = screening.shipped()["sexual_domestic_begging"]
    assert [row.ask for row in tool.of("control")] == [row.ask for row in ELEVEN.indicator]
    assert [row.code for row in tool.dimension] == ["control", "sexual", "domestic", "begging"]
    assert not any(row.weight for row in tool.indicator)
    assert not tool.confirmed
    assert "not validated" in tool.title.in_language("en")
    assert judge(tool, {"begging_hands_over": "yes"}).combined == "indicators_present"
    assert judge(tool, dict.fromkeys(tool.questions, "no")).combined == "insufficient"
