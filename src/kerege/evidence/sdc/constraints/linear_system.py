"""What an outsider knows of a table: bounds of every cell, and the sums that tie cells together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OK, PERTURBED, Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
INFINITE = np.inf


@dataclass(frozen=True)
class Rules:
    """Rows `low <= matrix @ cells <= high` over all cells of one or several tables."""

    matrix: sp.csr_matrix
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Knowledge:
    """Bounds of cells that are published exactly (equal bounds), roughly or not at all, with the rules."""

    rules: Rules
    lower: Floats
    upper: Floats
    truth: Ints

    @property
    def open(self) -> NDArray[np.bool_]:
        """Cells whose value is not given."""
        return self.lower < self.upper


@dataclass(frozen=True)
class Block:
    """Open cells that are tied together, with what the closed cells leave of their rules."""

    cells: Ints
    matrix: sp.csr_matrix
    low: Floats
    high: Floats
    lower: Floats
    upper: Floats
    truth: Ints


def rules_of(table: Table) -> Rules:
    """Every margin is the sum of its values; with several values a person, no value exceeds its margin and the values
    reach at least what was reported."""
    grid = np.arange(table.counts.size).reshape(table.counts.shape)
    parts = [part for d, name in enumerate(table.by) for part in _along(grid, d, table, name in table.multi)]
    return stack(parts, table.counts.size)


Part = tuple[Ints, Ints, Floats, Floats, Floats]  # row, cell, coefficient; low, high of each row


def stack(parts: list[Part], size: int) -> Rules:
    """One system out of groups of rows, in order."""
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
    return Rules(matrix, np.concatenate(lows), np.concatenate(highs))


def _along(grid: Ints, d: int, table: Table, multi: bool) -> list[Part]:
    lines = np.moveaxis(grid, d, -1).reshape(-1, grid.shape[d])
    count = len(lines)
    zero, free = np.zeros(count), np.full(count, INFINITE)
    if not multi:
        return [equations(lines, np.array([-1.0] + [1.0] * (lines.shape[1] - 1)), zero, zero)]
    silent = [i for i, value in enumerate(table.axes[d]) if value == NOT_REPORTED]
    parts = [equations(lines, np.array([-1.0] + [1.0] * (lines.shape[1] - 1)), zero, free)]
    for i in range(1, lines.shape[1]):
        # who reports a value is not among those who report nothing
        members = [0, i] + [u for u in silent if u != i]
        parts.append(equations(lines[:, members], np.array([-1.0] + [1.0] * (len(members) - 1)), -free, zero))
    return parts


def equations(lines: Ints, coefficients: Floats, low: Floats, high: Floats) -> Part:
    """A row for each line of cells, with the same coefficients; bounds by line."""
    count, width = lines.shape
    return np.repeat(np.arange(count), width), lines.ravel(), np.tile(coefficients, count), low, high


def knowledge(table: Table, rules: Rules, *, half: int = 0, tight: bool = False) -> Knowledge:
    """What the published form of the table tells. `half` is D of rounded cells; `tight` the bounds of somebody who also
    knows that ties were rounded up."""
    counts, status = table.counts.ravel(), table.status.ravel()
    truth = table_truth(table)
    ceiling = float(truth.max(initial=0) * 2 + 100_000)
    lower = np.where(status == OK, counts, 0).astype(float)
    upper = np.where(status == OK, counts, ceiling).astype(float)
    rounded = status == PERTURBED
    lower[rounded] = np.maximum(counts[rounded] - half, 0)
    upper[rounded] = counts[rounded] + half - int(tight)
    return Knowledge(rules, lower, upper, truth)


def table_truth(table: Table) -> Ints:
    """The counts before rounding."""
    return (table.counts if table.truth is None else table.truth).ravel()


def blocks(known: Knowledge) -> list[Block]:
    """Split the open cells into groups that share no rule."""
    cells = np.flatnonzero(known.open)
    if not len(cells):
        return []
    touched = known.rules.matrix[:, cells]
    used = np.flatnonzero(np.diff(touched.indptr))
    matrix = touched[used]
    closed = np.where(known.open, 0.0, known.lower)
    rest = (known.rules.matrix @ closed)[used]
    low, high = known.rules.low[used] - rest, known.rules.high[used] - rest
    ties = sp.bmat([[None, matrix], [matrix.T, None]]) if len(used) else sp.csr_matrix((len(cells),) * 2)
    _, label = connected_components(ties, directed=False)
    row_label, cell_label = label[: len(used)], label[len(used) :]
    order = np.argsort(cell_label, kind="stable")
    edges = np.flatnonzero(np.diff(cell_label[order])) + 1
    row_order = np.argsort(row_label, kind="stable")
    result = []
    for group in np.split(order, edges):
        left, right = np.searchsorted(row_label[row_order], cell_label[group[0]] + np.array([0, 1]))
        rows = row_order[left:right]
        mine = cells[group]
        result.append(Block(mine, matrix[rows][:, group].tocsr(), low[rows], high[rows], known.lower[mine],
                            known.upper[mine], known.truth[mine]))  # fmt: skip
    return result
