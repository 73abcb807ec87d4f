"""The search for the cheapest safe choice of cells to hide: see `optimal`.

A *draft* holds against the outsider's linear programs, the *best* choice was proved safe over integers. Linear programs
allow an outsider more tables than there are, so that a bound of the loss of all drafts is one of all safe choices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from kerege.evidence.numerics.time_limit import Clock
from kerege.evidence.sdc.constraints.linear_system import Floats, Ints
from kerege.evidence.sdc.suppression.attacker_problem import Attacker, Cut, Reach
from kerege.evidence.sdc.suppression.audit import Audit, audit_knowledge
from kerege.evidence.sdc.suppression.completion import make_safe, refusal, untouched
from kerege.evidence.sdc.suppression.large_tables import examine, is_large, make_large_safe
from kerege.evidence.sdc.suppression.master_problem import ALMOST, Choice, Impossible, Master
from kerege.evidence.sdc.suppression.problem import Mask, Problem
from kerege.evidence.sdc.suppression.repair import Repair

ROOT, CHOICES = 0.35, 0.6  # shares of the time until linear, until integer programs must have ended
REPAIRS, TIDY = 25.0, 4.0
FIRST_LOOK, LAST_LOOK = 1.0, 25.0  # at a large table before and after the search, for witnesses of its safety
MOST_MOVABLE, MOST_IN_CUBE = 20_000, 6_000  # beyond, only what must be hidden bounds the loss
GAPS = (0.05, 0.02, 0.0)  # of the choices while the list of inequalities grows
PART = 0.4  # a cell hidden so far in the relaxed programme is hidden at first


class Optimum:
    """The search for one table: `best` is the best safe choice found, `bound` the least loss of any."""

    def __init__(self, problem: Problem, seconds: float) -> None:
        self.problem, self.clock = problem, Clock(seconds)
        self.large = is_large(problem.table)
        self.bound = problem.loss(problem.always)
        self.best: Mask | None = None
        self.draft: Mask | None = None
        self.hard: list[int] = []
        self.refuted: list[Cut] = []  # of drafts that did not hold over integers
        self.zeros = np.flatnonzero(problem.movable & ~problem.always & (problem.truth == 0))

    def run(self) -> Mask:
        """The best choice found; raises Refused where there is none."""
        always = self.problem.always
        state = self._witnessed(always, FIRST_LOOK)
        if state.safe:
            return always
        if self.problem.movable.sum() > (MOST_MOVABLE if self.problem.network else MOST_IN_CUBE):
            return self._complete(always, state)
        self.attacker, self.master = Attacker(self.problem), Master(self.problem)
        try:
            self._find_hard(state.unsafe)
            self._draft(self._root() >= PART)
            while not self._search():
                self.draft = None
                self.master.remember()
        except Impossible:
            raise refusal(self.problem, np.array(self.hard)) from None
        if self.best is not None:
            return self.best
        return self._complete(always if self.draft is None else self.draft, state)

    def _left(self, share: float) -> float:
        """Seconds that remain of a share of the time."""
        return share * self.clock.seconds - self.clock.used

    def _witnessed(self, hidden: Mask, seconds: float, start: Audit | None = None) -> Audit:
        """The cells that were not seen to be safe in passing."""
        state = start or untouched(self.problem)
        if self.large:
            return examine(self.problem, hidden, state, seconds)
        look = 0.0 if self.problem.network else 1.0
        known = self.problem.known(hidden)
        return audit_knowledge(known, self.problem.threshold, quick=True, start=state, seconds=look)

    def _find_hard(self, unsafe: Ints) -> None:
        """Cells that are not safe by what is hidden anyway; whatever else is hidden only widens the others."""
        self.attacker.look(self.problem.always.astype(float), whole=True)
        for cell in unsafe[self.problem.truth[unsafe] < self.problem.threshold].tolist():
            reach = self.attacker.within(cell, self.problem.threshold)
            if reach is not None:
                self.hard.append(cell)
                self.master.add(self._cut(reach, []))
            if self._left(ROOT) < 0:
                return

    def _cut(self, reach: Reach, given: list[int]) -> list[Cut]:
        found = self.attacker.cut(reach, np.array(given, dtype=np.int64))
        return [] if found is None else [found]

    def _root(self) -> Floats:
        """Cut until cells hidden in part would be safe too."""
        while True:
            choice = self.master.relaxed(self.clock.on_the_wall(self._left(1.0)))
            self.bound = max(self.bound, choice.bound)
            if self._left(ROOT) < 0:
                return choice.share
            new = self.master.add(self._broken(choice.share, ROOT, whole=False))
            if not new and not self.problem.network:
                new = self.master.add(self._broken(choice.share, ROOT, whole=True))
            if not new:
                return choice.share

    def _broken(self, share: Floats, until: float, *, whole: bool) -> Iterator[Cut]:
        """Inequalities that a choice does not keep, as many as are found in a share of the time."""
        for reach, given in self._short(share, until, whole=whole):
            yield from (cut for cut in self._cut(reach, given) if cut.misses(share))

    def _short(self, share: Floats, until: float, *, whole: bool) -> Iterator[tuple[Reach, list[int]]]:
        """Cells that cannot move far enough, with what must be hidden for that to matter."""
        self.attacker.look(share, whole=whole)
        threshold = float(self.problem.threshold)
        wanted: list[tuple[int, float, list[int]]] = [(cell, threshold, []) for cell in self.hard]
        wanted += [(cell, threshold * share[cell], [cell]) for cell in self.zeros[share[self.zeros] > 0.01].tolist()]
        for cell, needed, given in wanted:
            if self._left(until) < 0:
                return
            reach = self.attacker.within(cell, needed)
            if reach is not None:
                yield reach, given

    def _search(self) -> bool:
        """Choose, attack, cut, until the cheapest draft is known or time is up; False when it must be sought anew."""
        gaps = list(GAPS)
        while gaps and self._open() and self._left(CHOICES) > 0:
            choice = self._choice(gaps[0])
            if choice is None:
                break
            if self.master.add(self._broken(choice.share, 1.0, whole=True)):
                self._draft(choice.share > 0.5)
            elif self._left(1.0) > 0:
                self._keep(choice.share > 0.5)
                gaps.pop(0)
        return self.draft is None or self._proved(self.draft)

    def _open(self) -> bool:
        """Whether there could be something better than the draft."""
        return self.draft is None or self.problem.loss(self.draft) - self.bound > ALMOST

    def _choice(self, gap: float) -> Choice | None:
        """The cheapest choice that keeps all inequalities, if it is better than the draft."""
        loss = np.inf if self.draft is None else self.problem.loss(self.draft)
        self.master.forget(loss)
        try:
            choice = self.master.best(gap, self.clock.on_the_wall(max(self._left(CHOICES) / 2, 1.0)))
        except Impossible:
            if self.draft is None:
                raise
            self.bound = max(self.bound, loss)
            return None
        if choice is not None:
            self.bound = max(self.bound, min(choice.bound, loss))
        return choice

    def _draft(self, hidden: Mask) -> None:
        """Hide what else is needed against linear programs, at the least loss cell by cell, and no more."""
        repair = Repair(self.problem, hidden | self.problem.always)
        while True:
            short = [reach.cell for reach, _ in self._short(repair.hidden.astype(float), 1.0, whole=True)]
            if self._left(1.0) < 0:
                return
            if not short:
                self._keep(self._tidy(repair.hidden, Clock(TIDY)))
                return
            state = untouched(self.problem)
            state.unsafe = np.array(short)
            if not repair.protect(state, Clock(self._left(1.0))) and not repair.give_up():
                return

    def _keep(self, hidden: Mask) -> None:
        if any(cut.misses(hidden.astype(float)) for cut in self.refuted):
            return
        if self.draft is None or self.problem.loss(hidden) < self.problem.loss(self.draft):
            self.draft = hidden

    def _tidy(self, hidden: Mask, clock: Clock) -> Mask:
        """Publish again, dearest first, whatever the outsider's linear programs do not need."""
        found, weight = hidden.copy(), self.problem.weight
        for cell in sorted(np.flatnonzero(hidden & ~self.problem.always).tolist(), key=lambda c: -weight[c]):
            if clock.late:
                break
            found[cell] = False
            found[cell] = any(True for _ in self._short(found.astype(float), np.inf, whole=True))
        return found

    def _proved(self, hidden: Mask) -> bool:
        """Whether the draft is safe over integers too, or nothing better can be had in time; else it is cut off."""
        if self.large:
            return True  # the completion sees to it
        unsafe = audit_knowledge(self.problem.known(hidden), self.problem.threshold).unsafe
        if not len(unsafe):
            self.best = hidden
            return True
        cuts = list(self._corrections(hidden, unsafe))
        self.refuted += cuts
        return self._left(CHOICES) < 0 or not self.master.add(cuts)

    def _corrections(self, hidden: Mask, unsafe: Iterable[int]) -> Iterator[Cut]:
        """Inequalities for a choice that linear programs take for safe and integer ones do not, or in which a large
        cell may be a small one."""
        self.attacker.look(hidden.astype(float), whole=True)
        for cell in unsafe:
            given = self._condition(hidden, int(cell))
            reach = self.attacker.within(int(cell), self.problem.threshold)
            found = [] if reach is None else self._cut(reach, given.tolist())
            yield from found or [self.attacker.other(hidden, given)]

    def _condition(self, hidden: Mask, cell: int) -> Ints:
        """Hidden cells that make it necessary for a cell to be wide."""
        if self.problem.truth[cell] < self.problem.threshold:
            return np.array([cell])
        return np.union1d(self.attacker.least(hidden, cell), [cell])

    def _complete(self, hidden: Mask, state: Audit) -> Mask:
        """Make a choice safe over integers by hiding more."""
        if self.large:
            return make_large_safe(self.problem, hidden, self._witnessed(hidden, LAST_LOOK, state))
        return make_safe(self.problem, hidden, state, Clock(REPAIRS))
