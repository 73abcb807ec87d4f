"""Rounding: large categories to a stated half width, small categories withheld."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kerege.base.errors import Refused
from kerege.evidence.counting import Counts
from kerege.evidence.counting.frequency_table import NOT_REPORTED, OK, PERTURBED, SUPPRESSED, WITHHELD, Table
from kerege.evidence.sdc.linear.highs_solver import feasible
from kerege.evidence.sdc.linear.linear_system import Ints, Knowledge, knowledge
from kerege.evidence.sdc.suppression.audit import audit_knowledge
from kerege.evidence.sdc.suppression.complementary import ProtectionRule
from kerege.evidence.sdc.suppression.large_tables import is_large
from kerege.evidence.sdc.suppression.problem import SuppressionProblem
from kerege.evidence.sdc.suppression.small_blocks import single_small_blocks

BASES = (5, 10, 20, 50, 100, 200, 500, 1000)
MOST_CELLS = 3_000


def round_table(table: Table, base: int, threshold: int = 10) -> Table:
    """Round the counts of a table to a base; suppress those that rounding alone does not make safe.

    Parameters
    ----------
    table : Table
        Counts with their margins, at most 3,000 cells, no multi-valued column.
    base : int
        Counts become multiples of it, in people; those that would become 0 are suppressed.
    threshold : int
        As in `protect`.

    Returns
    -------
    Table
        `params["half_width"]` is the largest distance of a figure from the truth. The table need not be additive.

    Raises
    ------
    Refused
        For a larger table, a multi-valued column, and when rounding to this base gives no safe table.

    Notes
    -----
    Conventional rounding: ESSnet handbook on statistical disclosure control, chapter 5. Proved safe by `audit` also for
    a reader who knows that halves are rounded up.

    Examples
    --------
    >>> table = Table.from_csv("sex,count,status\\n_T,170,ok\\nfemale,112,ok\\nmale,58,ok\\n")
    >>> {code: cell.count for (code,), cell in round_table(table, 20).cells.items()}
    {'_T': 180, 'female': 120, 'male': 60}
    """
    if _too_large(table) or table.multi & set(table.by):
        raise Refused("rounding takes tables of at most 3,000 cells without columns of several values")
    problem = ProtectionRule(threshold).problem(table)
    is_rounded = (table.counts > 0) & ~table.few(threshold)
    status = np.where(is_rounded, PERTURBED, np.where(table.counts > 0, SUPPRESSED, OK)).astype(np.uint8)
    result = _round_to(problem, status, base)
    if result is None:
        raise Refused(f"rounding to {base} makes no safe table: take another base")
    return result


def rounded(table: Table, dimensions: list[int], rule: ProtectionRule) -> Table | None:
    """Return the table with the cells of `dimensions` rounded to the safe base of least loss, or None.

    The audit takes rounded cells as known to within D, also for an intruder who knows how ties are rounded.
    """
    if _too_large(table) or any(table.by[d] in table.multi for d in dimensions):
        return None
    problem = rule.problem(table)
    status = _first_status(table, dimensions, rule)
    best: Table | None = None
    for base in BASES:
        least = float((base // 2) * (status == PERTURBED).sum())
        if base > max(table.total / 10, 5) or (best is not None and least >= loss_of(best)):
            break
        candidate = _round_to(problem, status.copy(), base)
        if candidate is None or not _is_plausible(candidate, problem):
            continue
        if best is None or loss_of(candidate) < loss_of(best):
            best = candidate
    # stated whether or not there are small categories: the statement therefore discloses nothing
    return None if best is None else replace(best, params=best.params | {"small_categories": "not shown"})


def loss_of(protected: Table) -> float:
    """Return the information loss of a table: hidden counts in full, rounded ones by the half width."""
    truth = protected.counts if protected.truth is None else protected.truth
    half = float(protected.params.get("half_width", 0))
    is_hidden = (protected.status != OK) & (protected.status != PERTURBED)
    return float(truth[is_hidden].sum() + half * (protected.status == PERTURBED).sum())


def _too_large(table: Table) -> bool:
    return table.counts.size > MOST_CELLS or is_large(table)


def softened(table: Table, protected: Table, rule: ProtectionRule, floor: float) -> Iterator[Table]:
    """Yield safe versions of a suppressed table in which large cells are rounded instead of hidden.

    A cell is large with at least `floor` people.
    """
    is_large_cell = (protected.status == SUPPRESSED) & (table.counts >= max(floor, rule.threshold))
    is_large_cell &= ~table.few(rule.threshold)
    if not is_large_cell.any() or _too_large(table) or table.multi & set(table.by):
        return
    problem = rule.problem(table)
    for base in BASES:
        if base > floor:
            return
        candidate = _round_to(problem, np.where(is_large_cell, PERTURBED, protected.status).astype(np.uint8), base)
        if candidate is not None:
            yield candidate
            if (candidate.status[is_large_cell] == PERTURBED).all():
                return


def _first_status(table: Table, dimensions: list[int], rule: ProtectionRule) -> NDArray[np.uint8]:
    """Return the status before rounding: large counts perturbed, small ones suppressed or withheld."""
    threshold = rule.threshold
    is_small = table.small(threshold)
    status = np.where(is_small, SUPPRESSED, np.where(table.counts > 0, PERTURBED, OK)).astype(np.uint8)
    corner = tuple(slice(0, 1) if d in dimensions else slice(None) for d in range(table.counts.ndim))
    status[corner] = _status_without(table, dimensions, rule).reshape(status[corner].shape)
    for d in dimensions:
        line = tuple(slice(None) if i == d else 0 for i in range(table.counts.ndim))
        for place, is_withheld in enumerate(is_small[line]):
            if place > 0 and is_withheld and table.axes[d][place] != NOT_REPORTED:
                np.moveaxis(status, d, 0)[place] = WITHHELD
    return status


def _status_without(table: Table, dimensions: list[int], rule: ProtectionRule) -> NDArray[np.uint8]:
    """Return the status of the cells that are totals of the rounded dimensions: exact, or suppressed."""
    kept_dimensions = [d for d in range(table.counts.ndim) if d not in dimensions]
    at = tuple(0 if d in dimensions else slice(None) for d in range(table.counts.ndim))
    counts = table.counts[at]
    margin = replace(
        table,
        by=tuple(table.by[d] for d in kept_dimensions),
        axes=tuple(table.axes[d] for d in kept_dimensions),
        counts=np.asarray(counts),
        status=np.zeros(np.shape(counts), np.uint8),
        people=None if table.people is None else table.people.at(at),
    )
    return rule.suppressed(margin).table.status


def _round_to(problem: SuppressionProblem, status: NDArray[np.uint8], base: int) -> Table | None:
    """Return the table rounded to `base` if that is safe, else None.

    Rounded cells that are unsafe are suppressed, and those beside cells that only this protects.
    """
    table = problem.table
    rounded_counts: Counts = (table.counts + base // 2) // base * base
    status[(status == PERTURBED) & (rounded_counts == 0)] = SUPPRESSED
    half = base // 2
    while True:
        counts = np.where(status == PERTURBED, rounded_counts, table.counts)
        params = table.params | problem.stated(status) | {"rounded_to": base, "half_width": half}
        protected = replace(table, counts=counts, status=status, truth=table.counts, params=params)
        unsafe = _unsafe_cells(protected, problem, half, base)
        if (unsafe >= problem.size).any():
            return None  # the members of a group all have one value
        blocks = [] if len(unsafe) else _single_small_blocks(protected, problem, half, base)
        if not len(unsafe) and not blocks:
            return protected
        to_suppress = unsafe[status.ravel()[unsafe] == PERTURBED]
        if not len(to_suppress):
            to_suppress = _smallest_beside(problem, status, [*unsafe.reshape(-1, 1), *blocks])
        if not len(to_suppress):
            return None
        status = status.copy()
        status.ravel()[to_suppress] = SUPPRESSED


def _is_plausible(protected: Table, problem: SuppressionProblem) -> bool:
    """Return whether the shown figures can add up without the withheld categories.

    Otherwise the figures would disclose that these exist.
    """
    view = knowledge(protected, problem.sums, half=int(protected.params["half_width"]))
    upper = np.where(protected.status.ravel() == WITHHELD, 0.0, view.upper)
    return feasible(problem.sums, view.lower, upper)


def _smallest_beside(problem: SuppressionProblem, status: NDArray[np.uint8], groups: list[Ints]) -> Ints:
    """Return for each group of cells the smallest rounded cell that shares a sum with it, if any."""
    smallest = set()
    for cells in groups:
        touched = np.unique(problem.sums.matrix[:, cells].nonzero()[0])
        beside = np.unique(problem.sums.matrix[touched].indices)
        rounded_cells = beside[status.ravel()[beside] == PERTURBED]
        if len(rounded_cells):
            smallest.add(int(rounded_cells[problem.truth[rounded_cells].argmin()]))
    return np.array(sorted(smallest), dtype=np.int64)


def _views(protected: Table, problem: SuppressionProblem, half: int, base: int) -> Iterator[Knowledge]:
    """Yield the bounds of an intruder who does not know how ties are rounded, and of one who does."""
    for tight in (False, True) if base % 2 == 0 else (False,):
        yield knowledge(protected, problem.sums, half=half, tight=tight)


def _single_small_blocks(protected: Table, problem: SuppressionProblem, half: int, base: int) -> list[Ints]:
    """Return the blocks of suppressed cells in which only one cell can be small."""
    suppressed = protected.status.ravel() == SUPPRESSED
    views = _views(protected, problem, half, base)
    return [block for view in views for block in single_small_blocks(view, suppressed, problem.threshold)]


def _unsafe_cells(protected: Table, problem: SuppressionProblem, half: int, base: int) -> NDArray[np.int64]:
    """Return the cells and groups that are unsafe, whether or not the intruder knows how ties are rounded."""
    views = _views(protected, problem, half, base)
    positions = [audit_knowledge(problem.with_bounds(view), problem.threshold).unsafe for view in views]
    return np.unique(np.concatenate(positions))
