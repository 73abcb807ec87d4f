"""Figures that keep the rules of their table: projected onto them, and made whole numbers that add up.

In a column with one value a row every margin is the sum of its values. In one with several values no value is above its
margin less those that report nothing, and the values reach the margin.
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
from kerege.evidence.sdc.constraints.linear_system import rules_of

Floats = NDArray[np.float64]
MOST_CELLS, SECONDS, GAP = 4_000, 3.0, 0.01  # of integer programming
PASSES, CLOSE = 5, 0.003  # over all rules in a projection; the next one goes on where this one ended
TINY = 1e-9


class Projection:
    """The nearest figures that are not negative and keep the rules of the columns with several values.

    Hildreth's method, one multiplier a rule and cell, kept from call to call. The figures are those of a table without
    the margins of its single-valued columns.
    """

    def __init__(self, table: Table) -> None:
        self.lines = [
            (d, _silent(table.axes[d]), place)
            for d, name in enumerate(table.by)
            if name in table.multi
            for place in range(len(table.axes[d]))
        ]
        self.multipliers: list[Floats] | None = None

    def __call__(self, wanted: Floats) -> Floats:
        """The projection of `wanted`."""
        if not self.lines:
            return np.maximum(wanted, 0)
        found = wanted.copy()
        rules = list(self._rules(found))
        if self.multipliers is None:
            self.multipliers = [np.zeros(np.broadcast_shapes(*(part.shape for part, _ in rule))) for rule in rules]
        for rule, multiplier in zip(rules, self.multipliers, strict=True):
            _move(rule, multiplier)
        for _ in range(PASSES):
            moved = 0.0
            for rule, multiplier in zip(rules, self.multipliers, strict=True):
                size = sum(sign * sign for _, sign in rule)
                step = np.maximum(sum(part * sign for part, sign in rule) / size, -multiplier)
                multiplier += step
                _move(rule, step)
                moved = max(moved, float(np.abs(step).max(initial=0)))
            if moved < CLOSE:
                break
        return found

    def _rules(self, found: Floats) -> Iterator[list[tuple[Floats, float]]]:
        """Each rule as parts and signs of which the sum must not be above 0."""
        yield [(found, -1.0)]
        for d, silent, place in self.lines:
            along = np.moveaxis(found, d, 0)
            if place == 0:
                yield [(along[0], 1.0), *[(along[i], -1.0) for i in range(1, len(along))]]
            else:
                also = [(along[silent], 1.0)] if silent not in (0, place) else []
                yield [(along[place], 1.0), (along[0], -1.0), *also]


def _move(rule: list[tuple[Floats, float]], step: Floats) -> None:
    for part, sign in rule:
        part -= sign * step


def _silent(axis: tuple[str, ...]) -> int:
    """The place of those who report nothing, 0 when there are none."""
    return axis.index(NOT_REPORTED) if NOT_REPORTED in axis else 0


def whole(table: Table, wanted: Floats, weight: Floats, lower: Counts, fixed: NDArray[np.bool_]) -> Counts:
    """Counts at about the least weighted distance from `wanted` (shape of the table) that keep the rules of the table.

    No count is below `lower`, which no `wanted` figure may be once rounded down; `fixed` cells are 0. Integer
    programming up to 4,000 cells; beyond, and where it takes more than three seconds, the total is shared out.
    """
    wanted = np.where(fixed, 0.0, np.maximum(wanted, 0))
    found = _nearest(table, wanted, weight, lower, fixed) if table.counts.size <= MOST_CELLS else None
    return shared_out(table, wanted) if found is None else found


def _nearest(table: Table, wanted: Floats, weight: Floats, lower: Counts, fixed: NDArray[np.bool_]) -> Counts | None:
    """A count is its figure rounded down, plus 0 or 1 at a cost that falls or rises evenly, plus and minus more."""
    rules, size = rules_of(table), wanted.size
    base = np.floor(wanted + TINY).ravel()
    part = np.clip(wanted.ravel() - base, 0, 1)
    free = ~fixed.ravel()
    costs = np.concatenate([weight.ravel() * (1 - 2 * part), weight.ravel(), weight.ravel()])
    upper = [free * (part > TINY), np.where(free, np.inf, 0), np.where(free, base - lower.ravel(), 0)]
    one = sp.identity(size, format="csr")
    change = sp.hstack([one, one, -one]).tocsr()
    sums = rules.matrix @ base
    held = LinearConstraint((rules.matrix @ change).tocsr(), rules.low - sums, rules.high - sums)
    found = milp(
        costs,
        constraints=[held] if rules.matrix.shape[0] else (),
        integrality=np.ones(3 * size),
        bounds=Bounds(np.zeros(3 * size), np.concatenate(upper)),
        options={"time_limit": SECONDS, "mip_rel_gap": GAP},
    )
    if found.status != 0:
        return None
    nearest: Counts = np.rint(base + change @ np.rint(found.x)).astype(np.int64).reshape(wanted.shape)
    return nearest


def shared_out(table: Table, wanted: Floats) -> Counts:
    """Counts near to figures of at least 0: the total is rounded and shared out column by column, the rest are sums."""
    several = [d for d, name in enumerate(table.by) if name in table.multi]
    singles = [d for d in range(wanted.ndim) if d not in several]
    counts = np.zeros(wanted.shape, dtype=np.int64)
    for size in range(len(several) + 1):
        for opened in combinations(several, size):
            place = tuple(
                (slice(1, None) if d in opened else slice(0, 1)) if d in several else slice(None)
                for d in range(wanted.ndim)
            )
            counts[place] = _down(wanted[place], singles)
    if len(several) == 1:
        _raised(counts, wanted, several[0], _silent(table.axes[several[0]]))
    elif several:
        _settled(counts, table, several)
    for d in singles:
        along = np.moveaxis(counts, d, 0)
        along[0] = along[1:].sum(axis=0)
    return counts


def _down(wanted: Floats, singles: list[int]) -> Counts:
    """Round the total of each line and share it out along one column after another; margins stay 0."""
    at = tuple(slice(0, 1) if d in singles else slice(None) for d in range(wanted.ndim))
    known: Counts = np.rint(wanted[at]).astype(np.int64)
    for number, d in enumerate(singles):
        rest = singles[number + 1 :]
        at = tuple(
            slice(0, 1) if e in rest else slice(1, None) if e in singles else slice(None) for e in range(wanted.ndim)
        )
        known = _apportioned(wanted[at], known, d)
    counts = np.zeros(wanted.shape, dtype=np.int64)
    counts[tuple(slice(1, None) if d in singles else slice(None) for d in range(wanted.ndim))] = known
    return counts


def _apportioned(wanted: Floats, parent: Counts, d: int) -> Counts:
    """Whole numbers along axis d that sum to `parent`, in proportion to `wanted`, by the largest remainders."""
    sums = wanted.sum(axis=d, keepdims=True)
    even = np.full(wanted.shape, 1.0 / wanted.shape[d])
    exact = parent * np.divide(wanted, sums, out=even, where=sums > 0)
    low = np.floor(exact + TINY).astype(np.int64)
    left = parent - low.sum(axis=d, keepdims=True)
    rank = np.argsort(np.argsort(low - exact, axis=d, kind="stable"), axis=d, kind="stable")
    shared: Counts = low + (rank < left)
    return shared


def _raised(counts: Counts, wanted: Floats, d: int, silent: int) -> None:
    """Along the only column with several values: lower values that are too high, raise some where all are too low."""
    along = np.moveaxis(counts, d, 0)
    rows = [along[place : place + 1] for place in range(len(along))]
    top, none = rows[0], rows[silent] if silent else np.zeros_like(rows[0])
    np.minimum(none, top, out=none)
    values = [place for place in range(1, len(rows)) if place != silent]
    for place in values:
        np.minimum(rows[place], top - none, out=rows[place])
    lacking = top - along[1:].sum(axis=0)
    for place in sorted(values, key=lambda p: -float(np.moveaxis(wanted, d, 0)[p].sum())):
        more = np.clip(lacking, 0, top - none - rows[place])
        rows[place] += more
        lacking = lacking - more
    none += np.maximum(lacking, 0)


def _settled(counts: Counts, table: Table, several: list[int]) -> None:
    """With more such columns, what fits one may not fit another: margins give way, those of the fewest columns first.

    There is always room: what a margin must reach in one column is never more than it may reach in another.
    """
    for size in range(1, len(several) + 1):
        for closed in combinations(several, size):
            at = tuple(
                slice(0, 1) if d in closed else slice(1, None) if d in several else slice(None)
                for d in range(counts.ndim)
            )
            least, most = zip(*(_room(counts, at, d, _silent(table.axes[d])) for d in closed), strict=True)
            counts[at] = np.clip(counts[at], np.max(least, axis=0), np.min(most, axis=0))


def _room(counts: Counts, at: tuple[slice, ...], d: int, silent: int) -> tuple[Counts, Counts]:
    """Between which counts a margin over column d must lie, by its values."""
    along = np.moveaxis(counts[tuple(slice(1, None) if e == d else part for e, part in enumerate(at))], d, 0)
    none = along[silent - 1] if silent else np.zeros_like(along[0])
    each = [part + (0 if place == silent - 1 else none) for place, part in enumerate(along)]
    return np.expand_dims(np.max(each, axis=0), d), np.expand_dims(along.sum(axis=0), d)
