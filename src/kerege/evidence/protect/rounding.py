"""Rounding: the large categories to a stated half width, the small ones not shown at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.counting import Counts
from kerege.evidence.protect.audit import audit
from kerege.evidence.protect.large import is_large
from kerege.evidence.protect.solver import feasible
from kerege.evidence.protect.suppress import suppress
from kerege.evidence.protect.system import Rules, knowledge, rules_of
from kerege.evidence.tables import NOT_REPORTED, OK, PERTURBED, SUPPRESSED, WITHHELD, Table

BASES = (5, 10, 20, 50, 100, 200, 500, 1000)
MOST_CELLS = 3_000


def rounded(table: Table, dimensions: list[int], threshold: int) -> Table | None:
    """The table with the cells of `dimensions` rounded to the smallest base that is safe, or None.

    The auditor takes rounded cells as known to within D, and also as known to somebody who knows how ties fall.
    """
    if _too_large(table) or any(table.by[d] in table.multi for d in dimensions):
        return None
    rules = rules_of(table)
    status = _start(table, dimensions, threshold)
    for base in BASES:
        if base > max(table.total / 10, 5):
            return None
        found = _at(table, status.copy(), base, rules, threshold)
        if found is not None and _plausible(found, rules):
            # said whether or not there is one, so that saying it gives nothing away
            return replace(found, params=found.params | {"small_categories": "not shown"})
    return None


def _too_large(table: Table) -> bool:
    return table.counts.size > MOST_CELLS or is_large(table)


def softened(table: Table, shown: Table, threshold: int, floor: float) -> Iterator[Table]:
    """Safe versions of a suppressed table in which cells of at least `floor` are rounded instead of hidden."""
    large = (shown.status == SUPPRESSED) & (table.counts >= max(floor, threshold))
    if not large.any() or _too_large(table) or table.multi & set(table.by):
        return
    rules = rules_of(table)
    for base in BASES:
        if base > floor:
            return
        found = _at(table, np.where(large, PERTURBED, shown.status).astype(np.uint8), base, rules, threshold)
        if found is not None:
            yield found
            if (found.status[large] == PERTURBED).all():
                return


def _start(table: Table, dimensions: list[int], threshold: int) -> NDArray[np.uint8]:
    status = np.where(table.counts >= threshold, PERTURBED, np.where(table.counts > 0, SUPPRESSED, OK))
    status = status.astype(np.uint8)
    corner = tuple(slice(0, 1) if d in dimensions else slice(None) for d in range(table.counts.ndim))
    status[corner] = _without(table, dimensions, threshold).reshape(status[corner].shape)
    for d in dimensions:
        line = tuple(slice(None) if i == d else 0 for i in range(table.counts.ndim))
        for place, count in enumerate(table.counts[line]):
            if place > 0 and 0 < count < threshold and table.axes[d][place] != NOT_REPORTED:
                np.moveaxis(status, d, 0)[place] = WITHHELD
    return status


def _without(table: Table, dimensions: list[int], threshold: int) -> NDArray[np.uint8]:
    """The status of the cells that do not look at the rounded dimensions: exact, suppressed where need be."""
    keep = [d for d in range(table.counts.ndim) if d not in dimensions]
    counts = table.counts[tuple(0 if d in dimensions else slice(None) for d in range(table.counts.ndim))]
    part = replace(
        table, by=tuple(table.by[d] for d in keep), axes=tuple(table.axes[d] for d in keep),
        counts=np.asarray(counts), status=np.zeros(np.shape(counts), np.uint8),
    )  # fmt: skip
    return suppress(part, threshold).status


def _at(table: Table, status: NDArray[np.uint8], base: int, rules: Rules, threshold: int) -> Table | None:
    """The table rounded to `base` if that is safe; rounded cells that are not safe are suppressed."""
    near: Counts = (table.counts + base // 2) // base * base
    status[(status == PERTURBED) & (near == 0)] = SUPPRESSED
    half = base // 2
    while True:
        counts = np.where(status == PERTURBED, near, table.counts)
        params = table.params | {"rounded_to": base, "half_width": half}
        shown = replace(table, counts=counts, status=status, truth=table.counts, params=params)
        unsafe = _unsafe(shown, rules, half, base, threshold)
        if not len(unsafe):
            return shown
        again = unsafe[status.ravel()[unsafe] == PERTURBED]
        if not len(again):
            return None
        status = status.copy()
        status.ravel()[again] = SUPPRESSED


def _plausible(shown: Table, rules: Rules) -> bool:
    """Whether what is shown adds up without the categories that are not: else their existence would be plain."""
    view = knowledge(shown, rules, half=int(shown.params["half_width"]))
    upper = np.where(shown.status.ravel() == WITHHELD, 0.0, view.upper)
    return feasible(rules, view.lower, upper)


def _unsafe(shown: Table, rules: Rules, half: int, base: int, threshold: int) -> NDArray[np.int64]:
    views = [knowledge(shown, rules, half=half)]
    if base % 2 == 0:
        views.append(knowledge(shown, rules, half=half, tight=True))
    return np.unique(np.concatenate([audit(view, threshold).unsafe for view in views]))
