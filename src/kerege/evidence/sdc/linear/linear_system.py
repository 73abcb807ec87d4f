"""The linear system of a table: bounds of every cell, and the sums that tie the cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OK, PERTURBED, SUPPRESSED, Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
INFINITE = np.inf
LEAST_SUPPRESSED = "least_suppressed"  # parameter of a table in which a suppressed figure can be 0


@dataclass(frozen=True)
class Rules:
    """Rows `low <= matrix @ cells <= high` over all cells of one or several tables."""

    matrix: sp.csr_matrix
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Knowledge:
    """Bounds of cells, and the rules; equal bounds for a cell that is published exactly.

    `few` marks cells with rows of too few people: their interval must be wide, however large they are.
    """

    rules: Rules
    lower: Floats
    upper: Floats
    truth: Ints
    few: NDArray[np.bool_] | None = None

    @property
    def open(self) -> NDArray[np.bool_]:
        """Return which cells are not published exactly."""
        return self.lower < self.upper


@dataclass(frozen=True)
class CellBlock:
    """Open cells that share rules; the published cells are subtracted from the bounds of the rules."""

    cells: Ints
    matrix: sp.csr_matrix
    low: Floats
    high: Floats
    lower: Floats
    upper: Floats
    truth: Ints
    few: NDArray[np.bool_] | None = None


def rules_of(table: Table) -> Rules:
    """Return the rules of a table: every margin is the sum of its values.

    In a multi-valued column no value exceeds its margin less `_U`, and the values together reach at least the margin.
    """
    grid = np.arange(table.counts.size).reshape(table.counts.shape)
    parts = [part for d, name in enumerate(table.by) for part in _axis_rules(grid, d, table, name in table.multi)]
    return stack(parts, table.counts.size)


def row_key(sums: sp.csr_matrix, row: int) -> tuple[bytes, bytes]:
    """Return a key of the unknowns that a sum counts; its indices must be sorted."""
    span = slice(sums.indptr[row], sums.indptr[row + 1])
    return sums.indices[span].tobytes(), sums.data[span].tobytes()


def stacked(rules: Sequence[Rules]) -> Rules:
    """Return several groups of rules over the same cells as one."""
    return Rules(
        sp.vstack([part.matrix for part in rules]).tocsr(),
        np.concatenate([part.low for part in rules]),
        np.concatenate([part.high for part in rules]),
    )


RuleRows = tuple[Ints, Ints, Floats, Floats, Floats]  # row, cell, coefficient; low and high of each row


def stack(parts: list[RuleRows], size: int) -> Rules:
    """Stack groups of rows into one system of `size` cells, in order."""
    rows, cells, values, lows, highs, start = [], [], [], [], [], 0
    for row, cell, value, low, high in parts:
        rows.append(row + start)
        cells.append(cell)
        values.append(value)
        lows.append(low)
        highs.append(high)
        start += len(low)
    if not parts:
        return Rules(sp.csr_matrix((0, size)), np.zeros(0), np.zeros(0))
    where = (np.concatenate(rows), np.concatenate(cells))
    matrix = sp.csr_matrix((np.concatenate(values), where), shape=(start, size))
    matrix.eliminate_zeros()  # a cell that a rule adds and subtracts again
    return Rules(matrix, np.concatenate(lows), np.concatenate(highs))


def _axis_rules(grid: Ints, d: int, table: Table, multi: bool) -> list[RuleRows]:
    """Return the rules along one axis."""
    lines = np.moveaxis(grid, d, -1).reshape(-1, grid.shape[d])
    count = len(lines)
    zero, free = np.zeros(count), np.full(count, INFINITE)
    if not multi:
        return [equations(lines, np.array([-1.0] + [1.0] * (lines.shape[1] - 1)), zero, zero)]
    silent = [i for i, value in enumerate(table.axes[d]) if value == NOT_REPORTED]
    parts = [equations(lines, np.array([-1.0] + [1.0] * (lines.shape[1] - 1)), zero, free)]
    for i in range(1, lines.shape[1]):
        # a person who reports a value is not among those who report nothing
        members = [0, i] + [u for u in silent if u != i]
        parts.append(equations(lines[:, members], np.array([-1.0] + [1.0] * (len(members) - 1)), -free, zero))
    return parts


def equations(lines: Ints, coefficients: Floats, low: Floats, high: Floats) -> RuleRows:
    """Return one row for each line of cells, with the same coefficients; the bounds are by line."""
    count, width = lines.shape
    return np.repeat(np.arange(count), width), lines.ravel(), np.tile(coefficients, count), low, high


def least_suppressed(table: Table) -> int:
    """Return the least count that a suppressed figure of a table can have.

    It is 1, unless the parameters of the table state 0.
    """
    return 0 if table.params.get(LEAST_SUPPRESSED, 1) == 0 else 1


def knowledge(table: Table, rules: Rules, *, half: int = 0, tight: bool = False) -> Knowledge:
    """Return the bounds that the published form of a table gives.

    `half` is the largest change D of rounded cells. `tight` gives the bounds of an intruder who knows that ties are
    rounded up.
    """
    counts, status = table.counts.ravel(), table.status.ravel()
    truth = table_truth(table)
    ceiling = float(truth.max(initial=0) * 2 + 100_000)
    lower = np.where(status == OK, counts, (status == SUPPRESSED) * least_suppressed(table)).astype(float)
    upper = np.where(status == OK, counts, ceiling).astype(float)
    rounded = status == PERTURBED
    lower[rounded] = np.maximum(counts[rounded] - half, 0)
    upper[rounded] = counts[rounded] + half - int(tight)
    return Knowledge(rules, lower, upper, truth)


def table_truth(table: Table) -> Ints:
    """Return the counts before rounding or noise, flat."""
    return (table.counts if table.truth is None else table.truth).ravel()


def blocks(view: Knowledge) -> list[CellBlock]:
    """Split the open cells into groups that share no rule."""
    cells = np.flatnonzero(view.open)
    if not len(cells):
        return []
    touched = view.rules.matrix[:, cells]
    used = np.flatnonzero(np.diff(touched.indptr))
    matrix = touched[used]
    exact = np.where(view.open, 0.0, view.lower)
    exact_sums = (view.rules.matrix @ exact)[used]
    low, high = view.rules.low[used] - exact_sums, view.rules.high[used] - exact_sums
    ties = sp.bmat([[None, matrix], [matrix.T, None]]) if len(used) else sp.csr_matrix((len(cells),) * 2)
    _, label = connected_components(ties, directed=False)
    row_label, cell_label = label[: len(used)], label[len(used) :]
    order = np.argsort(cell_label, kind="stable")
    edges = np.flatnonzero(np.diff(cell_label[order])) + 1
    row_order = np.argsort(row_label, kind="stable")
    result = []
    for group in np.split(order, edges):
        first, last = np.searchsorted(row_label[row_order], cell_label[group[0]] + np.array([0, 1]))
        rows = row_order[first:last]
        members = cells[group]
        result.append(
            CellBlock(
                cells=members,
                matrix=matrix[rows][:, group].tocsr(),
                low=low[rows],
                high=high[rows],
                lower=view.lower[members],
                upper=view.upper[members],
                truth=view.truth[members],
                few=None if view.few is None else view.few[members],
            )
        )
    return result
