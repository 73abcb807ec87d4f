"""Blocks of suppressed cells of linked tables, with two cells that can be small.

A single table has such blocks already. Other tables can narrow a cell, so that only one cell of a block can still be
below the threshold. A reader who knows the method would then know which cell is small.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from kerege.evidence.counting.frequency_table import OK, SUPPRESSED
from kerege.evidence.sdc.bounds import cell_bounds
from kerege.evidence.sdc.constraints.multi_table import JointSystem
from kerege.evidence.sdc.linear.linear_system import Ints, rules_of
from kerege.evidence.sdc.suppression.problem import weights

Hidden = NDArray[np.bool_]


def cells_to_extend(joint: JointSystem, threshold: int) -> Hidden:
    """Return the cheapest cells (cells,) that extend the blocks in which only one cell can be small.

    A block without a published cell beside it is left: nothing hides its small cell better.
    """
    to_hide = np.zeros(joint.cells, dtype=bool)
    weight = np.concatenate([weights(table) for table in joint.tables])
    for block in _single_small_blocks(joint, threshold):
        beside = np.unique(np.concatenate([_beside(joint, int(cell)) for cell in block]))
        if len(beside) and not to_hide[beside].any():
            to_hide[beside[weight[beside].argmin()]] = True
    return to_hide


def _single_small_blocks(joint: JointSystem, threshold: int) -> Iterator[Ints]:
    """Yield the blocks with a cell that can be small, and no second one.

    A count of rows of too few people is a small one too.
    """
    few = np.concatenate([table.few(threshold).ravel() for table in joint.tables])
    is_small = (joint.truth[: joint.cells] < threshold) | few
    suspects = [block for block in _blocks(joint) if is_small[block].sum() < 2]
    large = np.unique(np.concatenate([block[~is_small[block]] for block in suspects])) if suspects else np.zeros(0, int)
    ends = cell_bounds.intervals(joint, large) if len(large) else {}
    is_small[[cell for cell, (low, _) in ends.items() if low < threshold]] = True
    yield from (block for block in suspects if is_small[block].sum() == 1)


def _blocks(joint: JointSystem) -> list[Ints]:
    """Return the suppressed cells by block: those that share a sum of their table."""
    parts = []
    for number, (table, place) in enumerate(zip(joint.tables, joint.places, strict=True)):
        cells = np.flatnonzero(table.status.ravel() == SUPPRESSED)
        if number in joint.fixed or not len(cells):
            continue
        matrix = rules_of(table).matrix[:, cells]
        ties = sp.bmat([[None, matrix], [matrix.T, None]]) if matrix.shape[0] else sp.csr_matrix((len(cells),) * 2)
        _, label = connected_components(ties, directed=False)
        label = label[matrix.shape[0] :]
        parts += [place[cells[label == block]] for block in np.unique(label)]
    return parts


def _beside(joint: JointSystem, cell: int) -> Ints:
    """Return the published cells with people that share a sum of the table with a cell."""
    at = joint.at(cell)
    assert at is not None  # noqa: S101 - blocks hold cells of tables
    table, place = joint.tables[at[0]], joint.places[at[0]]
    matrix = rules_of(table).matrix
    beside = np.unique(matrix[np.unique(matrix[:, [at[1]]].nonzero()[0])].indices)
    is_published = (table.status.ravel()[beside] == OK) & (table.counts.ravel()[beside] > 0)
    return np.asarray(place[beside[is_published]])
