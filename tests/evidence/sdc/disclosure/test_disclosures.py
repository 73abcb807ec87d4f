"""Disclosures as the report compares them: by figure, and by the people whom they concern."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.evidence.sdc.disclosure.disclosures import Disclosure, as_source, codes_of
from kerege.evidence.sdc.disclosure.intruder import examine
from tests.evidence import made_sheets
from tests.evidence.made_folders import table, write


def disclosure(**stated: Any) -> Disclosure:
    """Return a disclosure about women in table t."""
    named = {"kind": "interval", "release": "r", "table": "t", "cell": {"sex": "f"}, "lower": 2, "upper": 4}
    return Disclosure(**(named | stated))


@pytest.mark.parametrize(("ends", "people"), [((2, 4), 4), ((-5, 1), 5), ((0, 0), 0)])
def test_the_people_are_the_largest_number_that_is_possible(ends: tuple[int, int], people: int) -> None:
    assert disclosure(lower=ends[0], upper=ends[1]).people == people


def test_the_same_people_in_two_tables_are_the_same() -> None:
    first = disclosure(table="t", cell={"sex": "f"}, where={"area": ["b", "a"]})
    second = disclosure(table="u", cell={"sex": "f", "area": "a or b"})
    assert first.who == second.who
    assert first.key != second.key


@pytest.mark.parametrize("kind", ["difference", "noise", "entered", "group"])
def test_a_derived_figure_is_compared_with_its_own_kind_alone(kind: str) -> None:
    assert disclosure(kind=kind).who != disclosure().who
    assert disclosure(kind="small").who == disclosure().who


def test_a_cell_is_named_by_its_codes_without_totals() -> None:
    sheet = made_sheets.sheet(("sex", "area"), {("_T", "_T"): 9, ("f", "_T"): 5}, release="r")
    flat = sheet.groups[frozenset({("sex", "f")})]
    assert codes_of(sheet, flat) == {"sex": "f"}
    shown = as_source(sheet, flat)
    assert (shown.release, shown.table, shown.cell, shown.value) == ("r", "t", {"sex": "f"}, 5)


def test_the_remedy_suffices_and_the_sources_add_up(tmp_path: Any) -> None:
    """A hidden cell of 3 follows from its total; hiding the proposed cell as well makes the table safe."""
    counts = {"_T": 130, "a": 60, "b": 67, "c": 3}
    rows = [["form", "count", "status"], *[[code, str(n), "ok"] for code, n in counts.items()]]
    rows[-1] = ["c", "", "suppressed"]
    report = examine(write(tmp_path / "first", [table("t", rows)]))
    (finding,) = report.disclosures
    assert (finding.lower, finding.upper) == (3, 3)
    assert sorted(source.value for source in finding.sources) == [60, 67, 130]
    hidden = {cell["form"] for advice in finding.advice for cell in advice.cells}
    repaired = [[code, "", "suppressed"] if code in hidden else [code, n, status] for code, n, status in rows]
    assert examine(write(tmp_path / "second", [table("t", repaired)])).safe
