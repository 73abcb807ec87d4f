"""Projection of noisy figures onto the rules of their table, and consistent rounding.

In a single-valued column every margin is the sum of its values. In a multi-valued column no value exceeds its margin
less `_U`, and the values together reach the margin.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from kerege.evidence.counting import Counts
from kerege.evidence.counting.frequency_table import NOT_REPORTED, Table
from kerege.evidence.sdc.linear.linear_system import rules_of

Floats = NDArray[np.float64]
MOST_CELLS, SECONDS, GAP = 4_000, 3.0, 0.01  # limits of integer programming
PASSES, CLOSE = 5, 0.003  # passes over all rules, and the largest step that ends a projection; the next call continues
TINY = 1e-9


class Projection:
    """Projection onto the non-negative figures that keep the rules of the multi-valued columns.

    Hildreth's method, with one multiplier for each rule and cell, kept from call to call. The figures are those of a
    table without the margins of its single-valued columns.
    """

    def __init__(self, table: Table) -> None:
        self.lines = [
            (d, _not_reported(table.axes[d]), place)
            for d, name in enumerate(table.by)
            if name in table.multi
            for place in range(len(table.axes[d]))
        ]
        self.multipliers: list[Floats] | None = None

    def __call__(self, figures: Floats) -> Floats:
        """Return the projection of `figures`."""
        if not self.lines:
            return np.maximum(figures, 0)
        projected = figures.copy()
        rules = list(self._rules(projected))
        if self.multipliers is None:
            self.multipliers = [np.zeros(np.broadcast_shapes(*(array.shape for array, _ in rule))) for rule in rules]
        for rule, multiplier in zip(rules, self.multipliers, strict=True):
            _move(rule, multiplier)
        for _ in range(PASSES):
            moved = 0.0
            for rule, multiplier in zip(rules, self.multipliers, strict=True):
                size = sum(sign * sign for _, sign in rule)
                step = np.maximum(sum(array * sign for array, sign in rule) / size, -multiplier)
                multiplier += step
                _move(rule, step)
                moved = max(moved, float(np.abs(step).max(initial=0)))
            if moved < CLOSE:
                break
        return projected

    def _rules(self, figures: Floats) -> Iterator[list[tuple[Floats, float]]]:
        """Yield each rule as arrays and signs; their signed sum must not exceed 0."""
        yield [(figures, -1.0)]
        for d, silent, place in self.lines:
            along = np.moveaxis(figures, d, 0)
            values = [along[i : i + 1] for i in range(len(along))]  # views also of a table by one column
            if place == 0:
                yield [(values[0], 1.0), *[(value, -1.0) for value in values[1:]]]
            else:
                reported_nothing = [(values[silent], 1.0)] if silent not in (0, place) else []
                yield [(values[place], 1.0), (values[0], -1.0), *reported_nothing]


def _move(rule: list[tuple[Floats, float]], step: Floats) -> None:
    """Subtract a step from every array of a rule, with its sign."""
    for array, sign in rule:
        array -= sign * step


def _not_reported(axis: tuple[str, ...]) -> int:
    """Return the position of `_U` on an axis, 0 when it is not there."""
    return axis.index(NOT_REPORTED) if NOT_REPORTED in axis else 0


def whole(table: Table, target: Floats, weight: Floats, lower: Counts, fixed: NDArray[np.bool_]) -> Counts:
    """Return integers near `target` (shape of the table) that keep the rules of the table.

    The weighted distance from `target` is about minimal. No count is below `lower`, which no figure of `target` may be
    once rounded down; `fixed` cells are 0. Integer programming serves up to 4,000 cells. Above that, or after three
    seconds, the total is apportioned.
    """
    target = np.where(fixed, 0.0, np.maximum(target, 0))
    nearest = _nearest_integers(table, target, weight, lower, fixed) if table.counts.size <= MOST_CELLS else None
    return apportion_total(table, target) if nearest is None else nearest


def _nearest_integers(
    table: Table, figures: Floats, weight: Floats, lower: Counts, fixed: NDArray[np.bool_]
) -> Counts | None:
    """Return the nearest consistent integers by integer programming, None without an optimum in time.

    A count is its figure rounded down, plus 0 or 1 at a cost linear in the fraction, plus or minus further people.
    """
    rules, size = rules_of(table), figures.size
    base = np.floor(figures + TINY).ravel()
    fraction = np.clip(figures.ravel() - base, 0, 1)
    free = ~fixed.ravel()
    costs = np.concatenate([weight.ravel() * (1 - 2 * fraction), weight.ravel(), weight.ravel()])
    upper = [free * (fraction > TINY), np.where(free, np.inf, 0), np.where(free, base - lower.ravel(), 0)]
    identity = sp.identity(size, format="csr")
    change = sp.hstack([identity, identity, -identity]).tocsr()
    sums = rules.matrix @ base
    constraint = LinearConstraint((rules.matrix @ change).tocsr(), rules.low - sums, rules.high - sums)
    solution = milp(
        costs,
        constraints=[constraint] if rules.matrix.shape[0] else (),
        integrality=np.ones(3 * size),
        bounds=Bounds(np.zeros(3 * size), np.concatenate(upper)),
        options={"time_limit": SECONDS, "mip_rel_gap": GAP},
    )
    if solution.status != 0:
        return None
    nearest: Counts = np.rint(base + change @ np.rint(solution.x)).astype(np.int64).reshape(figures.shape)
    return nearest


def apportion_total(table: Table, figures: Floats) -> Counts:
    """Return integers near non-negative figures: round the total and apportion it column by column.

    Margins of single-valued columns are sums.
    """
    multi_valued = [d for d, name in enumerate(table.by) if name in table.multi]
    single_valued = [d for d in range(figures.ndim) if d not in multi_valued]
    counts = np.zeros(figures.shape, dtype=np.int64)
    for size in range(len(multi_valued) + 1):
        for opened in combinations(multi_valued, size):
            where = tuple(
                (slice(1, None) if d in opened else slice(0, 1)) if d in multi_valued else slice(None)
                for d in range(figures.ndim)
            )
            counts[where] = _round_and_share(figures[where], single_valued)
    if len(multi_valued) == 1:
        _adjust_column(counts, figures, multi_valued[0], _not_reported(table.axes[multi_valued[0]]))
    elif multi_valued:
        _adjust_margins(counts, table, multi_valued)
    for d in single_valued:
        along = np.moveaxis(counts, d, 0)
        along[0] = along[1:].sum(axis=0)
    return counts


def _round_and_share(figures: Floats, singles: list[int]) -> Counts:
    """Round the total of each line and apportion it along one column after another; margins stay 0."""
    at = tuple(slice(0, 1) if d in singles else slice(None) for d in range(figures.ndim))
    integers: Counts = np.rint(figures[at]).astype(np.int64)
    for number, d in enumerate(singles):
        later = singles[number + 1 :]
        at = tuple(
            slice(0, 1) if e in later else slice(1, None) if e in singles else slice(None) for e in range(figures.ndim)
        )
        integers = _apportion(figures[at], integers, d)
    counts = np.zeros(figures.shape, dtype=np.int64)
    counts[tuple(slice(1, None) if d in singles else slice(None) for d in range(figures.ndim))] = integers
    return counts


def _apportion(figures: Floats, parent: Counts, d: int) -> Counts:
    """Return integers along axis d that sum to `parent`, by largest remainders of `figures`."""
    sums = figures.sum(axis=d, keepdims=True)
    even = np.full(figures.shape, 1.0 / figures.shape[d])
    exact = parent * np.divide(figures, sums, out=even, where=sums > 0)
    low = np.floor(exact + TINY).astype(np.int64)
    remainder = parent - low.sum(axis=d, keepdims=True)
    rank = np.argsort(np.argsort(low - exact, axis=d, kind="stable"), axis=d, kind="stable")
    shared: Counts = low + (rank < remainder)
    return shared


def _adjust_column(counts: Counts, figures: Floats, d: int, unreported: int) -> None:
    """Adjust the values of the only multi-valued column to their margin.

    Lower values that exceed it; raise values where all together do not reach it.
    """
    along = np.moveaxis(counts, d, 0)
    rows = [along[place : place + 1] for place in range(len(along))]
    top, not_reported = rows[0], rows[unreported] if unreported else np.zeros_like(rows[0])
    np.minimum(not_reported, top, out=not_reported)
    values = [place for place in range(1, len(rows)) if place != unreported]
    for place in values:
        np.minimum(rows[place], top - not_reported, out=rows[place])
    missing = top - along[1:].sum(axis=0)
    for place in sorted(values, key=lambda p: -float(np.moveaxis(figures, d, 0)[p].sum())):
        addition = np.clip(missing, 0, top - not_reported - rows[place])
        rows[place] += addition
        missing = missing - addition
    not_reported += np.maximum(missing, 0)


def _adjust_margins(counts: Counts, table: Table, multi_valued: list[int]) -> None:
    """Adjust margins of several multi-valued columns, those over the fewest columns first.

    A consistent value always exists: the least value by one column never exceeds the largest by another.
    """
    for size in range(1, len(multi_valued) + 1):
        for summed in combinations(multi_valued, size):
            at = tuple(
                slice(0, 1) if d in summed else slice(1, None) if d in multi_valued else slice(None)
                for d in range(counts.ndim)
            )
            least, most = zip(
                *(_margin_limits(counts, at, d, _not_reported(table.axes[d])) for d in summed), strict=True
            )
            counts[at] = np.clip(counts[at], np.max(least, axis=0), np.min(most, axis=0))


def _margin_limits(counts: Counts, at: tuple[slice, ...], d: int, silent: int) -> tuple[Counts, Counts]:
    """Return the least and the largest count of a margin over column d, by its values."""
    along = np.moveaxis(counts[tuple(slice(1, None) if e == d else part for e, part in enumerate(at))], d, 0)
    unreported = along[silent - 1] if silent else np.zeros_like(along[0])
    least = [part + (0 if place == silent - 1 else unreported) for place, part in enumerate(along)]
    return np.expand_dims(np.max(least, axis=0), d), np.expand_dims(along.sum(axis=0), d)
