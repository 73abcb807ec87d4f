"""Each table of a release as sums over the same people: which of them a cell counts, and which it leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np
import polars as pl

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import OK, OTHER, TOTAL, Table
from kerege.evidence.sdc.constraints.domains import COARSE, Bools, Family, Source, families, parent
from kerege.evidence.sdc.constraints.junction_tree import Scope
from kerege.evidence.sdc.constraints.linear_system import Floats, Ints
from kerege.vocabulary import codes

Masks = dict[int, Bools]  # family -> the atoms that are meant; a family that is not named is not looked at
Coords = dict[int, Ints]  # family -> the atom of each kind of people; all of one length


@dataclass(frozen=True)
class Box:
    """People by their single-valued columns and, when `pick` names one, by a value of a multi-valued column."""

    masks: Masks
    pick: tuple[str, str] | None = None
    sign: int = 1


@dataclass(frozen=True)
class Axis:
    """A dimension of a table: its family, and the place of each atom on the axis, 0 for atoms that are on none."""

    family: int
    places: Ints

    def mask(self, place: int) -> Bools:
        """The atoms of one code; of the total all."""
        return np.ones(len(self.places), dtype=bool) if place == 0 else self.places == place


@dataclass
class View:
    """A table read as sums: its filter, and for every dimension the people of each code."""

    table: Table
    filter: Masks
    dims: list[Axis | str]  # the name of a column with several values
    pick: tuple[str, str] | None
    scope: Scope
    severals: frozenset[str] = field(default_factory=frozenset)
    kind: str = ""  # why it cannot be read as sums over single values, see `crossing`

    @property
    def incomplete(self) -> frozenset[str]:
        """Columns of which the table may leave out values that occur."""
        return frozenset(getattr(self.table, "incomplete", ()))

    @property
    def axes(self) -> list[tuple[int, Axis]]:
        """The single-valued dimensions, by their number."""
        return [(d, dim) for d, dim in enumerate(self.dims) if isinstance(dim, Axis)]

    @property
    def complete(self) -> list[tuple[int, Axis]]:
        """The single-valued dimensions that name every value that occurs."""
        return [(d, axis) for d, axis in self.axes if self.table.by[d] not in self.incomplete]

    def inside(self, coords: Coords) -> Bools:
        """Which people the filter selects."""
        return selected(self.filter, coords)

    def counted(self, coords: Coords, fixed: Mapping[int, int]) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of cell (flat) and number of the people it counts, once for every cell and one of its people.

        `fixed` gives the place on the axes of columns with several values.
        """
        inside = np.flatnonzero(self.inside(coords))
        places = {d: axis.places[coords[axis.family]][inside] for d, axis in self.axes}
        shape = self.table.counts.shape
        for chosen in product((False, True), repeat=len(places)):
            opened = [d for d, on in zip(places, chosen, strict=True) if on]
            kept = np.ones(len(inside), dtype=bool)
            for d in opened:
                kept &= places[d] > 0
            index = [
                places[d][kept] if d in opened else np.full(kept.sum(), fixed.get(d, 0)) for d in range(len(shape))
            ]
            flat = np.ravel_multi_index(index, shape) if shape else np.zeros(kept.sum(), dtype=np.int64)
            yield flat, inside[kept]

    @cached_property
    def zero(self) -> Bools | None:
        """Cells, by single-valued dimension, of nobody: they or a margin of theirs are published as 0."""
        low = tuple(0 if isinstance(dim, str) else slice(None) for dim in self.dims)
        found = np.asarray(_upper(self.table)[low] == 0)
        for d in range(found.ndim):
            found = found | np.take(found, [0], axis=d)
        return found if found.any() else None

    def dead(self, coords: Coords, *, zeros: bool) -> Bools:
        """Of whom the table says there are none: their code is on no axis or, with `zeros`, a zero is shown."""
        found = np.zeros(length(coords), dtype=bool)
        if self.pick is not None:
            return found
        for _, axis in self.complete:
            found |= axis.places[coords[axis.family]] == 0
        if zeros and self.zero is not None:
            found |= self.zero[tuple(axis.places[coords[axis.family]] for _, axis in self.axes)]
        return found & self.inside(coords)


def length(coords: Coords) -> int:
    """How many kinds of people there are."""
    return len(next(iter(coords.values()))) if coords else 1


def selected(masks: Masks, coords: Coords) -> Bools:
    """Which people are meant."""
    found = np.ones(length(coords), dtype=bool)
    for family, mask in masks.items():
        found &= mask[coords[family]]
    return found


def _upper(table: Table) -> Floats:
    """The most that a table says of each cell."""
    upper = getattr(table, "upper", None)
    return np.where(table.status == OK, table.counts, np.inf) if upper is None else np.asarray(upper)


def meet(one: Masks, two: Masks) -> Masks:
    """People in both."""
    return one | {family: one.get(family, True) & mask for family, mask in two.items()}


def crossing(table: Table, multi: frozenset[str]) -> str:
    """Why a table cannot be read as sums over single values of multi-valued columns; '' when it can."""
    filters = [name for name in table.where if name in multi]
    if any(len(table.where[name]) > 1 for name in filters) or len(filters) > 1 or (filters and table.multi):
        return "filter"
    return "columns" if len(table.multi) > 1 else ""


