"""Tables of a release as sums over combinations of values: which combinations each cell counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np
import polars as pl

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import OK, OTHER, TOTAL, Table
from kerege.evidence.sdc.constraints.domains import COARSE, Bools, Family, TableSource, families, parent
from kerege.evidence.sdc.constraints.junction_tree import Scope
from kerege.evidence.sdc.constraints.linear_system import Floats, Ints
from kerege.vocabulary import codes

Masks = dict[int, Bools]  # family -> the selected atoms; all other families are summed over
Coords = dict[int, Ints]  # family -> the atom of each combination; arrays of equal length


@dataclass(frozen=True)
class SignedTerm:
    """People selected by single-valued columns and, with `pick`, by a value of a multi-valued column.

    `sign` is -1 for people who are subtracted.
    """

    masks: Masks
    pick: tuple[str, str] | None = None
    sign: int = 1


@dataclass(frozen=True)
class AxisView:
    """A dimension of a table: its family, and the position of each atom on the axis, 0 for atoms on none."""

    family: int
    places: Ints

    def mask(self, place: int) -> Bools:
        """Return the atoms of one code; all atoms for the total."""
        return np.ones(len(self.places), dtype=bool) if place == 0 else self.places == place


@dataclass
class TableView:
    """A table read as sums: its filter, and for every dimension the atoms of each code."""

    table: Table
    filter: Masks
    dims: list[AxisView | str]  # a name for a multi-valued column
    pick: tuple[str, str] | None
    scope: Scope
    multi_columns: frozenset[str] = field(default_factory=frozenset)
    kind: str = ""  # why it cannot be read as sums over single values, see `crossing`

    @property
    def incomplete(self) -> frozenset[str]:
        """Return the columns that may leave out values that occur."""
        return frozenset(getattr(self.table, "incomplete", ()))

    @property
    def axes(self) -> list[tuple[int, AxisView]]:
        """Return the single-valued dimensions, with their number."""
        return [(d, dim) for d, dim in enumerate(self.dims) if isinstance(dim, AxisView)]

    @property
    def complete(self) -> list[tuple[int, AxisView]]:
        """Return the single-valued dimensions that name every value that occurs."""
        return [(d, axis) for d, axis in self.axes if self.table.by[d] not in self.incomplete]

    def inside(self, coords: Coords) -> Bools:
        """Return which combinations the filter selects."""
        return selected(self.filter, coords)

    def counted(self, coords: Coords, fixed: Mapping[int, int]) -> Iterator[tuple[Ints, Ints]]:
        """Yield pairs of arrays: cells (flat), and the combinations that they count, one by one.

        `fixed` gives the position on the axes of multi-valued columns.
        """
        inside = np.flatnonzero(self.inside(coords))
        places = {d: axis.places[coords[axis.family]][inside] for d, axis in self.axes}
        shape = self.table.counts.shape
        for chosen in product((False, True), repeat=len(places)):
            opened = [d for d, on in zip(places, chosen, strict=True) if on]
            is_counted = np.ones(len(inside), dtype=bool)
            for d in opened:
                is_counted &= places[d] > 0
            index = [
                places[d][is_counted] if d in opened else np.full(is_counted.sum(), fixed.get(d, 0))
                for d in range(len(shape))
            ]
            flat = np.ravel_multi_index(index, shape) if shape else np.zeros(is_counted.sum(), dtype=np.int64)
            yield flat, inside[is_counted]

    @cached_property
    def zero(self) -> Bools | None:
        """Return which cells are 0 by their own figure or that of a margin, None if none is.

        The array has an axis for each single-valued dimension.
        """
        low = tuple(0 if isinstance(dim, str) else slice(None) for dim in self.dims)
        is_zero = np.asarray(_upper(self.table)[low] == 0)
        for d in range(is_zero.ndim):
            is_zero = is_zero | np.take(is_zero, [0], axis=d)
        return is_zero if is_zero.any() else None

    def dead(self, coords: Coords, *, zeros: bool) -> Bools:
        """Return which combinations the table rules out: a code on no axis or, with `zeros`, a published zero."""
        is_dead = np.zeros(length(coords), dtype=bool)
        if self.pick is not None:
            return is_dead
        for _, axis in self.complete:
            is_dead |= axis.places[coords[axis.family]] == 0
        if zeros and self.zero is not None:
            is_dead |= self.zero[tuple(axis.places[coords[axis.family]] for _, axis in self.axes)]
        return is_dead & self.inside(coords)


def length(coords: Coords) -> int:
    """Return the number of combinations."""
    return len(next(iter(coords.values()))) if coords else 1


def selected(masks: Masks, coords: Coords) -> Bools:
    """Return which combinations the masks select."""
    is_selected = np.ones(length(coords), dtype=bool)
    for family, mask in masks.items():
        is_selected &= mask[coords[family]]
    return is_selected


def _upper(table: Table) -> Floats:
    """Return the upper bound that a table states of each cell."""
    upper = getattr(table, "upper", None)
    return np.where(table.status == OK, table.counts, np.inf) if upper is None else np.asarray(upper)


def intersect(first: Masks, second: Masks) -> Masks:
    """Return the masks of people who are in both."""
    return first | {family: first.get(family, True) & mask for family, mask in second.items()}


def crossing(table: Table, multi: frozenset[str]) -> str:
    """Return why a table cannot be read as sums over single values, '' when it can.

    Only multi-valued columns cause this.
    """
    filters = [name for name in table.where if name in multi]
    if any(len(table.where[name]) > 1 for name in filters) or len(filters) > 1 or (filters and table.multi):
        return "filter"
    return "columns" if len(table.multi) > 1 else ""


def read_views(source: TableSource, tables: Sequence[Table]) -> tuple[list[Family], list[TableView]]:
    """Return the families of a unit, and its tables as views of them."""
    frame, names = _with_parent_columns(source, tables)
    named: dict[str, set[str]] = {}
    for table, columns in zip(tables, names, strict=True):
        for name, values in table.where.items():
            named.setdefault(name, set()).update(values)
        for name, axis in zip(columns, table.axes, strict=True):
            named.setdefault(name, set()).update(set(axis) - {TOTAL, OTHER})
    single = {name: values for name, values in named.items() if name not in source.multi}
    lists = {name: source.list_of(name) or name for name in single}
    lists |= {name: source.list_of(name.removesuffix(COARSE)) + COARSE for name in single if name.endswith(COARSE)}
    all_families = families(frame, single, lists)
    return all_families, [
        _view(table, columns, all_families, source.multi) for table, columns in zip(tables, names, strict=True)
    ]


def _with_parent_columns(source: TableSource, tables: Sequence[Table]) -> tuple[pl.DataFrame | None, list[list[str]]]:
    """Return the rows with a column for every dimension in parent codes, and the columns of each table."""
    frame, names = source.frame, []
    used = {name for table in tables for name in (*table.by, *table.where)}
    for table in tables:
        columns = []
        for name in table.by:
            if table.params.get(f"coarsened:{name}") == "parent":
                frame, name = _parent_column(source, frame, used, name)
            columns.append(name)
        names.append(columns)
    return frame, names


def _parent_column(
    source: TableSource, frame: pl.DataFrame | None, used: set[str], name: str
) -> tuple[pl.DataFrame | None, str]:
    """Return the rows and the column that holds the parent codes: a published column, or a new one."""
    code_list = source.list_of(name)
    above = codes.code_list(code_list).parent_list if code_list in codes.names() else ""
    candidates = sorted(candidate for candidate in used - source.multi if above and source.list_of(candidate) == above)
    if frame is None:
        return None, candidates[0] if candidates else name + COARSE
    parents = {code: parent(code_list, code, "") for code in frame[name].drop_nulls().unique().to_list()}
    column = frame[name].replace(parents)
    for candidate in candidates:
        if frame[candidate].equals(column):
            return frame, candidate
    return frame.with_columns(column.alias(name + COARSE)), name + COARSE


def _view(table: Table, columns: list[str], all_families: list[Family], multi: frozenset[str]) -> TableView:
    """Return one table as a view."""
    home = {column: place for place, family in enumerate(all_families) for column in family.columns}
    masks: Masks = {}
    pick = None
    for name, values in table.where.items():
        if name in multi:
            pick = (name, values[0])
        else:
            masks = intersect(masks, {home[name]: all_families[home[name]].having(name, values)})
    dims: list[AxisView | str] = []
    for name, axis in zip(columns, table.axes, strict=True):
        dims.append(name if name in multi else AxisView(home[name], _places(all_families[home[name]], name, axis)))
    scope = frozenset([*masks, *[dim.family for dim in dims if isinstance(dim, AxisView)]])
    several = {name for name in (*columns, *table.where) if name in multi}
    return TableView(table, masks, dims, pick, scope, frozenset(several), crossing(table, multi))


def _places(family: Family, column: str, axis: Sequence[str]) -> Ints:
    """Return the position of each atom on an axis; atoms on none get that of `_O`, if there is one."""
    positions = {code: place for place, code in enumerate(axis) if place and code != OTHER}
    default = axis.index(OTHER) if OTHER in axis else 0
    return np.array([positions.get(value, default) for value in family.value(column)], dtype=np.int64)


def has_tied_columns(source: TableSource, table: Table) -> bool:
    """Return whether columns of one table are tied by code lists, which single-table protection ignores."""
    if source.multi & {*table.by, *table.where}:
        return False
    view = read_views(source, [table])[1][0]
    used = [axis.family for _, axis in view.axes] + list(view.filter)
    return len(set(used)) < len(used)


def pair_refusal(first: str, second: str, why: str) -> Refused:
    """Return the error for two tables that cannot be published together."""
    return Refused(
        f"tables {first} and {second} cannot be published together: {why}; leave one out or change its filter"
    )


def check_multi_valued(source: TableSource, tables: Sequence[Table]) -> None:
    """Raise Refused for ties of multi-valued columns that the system does not model."""
    used = [{*first.by, *first.where} for first in tables]
    for i, first in enumerate(tables):
        kind = crossing(first, source.multi)
        for j, second in enumerate(tables):
            if i == j:
                continue
            if kind and (kind == "filter" or used[i] & used[j] & source.multi):
                raise pair_refusal(first.name, second.name, "values that one person can have several of are combined")
            related = [(a, b) for a in used[i] & source.multi for b in used[j] if a != b and _is_related(source, a, b)]
            if related:
                raise pair_refusal(first.name, second.name, f"{related[0][0]} and {related[0][1]} tell of one another")


def _is_related(source: TableSource, several: str, column: str) -> bool:
    """Return whether a multi-valued column gives information on another one that no rule expresses."""
    first, second = source.list_of(several), source.list_of(column)
    if not first or not second:
        return False
    if ":" in first and second in first.split(":"):
        return column in source.multi
    return codes.code_list(first).parent_list == second if first in codes.names() else False
