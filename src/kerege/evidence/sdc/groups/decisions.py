"""Decisions on all cells and derived groups of one population."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import compress

import numpy as np

from kerege.evidence.counting.frequency_table import WITHHELD, Table
from kerege.evidence.sdc.bounds.cell_bounds import NarrowCell, is_settled
from kerege.evidence.sdc.bounds.feasible_bounds import BUDGET, Survey
from kerege.evidence.sdc.constraints.domains import TableSource
from kerege.evidence.sdc.constraints.multi_table import JointBuilder, JointSystem
from kerege.evidence.sdc.constraints.table_views import AxisView, DerivedGroup
from kerege.evidence.sdc.constraints.ties import TiedSystem, TiedTables
from kerege.evidence.sdc.groups.conditions import ORDER, order_of
from kerege.evidence.sdc.groups.group_sets import GroupSet, GroupSets
from kerege.evidence.sdc.groups.search import GroupSearch
from kerege.evidence.sdc.groups.shared_values import SharedValueGroup, find_shared_values
from kerege.evidence.sdc.linear.linear_system import row_key
from kerege.evidence.sdc.published_tables.sensitive_columns import assessed_columns

MOST_ATOMS = 3_000  # most atoms of one column; its groups are held as a dense matrix
BATCH = 50  # groups on several cliques in one system: each adds unknowns
MOST_ADDED = 600  # unknowns that they add together; a batch with more is halved, because programs of it are slow
EXACT = 20.0  # seconds for the exact ends of what is not safe; later ones have outer bounds


@dataclass
class Part:
    """A system with a sum for some groups, and the cells and groups that are not safe in it."""

    joint: JointSystem
    survey: Survey
    narrow: list[NarrowCell]
    late: list[NarrowCell] = field(default_factory=list)  # not decided in time, with outer bounds


@dataclass
class RiskFindings:
    """All cells and groups of a population: those that are not safe, by system.

    The first part has the cells of the tables. `small` are published counts below the threshold. `undecided` counts
    cells and groups that took too long, or that are in tables with too many combinations. `examined` is the number of
    groups. `shared` are groups whose members share a value of a sensitive column. `left_out` counts groups of three
    columns that no tables link, beyond the most that are examined.
    """

    parts: list[Part] = field(default_factory=list)
    small: list[NarrowCell] = field(default_factory=list)
    refused: int = 0  # figures of tables with too many combinations, and groups beyond the limit
    examined: int = 0
    left_out: int = 0
    shared: list[SharedValueGroup] = field(default_factory=list)
    sets: GroupSets = field(default_factory=dict)  # for a publisher: all groups, with their counts in registers

    @property
    def undecided(self) -> int:
        """Return the number of cells and groups that are neither proved safe nor proved unsafe."""
        return self.refused + sum(len(part.late) for part in self.parts)

    @property
    def survey(self) -> Survey:
        """Return the bounds of all cells."""
        return self.parts[0].survey

    @property
    def joint(self) -> JointSystem:
        """Return the system of all cells."""
        return self.parts[0].joint


@dataclass(frozen=True)
class Member:
    """A group to decide, and its place in the set of all groups of its variables."""

    set: GroupSet
    numbers: tuple[int, ...]
    flat: int
    group: DerivedGroup

    @property
    def is_open(self) -> bool:
        """Return whether the group is neither settled nor wide."""
        return bool(self.set.open.flat[self.flat])

    @property
    def is_constant(self) -> bool:
        """Return whether every register so far has the same, positive number of people in the group."""
        return bool(0 < self.set.high.flat[self.flat] == self.set.low.flat[self.flat])

    @property
    def is_few(self) -> bool:
        """Return whether the group has rows of too few people, so that its interval must be wide."""
        return bool(self.set.few.flat[self.flat])

    def bound(self, least: float, most: float) -> None:
        """Take proved bounds into account."""
        self.set.bound_one(self.flat, least, most)


class GroupRiskAssessment:
    """The assessment of some tables of one population.

    `held` starts from the true register, which an intruder does not know. `tight` bounds rounded cells
    for an intruder who knows how ties are rounded. `fixed` are the numbers of tables that cannot be changed. `tied` are
    tables of rows about the same people, or of the people of the rows; they take part, and are assessed by themselves.
    Without `exact`, the ends of what is not safe are bounds by linear programs. With `is_enough`, groups with more
    conditions are left when it accepts a part: a publisher who must change a table assesses all groups again anyway.
    `shown` are the sets of groups of the assessment before that change, of which every register still fits.
    """

    def __init__(
        self,
        source: TableSource,
        tables: Sequence[Table],
        threshold: int,
        *,
        held: bool = False,
        tight: bool = False,
        fixed: frozenset[int] = frozenset(),
        tied: TiedTables | None = None,
        exact: bool = True,
        is_enough: Callable[[Part], bool] | None = None,
        shown: GroupSets | None = None,
    ) -> None:
        self.exact, self.is_enough, self.shown = exact, is_enough, shown or {}
        self.tied = TiedSystem(source, tables, tied) if tied else None
        self.source, self.tables, self.threshold = source, tables, threshold
        if self.tied:
            self.source, self.tables = self.tied.source, self.tied.tables
        self.held, self.tight, self.fixed = held, tight, fixed
        self.deadline = time.thread_time() + BUDGET
        self.result = RiskFindings()

    def run(self) -> RiskFindings:
        """Return the assessment. Raises Contradiction when no register fits all tables."""
        builder = JointBuilder(self.source, self.tables, loose=True)
        joint = self._combined(replace(builder.build(), fixed=self.fixed))
        survey = Survey(joint, self.threshold, held=self.held, tight=self.tight, whole=True)
        self.result.parts.append(Part(joint if self.held else survey.settled(), survey, []))
        if self._is_plain(builder, joint):
            self._decide_cells(joint, survey)
            self.result.examined = 2 * joint.own_cells
            return self.result
        is_huge = any(len(family.atoms) > MOST_ATOMS for family in builder.families)
        if is_huge or joint.large or any(view.is_unmodelled for view in builder.views):
            self.result.refused += sum(int((table.status != WITHHELD).sum()) for table in self.tables)
            return self.result
        if self.is_enough is not None:
            self._decide_cells(joint, survey)
            self.result.sets = self.shown
            if self.is_enough(self.result.parts[0]):
                return self.result
        search = GroupSearch(builder, survey, held=self.held, deadline=self.deadline, shown=self.shown)
        search.run()
        self.result.sets = search.sets if self.held else {}
        if search.register is not None and not self.held:
            known = JointBuilder(self.source, self.tables, loose=True, register=search.register).build()
            joint = self._combined(replace(known, fixed=self.fixed), search)
            self.result.parts[0].joint = joint
        self.result.left_out = search.left_out
        self.result.refused += search.left_out
        self.result.examined = sum(group_set.low.size for group_set in search.sets.values())
        if self.is_enough is None:
            self._decide_cells(joint, survey)
        for order in range(ORDER + 1):
            first = len(self.result.parts)
            self._decide_order(search, builder, order)
            if self.is_enough is not None and any(map(self.is_enough, self.result.parts[first:])):
                return self.result
        columns = assessed_columns(self.tied.own if self.tied else self.tables)
        self.result.shared, late = find_shared_values(search, columns, partial(self._ends_of, search))
        self.result.refused += late
        return self.result

    def _ends_of(self, search: GroupSearch, groups: Sequence[DerivedGroup]) -> list[tuple[int, int] | None]:
        """Return the ends of groups that fit into one system, None where time ran out."""
        builder = JointBuilder(self.source, self.tables, groups, loose=True, register=search.register)
        seconds = self.deadline - time.thread_time()
        if builder.people.large or len(builder.groups) < len(groups) or seconds <= 0:
            return [None] * len(groups)
        is_held = self.held or search.register is not None
        joint = self._combined(builder.build(), search)
        survey = Survey(joint, self.threshold, held=is_held, tight=self.tight, budget=seconds)
        ends = survey.intervals(range(survey.joint.cells, survey.joint.cells + len(groups)))
        return [None if time.thread_time() > survey.deadline else pair for pair in ends.values()]

    def _combined(self, joint: JointSystem, search: GroupSearch | None = None) -> JointSystem:
        """Return the system with that of the tied unit, whose unknowns are as in the register of a search."""
        if self.tied is None:
            return joint
        if search is None or search.register is None:
            return self.tied.combine(joint)
        return self.tied.combine(joint, search.known_counts[search.builder.system.size :])

    def _is_plain(self, builder: JointBuilder, joint: JointSystem) -> bool:
        """Return whether the only table has one column, exact figures, and no code of nearly everybody.

        Then each group is a code, or everybody without a code, which is large.
        """
        if (
            self.tied
            or len(self.tables) != 1
            or len(builder.families) != 1
            or builder.several
            or builder.views[0].filter
            or builder.families[0].sets  # a value is in several codes
        ):
            return False
        if self.tables[0].people is not None:
            return False  # a code and its complement can concern few people
        if getattr(self.tables[0], "ratios", ()):
            return False
        view, (lower, upper) = builder.views[0], joint.known()
        dims = [dim for dim in view.dims if isinstance(dim, AxisView)]
        if not dims or len(dims) < len(view.dims) or not view.complete or not (lower == upper)[1:].all():
            return False
        places = dims[0].places
        is_one_to_one = len(places[places > 0]) == len(np.unique(places[places > 0]))
        return bool(is_one_to_one and (lower[1:].sum() - lower[1:] >= self.threshold).all())

    def _decide_cells(self, joint: JointSystem, survey: Survey) -> None:
        """Decide the cells of all tables."""
        few = np.zeros(joint.sums.shape[0], dtype=bool)
        few[: joint.cells] = np.concatenate([table.few(self.threshold).ravel() for table in joint.tables])
        must_be_wide, is_own = few[survey.core.targets], survey.core.targets < joint.own_cells
        examined = is_own & (~is_settled(survey) | must_be_wide & (survey.core.most > 0))
        self._keep(joint, survey, survey.narrow(examined, must_be_wide), self.result.parts[0])
        value, own = survey.core.value, np.arange(joint.sums.shape[0]) < joint.own_cells
        is_known = own & (survey.core.place < 0) & (value > 0)
        known = np.flatnonzero(few & is_known)
        self.result.parts[0].narrow += [NarrowCell(cell, int(value[cell]), int(value[cell])) for cell in known.tolist()]
        small = np.flatnonzero(is_known & (value < self.threshold))
        self.result.small = [NarrowCell(cell, int(value[cell]), int(value[cell])) for cell in small.tolist()]

    def _keep(self, joint: JointSystem, survey: Survey, narrow: Sequence[int], part: Part) -> None:
        """Store targets that are not safe, with their ends."""
        survey.deadline = min(survey.deadline, time.thread_time() + (EXACT if self.exact else 0.0))
        targets = survey.core.targets
        part.narrow += [NarrowCell(int(targets[place]), *survey.ends_of(place)) for place in narrow]
        part.late += [NarrowCell(int(targets[place]), *survey.ends_of(place)) for place in survey.late]

    def _decide_order(self, search: GroupSearch, builder: JointBuilder, order: int) -> None:
        """Decide the open groups with some number of conditions; their parts are decided already."""
        of_order = [numbers for numbers, group_set in search.sets.items() if order_of(group_set.chosen) == order]
        for numbers in of_order:
            search.bound_by_parts(numbers)
        is_within = [search.is_shown(search.sets[numbers].chosen) for numbers in of_order]
        self._decide(search, _open_members(search, compress(of_order, is_within)))
        crossing_sets = [numbers for numbers, within in zip(of_order, is_within, strict=True) if not within]
        crossing = _open_members(search, crossing_sets)
        if order == ORDER and len(crossing) > BATCH:
            search.widen()  # the decided groups no longer distract it
            crossing = _open_members(search, crossing_sets)
        for start in range(0, len(crossing), BATCH):
            self._decide(search, crossing[start : start + BATCH])

    def _decide(self, search: GroupSearch, members: Sequence[Member]) -> None:
        """Decide groups that fit into one system."""
        if not members:
            return
        groups = [member.group for member in members]
        builder = JointBuilder(self.source, self.tables, groups, loose=True, register=search.register)
        if builder.people.large or len(builder.groups) < len(members):
            self.result.refused += len(members)
            return
        system = builder.build()
        if len(members) > 1 and len(system.people) > len(search.known_counts) + MOST_ADDED:
            half = len(members) // 2
            self._decide(search, members[:half])
            self._decide(search, members[half:])
            return
        joint = self._combined(replace(system, fixed=self.fixed), search)
        seconds = max(self.deadline - time.thread_time(), 1.0)
        is_held = self.held or search.register is not None
        survey = Survey(joint, self.threshold, held=is_held, tight=self.tight, budget=seconds)
        self._bound_by_presolve(search, members, survey, joint)
        same = self._without_cells(members, joint)
        is_open = [members[place].is_open for place in same]
        distinct = [place for place, open_ in zip(same, is_open, strict=True) if open_]
        examined, must_be_wide = np.zeros((2, len(survey.core.targets)), dtype=bool)
        examined[survey.core.place[joint.cells + np.array(distinct, dtype=np.int64)]] = True
        few = [place for place in distinct if members[place].is_few]
        must_be_wide[survey.core.place[joint.cells + np.array(few, dtype=np.int64)]] = True
        narrow = survey.narrow(examined & (~is_settled(survey) | must_be_wide), must_be_wide, sweep=False)
        for member in members:
            member.set.mark_decided(member.flat)
        if narrow or survey.late:
            part = Part(joint, survey, [])
            self._keep(joint, survey, narrow, part)
            self.result.parts.append(part)
            for finding in part.narrow:
                for place in same[finding.cell - joint.cells]:
                    members[place].bound(finding.lower, finding.upper)

    def _bound_by_presolve(
        self, search: GroupSearch, members: Sequence[Member], survey: Survey, joint: JointSystem
    ) -> None:
        """Bound groups by presolve, by proofs for many at once, and by what follows for other groups."""
        cells = joint.cells + np.arange(len(members))
        for member, (least, most) in zip(members, survey.core.ends(cells.tolist()).values(), strict=True):
            member.bound(least, most)
        by_target = {int(survey.core.place[cell]): member for cell, member in zip(cells, members, strict=True)}
        for target in survey.prove_empty([target for target, member in by_target.items() if member.is_open]):
            by_target[target].bound(0, 0)
        survey.prove_constant([target for target, member in by_target.items() if member.is_open and member.is_constant])
        for numbers in dict.fromkeys(member.numbers for member in members):
            search.bound_by_parts(numbers)

    def _without_cells(self, members: Sequence[Member], joint: JointSystem) -> dict[int, list[int]]:
        """Return the places of equal groups by the simplest, without those that are cells: these are decided."""
        same = _equal_groups(joint)
        cells = {
            row_key(joint.sums, finding.cell): finding for finding in [*self.result.parts[0].narrow, *self.result.small]
        }
        for leader in list(same):
            if finding := cells.get(row_key(joint.sums, joint.cells + leader)):
                for place in same.pop(leader):
                    members[place].bound(finding.lower, finding.upper)
        return same


def assess_groups(
    source: TableSource,
    tables: Sequence[Table],
    threshold: int,
    *,
    held: bool = False,
    tight: bool = False,
    fixed: frozenset[int] = frozenset(),
    tied: TiedTables | None = None,
    exact: bool = True,
    is_enough: Callable[[Part], bool] | None = None,
    shown: GroupSets | None = None,
) -> RiskFindings:
    """Assess all cells and all derived groups of some tables of one population, see `GroupRiskAssessment`."""
    return GroupRiskAssessment(
        source,
        tables,
        threshold,
        held=held,
        tight=tight,
        fixed=fixed,
        tied=tied,
        exact=exact,
        is_enough=is_enough,
        shown=shown,
    ).run()


def _open_members(search: GroupSearch, sets: Iterable[tuple[int, ...]]) -> list[Member]:
    """Return the open groups of some sets."""
    return [
        Member(search.sets[numbers], numbers, flat, group)
        for numbers in sets
        for flat, group in search.sets[numbers].open_groups()
    ]


def _equal_groups(joint: JointSystem) -> dict[int, list[int]]:
    """Return the numbers of equal groups by the number of the simplest of them."""
    by_people: dict[tuple[bytes, bytes], list[int]] = {}
    for number in sorted(range(len(joint.groups)), key=lambda n: joint.groups[n].simplicity):
        by_people.setdefault(row_key(joint.sums, joint.cells + number), []).append(number)
    return {numbers[0]: numbers for numbers in by_people.values()}