def read(source: Source, tables: Sequence[Table]) -> tuple[list[Family], list[View]]:
    """The families of a unit and its tables as views of them."""
    frame, names = _coarse(source, tables)
    named: dict[str, set[str]] = {}
    for table, columns in zip(tables, names, strict=True):
        for name, values in table.where.items():
            named.setdefault(name, set()).update(values)
        for name, axis in zip(columns, table.axes, strict=True):
            named.setdefault(name, set()).update(set(axis) - {TOTAL, OTHER})
    single = {name: values for name, values in named.items() if name not in source.multi}
    lists = {name: source.list_of(name) or name for name in single}
    lists |= {name: source.list_of(name.removesuffix(COARSE)) + COARSE for name in single if name.endswith(COARSE)}
    found = families(frame, single, lists)
    return found, [_view(table, columns, found, source.multi) for table, columns in zip(tables, names, strict=True)]


def _coarse(source: Source, tables: Sequence[Table]) -> tuple[pl.DataFrame | None, list[list[str]]]:
    """The rows with a column for every dimension that is shown by parent codes, and the columns of each table."""
    frame, names = source.frame, []
    used = {name for table in tables for name in (*table.by, *table.where)}
    for table in tables:
        columns = []
        for name in table.by:
            if table.params.get(f"coarsened:{name}") == "parent":
                frame, name = _by_parent(source, frame, used, name)
            columns.append(name)
        names.append(columns)
    return frame, names


def _by_parent(
    source: Source, frame: pl.DataFrame | None, used: set[str], name: str
) -> tuple[pl.DataFrame | None, str]:
    """The column that holds the parents of a column: one that is published, or one made for the purpose."""
    own = source.list_of(name)
    above = codes.code_list(own).parent_list if own in codes.names() else ""
    others = sorted(other for other in used - source.multi if above and source.list_of(other) == above)
    if frame is None:
        return None, others[0] if others else name + COARSE
    told = {code: parent(own, code, "") for code in frame[name].drop_nulls().unique().to_list()}
    column = frame[name].replace(told)
    for other in others:
        if frame[other].equals(column):
            return frame, other
    return frame.with_columns(column.alias(name + COARSE)), name + COARSE


def _view(table: Table, columns: list[str], found: list[Family], multi: frozenset[str]) -> View:
    home = {column: place for place, family in enumerate(found) for column in family.columns}
    masks: Masks = {}
    pick = None
    for name, values in table.where.items():
        if name in multi:
            pick = (name, values[0])
        else:
            masks = meet(masks, {home[name]: found[home[name]].having(name, values)})
    dims: list[Axis | str] = []
    for name, axis in zip(columns, table.axes, strict=True):
        dims.append(name if name in multi else Axis(home[name], _places(found[home[name]], name, axis)))
    scope = frozenset([*masks, *[dim.family for dim in dims if isinstance(dim, Axis)]])
    several = {name for name in (*columns, *table.where) if name in multi}
    return View(table, masks, dims, pick, scope, frozenset(several), crossing(table, multi))


def _places(family: Family, column: str, axis: Sequence[str]) -> Ints:
    """The place of each atom on an axis; what is on none is with the others, where the axis has them."""
    known = {code: place for place, code in enumerate(axis) if place and code != OTHER}
    rest = axis.index(OTHER) if OTHER in axis else 0
    return np.array([known.get(value, rest) for value in family.value(column)], dtype=np.int64)


def tied(source: Source, table: Table) -> bool:
    """Whether columns of one table hang together, which the protection of a single table does not look at."""
    if source.multi & {*table.by, *table.where}:
        return False
    view = read(source, [table])[1][0]
    used = [axis.family for _, axis in view.axes] + list(view.filter)
    return len(set(used)) < len(used)


def refuse(one: str, two: str, why: str) -> Refused:
    """The one sentence for tables that cannot stand side by side."""
    return Refused(f"tables {one} and {two} cannot be published together: {why}; leave one out or change its filter")


def check_severals(source: Source, tables: Sequence[Table]) -> None:
    """Refuse ties of multi-valued columns that are not modelled."""
    used = [{*table.by, *table.where} for table in tables]
    for i, table in enumerate(tables):
        kind = crossing(table, source.multi)
        for j, other in enumerate(tables):
            if i == j:
                continue
            if kind and (kind == "filter" or used[i] & used[j] & source.multi):
                raise refuse(table.name, other.name, "values that one person can have several of are combined")
            tied = [(a, b) for a in used[i] & source.multi for b in used[j] if a != b and _akin(source, a, b)]
            if tied:
                raise refuse(table.name, other.name, f"{tied[0][0]} and {tied[0][1]} tell of one another")


def _akin(source: Source, several: str, other: str) -> bool:
    """Whether a multi-valued column says something of another one that no rule expresses."""
    one, two = source.list_of(several), source.list_of(other)
    if not one or not two:
        return False
    if ":" in one and two in one.split(":"):
        return other in source.multi
    return codes.code_list(one).parent_list == two if one in codes.names() else False
