"""Several tables of one register as one system of equations over the people who can be in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from kerege.evidence.attack.differences import Difference, differences
from kerege.evidence.attack.families import Family, Source
from kerege.evidence.attack.people import People, System, size
from kerege.evidence.attack.published import Sheet
from kerege.evidence.attack.several import Several, told
from kerege.evidence.attack.views import Box, View, crossing, read, refuse
from kerege.evidence.protect.system import Floats, Ints, Knowledge, Rules, knowledge, rules_of, table_truth
from kerege.evidence.tables import PERTURBED, Table

MOST = 40_000  # combinations of values that are looked at together
ROOM = 100_000  # beyond the largest count that is known nobody can say how many there are
NOTHING = Rules(sp.csr_matrix((0, 0)), np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class Joint:
    """Cells of all tables first (`places`), then the differences, then the people by combinations of values."""

    tables: list[Table]
    places: list[Ints]
    rules: Rules
    truth: Ints
    ceiling: Floats
    owners: list[tuple[int, int]]  # of every watched cell, the tables that tell of it
    families: list[Family]
    differences: list[Difference]
    fixed: frozenset[int] = frozenset()  # tables that stand as they are: what is public cannot be called back

    @property
    def watched(self) -> int:
        """How many cells must be safe: those of tables, and differences."""
        return len(self.owners)

    def at(self, cell: int) -> tuple[int, int] | None:
        """The table of a cell and its position there; None when it is no cell of a table."""
        for number, place in enumerate(self.places):
            if place[0] <= cell <= place[-1]:
                return number, cell - int(place[0])
        return None

    @property
    def cells(self) -> int:
        """How many of the unknowns are cells of tables."""
        return sum(table.counts.size for table in self.tables)

    def known(self, *, tight: bool = False) -> Knowledge:
        """What all tables together tell; `tight` to somebody who also knows how ties were rounded."""
        lower, upper = np.zeros(len(self.truth)), self.ceiling.copy()
        for table, place in zip(self.tables, self.places, strict=True):
            low, high = bounds(table, tight=tight)
            lower[place], upper[place] = low, np.minimum(high, self.ceiling[place])
        return Knowledge(self.rules, lower, self._without_zeros(lower, upper), self.truth)

    @property
    def rounded(self) -> bool:
        """Whether some table is rounded, so that knowing how ties fall tells more."""
        return any((table.status == PERTURBED).any() and _even(table) for table in self.tables)

    def _without_zeros(self, lower: Floats, upper: Floats) -> Floats:
        """Nobody is in a combination of which some table shows a zero."""
        matrix = self.rules.matrix
        sums = (self.rules.low == 0) & (self.rules.high == 0) & (np.diff(matrix.indptr) > 1)
        for row in np.flatnonzero(sums & (np.asarray((matrix < 0).sum(axis=1)).ravel() == 1)):
            span = slice(matrix.indptr[row], matrix.indptr[row + 1])
            cells, signs = matrix.indices[span], matrix.data[span]
            if (upper[cells[signs < 0]] == 0).all():
                upper[cells[signs > 0]] = 0
        return np.maximum(upper, lower)


def bounds(table: Table, *, tight: bool) -> tuple[Floats, Floats]:
    """What a table says of each of its cells by itself."""
    closer = tight and _even(table)
    if isinstance(table, Sheet):
        return table.lower.ravel(), table.upper.ravel() - closer * (table.status.ravel() == PERTURBED)
    view = knowledge(table, NOTHING, half=int(table.params.get("half_width", 0)), tight=closer)
    return view.lower, view.upper


def _even(table: Table) -> bool:
    return int(table.params.get("rounded_to", 1)) % 2 == 0


class Builder:
    """Puts the system together.

    When all columns of the tables cannot be looked at together (too many combinations), `loose` ties tables only by the
    columns that each two of them share: still true, but it tells an attacker less than there is to know.
    """

    def __init__(self, source: Source, tables: Sequence[Table], *, loose: bool = False) -> None:
        self.tables, self.multi, self.system = list(tables), source.multi, System()
        families, self.views = read(source, tables)
        self.differences = _distinct(self.views)
        stars = self._stars()
        for name, scope in stars.items():
            scope.update(place for place, _ in told(source, families, name))
        self.several = {name: Several(source, self.views, name, frozenset(scope)) for name, scope in stars.items()}
        scopes = [*self._scopes(), *map(frozenset, stars.values())]
        if loose:
            scopes = [scope for scope in scopes if size(families, scope) <= MOST or self._of_a_table(scope)]
        self.people = People(families, scopes, 0 if source.frame is None else source.frame.height, loose=loose)
        if loose:
            self.differences = [each for each in self.differences if self._has_room(each)]
        self._check_size()

    def _of_a_table(self, scope: frozenset[int]) -> bool:
        return any(scope <= view.scope for view in self.views)

    def _has_room(self, each: Difference) -> bool:
        return all(self.people.fits(frozenset(box.masks)) for box in each.boxes)

    def _stars(self) -> dict[str, set[int]]:
        """Of every multi-valued column the families with which it must be seen."""
        scopes: dict[str, set[int]] = {}
        for view in self.views:
            for name in () if crossing(view.table, self.multi) else view.severals:
                scopes.setdefault(name, set()).update(view.scope)
        for box in (box for each in self.differences for box in each.boxes):
            if box.pick:
                scopes.setdefault(box.pick[0], set()).update(box.masks)
        return scopes

    def _scopes(self) -> list[frozenset[int]]:
        apart = [frozenset(f for box in each.boxes for f in box.masks) for each in self.differences]
        return [*[view.scope for view in self.views], *apart]

    def _check_size(self) -> None:
        for group in self.people.groups:
            if self.people.count(group) > MOST and not self._of_a_table(group):
                inside = sorted(self.views, key=lambda view: -len(view.scope & group))
                why = "together they have too many combinations to be examined"
                raise refuse(inside[0].table.name, inside[min(1, len(inside) - 1)].table.name, why)

    def build(self) -> Joint:
        """The system, every unknown with its truth and its ceiling."""
        starts = [self.system.take(table_truth(table)) for table in self.tables]
        places = [start + np.arange(table.counts.size) for start, table in zip(starts, self.tables, strict=True)]
        first = self.system.take(np.zeros(len(self.differences), dtype=np.int64))
        self.people.number(self.system)
        for column in self.several.values():
            column.number(self.system, self.people)
        for view, place in zip(self.views, places, strict=True):
            self._table(view, place)
        for cell, each in enumerate(self.differences, first):
            self._define(cell, each.boxes)
        rules, truth = self.system.rules(), self.system.truth()
        truth[first : first + len(self.differences)] = [self._true(each, truth) for each in self.differences]
        for view, place in zip(self.views, places, strict=True):
            if (
                isinstance(view.table, Sheet) and self.people.height
            ):  # what is hidden in a published table, counted anew
                boxes = map(view.box, range(len(place)))
                truth[place] = [truth[self._cells(box)].sum() for box in boxes]
        ceiling = np.full(len(truth), float(truth.max(initial=0) * 2 + ROOM))
        for view in self.views:
            self._absent(view, ceiling)
        owners = [(n, self._neighbour(n)) for n, table in enumerate(self.tables) for _ in range(table.counts.size)]
        owners += [each.tables for each in self.differences]
        return Joint(self.tables, places, rules, truth, ceiling, owners, self.people.families, self.differences)

    def _cells(self, box: Box) -> Ints:
        """The unknowns that a box sums up."""
        if box.pick is None:
            group = self.people.group_of(frozenset(box.masks))
            return self.people.start[group] + self.people.cells(group, box.masks)
        column = self.several[box.pick[0]]
        return column.at(box.pick[1])[self.people.cells(column.group, box.masks)]

    def _true(self, each: Difference, truth: Ints) -> int:
        return sum(box.sign * int(truth[self._cells(box)].sum()) for box in each.boxes)

    def _define(self, cell: int, boxes: Sequence[Box]) -> None:
        """A cell is the sum of its boxes."""
        cells = np.concatenate([self._cells(box) for box in boxes])
        signs = np.concatenate([np.full(len(self._cells(box)), float(box.sign)) for box in boxes])
        unique, place = np.unique(cells, return_inverse=True)
        total = np.bincount(place, weights=signs, minlength=len(unique))
        kept = total != 0
        self.system.row(np.append(unique[kept], cell), np.append(total[kept], -1.0), 0, 0)

    def _table(self, view: View, place: Ints) -> None:
        several = crossing(view.table, self.multi)
        if several:
            self.system.include(rules_of(view.table), place)
        for flat, cell in enumerate(() if several == "filter" else place.tolist()):
            box = view.box(flat)
            if not several or box.pick is None:
                self._define(cell, [box])

    def _absent(self, view: View, ceiling: Floats) -> None:
        """Nobody has a value that occurs in no axis of a table of these people."""
        several = crossing(view.table, self.multi)
        for masks in () if several == "filter" else view.absent():
            ceiling[self._cells(Box(masks, view.pick))] = 0
        for name in () if several else view.table.multi - view.incomplete:
            for value in set(self.several[name].values) - set(view.table.axes[view.table.by.index(name)]):
                ceiling[self._cells(Box(view.filter, (name, value)))] = 0

    def _neighbour(self, number: int) -> int:
        """The table that has most in common with one."""
        mine = self.views[number].scope
        others = [j for j in range(len(self.views)) if j != number]
        return max(others, key=lambda j: len(mine & self.views[j].scope), default=number)


def _distinct(views: list[View]) -> list[Difference]:
    found: dict[object, Difference] = {}
    for each in differences(views):
        key = tuple(
            (tuple(sorted((f, mask.tobytes()) for f, mask in box.masks.items())), box.pick, box.sign)
            for box in each.boxes
        )
        found.setdefault(key, each)
    return list(found.values())


def join(source: Source, tables: Sequence[Table], *, loose: bool = False) -> Joint:
    """Tie tables of one register together; raises Refused when they have too many combinations, unless `loose`."""
    return Builder(source, tables, loose=loose).build()
