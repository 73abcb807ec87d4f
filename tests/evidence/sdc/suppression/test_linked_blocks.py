"""Blocks of suppressed cells in linked tables: each needs a second cell that can be small."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kerege.evidence.counting.frequency_table import SUPPRESSED
from kerege.evidence.sdc.constraints.multi_table import JointSystem, join
from kerege.evidence.sdc.suppression.linked_blocks import cells_to_extend
from tests.evidence import made
from tests.evidence.made_sheets import Figure, Source, sheet

THRESHOLD = 10


def row(*figures: Figure, truth: tuple[int, ...], name: str = "t") -> JointSystem:
    """Return the system of a table by one column, with the true counts behind it; `_T` comes first."""
    codes = ["_T", *"abcdef"[: len(figures) - 1]]
    joint = join(Source(), [sheet(("form",), {(code,): f for code, f in zip(codes, figures, strict=True)}, name=name)])
    (table,) = joint.tables
    return replace(joint, tables=[replace(table, counts=np.array(truth))], truth=np.array(truth))


def test_a_block_of_one_small_and_one_large_cell_gets_its_cheapest_neighbour() -> None:
    """4 and 30 are suppressed, and 30 cannot be small: 25 is cheaper than 60."""
    joint = row(119, None, (30, 30), 60, 25, truth=(119, 4, 30, 60, 25))
    table = joint.tables[0]
    table.status[2] = SUPPRESSED
    assert np.flatnonzero(cells_to_extend(joint, THRESHOLD)).tolist() == [4]


def test_a_block_with_two_small_cells_is_left() -> None:
    joint = row(119, None, None, 60, 50, truth=(119, 4, 5, 60, 50))
    assert not cells_to_extend(joint, THRESHOLD).any()


def test_a_block_without_a_small_cell_is_left() -> None:
    joint = row(119, (20, 20), (15, 15), 34, 50, truth=(119, 20, 15, 34, 50))
    joint.tables[0].status[[1, 2]] = SUPPRESSED
    assert not cells_to_extend(joint, THRESHOLD).any()


def test_a_large_cell_that_can_be_small_counts_as_the_second() -> None:
    """4 and 30 without bounds of their own: 30 can be 1 to 33, so the block has two that can be small."""
    joint = row(119, None, None, 60, 25, truth=(119, 4, 30, 60, 25))
    assert not cells_to_extend(joint, THRESHOLD).any()


def test_a_published_zero_is_no_neighbour() -> None:
    joint = row(34, None, (30, 30), 0, truth=(34, 4, 30, 0))
    joint.tables[0].status[2] = SUPPRESSED
    assert np.flatnonzero(cells_to_extend(joint, THRESHOLD)).tolist() == [0]  # only the total is left


@pytest.mark.parametrize("fixed", [frozenset(), frozenset({0})])
def test_tables_that_cannot_be_changed_are_left(fixed: frozenset[int]) -> None:
    joint = row(119, None, (30, 30), 60, 25, truth=(119, 4, 30, 60, 25))
    joint.tables[0].status[2] = SUPPRESSED
    assert cells_to_extend(replace(joint, fixed=fixed), THRESHOLD).any() is np.bool_(not fixed)


def test_tables_without_suppressed_cells_need_nothing() -> None:
    table = made.table([40, 50])
    joint = join(Source(), [sheet(("form",), {("_T",): 90, ("a",): 40, ("b",): 50})])
    assert joint.truth.tolist() == table.counts.tolist()
    assert not cells_to_extend(joint, THRESHOLD).any()
