"""The search for groups that are not safe, by registers that fit everything published.

Each register that fits is counted once for all groups. A group is wide when its counts in two of these registers are
far enough apart. Bounds of published figures settle further groups. Linear and integer programs decide the rest, see
`decisions`.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.sdc.constraints.domains import Bools
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.constraints.register import Register
from kerege.evidence.sdc.constraints.value_sets import paired_columns
from kerege.evidence.sdc.groups.conditions import ORDER, Variable, order_of, variable_sets, variables
from kerege.evidence.sdc.groups.counts import group_counts
from kerege.evidence.sdc.groups.group_costs import GroupCosts
from kerege.evidence.sdc.groups.group_sets import GroupSet, GroupSets
from kerege.evidence.sdc.groups.people import people_of
from kerege.evidence.sdc.groups.recombination import Recombination, separators, useful_separators
from kerege.evidence.sdc.groups.register_fit import TableFit
from kerege.evidence.sdc.groups.registers import register_of, true_register
from kerege.evidence.sdc.groups.system_bounds import SystemBounds
from kerege.evidence.sdc.groups.table_bounds import floors
from kerege.evidence.sdc.linear.linear_system import Floats, Ints

ROUNDS, PATIENCE = 5_000, 12  # most registers, and how many of the last ones must have settled enough groups
RETRIAL = 6  # turns after which a register of another kind is tried again
MOST_CROSSING = 10_000_000  # groups of ORDER columns that no tables link; more of them stay undecided
CHANGED = 1_000  # groups that are sampled to be changed by one register
ALONE = 0.012  # seconds to decide one group by itself: a register must settle groups faster than that
CAPS = (1, 10, 100)  # times the threshold: the people of an unknown that count in a register of a capped kind


class RegisterKind(NamedTuple):
    """A way to make a register: which groups it changes, and whether it spreads people over many unknowns.

    A sample is of all open groups, or of the people with several values of one column alone.
    """

    is_sample: bool
    is_capped: bool
    is_paired: bool = False


KINDS = tuple(RegisterKind(is_sample, is_capped) for is_capped in (True, False) for is_sample in (False, True))
PAIRED_KINDS = tuple(RegisterKind(True, is_capped, True) for is_capped in (True, False))


class GroupSearch:
    """The search in one system of tables; `held` starts from the true register.

    `sets` has all groups, one entry for each set of variables. `shown` are those of an earlier search whose registers
    fit these tables too.
    """

    def __init__(
        self, builder: JointBuilder, survey: Survey, *, held: bool, deadline: float, shown: GroupSets | None = None
    ) -> None:
        self.builder, self.survey, self.threshold, self.held = builder, survey, survey.threshold, held
        self.deadline, self.rng = deadline, np.random.default_rng(0)
        several = {name: column.named_values for name, column in builder.several.items()}
        self.variables = variables(
            builder.families, builder.views, _living(builder), several, paired_columns(builder.source, builder.tables)
        )
        self.separators, self.costs = separators(builder), GroupCosts(builder)
        self.tables = [TableFit(view) for view in builder.views]
        self.useful: dict[tuple[int, ...], list[int]] = {}  # by set, the places of useful separators
        self.registers = 0
        self.register: Register | None = None  # one that fits everything published
        self.known_counts = survey.joint.people  # counts of all unknowns in that register
        self._counts = survey.joint.people  # counts of all unknowns in the register made last
        self._base = self.rng.uniform(-0.1, 0.1, len(survey.joint.people))  # costs of what no open group moves
        self.sets: GroupSets = {}
        system = SystemBounds(builder, survey.core)
        self.left_out = 0  # groups of ORDER columns that no tables link, beyond the limit
        room = MOST_CROSSING
        for numbers, chosen in variable_sets(self.variables):
            if order_of(chosen) == ORDER and not self.is_shown(chosen):
                count = math.prod(len(variable.conditions) for variable in chosen)
                if count > room:
                    self.left_out += count
                    continue
                room -= count
            group_set = GroupSet(chosen, self.threshold)
            group_set.bound(*floors(builder, chosen, group_set.shape))
            group_set.bound(*system.of_groups(chosen, group_set.shape))
            self.sets[numbers] = group_set
            if shown and numbers in shown:
                group_set.count_as(shown[numbers])
            self.bound_by_parts(numbers)

    def is_shown(self, chosen: Sequence[Variable]) -> bool:
        """Return whether one clique holds the columns of all variables."""
        families = frozenset(variable.family for variable in chosen if variable.family is not None)
        columns = [
            name for variable in chosen if variable.family is None for name in [variable.column] * variable.order
        ]
        return self.builder.is_within(families, columns)

    def bound_by_parts(self, numbers: tuple[int, ...]) -> None:
        """Bound the groups of some variables by the bounds of groups with fewer conditions."""
        for size in range(len(numbers)):
            for part in combinations(numbers, size):
                places = tuple(numbers.index(number) for number in part)
                self.sets[numbers].bound_by_part(self.sets[part], places)
        for axis in range(len(numbers)):
            self.sets[numbers].bound_by_exceptions(self.sets[numbers[:axis] + numbers[axis + 1 :]], axis)
        for axes in combinations(range(len(numbers)), 2):
            without = [self.sets[numbers[:axis] + numbers[axis + 1 :]] for axis in axes]
            rest = tuple(number for axis, number in enumerate(numbers) if axis not in axes)
            self.sets[numbers].bound_by_overlap(without, self.sets[rest], axes)
        for axis, number in enumerate(numbers):
            if self.variables[number].order > 1:
                self._bound_by_fewer_values(numbers, axis)

    def _bound_by_fewer_values(self, numbers: tuple[int, ...], axis: int) -> None:
        """Bound the groups by several values of the column at `axis` by groups without one of these values."""
        group_set = self.sets[numbers]
        variable, others = group_set.chosen[axis], numbers[:axis] + numbers[axis + 1 :]
        simpler = next(n for n, other in enumerate(self.variables) if other.is_simpler(variable))
        part_numbers = tuple(sorted((*others, simpler)))
        part = self.sets[part_numbers]
        axes = [part_numbers.index(simpler if place == axis else n) for place, n in enumerate(numbers)]
        every_least = []
        for left_out in range(variable.order):
            places = [chosen.places_in(part.chosen[a]) for chosen, a in zip(group_set.chosen, axes, strict=True)]
            places[axis] = variable.places_without(left_out, part.chosen[axes[axis]])
            every_least.append(group_set.bound_by_whole(part, axes, places))
        if variable.order == 2:
            group_set.bound_by_two_parts(every_least[0] + every_least[1], self.sets[others], axis)

    def run(self) -> None:
        """Count groups in registers until further ones settle few groups."""
        register = self._first_register()
        if self.fits(register):
            self._count(register)
        if self.held:
            self._mark_few(register)
        self.widen()

    def widen(self) -> None:
        """Count the open groups in further registers until these settle few."""
        kinds = [*KINDS, *(PAIRED_KINDS if self._open_sets(is_paired=True) else ())]
        gains = dict.fromkeys(kinds, math.inf)  # groups settled per second by the last register of each kind
        latest: deque[tuple[int, float]] = deque(maxlen=PATIENCE)  # groups and seconds of the last registers
        for turn in range(ROUNDS):
            start = time.thread_time()
            before = self.open_count()
            if not before or start > self.deadline or (len(latest) == PATIENCE and _is_slow(latest)):
                return
            is_trial = turn % RETRIAL == 0
            kind = kinds[turn // RETRIAL % len(kinds)] if is_trial else max(kinds, key=gains.__getitem__)
            register = self._further_register(kind)
            if self.fits(register):
                self._count(register)
            gained, seconds = before - self.open_count(), time.thread_time() - start
            gains[kind] = gained / max(seconds, 1e-6)
            latest.append((gained, seconds))

    def _mark_few(self, register: Register) -> None:
        """Mark the groups of rows of too few people, which the publisher knows."""
        people = people_of(self.builder.source)
        if people is None:
            return
        for group_set in self.sets.values():
            counts = group_counts(register, self.builder.families, group_set.chosen)
            group_set.mark_few(people.few(self.builder, group_set.chosen, counts, self.threshold))

    def open_count(self) -> int:
        """Return the number of groups that are neither settled nor wide."""
        return sum(group_set.open_count for group_set in self.sets.values())

    def _first_register(self) -> Register:
        if self.held:
            return true_register(self.builder)
        points = [block.point for block in self.survey.blocks]
        return register_of(self.builder, self._expand(points, None), self.rng)

    def _further_register(self, kind: RegisterKind) -> Register:
        """Return a register far from the others in the groups that are open."""
        cost = self._cost_of_sample(is_paired=kind.is_paired) if kind.is_sample else self._cost_of_cliques()
        reduced = self.survey.core.reduced_cost(cost)
        most = float(self.threshold * self.rng.choice(CAPS)) if kind.is_capped else None
        points = [block.witness(reduced[block.part.columns], most) for block in self.survey.blocks]
        return register_of(self.builder, self._expand(points, cost), self.rng)

    def _count(self, register: Register) -> None:
        self.registers += 1
        if self.register is None:
            self.register, self.known_counts = register, self._counts
        recombinations = [Recombination(self.builder, register, part) for part in self.separators]
        for numbers, group_set in self.sets.items():
            if not group_set.open_count:
                continue
            if numbers not in self.useful:
                useful = useful_separators(self.separators, group_set.chosen)
                self.useful[numbers] = [self.separators.index(part) for part in useful]
            if self.registers == 1 or not self.useful[numbers]:  # else the ends include the counts
                group_set.count(group_counts(register, self.builder.families, group_set.chosen))
            for place in self.useful[numbers]:
                flat = np.flatnonzero(group_set.open)
                is_known_empty = group_set.low.reshape(-1)[flat] == 0
                ends = recombinations[place].ends(group_set.chosen, flat, is_known_empty) if len(flat) else None
                if ends is not None:
                    group_set.count_at(flat, *ends)

    def _cost_of_cliques(self) -> Floats:
        """Return costs of the unknowns that change all open groups within cliques, in one or in any direction."""
        is_one_way = self.rng.random() < 0.5
        cost = self._base.copy()
        for group_set in self.sets.values():
            if group_set.chosen and group_set.open_count and self.is_shown(group_set.chosen):
                places = np.flatnonzero(group_set.open)
                push = self.rng.uniform(0.5, 1.5, len(places))
                push *= -1.0 if is_one_way else self.rng.choice([-1.0, 1.0], len(places))
                self.costs.add(cost, group_set.chosen, places, push)
        return cost

    def _open_sets(self, *, is_paired: bool) -> list[GroupSet]:
        """Return the sets with open groups, all or those of people with several values of one column."""
        return [
            group_set
            for group_set in self.sets.values()
            if group_set.chosen
            and group_set.open_count
            and not (is_paired and all(variable.order == 1 for variable in group_set.chosen))
        ]

    def _cost_of_sample(self, *, is_paired: bool) -> Floats:
        """Return a cost of each unknown that changes some open groups: few, so that they do not cancel out.

        Groups that no register shows to be large are made larger.
        """
        cost = self._base.copy()
        sets = self._open_sets(is_paired=is_paired)
        share = min(CHANGED / max(sum(group_set.open_count for group_set in sets), 1), 1.0)
        for group_set in sets:
            count = self.rng.binomial(group_set.open_count, share)
            if count:
                places = self.rng.choice(np.flatnonzero(group_set.open), count, replace=False, shuffle=False)
                is_small = group_set.high.reshape(-1)[places] < self.threshold
                push = np.where(is_small, -1.0, self.rng.choice([-1.0, 1.0], count))
                self.costs.add(cost, group_set.chosen, places, push * self.rng.uniform(0.5, 1.5, count))
        return cost

    def _expand(self, points: Sequence[Ints], cost: Floats | None) -> Ints:
        """Return the counts of all unknowns from one point of each block."""
        point = np.zeros(len(self.survey.core.lower), dtype=np.int64)
        for block, part in zip(self.survey.blocks, points, strict=True):
            point[block.part.columns] = part
        self._counts = self.survey.core.expand(point, cost)
        return self._counts

    def fits(self, register: Register) -> bool:
        """Count all tables again in a register; return whether every figure is within its bounds."""
        return all(table.fits(register) for table in self.tables)


def _is_slow(latest: Iterable[tuple[int, float]]) -> bool:
    """Return whether the last registers settled fewer groups in their time than decisions one by one."""
    return sum(groups * ALONE - seconds for groups, seconds in latest) <= 0


def _living(builder: JointBuilder) -> list[Bools]:
    """Return the atoms of each family that are possible in every clique with the family."""
    living = [np.ones(len(family.atoms), dtype=bool) for family in builder.families]
    for coords, part in zip(builder.people.coords, builder.people.parts, strict=True):
        for family, atoms in coords.items() if not part else ():
            living[family] &= np.isin(np.arange(len(living[family])), atoms)
    return living
