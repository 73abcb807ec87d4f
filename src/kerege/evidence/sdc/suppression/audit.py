"""The audit of protected tables: exact feasible intervals of all cells that are not published exactly.

A cell is *safe* when it cannot be below the threshold (L >= threshold), when it is certainly 0, or when it can have at
least as many possible counts as the threshold, one of which is not small (U >= threshold and U - L >= threshold - 1). A
cell with rows of too few people (13 services of 2 people) is safe only by the last of the three, or when it is
certainly 0. The intruder knows that a suppressed figure is at least 1, unless the table states 0. An integer table that
fits everything published witnesses every bound that proves safety. A linear or mixed-integer optimum proves every bound
that shows a disclosure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.counting.frequency_table import NOISED, OK, PERTURBED, SUPPRESSED, Table
from kerege.evidence.numerics.time_limit import TimeLimit
from kerege.evidence.sdc.bounds.feasible_bounds import is_wide
from kerege.evidence.sdc.linear.highs_solver import EPSILON, Extremes
from kerege.evidence.sdc.linear.linear_system import (
    LEAST_SUPPRESSED,
    CellBlock,
    Floats,
    Ints,
    Knowledge,
    blocks,
    knowledge,
    rules_of,
    table_truth,
)

ROUNDS, PATIENCE = 400, 12  # most points, most points in a row without gain
SECONDS = 5.0
WHOLE_SECONDS, WHOLE_POINT, WHOLE_PATIENCE, FEW = 6.0, 1.0, 8, 4  # the same for integer programs
UPWARDS = 0.75  # share of cells that integer programs push up: small counts can rise more than they can fall


@dataclass
class Audit:
    """The witnessed interval [lower, upper] of every cell, and the positions of unsafe cells."""

    lower: Ints
    upper: Ints
    unsafe: Ints

    @property
    def safe(self) -> bool:
        """Return whether no cell is unsafe."""
        return not len(self.unsafe)


def audit(table: Table, threshold: int) -> Audit:
    """Find the feasible interval of each cell of a protected table, given what it publishes and its sums.

    Parameters
    ----------
    table : Table
        Suppressed or rounded, with its true counts (`counts`, or `truth` of a rounded one). The truth starts the
        search, so every interval contains it. For a table without true counts, use `feasible_intervals`.
    threshold : int
        A cell is unsafe when it could be below the threshold, is not certainly 0, and has fewer possible counts than
        the threshold, or only small ones.

    Returns
    -------
    Audit
        `lower` and `upper` (cells,) in the order of `table.keys`, exact integers; `unsafe` (k,) positions of cells.

    Raises
    ------
    ValueError
        For a table whose cells have noise, which no interval bounds.

    Notes
    -----
    Duncan, Elliot and Salazar 2011, "Statistical Confidentiality", chapter 4. A published count below the threshold is
    unsafe.

    Examples
    --------
    >>> hidden = "sex,count,status\\n_T,70,ok\\nfemale,62,ok\\nmale,,suppressed\\n"
    >>> table = Table.from_csv(hidden)
    >>> table.counts[table.axes[0].index("male")] = 8  # the true count, which the publisher knows
    >>> result = audit(table, threshold=10)
    >>> result.safe, [table.keys(cell) for cell in result.unsafe], result.lower.tolist(), result.upper.tolist()
    (False, [('male',)], [70, 62, 8], [70, 62, 8])
    """
    if (table.status == NOISED).any() or ((table.status == PERTURBED).any() and "half_width" not in table.params):
        raise ValueError("a table with noise has no feasible intervals")
    if (table_truth(table)[table.status.ravel() == SUPPRESSED] == 0).any():
        table = replace(table, params=table.params | {LEAST_SUPPRESSED: 0})
    view = knowledge(table, rules_of(table), half=int(table.params.get("half_width", 0)))
    result = audit_knowledge(replace(view, few=table.few(threshold).ravel()), threshold, exact=True)
    unsafe = result.unsafe[result.upper[result.unsafe] > 0]
    small = np.flatnonzero((table.status.ravel() == OK) & table.small(threshold).ravel())
    return Audit(result.lower, result.upper, np.union1d(unsafe, small))


def audit_knowledge(
    view: Knowledge,
    threshold: int,
    *,
    exact: bool = False,
    quick: bool = False,
    start: Audit | None = None,
    seconds: float = 0.0,
) -> Audit:
    """Audit all cells of a system.

    `exact` computes every interval to its ends, not only as far as the decision needs. With `quick`, a cell counts as
    unsafe unless a witness of its safety appears in the sweep, or in `seconds` of search cell by cell. This can mark
    safe cells, but never passes an unsafe one. `start` holds intervals that were witnessed when nothing less was
    published. A cell that is certainly 0 counts as unsafe here: a group whose members share a value is such a cell.
    """
    lower = view.truth.copy() if start is None else start.lower.copy()
    upper = view.truth.copy() if start is None else start.upper.copy()
    unsafe: list[int] = []
    for block in blocks(view):
        low, high = lower[block.cells], upper[block.cells]
        if not exact and is_wide(low, high, threshold).all():
            continue
        search = Search(block, threshold, exact=exact)
        search.is_quick, search.seconds = quick, seconds
        search.low, search.high = low, high
        unsafe += block.cells[search.run()].tolist()
        lower[block.cells], upper[block.cells] = search.low, search.high
    return Audit(lower, upper, np.array(sorted(unsafe), dtype=np.int64))


class Search:
    """Search in one block: it widens witnessed intervals until each cell is proved safe or unsafe.

    A quick search (`is_quick`) ends after `seconds`; cells without a witness then count as unsafe.
    """

    def __init__(self, block: CellBlock, threshold: int, *, exact: bool = False) -> None:
        self.block, self.threshold, self.exact = block, threshold, exact
        self.low, self.high = block.truth.copy(), block.truth.copy()
        self.is_quick, self.seconds, self.has_fractions = False, 0.0, False
        self.extremes = Extremes(block)
        self.floor = np.full(len(block.cells), -1, dtype=np.int64)  # proved lower bounds
        self.few = np.zeros(len(block.cells), dtype=bool) if block.few is None else block.few

    def undecided(self) -> NDArray[np.bool_]:
        """Return the cells without a witness or a proof of their safety."""
        return ~is_wide(self.low, self.high, self.threshold) & ((self.floor < self.threshold) | self.few)

    def run(self) -> Ints:
        """Return the positions, in the block, of the unsafe cells."""
        if not self.exact:
            self._sweep()
            self._sweep_integer(TimeLimit(self.seconds if self.is_quick else WHOLE_SECONDS))
        if self.is_quick:
            self._push_each(TimeLimit(self.seconds))
            return np.flatnonzero(self.undecided())
        cells = np.flatnonzero(np.ones_like(self.low, bool) if self.exact else self.undecided())
        return np.array([k for k in cells if not self._is_safe(int(k))], dtype=np.int64)

    def _sweep(self) -> None:
        """Push many undecided cells at once: one point widens many intervals."""
        rng = np.random.default_rng(0)
        idle, clock = 0, TimeLimit(SECONDS)
        for number in range(ROUNDS):
            open_ = self.undecided()
            before = int(open_.sum())
            if before == 0 or idle > min(PATIENCE, before) or clock.late:
                return
            push = np.where(open_, rng.uniform(0.5, 1.5, len(open_)), 0.0)
            self._minimise(-push if number % 2 else push * rng.choice([-1.0, 1.0], len(open_)))
            # a fractional vertex widens nothing, but the next one may: tolerate some rounds without gain
            idle = idle + 1 if int(self.undecided().sum()) == before else 0

    def _sweep_integer(self, clock: TimeLimit) -> None:
        """Push undecided cells with integer programs, not solved to optimality.

        This helps where the vertices of the linear programs are fractional.
        """
        rng, size = np.random.default_rng(1), len(self.low)
        idle, turn, few = 0, True, 1 if self.is_quick else FEW
        while self.has_fractions and idle < WHOLE_PATIENCE and not clock.late:
            open_ = self.undecided()
            before = int(open_.sum())
            if before < few:
                return  # one program for each cell is faster
            # in every second round push all other cells a little too: that makes the programs easier
            turn = not turn
            sign = np.where(rng.random(size) < np.where(open_, UPWARDS, 0.5), -1.0, 1.0)
            push = np.where(open_, rng.uniform(2.0, 4.0, size), rng.uniform(0.0, 0.5, size) * turn) * sign
            seconds = clock.as_elapsed(min(WHOLE_POINT, clock.left))
            self._record_witness(self.extremes.as_integers(np.rint(self.extremes.integer_point(push, seconds))))
            idle = idle + 1 if int(self.undecided().sum()) == before else 0

    def _push_each(self, clock: TimeLimit) -> None:
        """Push undecided cells one by one, down and up; leave cells without a witness undecided."""
        for k in np.flatnonzero(self.undecided()).tolist():
            for sign in (1.0, -1.0):
                if clock.late:
                    return
                if self.undecided()[k]:
                    cost = np.where(np.arange(len(self.low)) == k, sign, 0.0)
                    _, is_integer = self._minimise(cost)
                    if not is_integer:
                        seconds = clock.as_elapsed(WHOLE_POINT)
                        self._record_witness(
                            self.extremes.as_integers(np.rint(self.extremes.integer_point(cost, seconds)))
                        )

    def _minimise(self, cost: Floats) -> tuple[float, bool]:
        """Minimise a cost over the reals; return the value, and whether the point is integer and a witness."""
        value, point = self.extremes.point(cost)
        integers = self.extremes.as_integers(point)
        self._record_witness(integers)
        self.has_fractions |= integers is None
        return value, integers is not None

    def _record_witness(self, integers: Ints | None) -> None:
        """Widen the intervals by an integer point."""
        if integers is not None:
            np.minimum(self.low, integers, out=self.low)
            np.maximum(self.high, integers, out=self.high)

    def _is_safe(self, k: int) -> bool:
        """Return whether cell k is safe, decided exactly."""
        if not self.exact and not self.undecided()[k]:
            return True
        self._prove_end(k, -1.0)
        if not self.exact and not self.undecided()[k]:
            return True
        self.floor[k] = self._prove_end(k, 1.0)
        return not self.undecided()[k]  # without a witness, a search that ran out of time counts as unsafe

    def can_be_small(self, k: int) -> bool:
        """Return whether a witness shows cell k below the threshold, after a search for it."""
        if self.low[k] >= self.threshold:
            self._prove_end(k, 1.0)
        return bool(self.low[k] < self.threshold)

    def _prove_end(self, k: int, sign: float) -> int:
        """Return the smallest integer value of sign * cell k."""
        cost = np.zeros(len(self.low))
        cost[k] = sign
        value, is_integer = self._minimise(cost)
        if not is_integer:
            value, point = self.extremes.integer_bound(cost)
            self._record_witness(self.extremes.as_integers(np.rint(point)))
        return int(np.ceil(value - EPSILON))
