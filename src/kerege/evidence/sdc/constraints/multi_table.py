"""Linked tables of one register as sums over the combinations of values that people can have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
import scipy.sparse as sp

from kerege.evidence.counting.frequency_table import PERTURBED, WITHHELD, Table
from kerege.evidence.sdc.constraints.crossing_groups import CrossingGroups
from kerege.evidence.sdc.constraints.domains import Family, TableSource
from kerege.evidence.sdc.constraints.equations import EquationSystem
from kerege.evidence.sdc.constraints.junction_tree import Scope
from kerege.evidence.sdc.constraints.multi_valued import MultiValuedColumn, implied_columns
from kerege.evidence.sdc.constraints.register import Register
from kerege.evidence.sdc.constraints.table_views import (
    Coords,
    DerivedGroup,
    TableView,
    pair_refusal,
    read_views,
)
from kerege.evidence.sdc.constraints.tie_rules import TieRules
from kerege.evidence.sdc.constraints.unknowns import Unknowns
from kerege.evidence.sdc.linear.linear_system import Floats, Ints, Rules, rules_of, stacked, table_truth
from kerege.evidence.sdc.published_tables.publication import Sheet
from kerege.evidence.sdc.published_tables.share_rows import with_shares
from kerege.evidence.sdc.published_tables.stated_bounds import bounds, has_even_base

MARGIN_ABOVE = 100_000  # upper bounds exceed the largest known count by so much: no bound is published there
SumEntries = tuple[Ints, Ints, Floats | int]  # rows, unknowns, and their signs or their common sign


@dataclass(frozen=True)
class JointSystem:
    """Cells of all tables, then derived groups, as sums over combinations of values.

    `rules` hold between the combinations. `sums` has a row for each cell and group, a column for each combination.
    `truth` has the true value of every cell, `people` of every combination; without rows both come from one consistent
    register.
    """

    tables: list[Table]
    places: list[Ints]
    sums: sp.csr_matrix
    rules: Rules
    truth: Ints
    people: Ints
    most: float  # upper limit of the people of one combination
    owners: list[tuple[int, int]]  # for every cell and group, the numbers of its two tables
    families: list[Family]
    groups: list[DerivedGroup]
    large: bool = False  # whether the columns have too many combinations to be examined together
    fixed: frozenset[int] = frozenset()  # numbers of tables that cannot be changed, such as published ones
    starts: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    own_tables: int | None = None  # how many tables are of the unit itself, None for all: see `ties`
    between: TieRules | None = None  # the last of the `rules`: those between the cells of two tied units
    changeable_tied: frozenset[int] = frozenset()  # numbers of tables of the other unit that this release can change

    def at(self, cell: int) -> tuple[int, int] | None:
        """Return the table number and the position of a cell, None for a derived group."""
        if cell >= self.cells:
            return None
        number = int(np.searchsorted(self.starts, cell, side="right")) - 1
        return number, cell - int(self.starts[number])

    @property
    def own_cells(self) -> int:
        """Return how many cells are of the tables of the unit itself; they come first."""
        numbers = range(len(self.tables) if self.own_tables is None else self.own_tables)
        return sum(self.tables[number].counts.size for number in numbers)

    @property
    def cells(self) -> int:
        """Return how many of the sums are cells of tables."""
        return int(self.sums.shape[0]) - len(self.groups)

    def known(self, *, tight: bool = False) -> tuple[Floats, Floats]:
        """Return the bounds that tables state of their own cells; `tight` if the rounding of ties is known."""
        lower, upper = np.zeros(self.sums.shape[0]), np.full(self.sums.shape[0], np.inf)
        for table, place in zip(self.tables, self.places, strict=True):
            lower[place], upper[place] = bounds(table, tight=tight)
        return lower, upper

    def rules_with_values(self, lower: Floats, upper: Floats) -> Rules:
        """Return all rules; those between units have the values of exactly published cells.

        `lower` and `upper` are the bounds that the tables state of all cells and groups.
        """
        if self.between is None:
            return self.rules
        first, cells = self.rules.matrix.shape[0] - self.between.count, self.cells
        own = Rules(self.rules.matrix[:first], self.rules.low[:first], self.rules.high[:first])
        return stacked([own, self.between.with_values(self.sums[:cells], lower[:cells], upper[:cells])])

    @property
    def rounded(self) -> bool:
        """Return whether a table of the publisher is rounded to an even base.

        Knowledge of the rounding of ties narrows the bounds of such a table.
        """
        return any((table.status == PERTURBED).any() and has_even_base(table) for table in self.tables)


class JointBuilder:
    """Construction of a joint system.

    When the columns have too many combinations to be examined together, `loose` ties tables only by the columns that
    they share. The bounds stay true, but an intruder may know more. With `zeros` False, published zeros rule out no
    combination in advance; the equations do. The people of a `register` are the true ones, in place of the rows of the
    source.
    """

    def __init__(
        self,
        source: TableSource,
        tables: Sequence[Table],
        groups: Sequence[DerivedGroup] = (),
        *,
        loose: bool = False,
        zeros: bool = True,
        register: Register | None = None,
    ) -> None:
        self.source, self.tables, self.multi, self.system = source, list(tables), source.multi, EquationSystem()
        self.families, self.views = read_views(source, tables)
        if register is not None:
            self.families = [replace(family, rows=register.coords[f]) for f, family in enumerate(self.families)]
        scopes_of = self._multi_valued_scopes()
        for name, scope in scopes_of.items():
            scope.update(place for place, _ in implied_columns(source, self.families, name))
        scopes = [*[view.scope for view in self.views], *map(frozenset, scopes_of.values())]
        height = 0 if source.frame is None else source.frame.height
        sizes = None if register is None else register.people
        self.people = Unknowns(
            self.families, self.views, scopes, height if sizes is None else len(sizes), zeros=zeros, sizes=sizes
        )
        self.several = {
            name: MultiValuedColumn(source, self.views, name, frozenset(scope), register)
            for name, scope in scopes_of.items()
            if self.people.fits({}, frozenset(scope))
        }
        self.groups = [group for group in groups if self._fits(group)]
        if self.people.large and not loose:
            self._refuse()

    def _fits(self, group: DerivedGroup) -> bool:
        """Return whether a group can be counted: within a clique, or across the cliques of a junction tree."""
        if not all(literal.column in self.several for literal in group.literals):
            return False
        return not self.people.large or (not group.literals and self.people.fits(group.masks))

    def _multi_valued_scopes(self) -> dict[str, set[int]]:
        """Return for every multi-valued column the families with which it must be examined."""
        scopes: dict[str, set[int]] = {}
        for view in self.views:
            for name in () if view.is_unmodelled else view.multi_columns:
                scopes.setdefault(name, set()).update(view.scope)
        return scopes

    def _refuse(self) -> None:
        """Raise Refused: the tables have too many combinations together."""
        group = self.people.large[0]
        inside = sorted(self.views, key=lambda view: -len(view.scope & group))
        why = "together they have too many combinations to be examined"
        raise pair_refusal(inside[0].table.name, inside[min(1, len(inside) - 1)].table.name, why)

    def build(self) -> JointSystem:
        """Return the system, with the truth of every cell and of every combination."""
        self.people.number(self.system)
        for column in self.several.values():
            column.add_to(self.system, self.people)
        self.crossing = CrossingGroups(self.people, self.several, self.system)
        starts = np.cumsum([0, *[table.counts.size for table in self.tables]])
        parts: list[SumEntries] = [
            part for view, start in zip(self.views, starts, strict=False) for part in self._table_sums(view, start)
        ]
        for cell, group in enumerate(self.groups, int(starts[-1])):
            cells, signs = self._group_sums(group)
            parts.append((np.full(len(cells), cell), cells, signs))
        rules, people = self.system.rules(), self.system.truth()
        sums = _matrix(parts, int(starts[-1]) + len(self.groups), self.system.size)
        rules = with_shares(rules, self.tables, starts.tolist(), sums)
        truth = np.rint(sums @ people).astype(np.int64)
        for table, view, start in zip(self.tables, self.views, starts, strict=False):
            truth[start : start + table.counts.size] = self._truth(table, view)
        places = [start + np.arange(table.counts.size) for start, table in zip(starts, self.tables, strict=False)]
        owners = [pair for n, table in enumerate(self.tables) for pair in [(n, self._neighbour(n))] * table.counts.size]
        owners += [self._owners(group) for group in self.groups]
        return JointSystem(self.tables, places, sums, rules, truth, people, self._upper_limit(), owners, self.families,
                     self.groups, bool(self.people.large), starts=starts[:-1])  # fmt: skip

    def _upper_limit(self) -> float:
        """Return more people than any table can count."""
        total = 0.0
        for table in self.tables:
            low = bounds(table)[0]
            total += float(max(low.sum(), table_truth(table).max(initial=0)))
        return 2 * total + MARGIN_ABOVE

    def is_within(self, families: Scope, columns: Sequence[str]) -> bool:
        """Return whether groups by families and multi-valued columns are sums of unknowns."""
        return self.people.fits({}, families) if not columns else len(columns) == 1 and not families

    def _group_sums(self, group: DerivedGroup) -> tuple[Ints, Floats]:
        """Return the unknowns that a group sums up, with their signs."""
        if not group.literals and self.people.fits(group.masks):
            place = self.people.group_of(group.masks)
            cells = self.people.start[place] + self.people.cells(place, group.masks)
            return cells, np.ones(len(cells))
        holders = self._holders(group) if len(group.literals) == 1 else None
        return self.crossing.people_of(group) if holders is None else holders

    def _holders(self, group: DerivedGroup) -> tuple[Ints, Floats] | None:
        """Return a group by one multi-valued column as a sum, None if the group holds only a part of a class."""
        literal = group.literals[0]
        column = self.several[literal.column]
        if not group.masks.keys() <= self.people.groups[column.group]:
            return None
        cells = self.people.cells(column.group, group.masks)
        chosen = np.bincount(column.class_of[cells], minlength=column.count)
        if ((chosen > 0) & (chosen < np.bincount(column.class_of, minlength=column.count))).any():
            return None
        holders = column.at(literal.value)[chosen > 0]
        if not literal.is_complement:
            return holders, np.ones(len(holders))
        everybody = self.people.start[column.group] + cells
        return np.concatenate([everybody, holders]), np.repeat([1.0, -1.0], [len(everybody), len(holders)])

    def _table_sums(self, view: TableView, start: int) -> list[SumEntries]:
        """Return the cells of a table as sums.

        A cell that is not such a sum becomes an unknown of its own, tied by the rules of its table.
        """
        parts: list[SumEntries] = []
        defined = np.zeros(view.table.counts.size, dtype=bool)
        for places, base, coords in () if view.is_unmodelled else self._unknowns_of(view):
            is_covered = np.zeros(view.table.counts.shape, dtype=bool)
            index: list[int | slice] = [slice(None)] * len(view.dims)
            for d in view.overlapping:
                index[d] = places.get(d, 0)
            is_covered[tuple(index)] = True
            defined |= is_covered.ravel()
            for flat, people in view.counted(coords, places):
                parts.append((start + flat, base[people], 1))
        if view.is_unmodelled or not defined.all():
            parts += self._free_cells(view, start, defined, parts)
        return parts

    def _unknowns_of(self, view: TableView) -> list[tuple[dict[int, int], Ints, Coords]]:
        """Return places, unknowns and their combinations, for the total and each value of a column."""
        if view.pick:
            column = self.several.get(view.pick[0])
            return [({}, column.at(view.pick[1]), column.coords)] if column else []
        result: list[tuple[dict[int, int], Ints, Coords]] = []
        if self.people.fits(view.filter, view.scope):
            group = self.people.group_of(view.filter, view.scope)
            base = self.people.start[group] + np.arange(self.people.count(group))
            options = [range(len(view.table.axes[d])) for d in view.set_axes]
            coords = self.people.coords[group]
            result += [(dict(zip(view.set_axes, places, strict=True)), base, coords) for places in product(*options)]
        for d, dim in enumerate(view.dims):
            if isinstance(dim, str) and dim in self.several:
                column = self.several[dim]
                result += [
                    ({d: place}, column.at(value), column.coords)
                    for place, value in enumerate(view.table.axes[d])
                    if place
                ]
        return result

    def _free_cells(
        self, view: TableView, start: int, defined: np.ndarray, parts: list[SumEntries]
    ) -> list[SumEntries]:
        """Add unknowns for the cells that are not sums, and the rules of the table alone."""
        free = np.flatnonzero(~defined)
        first = self.system.add_unknowns(table_truth(view.table)[free])
        own_cells = (start + free, first + np.arange(len(free)), 1)
        size = view.table.counts.size
        local = _matrix(
            [(cells - start, people, sign) for cells, people, sign in [*parts, own_cells]], size, self.system.size
        )
        rules = rules_of(view.table)
        low = np.full(len(rules.low), -np.inf) if view.incomplete else rules.low  # values need not reach their totals
        self.system.add_rules(Rules((rules.matrix @ local).tocsr(), low, rules.high), np.arange(self.system.size))
        return [own_cells]

    def _truth(self, table: Table, view: TableView) -> Ints:
        """Return the true cells of a table; those of a published table are counted again if there are rows."""
        counts = table_truth(table).copy()
        if not isinstance(table, Sheet) or not self.people.height:
            return counts
        rows = self.people.rows()
        options = [range(len(table.axes[d])) for d in view.overlapping]
        for places in () if view.is_unmodelled else product(*options):
            places_of = dict(zip(view.overlapping, places, strict=True))
            is_counted = self._reporting(view, places_of)
            added = np.zeros(counts.size, dtype=np.int64)
            for flat, people in view.counted(rows, places_of):
                rows_of = people[is_counted[people]]
                added += np.bincount(flat[is_counted[people]], self.people.sizes[rows_of], counts.size).astype(np.int64)
            is_covered = np.zeros(table.counts.shape, dtype=bool)
            is_covered[tuple(places_of.get(d, slice(None)) for d in range(len(view.dims)))] = True
            counts[is_covered.ravel()] = added[is_covered.ravel()]
        return counts

    def _reporting(self, view: TableView, fixed: dict[int, int]) -> np.ndarray:
        """Return which rows report the selected values of multi-valued columns."""
        is_reporting = np.ones(self.people.height, dtype=bool)
        values_of = [(view.dims[d], view.table.axes[d][place]) for d, place in fixed.items() if place]
        for name, value in [*values_of, *([view.pick] if view.pick else [])]:
            if isinstance(name, str) and name in self.several:
                is_reporting &= self.several[name].reports(value)
        return is_reporting

    def _owners(self, group: DerivedGroup) -> tuple[int, int]:
        """Return the two tables that share most columns with a group."""
        columns = {literal.column for literal in group.literals}
        shared = [len(view.scope & group.masks.keys()) + len(view.multi_columns & columns) for view in self.views]
        is_published = [bool((view.table.status != WITHHELD).any()) for view in self.views]
        first, *others = sorted(range(len(self.views)), key=lambda n: (not is_published[n], -shared[n]))
        return first, (others or [first])[0]

    def _neighbour(self, number: int) -> int:
        """Return the table that shares most families with one."""
        scope = self.views[number].scope
        others = [j for j, view in enumerate(self.views) if j != number and (view.table.status != WITHHELD).any()]
        return max(others, key=lambda j: len(scope & self.views[j].scope), default=number)


def _matrix(parts: Sequence[SumEntries], rows: int, columns: int) -> sp.csr_matrix:
    """Return sums as a sparse matrix; a combination that is added and subtracted again is left out."""
    if not parts:
        return sp.csr_matrix((rows, columns))
    where = (np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))
    values = np.concatenate([np.broadcast_to(np.asarray(part[2], dtype=float), len(part[0])) for part in parts])
    matrix = sp.csr_matrix((values, where), shape=(rows, columns))
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix


def join(
    source: TableSource,
    tables: Sequence[Table],
    groups: Sequence[DerivedGroup] = (),
    *,
    loose: bool = False,
    zeros: bool = True,
) -> JointSystem:
    """Tie tables of one register together; raises Refused for too many combinations, unless `loose`."""
    return JointBuilder(source, tables, groups, loose=loose, zeros=zeros).build()
