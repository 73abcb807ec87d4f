"""Linked tables of one register as sums over the combinations of values that people can have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import scipy.sparse as sp

from kerege.evidence.counting.frequency_table import PERTURBED, WITHHELD, Table
from kerege.evidence.sdc.constraints.differences import Difference, distinct_differences
from kerege.evidence.sdc.constraints.domains import Family, TableSource
from kerege.evidence.sdc.constraints.equations import EquationSystem
from kerege.evidence.sdc.constraints.linear_system import Floats, Ints, Rules, knowledge, rules_of, table_truth
from kerege.evidence.sdc.constraints.multi_valued import MultiValuedColumn, implied_columns
from kerege.evidence.sdc.constraints.publication import Sheet
from kerege.evidence.sdc.constraints.table_views import SignedTerm, TableView, pair_refusal, read_views
from kerege.evidence.sdc.constraints.unknowns import Unknowns

MARGIN_ABOVE = 100_000  # upper bounds exceed the largest known count by so much: no bound is published there
NO_RULES = Rules(sp.csr_matrix((0, 0)), np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class JointSystem:
    """Cells of all tables, then differences, as sums over combinations of values.

    `rules` hold between the combinations. `sums` has a row for each cell and difference, a column for each combination.
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
    owners: list[tuple[int, int]]  # for every cell and difference, the numbers of its two tables
    families: list[Family]
    differences: list[Difference]
    large: bool = False  # whether the columns have too many combinations to be examined together
    fixed: frozenset[int] = frozenset()  # numbers of tables that cannot be changed, such as published ones
    starts: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def at(self, cell: int) -> tuple[int, int] | None:
        """Return the table number and the position of a cell, None for a difference."""
        if cell >= self.cells:
            return None
        number = int(np.searchsorted(self.starts, cell, side="right")) - 1
        return number, cell - int(self.starts[number])

    @property
    def cells(self) -> int:
        """Return how many of the sums are cells of tables."""
        return int(self.sums.shape[0]) - len(self.differences)

    def known(self, *, tight: bool = False) -> tuple[Floats, Floats]:
        """Return the bounds that tables state of their own cells; `tight` if the rounding of ties is known."""
        lower, upper = np.zeros(self.sums.shape[0]), np.full(self.sums.shape[0], np.inf)
        for table, place in zip(self.tables, self.places, strict=True):
            lower[place], upper[place] = bounds(table, tight=tight)
        return lower, upper

    @property
    def rounded(self) -> bool:
        """Return whether a table of the publisher is rounded to an even base.

        Knowledge of the rounding of ties narrows the bounds of such a table.
        """
        return any((table.status == PERTURBED).any() and _has_even_base(table) for table in self.tables)


def bounds(table: Table, *, tight: bool = False) -> tuple[Floats, Floats]:
    """Return the bounds that a table states of each of its cells."""
    if isinstance(table, Sheet):
        return table.lower.ravel(), table.upper.ravel()
    view = knowledge(
        table, NO_RULES, half=int(table.params.get("half_width", 0)), tight=tight and _has_even_base(table)
    )
    return view.lower, np.where(np.isin(table.status.ravel(), (0, PERTURBED)), view.upper, np.inf)


def _has_even_base(table: Table) -> bool:
    return not isinstance(table, Sheet) and int(table.params.get("rounded_to", 1)) % 2 == 0


