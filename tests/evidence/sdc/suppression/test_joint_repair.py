"""Suppression in linked tables: cells that make a cell wide, and systems without some figures."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import OK, SUPPRESSED, WITHHELD
from kerege.evidence.sdc.bounds.feasible_bounds import Survey, is_wide
from kerege.evidence.sdc.constraints.multi_table import JointSystem, join
from kerege.evidence.sdc.published_tables.sheet import Sheet
from kerege.evidence.sdc.suppression.joint_repair import cells_to_hide, suppress_cells, withhold_tables
from tests.evidence.made_sheets import Figure, Source, sheet

THRESHOLD = 3
KEYS = list(product(("_T", "a", "b"), ("_T", "x", "y")))
Cell = tuple[str, str]


def square(inner: list[int], hidden: tuple[Cell, ...] = ()) -> Sheet:
    """Return a table of two by two codes, as it is published."""
    counts = dict(zip(product("ab", "xy"), inner, strict=True))
    figures: dict[tuple[str, ...], Figure] = {
        key: sum(n for cell, n in counts.items() if all(k in ("_T", c) for k, c in zip(key, cell, strict=True)))
        for key in KEYS
    }
    return sheet(("row", "column"), figures | dict.fromkeys(hidden))


def joint_of(*tables: Sheet) -> JointSystem:
    """Return tables as one system, with the counts of some register that fits them."""
    return Survey(join(Source(), tables), THRESHOLD, whole=True).settled()


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=4, max_size=4), st.sampled_from(KEYS[1:]))
def test_the_cell_is_wide_when_the_chosen_cells_are_suppressed(inner: list[int], key: Cell) -> None:
    table = square(inner)
    joint, cell = joint_of(table), KEYS.index(key)
    assert joint.truth.tolist() == table.counts.ravel().tolist()
    hide = cells_to_hide(joint, cell, THRESHOLD, np.zeros(len(joint.truth), dtype=bool))
    assert hide[cell]
    low, high = Survey(suppress_cells(joint, hide), THRESHOLD, held=True).intervals([cell])[cell]
    assert is_wide(np.array([low]), np.array([high]), THRESHOLD)[0]


def test_cells_that_are_hidden_already_are_used_and_kept() -> None:
    """The square of a is hidden in part: the rest of it is cheaper than any other one."""
    joint = joint_of(square([1, 9, 8, 7]))
    hide = np.zeros(9, dtype=bool)
    hide[[4, 5]] = True
    chosen = cells_to_hide(joint, 4, THRESHOLD, hide)
    assert np.flatnonzero(chosen).tolist() == [4, 5, 7, 8]
    assert np.flatnonzero(hide).tolist() == [4, 5]  # the marks of the caller stay as they are


def test_published_tables_cannot_be_changed() -> None:
    """The second table is published: only cells of the first may be suppressed, and none of them helps."""
    first, second = square([1, 9, 8, 7]), square([1, 9, 8, 7])
    joint = joint_of(first, second)
    fixed = JointSystem(**{**joint.__dict__, "fixed": frozenset({1})})
    chosen = cells_to_hide(fixed, 4, THRESHOLD, np.zeros(18, dtype=bool))
    assert not chosen[9:].any()
    both = cells_to_hide(joint, 4, THRESHOLD, np.zeros(18, dtype=bool))
    assert both[[4, 13]].all()  # the figure must go from both


def test_suppressed_cells_have_no_figure_and_are_at_least_1() -> None:
    table = square([1, 9, 8, 7])
    joint = joint_of(table)
    hide = np.zeros(9, dtype=bool)
    hide[[4, 8]] = True
    (changed,) = suppress_cells(joint, hide).tables
    assert isinstance(changed, Sheet)
    assert np.flatnonzero(changed.status.ravel() == SUPPRESSED).tolist() == [4, 8]
    assert changed.lower.ravel()[[4, 8]].tolist() == [1, 1]
    assert np.isinf(changed.upper.ravel()[[4, 8]]).all()
    assert (changed.lower.ravel()[~hide] == table.lower.ravel()[~hide]).all()
    assert (table.status == OK).all()


def test_cells_that_are_withheld_stay_withheld() -> None:
    table = sheet(("row",), {("_T",): 12, ("a",): 5, ("b",): 7})
    table.status[2] = WITHHELD
    (changed,) = suppress_cells(joint_of(table), np.ones(3, dtype=bool)).tables
    assert changed.status.tolist() == [SUPPRESSED, SUPPRESSED, WITHHELD]


@pytest.mark.parametrize("numbers", [set(), {0}, {1}, {0, 1}])
def test_withheld_tables_state_nothing_and_the_others_all(numbers: set[int]) -> None:
    joint = joint_of(square([1, 9, 8, 7]), square([1, 9, 8, 7], (("a", "x"),)))
    changed = withhold_tables(joint, numbers)
    for number, (table, before) in enumerate(zip(changed.tables, joint.tables, strict=True)):
        assert isinstance(table, Sheet)
        assert isinstance(before, Sheet)
        if number in numbers:
            assert (table.status == WITHHELD).all()
            assert (table.lower == 0).all()
            assert np.isinf(table.upper).all()
        else:
            assert (table.status == before.status).all()
            assert (table.lower == before.lower).all()
    assert changed.truth is joint.truth
