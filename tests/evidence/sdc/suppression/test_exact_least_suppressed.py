"""Suppression when a suppressed figure is at least 1, compared with every consistent tiny table.

The intruder enumerates tables cell by cell. It uses no solver, and no product code but the loss of a cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import OK, SUPPRESSED, Table
from kerege.evidence.sdc.published_tables.publication import as_sheet
from kerege.evidence.sdc.published_tables.stated_bounds import bounds
from kerege.evidence.sdc.suppression.audit import audit
from kerege.evidence.sdc.suppression.complementary import weights
from kerege.evidence.sdc.suppression.exact import suppress_exact
from kerege.evidence.sdc.suppression.method_choice import best_version
from tests.evidence import made
from tests.evidence.oracle import is_safe
from tests.evidence.sdc.suppression.test_exact import cheaper

COUNT = st.sampled_from([0, 1, 1, 2, 3, 4, 5])
FEW = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
MOST_STEPS, FAR = 20_000, 10_000
Mask = np.ndarray


@dataclass
class TinyTable:
    """Cells of a table as sums of inner cells (`sums`, cells x inner cells), and its lines with totals."""

    table: Table
    threshold: int

    def __post_init__(self) -> None:
        keys = [self.table.keys(flat) for flat in range(self.table.counts.size)]
        inner = [key for key in keys if "_T" not in key]
        is_part = [[all(c in ("_T", k) for c, k in zip(key, other, strict=True)) for other in inner] for key in keys]
        self.sums = np.array(is_part, dtype=np.int64)
        self.counts = self.table.counts.ravel()
        grid = np.arange(len(keys)).reshape(self.table.counts.shape)
        axes = range(grid.ndim)
        self.lines = [set(line) for d in axes for line in np.moveaxis(grid, d, -1).reshape(-1, grid.shape[d]).tolist()]

    def consistent(self, hidden: Mask) -> np.ndarray | None:
        """Return all cells of every consistent table (tables x cells), for counts not far above the truth.

        Return None when that takes more than MOST_STEPS.
        """
        top = np.where(self.sums.sum(axis=1) > 1, FAR, self.counts + 2 * self.threshold)
        low, high = np.where(hidden, 1, self.counts), np.where(hidden, top, self.counts)
        steps = [(np.zeros(len(self.sums), dtype=np.int64), 0)]
        tables, taken = [], 0
        rest = self.sums[:, ::-1].cumsum(axis=1)[:, ::-1]  # how many inner cells of each sum follow
        while steps:
            sums, place = steps.pop()
            taken += 1
            if taken > MOST_STEPS:
                return None
            if place == self.sums.shape[1]:
                tables.append(sums)
                continue
            is_touched = self.sums[:, place] > 0
            is_last = is_touched & (rest[:, place] == 1)
            first = max(0, int((low - sums)[is_last].max(initial=0)))
            final = int((high - sums)[is_touched].min())
            steps += [(sums + value * is_touched, place + 1) for value in range(first, final + 1)]
        return np.array(tables)

    def blocks(self, hidden: Mask) -> Iterator[set[int]]:
        """Yield the hidden cells that share lines, unless all other cells of these lines are published zeros."""
        rest = set(np.flatnonzero(hidden).tolist())
        while rest:
            block = {rest.pop()}
            while more := {c for line in self.lines if line & block for c in line} & rest:
                block |= more
                rest -= more
            beside = {c for line in self.lines if line & block for c in line} - block
            if any(self.counts[c] for c in beside):
                yield block

    def is_protected(self, hidden: Mask) -> bool | None:
        """Return whether a choice publishes no small count and discloses no cell; None for too many tables."""
        if (~hidden & (self.counts > 0) & (self.counts < self.threshold)).any():
            return False
        tables = self.consistent(hidden)
        if tables is None:
            return None
        assert (tables == self.counts).all(axis=1).any()
        low, high = tables.min(axis=0), tables.max(axis=0)
        if not all(is_safe(int(low[c]), int(high[c]), self.threshold) for c in np.flatnonzero(hidden)):
            return False
        small = [sum(int(low[c]) < self.threshold for c in block) for block in self.blocks(hidden)]
        return 1 not in small


def check_optimal(counts: list[object], threshold: int, most: int) -> None:
    """Check that the suppression of a table is safe and that up to `most` cheaper choices are not."""
    table = made.table(counts)
    tiny = TinyTable(table, threshold)
    suppression = suppress_exact(table, threshold)
    hidden = suppression.table.status.ravel() == SUPPRESSED
    assert tiny.is_protected(hidden) is not False
    assert suppression.lower_bound == suppression.loss
    weight, small = weights(table), (tiny.counts > 0) & (tiny.counts < threshold)
    free = sorted(np.flatnonzero(tiny.counts >= threshold).tolist(), key=lambda cell: -weight[cell])
    for further in islice(cheaper(weight, free, suppression.loss - float(weight[small].sum())), most):
        choice = small.copy()
        choice[further] = True
        assert not tiny.is_protected(choice), further


def inner(*shape: int) -> st.SearchStrategy[list[object]]:
    cells: st.SearchStrategy[object] = COUNT
    for size in reversed(shape):
        cells = st.lists(cells, min_size=size, max_size=size)
    return cells.filter(lambda counts: np.sum(counts) > 0)  # type: ignore[arg-type]


@FEW
@given(st.one_of(inner(3), inner(2, 2), inner(2, 3)), st.sampled_from([2, 3, 4]))
def test_no_consistent_table_discloses_a_cell_and_no_cheaper_choice_is_safe(
    counts: list[object], threshold: int
) -> None:
    check_optimal(counts, threshold, 200)


@settings(FEW, max_examples=4)
@given(inner(2, 2, 2), st.sampled_from([2, 3]))
def test_three_dimensions_disclose_no_cell_and_no_cheaper_choice_is_safe(counts: list[object], threshold: int) -> None:
    check_optimal(counts, threshold, 40)


@pytest.mark.parametrize(("counts", "hidden"), [([1, 8, 40, 60], 3), ([1, 9, 40, 60], 3), ([2, 9, 40, 60], 2)])
def test_two_cells_must_share_more_than_the_threshold(counts: list[int], hidden: int) -> None:
    """Two hidden cells of a sum of 10 lie in 1 to 9, so that both are small; those of 11 lie in 1 to 10."""
    assert suppress_exact(made.table(counts), 10).table.tally()["suppressed"] == hidden


def with_suppressed(table: Table, *cells: tuple[int, ...]) -> Table:
    status = table.status.copy()
    for cell in cells:
        status[cell] = SUPPRESSED
    return replace(table, status=status)


def test_a_block_has_two_cells_that_can_be_small() -> None:
    # with the total suppressed, 3 can be any number: but it alone can be small
    table = with_suppressed(made.table([3, 200, 300]), (0,))
    suppression = suppress_exact(table, 10)
    assert suppression.table.status.tolist() == [SUPPRESSED, SUPPRESSED, SUPPRESSED, OK]
    assert suppression.lower_bound == suppression.loss


def test_a_single_figure_that_is_small_stays_suppressed() -> None:
    table = Table("t", "records", (), {}, (), np.array(4), np.zeros((), np.uint8))
    assert suppress_exact(table, 10).table.status == SUPPRESSED


def test_rounding_leaves_no_block_with_one_cell_that_can_be_small() -> None:
    # base 20 would show every large cell, and 3 as the only suppressed one
    protected = best_version(made.table([[3, 600], [900, 800]]), 10)
    assert int((protected.status == SUPPRESSED).sum()) != 1


# a suppressed figure that can be 0


@pytest.mark.parametrize("counts", [[[60, 0], [25, 30]], [[60, 15], [3, 30]]])
def test_a_table_with_a_sensitive_column_states_that_a_suppressed_figure_can_be_0(counts: list[list[int]]) -> None:
    """The statement does not depend on whether a zero is suppressed, so that it discloses nothing."""
    table = made.table(counts)
    protected = suppress_exact(table, 10, frozenset({"dim1"})).table
    assert protected.params["least_suppressed"] == 0
    assert "least_suppressed" not in suppress_exact(table, 10).table.params
    assert audit(protected, 10).safe
    hidden = protected.status.ravel() == SUPPRESSED
    for published in (protected, as_sheet(protected, "")):
        assert (bounds(published)[0][hidden] == 0).all()


def test_a_suppressed_zero_is_stated() -> None:
    table = with_suppressed(made.table([[30, 0], [50, 60]]), (1, 2))
    protected = suppress_exact(table, 10).table
    assert protected.params == {"least_suppressed": 0}
    assert audit(protected, 10).safe
    assert audit(table, 10).lower.ravel()[5] == 0


def test_a_suppressed_figure_is_at_least_1_where_the_table_states_nothing() -> None:
    protected = suppress_exact(made.table([[3, 40], [50, 60]]), 10).table
    assert protected.params == {}
    hidden = protected.status.ravel() == SUPPRESSED
    for published in (protected, as_sheet(protected, "")):
        assert (bounds(published)[0][hidden] == 1).all()
    assert audit(protected, 10).lower[hidden].min() == 1
