"""Branch and cut for the cheapest safe choice of cells to hide: see `suppress_exact`.

A *draft* withstands the intruder's linear programs; the *best* choice is proved safe over integers, and its blocks have
two cells that can be small. Linear programs allow the intruder more tables than exist. A lower bound of the loss of all
drafts is therefore one of all safe choices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from kerege.evidence.numerics.time_limit import TimeLimit
from kerege.evidence.sdc.linear.linear_system import Floats, Ints
from kerege.evidence.sdc.suppression.attacker_problem import Cut, Intruder, Movement
from kerege.evidence.sdc.suppression.audit import Audit, audit_knowledge
from kerege.evidence.sdc.suppression.completion import make_safe, refusal, true_intervals
from kerege.evidence.sdc.suppression.large_tables import examine, is_large, make_large_safe
from kerege.evidence.sdc.suppression.master_problem import ALMOST, Choice, InfeasibleChoice, MasterProblem
from kerege.evidence.sdc.suppression.problem import Mask, SuppressionProblem
from kerege.evidence.sdc.suppression.repair import Repair
from kerege.evidence.sdc.suppression.small_blocks import blocks_to_extend, extend_blocks

ROOT, CHOICES = 0.5, 0.7  # shares of the time by which the linear and the integer programs must end
REPAIRS, TIDY = 25.0, 4.0  # seconds of the completion, and of the removal of needless suppressions
FIRST_LOOK, LAST_LOOK = 1.0, 25.0  # seconds for witnesses of a large table's safety, before and after the search
MOST_MOVABLE, MOST_IN_CUBE = 20_000, 6_000  # above, no search: the primary suppressions alone bound the loss
GAPS = (0.05, 0.02, 0.0)  # relative gaps of successive integer programs
PART = 0.4  # cells hidden at least so far in the relaxation start the first draft


class BranchAndCut:
    """The search for one table: `best` is the best safe choice found, `bound` a lower bound of the loss."""

    def __init__(self, problem: SuppressionProblem, seconds: float) -> None:
        self.problem, self.clock = problem, TimeLimit(seconds)
        self.large = is_large(problem.table)
        self.bound = problem.loss(problem.always)
        self.best: Mask | None = None
        self.draft: Mask | None = None
        self.hard: list[int] = []
        self.refuted: list[Cut] = []  # cuts against drafts that are unsafe over integers
        self.zeros = np.flatnonzero(problem.movable & ~problem.always & (problem.truth == 0))

    def run(self) -> Mask:
        """Return the best choice found; raises Refused when there is none."""
        hidden = self._find()
        if hidden is self.best:
            return hidden
        while not np.array_equal(extended := extend_blocks(self.problem, hidden), hidden):
            hidden = self._complete(extended, true_intervals(self.problem))
        return hidden

    def _find(self) -> Mask:
        """Return a safe choice; only in `best` do blocks have two cells that can be small for certain."""
        always = self.problem.always
        state = self._witnessed(always, FIRST_LOOK)
        if state.safe and not blocks_to_extend(self.problem, always):
            return always
        if self.problem.movable.sum() > (MOST_MOVABLE if self.problem.network else MOST_IN_CUBE):
            return self._complete(always, state)
        self.intruder, self.master = Intruder(self.problem), MasterProblem(self.problem)
        try:
            self._find_hard(state.unsafe)
            self._draft(self._solve_relaxation() >= PART)
            while not self._search():
                self.draft = None
                self.master.free_all()
        except InfeasibleChoice:
            raise refusal(self.problem, np.array(self.hard)) from None
        if self.best is not None:
            return self.best
        return self._complete(always if self.draft is None else self.draft, state)

    def _left(self, share: float) -> float:
        """Return the seconds that remain of a share of the time."""
        return share * self.clock.seconds - self.clock.used

    def _witnessed(self, hidden: Mask, seconds: float, start: Audit | None = None) -> Audit:
        """Return an audit in which cells without a quick witness of safety count as unsafe."""
        state = start or true_intervals(self.problem)
        if self.large:
            return examine(self.problem, hidden, state, seconds)
        search_seconds = 0.0 if self.problem.network else 1.0
        view = self.problem.known(hidden)
        return audit_knowledge(view, self.problem.threshold, quick=True, start=state, seconds=search_seconds)

    def _find_hard(self, unsafe: Ints) -> None:
        """Find cells that the primary suppressions alone do not protect; add their cuts.

        Further suppressions only widen the other cells.
        """
        self.intruder.set_hidden(self.problem.always.astype(float), full=True)
        for cell in unsafe[self.problem.small[unsafe]].tolist():
            movement = self.intruder.bound_movement(cell)
            if movement is not None:
                self.hard.append(cell)
                self.master.add(self._cut(movement, []))
            if self._left(ROOT) < 0:
                return

    def _cut(self, movement: Movement, given: list[int]) -> list[Cut]:
        cut = self.intruder.cut(movement, np.array(given, dtype=np.int64))
        return [] if cut is None else [cut]

    def _solve_relaxation(self) -> Floats:
        """Add cuts until the relaxation, with partly hidden cells, violates none; return its solution.

        A cell whose cut was violated most often violates the next one too. All other cells are tested again only when
        these violate none, which saves most of the linear programs.
        """
        full, cells = False, self.hard
        while True:
            choice = self.master.relaxed(self.clock.as_elapsed(self._left(1.0)))
            self.bound = max(self.bound, choice.bound)
            if self._left(ROOT) < 0:
                return choice.share
            violations = self._violations(choice.share, ROOT, full=full, cells=cells)
            if self.master.add(violations.values()):
                cells = [cell for cell in violations if cell in self.hard]
            elif cells is not self.hard:
                cells = self.hard
            elif full or self.problem.network:
                return choice.share
            else:
                full = True

    def _violations(
        self, share: Floats, until: float, *, full: bool, cells: Sequence[int] | None = None
    ) -> dict[int, Cut]:
        """Return the inequalities that the shares of suppression violate, by cell.

        The search stops when the part `until` of the time is used.
        """
        violations = {}
        for movement, given in self._unprotected(share, until, full=full, cells=cells):
            for cut in self._cut(movement, given):
                if cut.misses(share):
                    violations[movement.cell] = cut
        return violations

    def _unprotected(
        self, share: Floats, until: float, *, full: bool, cells: Sequence[int] | None = None
    ) -> Iterator[tuple[Movement, list[int]]]:
        """Yield cells that cannot move far enough, with the cells whose suppression makes that matter.

        The cells are the hard ones, or some of them.
        """
        self.intruder.set_hidden(share, full=full)
        required: list[tuple[int, float, list[int]]] = [(cell, 1.0, []) for cell in cells or self.hard]
        required += [(cell, share[cell], [cell]) for cell in self.zeros[share[self.zeros] > 0.01].tolist()]
        for cell, part, given in required:
            if self._left(until) < 0:
                return
            movement = self.intruder.bound_movement(cell, part)
            if movement is not None:
                yield movement, given

    def _search(self) -> bool:
        """Choose, test and cut until the cheapest draft is known or time is up.

        Return False when the draft was refuted and a new one must be found.
        """
        gaps = list(GAPS)
        while gaps and self._can_improve() and self._left(CHOICES) > 0:
            choice = self._choice(gaps[0])
            if choice is None:
                break
            if self.master.add(self._violations(choice.share, 1.0, full=True).values()):
                self._draft(choice.share > 0.5)
            elif self._left(1.0) > 0:
                self._keep_draft(choice.share > 0.5)
                gaps.pop(0)
        return self.draft is None or self._is_final(self.draft)

    def _can_improve(self) -> bool:
        """Return whether a better choice than the draft may exist."""
        return self.draft is None or self.problem.loss(self.draft) - self.bound > ALMOST

    def _choice(self, gap: float) -> Choice | None:
        """Return the cheapest choice that keeps all inequalities, None unless it is better than the draft."""
        loss = np.inf if self.draft is None else self.problem.loss(self.draft)
        self.master.fix_by_reduced_cost(loss)
        try:
            choice = self.master.best(gap, self.clock.as_elapsed(max(self._left(CHOICES) / 2, 1.0)))
        except InfeasibleChoice:
            if self.draft is None:
                raise
            self.bound = max(self.bound, loss)
            return None
        if choice is not None:
            self.bound = max(self.bound, min(choice.bound, loss))
        return choice

    def _draft(self, hidden: Mask) -> None:
        """Make a choice withstand linear programs: hide further cells at the least loss, cell by cell."""
        repair = Repair(self.problem, hidden | self.problem.always)
        while True:
            unprotected = [
                movement.cell for movement, _ in self._unprotected(repair.hidden.astype(float), 1.0, full=True)
            ]
            if self._left(1.0) < 0:
                return
            if not unprotected:
                self._keep_draft(self._remove_needless(repair.hidden, TimeLimit(TIDY)))
                return
            state = true_intervals(self.problem)
            state.unsafe = np.array(unprotected)
            if not repair.protect(state, TimeLimit(self._left(1.0))) and not repair.give_up():
                return

    def _keep_draft(self, hidden: Mask) -> None:
        """Store a draft if it is better than the last one and no refuting cut excludes it."""
        if any(cut.misses(hidden.astype(float)) for cut in self.refuted):
            return
        if self.draft is None or self.problem.loss(hidden) < self.problem.loss(self.draft):
            self.draft = hidden

    def _remove_needless(self, hidden: Mask, clock: TimeLimit) -> Mask:
        """Publish again, in order of loss, the cells whose suppression linear programs do not need."""
        choice, weight = hidden.copy(), self.problem.weight
        for cell in sorted(np.flatnonzero(hidden & ~self.problem.always).tolist(), key=lambda c: -weight[c]):
            if clock.late:
                break
            choice[cell] = False
            choice[cell] = any(True for _ in self._unprotected(choice.astype(float), np.inf, full=True))
        return choice

    def _is_final(self, hidden: Mask) -> bool:
        """Return whether the search can end with this draft; otherwise cut it off.

        The search ends when the draft is safe over integers and each block has two cells that can be small. It also
        ends when time is up, and when the cuts are not new.
        """
        if self.large:
            return True  # the completion makes a large table safe
        unsafe = audit_knowledge(self.problem.known(hidden), self.problem.threshold).unsafe
        extensible = [] if len(unsafe) else blocks_to_extend(self.problem, hidden)
        if not len(unsafe) and not extensible:
            self.best = hidden
            return True
        cuts = list(self._corrections(hidden, unsafe))
        cuts += [self.intruder.require_another(cells, more) for cells, more in extensible]
        self.refuted += cuts
        return self._left(CHOICES) < 0 or not self.master.add(cuts)

    def _corrections(self, hidden: Mask, unsafe: Iterable[int]) -> Iterator[Cut]:
        """Yield cuts for a choice that is safe for linear programs but unsafe over integers.

        This includes choices in which a large cell may be a small one.
        """
        self.intruder.set_hidden(hidden.astype(float), full=True)
        for cell in unsafe:
            given = self._given_cells(hidden, int(cell))
            movement = self.intruder.bound_movement(int(cell))
            cuts = [] if movement is None else self._cut(movement, given.tolist())
            more = np.flatnonzero(self.problem.movable & ~hidden)
            yield from cuts or [self.intruder.require_another(given, more)]

    def _given_cells(self, hidden: Mask, cell: int) -> Ints:
        """Return the hidden cells whose suppression requires a wide interval of this cell."""
        if self.problem.small[cell]:
            return np.array([cell])
        return np.union1d(self.intruder.smallest_support(hidden, cell), [cell])

    def _complete(self, hidden: Mask, state: Audit) -> Mask:
        """Make a choice safe over integers by further suppressions."""
        if self.large:
            return make_large_safe(self.problem, hidden, self._witnessed(hidden, LAST_LOOK, state))
        return make_safe(self.problem, hidden, state, TimeLimit(REPAIRS))
