"""Matching in the register: spellings of one person match; sisters, twins and namesakes do not."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.people import population
from kerege.linkage import register_matching
from kerege.linkage.matching.batch_scorer import score
from kerege.linkage.matching.column_store import of_frame, with_empty
from kerege.linkage.matching.comparison_sql import RecordPairs
from kerege.linkage.matching.model_file import digest, load_bundled_model
from kerege.linkage.names import FOLD_VERSION
from kerege.linkage.register_guards import find_conflict_flags
from kerege.linkage.register_matching import (
    COMMON,
    PersonAttributes,
    blocking_keys,
    explain,
    index_version,
    match_person,
    model_version,
)

AIGUL = PersonAttributes(
    (("Айгуль", "Сериковна", "Ахметова"),), "1990-05-12", "f", ("N12345678",), ("+7 701 123 45 67",)
)
REGISTER = 20_000


def weigh(left: PersonAttributes, right: PersonAttributes, records: int = REGISTER) -> float:
    return match_person(left, [right], records)[0].probability


def test_a_single_pair_has_the_weight_of_a_batch() -> None:
    check_single_pairs(1_500, 2_000)


def check_single_pairs(records: int, pairs: int) -> None:
    """Check that the pair scorer and the batch scorer give equal levels, and bits equal to 1e-12."""
    known = population(records, seed=11).records
    persons = [
        PersonAttributes(
            ((row["given_name"], row["patronymic"], row["family_name"]),),
            row["birth_date"],
            row["sex"],
            tuple(filter(None, [row["document"]])),
            tuple(filter(None, [row["phone"]])),
        )
        for row in known.iter_rows(named=True)
    ]
    draw = np.random.default_rng(1)
    by_key: dict[str, list[int]] = {}
    for number, one in enumerate(persons):
        for key in blocking_keys(one):
            by_key.setdefault(key, []).append(number)
    near = [(a, b) for held in by_key.values() if len(held) < 60 for a in held for b in held if a < b]
    left, right = draw.permutation(np.array(sorted(set(near))))[:pairs].T
    rows = [register_matching.rows(one)[0] for one in persons]
    model = replace(register_matching._restrict_model(), prior=register_matching.prior(REGISTER))
    table = of_frame(pl.DataFrame(rows, infer_schema_length=None))
    table = with_empty(table, model.columns)
    common = {name: np.array([shares(name, v) or most for v in table[name].values]) for name, most in COMMON.items()}
    scores = score(model, RecordPairs(table, left, right), common)
    for number, (a, b) in enumerate(zip(left, right, strict=True)):
        (match,) = match_person(persons[a], [persons[b]], REGISTER, shares)
        assert list(match.levels.values()) == scores.gammas[:, number].tolist(), (persons[a], persons[b])
        assert match.weight == pytest.approx(scores.weights[number], abs=1e-12)


def test_the_first_eight_elements_of_a_list_are_compared() -> None:
    many = without(AIGUL, documents=tuple(f"N{number}" for number in range(10_001, 10_010)))
    eighth, ninth = (
        match_person(without(AIGUL, documents=(number,)), [many], REGISTER)[0].levels["document"]
        for number in ("N10008", "N10009")
    )
    assert eighth > ninth


def shares(name: str, value: str) -> float | None:
    return None if len(value) % 3 == 0 else 1 / (100 + len(value))


def without(person: PersonAttributes, **changes: object) -> PersonAttributes:
    return PersonAttributes(**{**person.__dict__, **changes})


@pytest.mark.parametrize(
    "other",
    [
        PersonAttributes((("Aigul", "Serikkyzy", "Akhmetova"),), "1990-05-12", "female"),
        PersonAttributes((("Айгүл", "Серікқызы", "Ахметова"),), "1991-05-12", "жен"),
        PersonAttributes((("Ахметова", "", "Айгуль"),), "12.05.1990", ""),
        PersonAttributes((("Aigul", "", "Petrova"),), "1990-05-12", "f", ("n 1234-5678",)),
        PersonAttributes((("Айгуль", "", "Ким-Ахметова"),), "1990-05-12", "f"),
        PersonAttributes((("Айгуль", "", "Смагулова (дев. Ахметова)"),), "1990-05-12", "f"),
        PersonAttributes((("Айгүл", "", "Серікқызы"),), "1990-05-12", "f"),
        PersonAttributes((("Кто-то", "", "Другой"), ("Айгуль", "", "Ахметова")), "1990-05-12", "f"),
    ],
    ids=[
        "romanised",
        "Kazakh, year off by one",
        "changed places",
        "married, same document",
        "two family names",
        "her maiden name",
        "her father for a family name",
        "an alias",
    ],
)
def test_spellings_of_one_person_match(other: PersonAttributes) -> None:
    assert blocking_keys(AIGUL) & blocking_keys(other)
    assert weigh(AIGUL, other) > 0.9


@pytest.mark.parametrize(
    ("other", "guard"),
    [
        (without(AIGUL, names=(("Айнур", "Сериковна", "Ахметова"),), birth_date="1992-03-01", documents=()), "sibling"),
        (without(AIGUL, names=(("Айнур", "Сериковна", "Ахметова"),), documents=()), "twin"),
        (without(AIGUL, names=(("Ainur", "", "Akhmetova"),), documents=()), "twin"),
        (without(AIGUL, names=(("Айнур", "Сериковна", "Ким-Ахметова"),), documents=()), "twin"),
        (without(AIGUL, names=(("Гульнара", "", "Ахметова"),), birth_date="1988", documents=()), "sibling"),
    ],
    ids=["sister", "twin", "twin without father", "twin with two family names", "sister without father"],
)
def test_sisters_with_one_telephone_have_a_conflict_flag(other: PersonAttributes, guard: str) -> None:
    assert weigh(AIGUL, other) < 0.5
    assert guard in find_conflict_flags(AIGUL, other)


@pytest.mark.parametrize(
    ("given", "other", "date", "guard"),
    [
        ("Алина", "Элина", "1992-08-01", ["sibling"]),
        ("Толқын", "Толғанай", "1990-05-12", ["twin"]),
        ("Улмекен", "Улмакан", "1990-05-12", ["twin"]),
        ("Улмекен", "Улмекан", "1992-08-01", ["sibling"]),
        ("Улмекен", "Улмекан", "1990-05-12", []),
        ("Улмекен", "Улмекан", "1990", []),
        ("Гулнора", "Гульнара", "1992-08-01", []),
        ("Юсуф", "Жүсіп", "1992-08-01", []),
        ("Айгуль", "А.", "1990-05-12", []),
        ("Айгуль", "Б.", "1990-05-12", ["twin"]),
    ],
)
def test_only_a_typing_error_or_a_variant_is_the_same_given_name(
    given: str, other: str, date: str, guard: list[str]
) -> None:
    """Other differences raise a conflict flag, so that a merge needs a second reviewer."""
    one, two = (without(AIGUL, names=((name, "Сериковна", "Ахметова"),)) for name in (given, other))
    assert find_conflict_flags(one, without(two, birth_date=date)) == guard


def test_a_patronymic_as_family_name_does_not_match_sisters() -> None:
    assert weigh(AIGUL, PersonAttributes((("Айнұр", "", "Серікқызы"),), "1990-05-12", "f")) < 0.5


def test_a_common_name_alone_is_no_match() -> None:
    one = PersonAttributes((("Айгуль", "", "Ахметова"),))
    assert weigh(one, one) < 0.5


def test_a_pair_has_a_lower_probability_in_a_larger_register() -> None:
    other = PersonAttributes((("Aigul", "", "Akhmetova"),), "1990")
    weights = [match_person(AIGUL, [other], size)[0].weight for size in (1_000, 100_000, 1_000_000)]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] - weights[2] == pytest.approx(9.966, abs=0.01)


@pytest.mark.parametrize(
    ("change", "guard"),
    [({"sex": "m"}, "sex"), ({"birth_date": "1975"}, "birth_year"), ({"documents": ("X9999999",)}, "documents")],
)
def test_each_contradiction_has_its_flag(change: dict[str, object], guard: str) -> None:
    assert find_conflict_flags(AIGUL, without(AIGUL, **change)) == [guard]
    assert find_conflict_flags(AIGUL, AIGUL) == []


@pytest.mark.parametrize("name", ["", "А", "\u200f", "😀", "х" * 5000, "Aйгуль", "1900-01-01", "'", "ь"])
@pytest.mark.parametrize("date", ["", "1900-01-01", "2023-02-29", "0000-00-00", "32.13.1990", "вчера"])
def test_any_name_and_any_date_are_accepted(name: str, date: str) -> None:
    person = PersonAttributes(((name, name, name),), date, name, (name,), (name,))
    blocking_keys(person)
    find_conflict_flags(person, person)
    assert 0 <= weigh(person, person) <= 1


def test_a_placeholder_date_is_missing() -> None:
    one = PersonAttributes((("Мадина", "", ""),), "1900-01-01")
    assert match_person(one, [one], REGISTER)[0].levels["birth"] == -1
    leap = PersonAttributes((("Мадина", "", ""),), "1992-02-29")
    assert match_person(leap, [leap], REGISTER)[0].levels["birth"] > 5


def test_the_explained_weights_add_up() -> None:
    match = match_person(AIGUL, [PersonAttributes((("Aigul", "", "Akhmetova"),), "1990-05-12")], REGISTER)[0]
    for language in ("kk", "ru", "en"):
        steps = explain(match, language)
        assert {bits for _, _, bits in steps} <= set(match.parts.values())
        assert all(name and level for name, level, _ in steps)
    assert explain(match, "ru")[0][:2] == ("фамилия", "та же фамилия")


def test_many_candidates_have_the_weights_of_single_pairs() -> None:
    others = [
        AIGUL,
        PersonAttributes((("Болат", "", "Ким"),), "1990"),
        PersonAttributes(),
        PersonAttributes((("Айгуль", "", ""), ("Аня", "", "Ким"))),
    ]
    assert match_person(AIGUL, others, REGISTER) == [match_person(AIGUL, [other], REGISTER)[0] for other in others]
    assert match_person(AIGUL, [], REGISTER) == []


def test_changed_weights_change_the_model_version_and_rules_the_index_version() -> None:
    heavier = load_bundled_model().as_dict()
    heavier["comparisons"][0]["comparison_levels"][1]["m_probability"] += 0.01
    assert (
        f"{load_bundled_model().version}.{digest([load_bundled_model().as_dict(), register_matching.COUNTING])}"
        == model_version()
    )
    assert digest([heavier, register_matching.COUNTING]) != digest(
        [load_bundled_model().as_dict(), register_matching.COUNTING]
    )
    assert index_version().startswith(FOLD_VERSION)
    assert len(index_version()) <= 20


def test_a_name_has_its_frequency_in_the_register_up_to_the_cap() -> None:
    assert register_matching.share("family", 50, 100_000) == pytest.approx(50.6 / 100_100)
    assert register_matching.share("family", 1, 100_000) == register_matching.share(
        "family", 2, 100_000
    )  # the person and the candidate
    assert register_matching.share("family", 2, 6) == register_matching.COMMON["family"]
    names = register_matching.names_to_count(
        register_matching.PersonAttributes((("Айгүл Мария", "Серікқызы", "Ахметова"), ("Aigul", "", "")))
    )
    assert names == {("given", "aigul maria"), ("given", "aigul"), ("patronymic", "serik"), ("family", "ahmet")}


def test_two_persons_are_explained_where_the_extra_names_alone_is_installed() -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('numpy', 'scipy', 'polars')))\n"
        "from kerege.linkage import PersonAttributes, explain, score_pair\n"
        "one = PersonAttributes((('Ivan', '', 'Sidorov'),))\n"
        "print(explain(score_pair(one, one, size=500), 'en')[0][1])"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.stdout == "same family name\n", process.stderr
