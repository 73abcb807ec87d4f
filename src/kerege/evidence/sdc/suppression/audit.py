"""The auditor: exact feasible intervals of every cell that is not published, by the one definition of safe.

A cell is *safe* when it cannot be below the threshold (L >= threshold) or its integer feasible interval is at least as
wide as the threshold (U - L >= threshold). Every bound that proves safety is witnessed by an integer table that fits
everything published; every bound that proves a disclosure is a linear or mixed-integer optimum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.counting.frequency_table import NOISED, OK, PERTURBED, Table
from kerege.evidence.numerics.time_limit import Clock
from kerege.evidence.sdc.constraints.highs_solver import EPSILON, Extremes
from kerege.evidence.sdc.constraints.linear_system import Block, Floats, Ints, Knowledge, blocks, knowledge, rules_of

ROUNDS, PATIENCE = 400, 12  # points tried, points in a row that may teach nothing
SECONDS = 5.0
WHOLE_SECONDS, WHOLE_POINT, WHOLE_PATIENCE, FEW = 6.0, 1.0, 8, 4  # for points of integer programs
UPWARDS = 0.75  # of the cells pushed by them: small counts have more room above them


@dataclass
class Audit:
    """Witnessed interval [lower, upper] of every cell, and the positions of unsafe ones."""

    lower: Ints
    upper: Ints
    unsafe: Ints

    @property
    def safe(self) -> bool:
        """Whether no cell can be found."""
        return not len(self.unsafe)


def audit(table: Table, threshold: int) -> Audit:
    """Find the feasible interval of each cell of a protected table, given what it publishes and its sums.

    Parameters
    ----------
    table : Table
        Suppressed or rounded, with its true counts (`counts`, or `truth` of a rounded one): the auditor holds them, and
        so every interval holds the truth. For a table of somebody else, take `feasible_intervals`.
    threshold : int
        A cell is unsafe when it could be below the threshold and its interval is narrower than the threshold.

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
    >>> table.counts[table.axes[0].index("male")] = 8  # what the publisher knows
    >>> found = audit(table, threshold=10)
    >>> found.safe, [table.keys(cell) for cell in found.unsafe], found.lower.tolist(), found.upper.tolist()
    (False, [('male',)], [70, 62, 8], [70, 62, 8])
    """
    if (table.status == NOISED).any() or ((table.status == PERTURBED).any() and "half_width" not in table.params):
        raise ValueError("a table with noise has no feasible intervals")
    view = knowledge(table, rules_of(table), half=int(table.params.get("half_width", 0)))
    found = audit_knowledge(view, threshold, exact=True)
    small = np.flatnonzero((table.status.ravel() == OK) & (view.truth > 0) & (view.truth < threshold))
    return Audit(found.lower, found.upper, np.union1d(found.unsafe, small))


def audit_knowledge(
    known: Knowledge,
    threshold: int,
    *,
    exact: bool = False,
    quick: bool = False,
    start: Audit | None = None,
    seconds: float = 0.0,
) -> Audit:
    """Examine all cells. With `exact` every interval is carried to its ends, not only as far as the verdict needs.

    With `quick` cells whose safety was not witnessed in passing, or in so many `seconds` of looking at them one by one,
    count as unsafe, which may be unjust but is never lax.
    `start` holds intervals witnessed when no less was published than now.
    """
    lower = known.truth.copy() if start is None else start.lower.copy()
    upper = known.truth.copy() if start is None else start.upper.copy()
    unsafe: list[int] = []
    for block in blocks(known):
        low, high = lower[block.cells], upper[block.cells]
        if not exact and (high - low >= threshold).all():
            continue
        search = Search(block, threshold, exact=exact)
        search.hurry, search.seconds = quick, seconds
        search.low, search.high = low, high
        unsafe += block.cells[search.run()].tolist()
        lower[block.cells], upper[block.cells] = search.low, search.high
    return Audit(lower, upper, np.array(sorted(unsafe), dtype=np.int64))


class Search:
    """Widens the witnessed intervals of one block until every verdict is certain."""

    def __init__(self, block: Block, threshold: int, *, exact: bool = False) -> None:
        self.block, self.threshold, self.exact = block, threshold, exact
        self.low, self.high = block.truth.copy(), block.truth.copy()
        self.hurry, self.seconds, self.halves = False, 0.0, False
        self.extremes = Extremes(block)
        self.floor = np.full(len(block.cells), -1, dtype=np.int64)  # proved lower bounds

    def undecided(self) -> NDArray[np.bool_]:
        """Cells without a witness of their safety."""
        wide = self.high - self.low >= self.threshold
        return ~wide & (self.floor < self.threshold)

    def run(self) -> Ints:
        """Positions, in the block, of the unsafe cells."""
        if not self.exact:
            self._sweep()
            self._sweep_whole(Clock(self.seconds if self.hurry else WHOLE_SECONDS))
        if self.hurry:
            self._look(Clock(self.seconds))
            return np.flatnonzero(self.undecided())
        cells = np.flatnonzero(np.ones_like(self.low, bool) if self.exact else self.undecided())
        return np.array([k for k in cells if not self._settle(int(k))], dtype=np.int64)

    def _sweep(self) -> None:
        """Push many undecided cells at once: one point widens many intervals."""
        rng = np.random.default_rng(0)
        idle, clock = 0, Clock(SECONDS)
        for number in range(ROUNDS):
            open_ = self.undecided()
            before = int(open_.sum())
            if before == 0 or idle > min(PATIENCE, before) or clock.late:
                return
            push = np.where(open_, rng.uniform(0.5, 1.5, len(open_)), 0.0)
            self._visit(-push if number % 2 else push * rng.choice([-1.0, 1.0], len(open_)))
            # a corner that is not whole teaches nothing, and the next may teach much
            idle = idle + 1 if int(self.undecided().sum()) == before else 0

    def _sweep_whole(self, clock: Clock) -> None:
        """The same with integer programs, not carried to the end: for where corners are not whole."""
        rng, size = np.random.default_rng(1), len(self.low)
        idle, turn, few = 0, True, 1 if self.hurry else FEW
        while self.halves and idle < WHOLE_PATIENCE and not clock.late:
            open_ = self.undecided()
            before = int(open_.sum())
            if before < few:
                return  # each by itself is sooner
            # where few are left, a little push for all others makes the programs easier: in turns
            turn = not turn
            sign = np.where(rng.random(size) < np.where(open_, UPWARDS, 0.5), -1.0, 1.0)
            push = np.where(open_, rng.uniform(2.0, 4.0, size), rng.uniform(0.0, 0.5, size) * turn) * sign
            seconds = clock.on_the_wall(min(WHOLE_POINT, clock.left))
            self._witness(self.extremes.whole(np.rint(self.extremes.whole_point(push, seconds))))
            idle = idle + 1 if int(self.undecided().sum()) == before else 0

    def _look(self, clock: Clock) -> None:
        """Push undecided cells one by one, down and up, without deciding what finds no witness."""
        for k in np.flatnonzero(self.undecided()).tolist():
            for sign in (1.0, -1.0):
                if clock.late:
                    return
                if self.undecided()[k]:
                    cost = np.where(np.arange(len(self.low)) == k, sign, 0.0)
                    _, whole = self._visit(cost)
                    if not whole:
                        seconds = clock.on_the_wall(WHOLE_POINT)
                        self._witness(self.extremes.whole(np.rint(self.extremes.whole_point(cost, seconds))))

    def _visit(self, cost: Floats) -> tuple[float, bool]:
        value, point = self.extremes.point(cost)
        whole = self.extremes.whole(point)
        self._witness(whole)
        self.halves |= whole is None
        return value, whole is not None

    def _witness(self, whole: Ints | None) -> None:
        if whole is not None:
            np.minimum(self.low, whole, out=self.low)
            np.maximum(self.high, whole, out=self.high)

    def _settle(self, k: int) -> bool:
        """Whether cell k is safe, decided exactly."""
        if not self.exact and not self.undecided()[k]:
            return True
        self._end(k, -1.0)
        if not self.exact and not self.undecided()[k]:
            return True
        self.floor[k] = self._end(k, 1.0)
        return not self.undecided()[k]  # a search that ran out of time has no witness

    def _end(self, k: int, sign: float) -> int:
        """The smallest integer value of sign * cell k."""
        cost = np.zeros(len(self.low))
        cost[k] = sign
        value, whole = self._visit(cost)
        if not whole:
            value, point = self.extremes.whole_bound(cost)
            self._witness(self.extremes.whole(np.rint(point)))
        return int(np.ceil(value - EPSILON))
