"""Rounding: the large categories to a stated half width, the small ones not shown at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kerege.base.errors import Refused
from kerege.evidence.counting import Counts
from kerege.evidence.counting.frequency_table import NOT_REPORTED, OK, PERTURBED, SUPPRESSED, WITHHELD, Table
from kerege.evidence.sdc.constraints.highs_solver import feasible
from kerege.evidence.sdc.constraints.linear_system import knowledge
from kerege.evidence.sdc.suppression.audit import audit_knowledge
from kerege.evidence.sdc.suppression.complementary import Wanted
from kerege.evidence.sdc.suppression.large_tables import is_large
from kerege.evidence.sdc.suppression.problem import Problem

BASES = (5, 10, 20, 50, 100, 200, 500, 1000)
MOST_CELLS = 3_000


def round_table(table: Table, base: int, threshold: int = 10) -> Table:
    """Round the counts of a table to a base; suppress those that rounding alone does not make safe.

    Parameters
    ----------
    table : Table
        Counts with their margins, at most 3,000 cells, no column with several values of a person.
    base : int
        Counts become multiples of it, in people; those that would become 0 are suppressed.
    threshold : int
        As of `protect`.

    Returns
    -------
    Table
        `params["half_width"]` says how far from the truth a figure can be. Figures need not add up to their totals.

    Raises
    ------
    Refused
        For a larger table, a column with several values, and where rounding to this base makes no safe table.

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
    problem = Wanted(threshold).problem(table)
    found = _at(problem, np.where(table.counts > 0, PERTURBED, OK).astype(np.uint8), base)
    if found is None:
        raise Refused(f"rounding to {base} makes no safe table: take another base")
    return found


def rounded(table: Table, dimensions: list[int], wanted: Wanted) -> Table | None:
    """The table with the cells of `dimensions` rounded to the smallest base that is safe, or None.

    The auditor takes rounded cells as known to within D, and also as known to somebody who knows how ties fall.
    """
    if _too_large(table) or any(table.by[d] in table.multi for d in dimensions):
        return None
    problem = wanted.problem(table)
    status = _start(table, dimensions, wanted)
    for base in BASES:
        if base > max(table.total / 10, 5):
            return None
        found = _at(problem, status.copy(), base)
        if found is not None and _plausible(found, problem):
            # said whether or not there is one, so that saying it gives nothing away
            return replace(found, params=found.params | {"small_categories": "not shown"})
    return None


def _too_large(table: Table) -> bool:
    return table.counts.size > MOST_CELLS or is_large(table)


def softened(table: Table, shown: Table, wanted: Wanted, floor: float) -> Iterator[Table]:
    """Safe versions of a suppressed table in which cells of at least `floor` are rounded instead of hidden."""
    large = (shown.status == SUPPRESSED) & (table.counts >= max(floor, wanted.threshold))
    if not large.any() or _too_large(table) or table.multi & set(table.by):
        return
    problem = wanted.problem(table)
    for base in BASES:
        if base > floor:
            return
        found = _at(problem, np.where(large, PERTURBED, shown.status).astype(np.uint8), base)
        if found is not None:
            yield found
            if (found.status[large] == PERTURBED).all():
                return


def _start(table: Table, dimensions: list[int], wanted: Wanted) -> NDArray[np.uint8]:
    threshold = wanted.threshold
    status = np.where(table.counts >= threshold, PERTURBED, np.where(table.counts > 0, SUPPRESSED, OK))
    status = status.astype(np.uint8)
    corner = tuple(slice(0, 1) if d in dimensions else slice(None) for d in range(table.counts.ndim))
    status[corner] = _without(table, dimensions, wanted).reshape(status[corner].shape)
    for d in dimensions:
        line = tuple(slice(None) if i == d else 0 for i in range(table.counts.ndim))
        for place, count in enumerate(table.counts[line]):
            if place > 0 and 0 < count < threshold and table.axes[d][place] != NOT_REPORTED:
                np.moveaxis(status, d, 0)[place] = WITHHELD
    return status


def _without(table: Table, dimensions: list[int], wanted: Wanted) -> NDArray[np.uint8]:
    """The status of the cells that do not look at the rounded dimensions: exact, suppressed where need be."""
    keep = [d for d in range(table.counts.ndim) if d not in dimensions]
    counts = table.counts[tuple(0 if d in dimensions else slice(None) for d in range(table.counts.ndim))]
    part = replace(
        table,
        by=tuple(table.by[d] for d in keep),
        axes=tuple(table.axes[d] for d in keep),
        counts=np.asarray(counts),
        status=np.zeros(np.shape(counts), np.uint8),
    )
    return wanted.suppressed(part).table.status


def _at(problem: Problem, status: NDArray[np.uint8], base: int) -> Table | None:
    """The table rounded to `base` if that is safe; rounded cells that are not safe are suppressed."""
    table = problem.table
    near: Counts = (table.counts + base // 2) // base * base
    status[(status == PERTURBED) & (near == 0)] = SUPPRESSED
    half = base // 2
    while True:
        counts = np.where(status == PERTURBED, near, table.counts)
        params = table.params | {"rounded_to": base, "half_width": half}
        shown = replace(table, counts=counts, status=status, truth=table.counts, params=params)
        unsafe = _unsafe(shown, problem, half, base)
        if not len(unsafe):
            return shown
        if (unsafe >= problem.size).any():
            return None  # a group of whom all share a value
        again = unsafe[status.ravel()[unsafe] == PERTURBED]
        if not len(again):
            return None
        status = status.copy()
        status.ravel()[again] = SUPPRESSED


def _plausible(shown: Table, problem: Problem) -> bool:
    """Whether what is shown adds up without the categories that are not: else their existence would be plain."""
    view = knowledge(shown, problem.sums, half=int(shown.params["half_width"]))
    upper = np.where(shown.status.ravel() == WITHHELD, 0.0, view.upper)
    return feasible(problem.sums, view.lower, upper)


def _unsafe(shown: Table, problem: Problem, half: int, base: int) -> NDArray[np.int64]:
    """Cells, and groups, that are not safe for somebody who knows how ties fall, or does not."""
    found = []
    for tight in (False, True) if base % 2 == 0 else (False,):
        view = knowledge(shown, problem.sums, half=half, tight=tight)
        found.append(audit_knowledge(problem.seen(view), problem.threshold).unsafe)
    return np.unique(np.concatenate(found))
