"""Findings that a release can still prevent: those that the published tables alone do not give."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kerege.evidence.sdc.bounds.cell_bounds import NarrowCell
from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.sdc.constraints.multi_table import join
from kerege.evidence.sdc.groups.decisions import Part
from kerege.evidence.sdc.published_tables.sheet import Sheet
from kerege.evidence.sdc.suppression.preventable_findings import preventable, undecided
from tests.evidence.made_sheets import Source, sheet

THRESHOLD = 10
SEVEN = NarrowCell(1, 7, 7)  # the first code of the first table


def part_of(*tables: Sheet, fixed: frozenset[int], late: bool = False) -> Part:
    """Return some tables as one system in which the first code of the first table is not safe."""
    survey = Survey(join(Source(), tables), THRESHOLD, whole=True)
    joint = replace(survey.settled(), fixed=fixed)
    return Part(joint, survey, [] if late else [SEVEN], [SEVEN] if late else [])


def by_form(p: int | None, q: int | None, total: int | None = 70) -> Sheet:
    """Return a table by form; None is a suppressed figure."""
    return sheet(("form",), {("_T",): total, ("p",): p, ("q",): q})


@pytest.mark.parametrize("late", [False, True])
def test_without_published_tables_every_finding_can_be_prevented(late: bool) -> None:
    """An undecided figure counts as not safe."""
    assert preventable(part_of(by_form(7, 63), fixed=frozenset(), late=late), THRESHOLD) == [SEVEN]


def test_a_figure_that_the_published_table_gives_alone_is_left() -> None:
    part = part_of(by_form(7, 63), by_form(7, 63), fixed=frozenset({1}))
    assert preventable(part, THRESHOLD) == []


def test_a_figure_that_only_both_tables_give_can_be_prevented() -> None:
    """The published table has the total alone; the new one must not state 63."""
    part = part_of(by_form(7, 63), by_form(None, None), fixed=frozenset({1}))
    assert preventable(part, THRESHOLD) == [SEVEN]


def test_a_figure_that_follows_from_published_sums_is_left() -> None:
    part = part_of(by_form(7, 63), by_form(None, 63), fixed=frozenset({1}))
    assert preventable(part, THRESHOLD) == []


def test_the_refusal_names_the_tables_and_the_number_of_groups() -> None:
    tables = [replace(by_form(7, 63), name="a"), replace(by_form(7, 63), name="b")]
    assert str(undecided(tables, 12)) == (
        "12 groups of tables a, b were not decided in time; leave a table out or publish coarser ones"
    )
