"""The report on a publication beside earlier ones: labels, repeated disclosures and counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kerege.evidence.sdc.disclosure import intruder as module
from kerege.evidence.sdc.disclosure.disclosures import Disclosure
from kerege.evidence.sdc.disclosure.intruder import assess, examine, report
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.evidence.sdc.published_tables.publication import Publication
from tests.evidence.sdc.disclosure.published import by_sex, publication

THRESHOLD = 10


def disclosure(lower: int = 3, upper: int = 5, **stated: Any) -> Disclosure:
    """Return a disclosure about women."""
    facts: dict[str, Any] = {"kind": "interval", "release": "new", "table": "sex", "cell": {"sex": "f"}}
    return Disclosure(**(facts | stated), lower=lower, upper=upper)


def labels(*publications: Publication) -> list[str]:
    """Return the labels of publications after repeated ones have a number."""
    return [named.label for named in module._with_unique_labels(publications)]


def test_repeated_labels_get_a_number_and_the_newest_keeps_its_label() -> None:
    named = [publication(label, by_sex(100, 60, 40, release=label)) for label in ("a", "b", "a", "a")]
    assert labels(*named) == ["a (3)", "b", "a (2)", "a"]
    renamed = module._with_unique_labels(named)[0]
    assert [sheet.release for sheet in renamed.sheets] == ["a (3)"]
    assert [sheet.release for sheet in named[0].sheets] == ["a"]  # the publication of the caller stays as it is


def test_labels_that_look_like_numbers_stay_unique() -> None:
    named = [publication(label) for label in ("a (2)", "a", "a")]
    assert len(set(labels(*named))) == 3


def test_a_safe_publication_has_its_counts_and_no_finding() -> None:
    result = report(publication("new", by_sex(100, 60, 40)), [], THRESHOLD)
    assert result.safe
    examined = result.examined
    assert (examined.releases, examined.tables, examined.cells, examined.hidden) == (1, 1, 3, 0)
    assert examined.groups > 0
    assert result.threshold == THRESHOLD


def test_an_empty_publication_is_safe() -> None:
    result = report(publication("new"), [], THRESHOLD)
    assert result.safe
    assert (result.examined.tables, result.examined.cells) == (0, 0)


def test_hidden_cells_are_counted() -> None:
    result = report(publication("new", by_sex(100, None, None)), [], THRESHOLD)
    assert result.examined.hidden == 2
    assert result.safe


def test_findings_of_the_release_in_hand_come_first_then_the_smallest() -> None:
    earlier = publication("old", by_sex(66, 60, 6, release="old", as_of="2024-12-31"))
    new = publication("new", by_sex(109, 100, 9))
    findings = report(new, [earlier], THRESHOLD).disclosures
    assert [finding.release for finding in findings] == sorted(finding.release for finding in findings)
    own = [finding.upper for finding in findings if finding.release == "new"]
    assert own == sorted(own)
    assert {finding.release for finding in findings} == {"new", "old"}


def test_a_finding_hides_cells_or_leaves_its_table_out() -> None:
    named = report(publication("new", by_sex(66, 60, 6)), [], THRESHOLD).disclosures[0]
    assert [(advice.table, advice.action) for advice in named.advice] in ([("sex", "hide")], [("sex", "drop")])
    assert named.words


def test_the_narrowest_interval_of_a_figure_is_kept() -> None:
    wide, narrow, other = disclosure(3, 9), disclosure(4, 6), disclosure(3, 9, cell={"sex": "m"})
    assert list(module._closest([wide, narrow, other])) == [narrow, other]
    assert list(module._closest([narrow, wide])) == [narrow]
    assert list(module._closest([])) == []


@pytest.mark.parametrize(
    ("earlier", "is_known"),
    [
        ((3, 5), True),
        ((4, 5), True),
        ((3, 6), False),  # less was known
        ((2, 5), False),
    ],
)
def test_as_much_must_have_been_known_before(earlier: tuple[int, int], is_known: bool) -> None:
    about = frozenset({("victims", "2025")})
    new, old = disclosure(about=about), disclosure(*earlier, about=about)
    assert module._is_known(new, {old.who: [old]}) is is_known


def test_the_same_codes_of_other_people_were_not_known_before() -> None:
    old = disclosure(about=frozenset({("victims", "2024")}))
    new = disclosure(about=frozenset({("victims", "2025")}))
    assert not module._is_known(new, {old.who: [old]})
    assert not module._is_known(new, {})


def test_a_revision_is_known_only_between_the_same_dates() -> None:
    both = frozenset({("victims", "2024"), ("victims", "2025")})
    part = frozenset({("victims", "2025")})
    old, new = disclosure(kind="revision", about=part), disclosure(kind="revision", about=both)
    assert not module._is_known(new, {old.who: [old]})
    assert module._is_known(new, {old.who: [disclosure(kind="revision", about=both)]})


def test_an_assessment_is_made_once_for_equal_tables() -> None:
    table = by_sex(66, 60, 6)
    cache: module.Cache = {}
    first = assess([publication("new", table)], frozenset({"new"}), THRESHOLD, cache)
    size = len(cache)
    second = assess([publication("new", table)], frozenset({"new"}), THRESHOLD, cache)
    assert len(cache) == size > 0
    assert [d.key for d in first.disclosures] == [d.key for d in second.disclosures]


SEXES = "sex,count\nmale,{}\nfemale,{}\nTotal,{}\n"


def contradicting(root: Path, *figures: tuple[int, int, int]) -> AttackReport:
    """Return the report on files by sex in one folder."""
    for number, row in enumerate(figures):
        (root / f"t{number}.csv").write_text(SEXES.format(*row))
    return examine(root)


def test_tables_with_equal_totals_that_disagree_are_never_safe(tmp_path: Path) -> None:
    """They were taken for tables of two different populations, each safe by itself."""
    result = contradicting(tmp_path, (40, 60, 100), (45, 55, 100))
    assert not result.safe
    assert result.undecided == 6
    (note,) = result.notes
    assert note.startswith(f"undecided: the tables t0 of {tmp_path.name}, t1 of {tmp_path.name} contradict one another")
    assert note.endswith("or a manifest must say that they count other people")


def test_tables_with_other_totals_are_of_other_people(tmp_path: Path) -> None:
    assert contradicting(tmp_path, (40, 60, 100), (45, 56, 101)).undecided == 0


def test_margins_that_disagree_with_the_cells_of_another_table_are_never_safe(tmp_path: Path) -> None:
    """50 people are in the north by one table, 60 by the sum of the other; both totals are suppressed."""
    (tmp_path / "a.csv").write_text(
        "sex,region,count\nTotal,Total,100\nmale,Total,40\nfemale,Total,60\nTotal,N,x\nTotal,S,x\n"
        "male,N,20\nmale,S,20\nfemale,N,30\nfemale,S,30\n"
    )
    (tmp_path / "b.csv").write_text(
        "region,age,count\nTotal,Total,100\nTotal,young,40\nTotal,old,60\nN,Total,x\nS,Total,x\n"
        "N,young,20\nN,old,40\nS,young,20\nS,old,20\n"
    )
    result = examine(tmp_path)
    assert not result.safe
    assert any(note.startswith("undecided: the tables a of ") for note in result.notes)
