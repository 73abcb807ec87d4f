"""Several tables of one register as sums over the people who can be in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import scipy.sparse as sp

from kerege.evidence.counting.frequency_table import PERTURBED, WITHHELD, Table
from kerege.evidence.sdc.constraints.differences import Difference, distinct
from kerege.evidence.sdc.constraints.domains import Family, Source
from kerege.evidence.sdc.constraints.equations import System
from kerege.evidence.sdc.constraints.linear_system import Floats, Ints, Rules, knowledge, rules_of, table_truth
from kerege.evidence.sdc.constraints.multi_valued import Several, told
from kerege.evidence.sdc.constraints.publication import Sheet
from kerege.evidence.sdc.constraints.table_views import Box, View, read, refuse
from kerege.evidence.sdc.constraints.unknowns import People

ROOM = 100_000  # beyond the largest count that is known nobody can say how many there are
NOTHING = Rules(sp.csr_matrix((0, 0)), np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class Joint:
    """Cells of all tables, then differences, as sums (a row each) over the kinds of people, and what ties these.

    `truth` has the true value of every cell, `people` that of every kind; an outsider's are one of many that fit.
    """

    tables: list[Table]
    places: list[Ints]
    sums: sp.csr_matrix
    rules: Rules
    truth: Ints
    people: Ints
    most: float  # no more people of one kind than this
    owners: list[tuple[int, int]]  # of every cell, the tables that tell of it
    families: list[Family]
    differences: list[Difference]
    large: bool = False  # whether not all columns could be looked at together
    fixed: frozenset[int] = frozenset()  # tables that stand as they are: what is public cannot be called back
    starts: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def at(self, cell: int) -> tuple[int, int] | None:
        """The table of a cell and its position there; None when it is no cell of a table."""
        if cell >= self.cells:
            return None
        number = int(np.searchsorted(self.starts, cell, side="right")) - 1
        return number, cell - int(self.starts[number])

    @property
    def cells(self) -> int:
        """How many of the sums are cells of tables."""
        return int(self.sums.shape[0]) - len(self.differences)

    def known(self, *, tight: bool = False) -> tuple[Floats, Floats]:
        """What tables say of their own cells; `tight` to somebody who also knows how ties were rounded."""
        lower, upper = np.zeros(self.sums.shape[0]), np.full(self.sums.shape[0], np.inf)
        for table, place in zip(self.tables, self.places, strict=True):
            lower[place], upper[place] = bounds(table, tight=tight)
        return lower, upper

    @property
    def rounded(self) -> bool:
        """Whether a table of ours is rounded, so that knowing how ties fall tells more."""
        return any((table.status == PERTURBED).any() and _even(table) for table in self.tables)


def bounds(table: Table, *, tight: bool = False) -> tuple[Floats, Floats]:
    """What a table says of each of its cells by itself."""
    if isinstance(table, Sheet):
        return table.lower.ravel(), table.upper.ravel()
    view = knowledge(table, NOTHING, half=int(table.params.get("half_width", 0)), tight=tight and _even(table))
    return view.lower, np.where(np.isin(table.status.ravel(), (0, PERTURBED)), view.upper, np.inf)


def _even(table: Table) -> bool:
    return not isinstance(table, Sheet) and int(table.params.get("rounded_to", 1)) % 2 == 0


class Builder:
    """Puts the system together.

    When all columns of the tables cannot be looked at together (too many combinations), `loose` ties tables only by the
    columns that they share: still true, but it tells an attacker less than there is to know. Without `zeros` what
    published zeros rule out is left to the equations.
    """

    def __init__(self, source: Source, tables: Sequence[Table], *, loose: bool = False, zeros: bool = True) -> None:
        self.source, self.tables, self.multi, self.system = source, list(tables), source.multi, System()
        self.families, self.views = read(source, tables)
        self.differences = distinct(self.views)
        stars = self._stars()
        for name, scope in stars.items():
            scope.update(place for place, _ in told(source, self.families, name))
        scopes = [*self._scopes(), *map(frozenset, stars.values())]
        height = 0 if source.frame is None else source.frame.height
        self.people = People(self.families, self.views, scopes, height, zeros=zeros)
        self.several = {
            name: Several(source, self.views, name, frozenset(scope))
            for name, scope in stars.items()
            if self.people.fits({}, frozenset(scope))
        }
        self.differences = [each for each in self.differences if all(map(self._fits, each.boxes))]
        if self.people.large and not loose:
            self._refuse()

    def _fits(self, box: Box) -> bool:
        return box.pick[0] in self.several if box.pick else self.people.fits(box.masks)

    def _stars(self) -> dict[str, set[int]]:
        """Of every multi-valued column the families with which it must be seen."""
        scopes: dict[str, set[int]] = {}
        for view in self.views:
            for name in () if view.kind == "filter" else view.severals:
                scopes.setdefault(name, set()).update(view.scope)
        for box in (box for each in self.differences for box in each.boxes):
            if box.pick:
                scopes.setdefault(box.pick[0], set()).update(box.masks)
        return scopes

    def _scopes(self) -> list[frozenset[int]]:
        apart = [frozenset(f for box in each.boxes for f in box.masks) for each in self.differences]
        return [*[view.scope for view in self.views], *dict.fromkeys(apart)]

    def _refuse(self) -> None:
        group = self.people.large[0]
        inside = sorted(self.views, key=lambda view: -len(view.scope & group))
        why = "together they have too many combinations to be examined"
        raise refuse(inside[0].table.name, inside[min(1, len(inside) - 1)].table.name, why)

    def build(self) -> Joint:
        """The system, every cell and every kind of people with its truth."""
        self.people.number(self.system)
        for column in self.several.values():
            column.number(self.system, self.people)
        starts = np.cumsum([0, *[table.counts.size for table in self.tables]])
        parts = [part for view, start in zip(self.views, starts, strict=False) for part in self._table(view, start)]
        for cell, each in enumerate(self.differences, int(starts[-1])):
            parts += [(np.full(len(cells), cell), cells, sign) for cells, sign in map(self._box, each.boxes)]
        rules, people = self.system.rules(), self.system.truth()
        sums = self._without_cells(_matrix(parts, int(starts[-1]) + len(self.differences), self.system.size))
        truth = np.rint(sums @ people).astype(np.int64)
        for table, view, start in zip(self.tables, self.views, starts, strict=False):
            truth[start : start + table.counts.size] = self._truth(table, view)
        places = [start + np.arange(table.counts.size) for start, table in zip(starts, self.tables, strict=False)]
        owners = [(n, self._neighbour(n)) for n, table in enumerate(self.tables) for _ in range(table.counts.size)]
        owners += [each.tables for each in self.differences]
        return Joint(self.tables, places, sums, rules, truth, people, self._most(), owners, self.families,
                     self.differences, bool(self.people.large), starts=starts[:-1])  # fmt: skip

    def _without_cells(self, sums: sp.csr_matrix) -> sp.csr_matrix:
        """Leave out the differences of those whom a table has a row for: there they are found anyway."""
        cells = sums.shape[0] - len(self.differences)
        if not self.differences:
            return sums
        rows = np.flatnonzero(np.concatenate([table.status.ravel() != WITHHELD for table in self.tables]))
        named = {_people(sums, row) for row in rows.tolist()}
        kept = [n for n in range(len(self.differences)) if _people(sums, cells + n) not in named]
        self.differences = [self.differences[n] for n in kept]
        return sums[np.concatenate([np.arange(cells), cells + np.array(kept, dtype=np.int64)])]

    def _most(self) -> float:
        """More people than any table can speak of."""
        total = 0.0
        for table in self.tables:
            low = bounds(table)[0]
            total += float(max(low.sum(), table_truth(table).max(initial=0)))
        return 2 * total + ROOM

    def _box(self, box: Box) -> tuple[Ints, int]:
        """The unknowns that a box sums up, and its sign."""
        if box.pick is None:
            group = self.people.group_of(box.masks)
            return self.people.start[group] + self.people.cells(group, box.masks), box.sign
        column = self.several[box.pick[0]]
        return column.at(box.pick[1])[self.people.cells(column.group, box.masks)], box.sign

    def _table(self, view: View, start: int) -> list[tuple[Ints, Ints, int]]:
        """Cells of a table as sums; those that are none are unknowns of their own, tied by the rules of the table."""
        kind = view.kind
        parts: list[tuple[Ints, Ints, int]] = []
        defined = np.zeros(view.table.counts.size, dtype=bool)
        for fixed, base, group in () if kind == "filter" else self._bases(view):
            spot = np.zeros(view.table.counts.shape, dtype=bool)
            spot[tuple(fixed.get(d, 0) if isinstance(dim, str) else slice(None) for d, dim in enumerate(view.dims))] = (
                True
            )
            defined |= spot.ravel()
            for flat, people in view.counted(self.people.coords[group], fixed):
                parts.append((start + flat, base[people], 1))
        if kind or not defined.all():
            parts += self._free(view, start, defined, parts)
        return parts

    def _bases(self, view: View) -> list[tuple[dict[int, int], Ints, int]]:
        """For the total and for every value of one column with several: its places, unknowns and group."""
        if view.pick:
            column = self.several.get(view.pick[0])
            return [({}, column.at(view.pick[1]), column.group)] if column else []
        found: list[tuple[dict[int, int], Ints, int]] = []
        if self.people.fits(view.filter, view.scope):
            group = self.people.group_of(view.filter, view.scope)
            found.append(({}, self.people.start[group] + np.arange(self.people.count(group)), group))
        for d, dim in enumerate(view.dims):
            if isinstance(dim, str) and dim in self.several:
                column = self.several[dim]
                found += [
                    ({d: place}, column.at(value), column.group)
                    for place, value in enumerate(view.table.axes[d])
                    if place
                ]
        return found

    def _free(
        self, view: View, start: int, defined: np.ndarray, parts: list[tuple[Ints, Ints, int]]
    ) -> list[tuple[Ints, Ints, int]]:
        """Unknowns for the cells that are no sums, and the rules of the table by itself."""
        free = np.flatnonzero(~defined)
        first = self.system.take(table_truth(view.table)[free])
        mine = (start + free, first + np.arange(len(free)), 1)
        size = view.table.counts.size
        local = _matrix(
            [(cells - start, people, sign) for cells, people, sign in [*parts, mine]], size, self.system.size
        )
        rules = rules_of(view.table)
        low = np.full(len(rules.low), -np.inf) if view.incomplete else rules.low  # parts need not reach their totals
        self.system.include(Rules((rules.matrix @ local).tocsr(), low, rules.high), np.arange(self.system.size))
        return [mine]

    def _truth(self, table: Table, view: View) -> Ints:
        """The cells of a table as they are; of a published one, for whoever holds the rows, counted anew."""
        found = table_truth(table).copy()
        if not isinstance(table, Sheet) or not self.people.height:
            return found
        rows, kind = self.people.rows(), view.kind
        options = [range(len(table.axes[d])) if isinstance(dim, str) else range(1) for d, dim in enumerate(view.dims)]
        for places in () if kind else product(*options):
            fixed = {d: place for d, place in enumerate(places) if isinstance(view.dims[d], str)}
            chosen = self._reporting(view, fixed)
            counts = np.zeros(found.size, dtype=np.int64)
            for flat, people in view.counted(rows, fixed):
                counts += np.bincount(flat[chosen[people]], minlength=found.size)
            spot = np.zeros(table.counts.shape, dtype=bool)
            spot[tuple(fixed.get(d, slice(None)) for d in range(len(view.dims)))] = True
            found[spot.ravel()] = counts[spot.ravel()]
        return found

    def _reporting(self, view: View, fixed: dict[int, int]) -> np.ndarray:
        """Which rows report the values of columns with several values that are asked for."""
        chosen = np.ones(self.people.height, dtype=bool)
        wanted = [(view.dims[d], view.table.axes[d][place]) for d, place in fixed.items() if place]
        for name, value in [*wanted, *([view.pick] if view.pick else [])]:
            if str(name) in self.several:
                chosen &= self.several[str(name)].reports(value)
        return chosen

    def _neighbour(self, number: int) -> int:
        """The table that has most in common with one."""
        mine = self.views[number].scope
        others = [j for j in range(len(self.views)) if j != number]
        return max(others, key=lambda j: len(mine & self.views[j].scope), default=number)


def _matrix(parts: Sequence[tuple[Ints, Ints, int]], rows: int, columns: int) -> sp.csr_matrix:
    """Sums as a matrix: whoever is counted and subtracted again is not in it."""
    if not parts:
        return sp.csr_matrix((rows, columns))
    where = (np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))
    values = np.concatenate([np.full(len(part[0]), float(part[2])) for part in parts])
    found = sp.csr_matrix((values, where), shape=(rows, columns))
    found.eliminate_zeros()
    found.sort_indices()
    return found


def _people(sums: sp.csr_matrix, row: int) -> tuple[bytes, bytes]:
    """Whom a sum counts."""
    span = slice(sums.indptr[row], sums.indptr[row + 1])
    return sums.indices[span].tobytes(), sums.data[span].tobytes()


def join(source: Source, tables: Sequence[Table], *, loose: bool = False, zeros: bool = True) -> Joint:
    """Tie tables of one register together; raises Refused when they have too many combinations, unless `loose`."""
    return Builder(source, tables, loose=loose, zeros=zeros).build()