class JointBuilder:
    """Construction of a joint system.

    When the columns have too many combinations to be examined together, `loose` ties tables only by the columns that
    they share. The bounds stay true, but an intruder may know more. With `zeros` False, published zeros rule out no
    combination in advance; the equations do.
    """

    def __init__(
        self, source: TableSource, tables: Sequence[Table], *, loose: bool = False, zeros: bool = True
    ) -> None:
        self.source, self.tables, self.multi, self.system = source, list(tables), source.multi, EquationSystem()
        self.families, self.views = read_views(source, tables)
        self.differences = distinct_differences(self.views)
        scopes_of = self._multi_valued_scopes()
        for name, scope in scopes_of.items():
            scope.update(place for place, _ in implied_columns(source, self.families, name))
        scopes = [*self._scopes(), *map(frozenset, scopes_of.values())]
        height = 0 if source.frame is None else source.frame.height
        self.people = Unknowns(self.families, self.views, scopes, height, zeros=zeros)
        self.several = {
            name: MultiValuedColumn(source, self.views, name, frozenset(scope))
            for name, scope in scopes_of.items()
            if self.people.fits({}, frozenset(scope))
        }
        self.differences = [difference for difference in self.differences if all(map(self._fits, difference.terms))]
        if self.people.large and not loose:
            self._refuse()

    def _fits(self, term: SignedTerm) -> bool:
        """Return whether one group of the unknowns holds all columns of a term."""
        return term.pick[0] in self.several if term.pick else self.people.fits(term.masks)

    def _multi_valued_scopes(self) -> dict[str, set[int]]:
        """Return for every multi-valued column the families with which it must be examined."""
        scopes: dict[str, set[int]] = {}
        for view in self.views:
            for name in () if view.kind == "filter" else view.multi_columns:
                scopes.setdefault(name, set()).update(view.scope)
        for term in (term for difference in self.differences for term in difference.terms):
            if term.pick:
                scopes.setdefault(term.pick[0], set()).update(term.masks)
        return scopes

    def _scopes(self) -> list[frozenset[int]]:
        apart = [frozenset(f for term in difference.terms for f in term.masks) for difference in self.differences]
        return [*[view.scope for view in self.views], *dict.fromkeys(apart)]

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
        starts = np.cumsum([0, *[table.counts.size for table in self.tables]])
        parts = [
            part for view, start in zip(self.views, starts, strict=False) for part in self._table_sums(view, start)
        ]
        for cell, difference in enumerate(self.differences, int(starts[-1])):
            parts += [(np.full(len(cells), cell), cells, sign) for cells, sign in map(self._term, difference.terms)]
        rules, people = self.system.rules(), self.system.truth()
        sums = self._drop_published(_matrix(parts, int(starts[-1]) + len(self.differences), self.system.size))
        truth = np.rint(sums @ people).astype(np.int64)
        for table, view, start in zip(self.tables, self.views, starts, strict=False):
            truth[start : start + table.counts.size] = self._truth(table, view)
        places = [start + np.arange(table.counts.size) for start, table in zip(starts, self.tables, strict=False)]
        owners = [(n, self._neighbour(n)) for n, table in enumerate(self.tables) for _ in range(table.counts.size)]
        owners += [difference.tables for difference in self.differences]
        return JointSystem(self.tables, places, sums, rules, truth, people, self._upper_limit(), owners, self.families,
                     self.differences, bool(self.people.large), starts=starts[:-1])  # fmt: skip

    def _drop_published(self, sums: sp.csr_matrix) -> sp.csr_matrix:
        """Drop the differences that equal a published cell: that cell represents them."""
        cells = sums.shape[0] - len(self.differences)
        if not self.differences:
            return sums
        rows = np.flatnonzero(np.concatenate([table.status.ravel() != WITHHELD for table in self.tables]))
        published = {_counted(sums, row) for row in rows.tolist()}
        remaining = [n for n in range(len(self.differences)) if _counted(sums, cells + n) not in published]
        self.differences = [self.differences[n] for n in remaining]
        return sums[np.concatenate([np.arange(cells), cells + np.array(remaining, dtype=np.int64)])]

    def _upper_limit(self) -> float:
        """Return more people than any table can count."""
        total = 0.0
        for table in self.tables:
            low = bounds(table)[0]
            total += float(max(low.sum(), table_truth(table).max(initial=0)))
        return 2 * total + MARGIN_ABOVE

    def _term(self, term: SignedTerm) -> tuple[Ints, int]:
        """Return the unknowns that a term sums up, and its sign."""
        if term.pick is None:
            group = self.people.group_of(term.masks)
            return self.people.start[group] + self.people.cells(group, term.masks), term.sign
        column = self.several[term.pick[0]]
        return column.at(term.pick[1])[self.people.cells(column.group, term.masks)], term.sign

    def _table_sums(self, view: TableView, start: int) -> list[tuple[Ints, Ints, int]]:
        """Return the cells of a table as sums.

        A cell that is no such sum becomes an unknown of its own, tied by the rules of its table.
        """
        kind = view.kind
        parts: list[tuple[Ints, Ints, int]] = []
        defined = np.zeros(view.table.counts.size, dtype=bool)
        for places, base, group in () if kind == "filter" else self._unknowns_of(view):
            is_covered = np.zeros(view.table.counts.shape, dtype=bool)
            is_covered[
                tuple(places.get(d, 0) if isinstance(dim, str) else slice(None) for d, dim in enumerate(view.dims))
            ] = True
            defined |= is_covered.ravel()
            for flat, people in view.counted(self.people.coords[group], places):
                parts.append((start + flat, base[people], 1))
        if kind or not defined.all():
            parts += self._free_cells(view, start, defined, parts)
        return parts

    def _unknowns_of(self, view: TableView) -> list[tuple[dict[int, int], Ints, int]]:
        """Return places, unknowns and group, for the total and for every value of a multi-valued column."""
        if view.pick:
            column = self.several.get(view.pick[0])
            return [({}, column.at(view.pick[1]), column.group)] if column else []
        result: list[tuple[dict[int, int], Ints, int]] = []
        if self.people.fits(view.filter, view.scope):
            group = self.people.group_of(view.filter, view.scope)
            result.append(({}, self.people.start[group] + np.arange(self.people.count(group)), group))
        for d, dim in enumerate(view.dims):
            if isinstance(dim, str) and dim in self.several:
                column = self.several[dim]
                result += [
                    ({d: place}, column.at(value), column.group)
                    for place, value in enumerate(view.table.axes[d])
                    if place
                ]
        return result

    def _free_cells(
        self, view: TableView, start: int, defined: np.ndarray, parts: list[tuple[Ints, Ints, int]]
    ) -> list[tuple[Ints, Ints, int]]:
        """Add unknowns for the cells that are no sums, and the rules of the table alone."""
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
        rows, kind = self.people.rows(), view.kind
        options = [range(len(table.axes[d])) if isinstance(dim, str) else range(1) for d, dim in enumerate(view.dims)]
        for places in () if kind else product(*options):
            places_of = {d: place for d, place in enumerate(places) if isinstance(view.dims[d], str)}
            is_counted = self._reporting(view, places_of)
            added = np.zeros(counts.size, dtype=np.int64)
            for flat, people in view.counted(rows, places_of):
                added += np.bincount(flat[is_counted[people]], minlength=counts.size)
            is_covered = np.zeros(table.counts.shape, dtype=bool)
            is_covered[tuple(places_of.get(d, slice(None)) for d in range(len(view.dims)))] = True
            counts[is_covered.ravel()] = added[is_covered.ravel()]
        return counts

    def _reporting(self, view: TableView, fixed: dict[int, int]) -> np.ndarray:
        """Return which rows report the selected values of multi-valued columns."""
        is_reporting = np.ones(self.people.height, dtype=bool)
        values_of = [(view.dims[d], view.table.axes[d][place]) for d, place in fixed.items() if place]
        for name, value in [*values_of, *([view.pick] if view.pick else [])]:
            if str(name) in self.several:
                is_reporting &= self.several[str(name)].reports(value)
        return is_reporting

    def _neighbour(self, number: int) -> int:
        """Return the table that shares most families with one."""
        scope = self.views[number].scope
        others = [j for j in range(len(self.views)) if j != number]
        return max(others, key=lambda j: len(scope & self.views[j].scope), default=number)


def _matrix(parts: Sequence[tuple[Ints, Ints, int]], rows: int, columns: int) -> sp.csr_matrix:
    """Return sums as a sparse matrix; a combination that is added and subtracted again is left out."""
    if not parts:
        return sp.csr_matrix((rows, columns))
    where = (np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))
    values = np.concatenate([np.full(len(part[0]), float(part[2])) for part in parts])
    matrix = sp.csr_matrix((values, where), shape=(rows, columns))
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix


def _counted(sums: sp.csr_matrix, row: int) -> tuple[bytes, bytes]:
    """Return a key of the combinations that a sum counts."""
    span = slice(sums.indptr[row], sums.indptr[row + 1])
    return sums.indices[span].tobytes(), sums.data[span].tobytes()


def join(source: TableSource, tables: Sequence[Table], *, loose: bool = False, zeros: bool = True) -> JointSystem:
    """Tie tables of one register together; raises Refused for too many combinations, unless `loose`."""
    return JointBuilder(source, tables, loose=loose, zeros=zeros).build()
