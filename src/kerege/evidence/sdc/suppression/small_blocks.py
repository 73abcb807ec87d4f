"""Blocks of suppressed cells in which only one cell can be small.

A block holds the suppressed cells that share sums. An intruder who knows the method knows that each block has a cell
below the threshold. Where only one cell can be so small, the block discloses which cell it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from kerege.evidence.sdc.linear.linear_system import CellBlock, Ints, Knowledge, blocks
from kerege.evidence.sdc.suppression.audit import Search
from kerege.evidence.sdc.suppression.problem import Mask, SuppressionProblem


def single_small_blocks(view: Knowledge, suppressed: Mask, threshold: int) -> Iterator[Ints]:
    """Yield every block of suppressed cells in which only one cell can be below the threshold.

    A cell counts as one that can be small when a consistent table shows it, so that a search that runs out of time can
    add blocks, but never leaves one out.
    """
    for block in blocks(view):
        parts = _parts(block, suppressed[block.cells])
        is_small = [(block.truth[part] < threshold).sum() for part in parts]
        search = Search(block, threshold) if min(is_small, default=2) < 2 else None
        for part in parts if search else ():
            if search and _has_one_small(search, part):
                yield block.cells[part]


def _parts(block: CellBlock, is_suppressed: Mask) -> list[Ints]:
    """Return the suppressed cells of a block, by position, split into those that share sums."""
    places = np.flatnonzero(is_suppressed)
    matrix = block.matrix[:, places]
    ties = sp.bmat([[None, matrix], [matrix.T, None]]) if matrix.shape[0] else sp.csr_matrix((len(places),) * 2)
    _, label = connected_components(ties, directed=False)
    label = label[matrix.shape[0] :]
    return [places[label == number] for number in np.unique(label)]


def _has_one_small(search: Search, part: Ints) -> bool:
    """Return whether exactly one of some cells of a block can be below the threshold."""
    count = 0
    for place in sorted(part.tolist(), key=lambda k: search.block.truth[k]):
        count += search.can_be_small(place)
        if count > 1:
            return False
    return count == 1


def blocks_to_extend(problem: SuppressionProblem, hidden: Mask) -> list[tuple[Ints, Ints]]:
    """Return each block in which only one cell can be small, with the cells that may extend it.

    These share a sum with the block. A block without any is left out: nothing hides its small cell better.
    """
    suppressed = hidden & (np.arange(len(hidden)) < problem.size)
    extensible = []
    for cells in single_small_blocks(problem.known(hidden), suppressed, problem.threshold):
        touched = np.unique(problem.sums.matrix[:, cells].nonzero()[0])
        beside = np.unique(problem.sums.matrix[touched].indices)
        more = beside[problem.movable[beside] & ~hidden[beside]]
        if len(more):
            extensible.append((cells, more))
    return extensible


def extend_blocks(problem: SuppressionProblem, hidden: Mask) -> Mask:
    """Suppress the cheapest cell that gives each block a second small cell, if one cell suffices.

    If none suffices, suppress the cheapest cell that extends the block; the caller must try again.
    """
    result = hidden.copy()
    for _, more in blocks_to_extend(problem, hidden):
        cheapest = more[np.argsort(problem.weight[more], kind="stable")]
        sufficient = (cell for cell in cheapest.tolist() if _suffices(problem, result, cell))
        result[next(sufficient, int(cheapest[0]))] = True
    return result


def _suffices(problem: SuppressionProblem, hidden: Mask, cell: int) -> bool:
    """Return whether a further suppressed cell makes a safe block with two possibly small cells."""
    extended = hidden.copy()
    extended[cell] = True
    block = next(block for block in blocks(problem.known(extended)) if cell in block.cells)
    own = np.flatnonzero(block.cells < problem.size)
    return not _has_one_small(Search(block, problem.threshold), own) and not len(Search(block, problem.threshold).run())
