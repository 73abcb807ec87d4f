"""Tables of a release as sums over combinations of values: which combinations each cell counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np
import polars as pl

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import NOT_REPORTED, OK, OTHER, TOTAL, Table
from kerege.evidence.counting.parent_codes import parent
from kerege.evidence.sdc.constraints.domains import COARSE, Bools, Family, TableSource, families, time_family
from kerege.evidence.sdc.constraints.junction_tree import Scope
from kerege.evidence.sdc.constraints.value_sets import crossing, set_families
from kerege.evidence.sdc.linear.linear_system import Floats, Ints
from kerege.evidence.sdc.published_tables.time_line import TimeSpan
from kerege.evidence.sdc.reading.set_codes import values_of
from kerege.vocabulary import codes

Masks = dict[int, Bools]  # family -> the selected atoms; all other families are summed over
Coords = dict[int, Ints]  # family -> the atom of each combination; arrays of equal length


@dataclass(frozen=True)
class Literal:
    """People who have a value of a multi-valued column, or with `is_complement` those who lack it."""

    column: str
    value: str
    is_complement: bool = False


@dataclass(frozen=True)
class DerivedGroup:
    """People selected by conditions on single-valued (`masks`) and multi-valued columns (`literals`).

    `labels` names them by column. `simplicity` is the number of complements and of conditions: a report names the
    simplest of several equal groups.
    """

    masks: Masks
    literals: tuple[Literal, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    simplicity: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class AxisView:
    """A dimension of a table: its family, and each atom's position on the axis, 0 without a code."""

    family: int
    places: Ints

    def mask(self, place: int) -> Bools:
        """Return which atoms have the code at a position; all atoms for the total, position 0."""
        return np.ones(len(self.places), dtype=bool) if place == 0 else self.places == place


@dataclass(frozen=True)
class SetAxisView:
    """A dimension whose codes overlap: its family, and the atoms of each code (codes, atoms)."""

    family: int
    masks: Bools


@dataclass
class TableView:
    """A table read as sums: its filter, and for every dimension the atoms of each code.

    The name of a multi-valued column is a dimension that is not a sum over atoms.
    """

    table: Table
    filter: Masks
    dims: list[AxisView | SetAxisView | str]
    pick: tuple[str, str] | None
    scope: Scope
    multi_columns: frozenset[str] = field(default_factory=frozenset)
    is_unmodelled: bool = False  # it combines multi-valued columns with too many sets of values

    @property
    def incomplete(self) -> frozenset[str]:
        """Return the columns whose codes may not cover every value that occurs."""
        return frozenset(getattr(self.table, "incomplete", ()))

    @property
    def axes(self) -> list[tuple[int, AxisView]]:
        """Return the single-valued dimensions, with their number."""
        return [(d, dim) for d, dim in enumerate(self.dims) if isinstance(dim, AxisView)]

    @property
    def complete(self) -> list[tuple[int, AxisView]]:
        """Return the single-valued dimensions that name every value that occurs."""
        return [(d, axis) for d, axis in self.axes if self.table.by[d] not in self.incomplete]

    @property
    def set_axes(self) -> dict[int, SetAxisView]:
        """Return the dimensions whose codes overlap, by number."""
        return {d: dim for d, dim in enumerate(self.dims) if isinstance(dim, SetAxisView)}

    @property
    def overlapping(self) -> list[int]:
        """Return the dimensions whose codes are taken one by one, since a person can have several."""
        return [d for d, dim in enumerate(self.dims) if not isinstance(dim, AxisView)]

    def inside(self, coords: Coords) -> Bools:
        """Return which combinations the filter selects."""
        return selected(self.filter, coords)

    def counted(self, coords: Coords, fixed: Mapping[int, int]) -> Iterator[tuple[Ints, Ints]]:
        """Yield pairs of arrays: cells (flat), and the combinations that they count, one by one.

        `fixed` gives the position on the axes of multi-valued columns.
        """
        is_inside = self.inside(coords)
        for d, axis in self.set_axes.items():
            is_inside &= axis.masks[fixed.get(d, 0)][coords[axis.family]]
        inside = np.flatnonzero(is_inside)
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
    def zeros(self) -> dict[tuple[int, ...], Bools]:
        """Return which cells or their margins are 0, by position on the overlapping axes.

        The arrays have an axis for each single-valued dimension. Positions without a zero are left out.
        """
        by_places = {}
        options = [range(len(self.table.axes[d])) if d in self.set_axes else (0,) for d in self.overlapping]
        for places in product(*options):
            index: list[int | slice] = [slice(None)] * len(self.dims)
            for d, place in zip(self.overlapping, places, strict=True):
                index[d] = place
            is_zero = np.asarray(_upper(self.table)[tuple(index)] == 0)
            for d in range(is_zero.ndim):
                is_zero = is_zero | np.take(is_zero, [0], axis=d)
            if is_zero.any():
                by_places[places] = is_zero
        return by_places

    def dead(self, coords: Coords, *, zeros: bool) -> Bools:
        """Return which combinations the table rules out: a code on no axis or, with `zeros`, a published zero."""
        is_dead = np.zeros(length(coords), dtype=bool)
        if self.pick is not None:
            return is_dead
        for _, axis in self.complete:
            is_dead |= axis.places[coords[axis.family]] == 0
        for d, set_axis in self.set_axes.items():
            if self.table.by[d] not in self.incomplete:
                is_dead |= ~set_axis.masks[0][coords[set_axis.family]]
        for places, is_zero in self.zeros.items() if zeros else ():
            index = tuple(axis.places[coords[axis.family]] for _, axis in self.axes)
            counted = np.broadcast_to(is_zero[index], is_dead.shape).copy()
            for d, place in zip(self.overlapping, places, strict=True):
                if d in self.set_axes:
                    counted &= self.set_axes[d].masks[place][coords[self.set_axes[d].family]]
            is_dead |= counted
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
    """Return the masks of the people whom both masks select."""
    return first | {family: first.get(family, True) & mask for family, mask in second.items()}


def read_views(source: TableSource, tables: Sequence[Table]) -> tuple[list[Family], list[TableView]]:
    """Return the families of a unit, and its tables as views of them."""
    frame, names = _with_parent_columns(source, tables)
    named: dict[str, set[str]] = {}
    for table, columns in zip(tables, names, strict=True):
        for name, values in table.where.items():
            named.setdefault(name, set()).update(values)
        for name, axis in zip(columns, table.axes, strict=True):
            named.setdefault(name, set()).update(set(axis) - {TOTAL, OTHER})
    sets = set_families(source, tables)
    multi = source.multi - sets.keys()
    in_sets = {column for family in sets.values() for column in family.columns}
    single = {name: values for name, values in named.items() if name not in source.multi | in_sets}
    lists = {name: source.list_of(name) or name for name in single}
    lists |= {name: source.list_of(name.removesuffix(COARSE)) + COARSE for name in single if name.endswith(COARSE)}
    times = [time_family(line) for line in dict.fromkeys(span.line for span in map(_span, tables) if span)]
    all_families = [*families(frame, single, lists), *sets.values(), *times]
    return all_families, [
        _view(table, columns, all_families, multi) for table, columns in zip(tables, names, strict=True)
    ]


def _span(table: Table) -> TimeSpan | None:
    """Return the time in which the people of a table entered the register, None for tables of one date."""
    return getattr(table, "span", None)


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
    home = {column: place for place, family in enumerate(all_families) if not family.line for column in family.columns}
    masks: Masks = {}
    pick = None
    for name, values in table.where.items():
        if name in multi:
            pick = (name, values[0])
        else:
            masks = intersect(masks, {home[name]: all_families[home[name]].having(name, values)})
    span = _span(table)
    if span is not None and not span.is_everybody:
        places = np.arange(len(span.line.ends))
        masks[len(all_families) - 1] = (places >= span.first) & (places <= span.last)
    dims = [
        name if name in multi else _axis(home[name], all_families[home[name]], name, axis, table)
        for name, axis in zip(columns, table.axes, strict=True)
    ]
    scope = frozenset([*masks, *[dim.family for dim in dims if not isinstance(dim, str)]])
    several = frozenset(name for name in (*columns, *table.where) if name in multi)
    return TableView(table, masks, dims, pick, scope, several, is_unmodelled=bool(crossing(table, multi)))


def _axis(number: int, family: Family, column: str, codes_of: Sequence[str], table: Table) -> AxisView | SetAxisView:
    """Return a dimension of a family; the codes of value sets overlap."""
    if column != family.set_column:
        return AxisView(number, _places(family, column, codes_of))
    named = {code for code in codes_of if code != OTHER}
    unnamed = np.array([bool(values - named) for values in family.sets])
    total = np.ones(len(family.sets), dtype=bool)
    if column not in getattr(table, "incomplete", ()) and OTHER not in codes_of:
        total = ~unnamed & ~(np.zeros_like(total) if NOT_REPORTED in named else family.having(column, [NOT_REPORTED]))
    masks = [unnamed if code == OTHER else family.having(column, [code]) for code in codes_of[1:]]
    return SetAxisView(number, np.array([total, *masks]))


def _places(family: Family, column: str, axis: Sequence[str]) -> Ints:
    """Return the position of each atom on an axis; atoms on none get that of `_O`, if there is one."""
    default = axis.index(OTHER) if OTHER in axis else 0
    if family.sets:  # tables can write the values of a set in another order
        by_set = {values_of(code): place for place, code in enumerate(axis) if place and code != OTHER}
        return np.array([by_set.get(value_set, default) for value_set in family.sets], dtype=np.int64)
    positions = {code: place for place, code in enumerate(axis) if place and code != OTHER}
    return np.array([positions.get(value, default) for value in family.value(column)], dtype=np.int64)


def pair_refusal(first: str, second: str, why: str) -> Refused:
    """Return the error for two tables that cannot be published together."""
    return Refused(
        f"tables {first} and {second} cannot be published together: {why}; leave one out or change its filter"
    )


def check_multi_valued(source: TableSource, tables: Sequence[Table]) -> None:
    """Raise Refused for ties of multi-valued columns that the system does not model.

    Columns of which tables combine several values are modelled as sets of values, unless too many sets can occur.
    """
    used = [{*first.by, *first.where} for first in tables]
    unmodelled = source.multi - set_families(source, tables).keys()
    for i, first in enumerate(tables):
        is_crossing = bool(crossing(first, unmodelled))
        for j, second in enumerate(tables):
            if i == j:
                continue
            if is_crossing and used[i] & used[j] & unmodelled:
                raise pair_refusal(first.name, second.name, "values that one person can have several of are combined")
            related = [(a, b) for a in used[i] & source.multi for b in used[j] if a != b and _is_related(source, a, b)]
            if related:
                raise pair_refusal(first.name, second.name, f"{related[0][0]} and {related[0][1]} are related")


def _is_related(source: TableSource, several: str, column: str) -> bool:
    """Return whether a multi-valued column gives information on another one that no rule expresses."""
    first, second = source.list_of(several), source.list_of(column)
    if not first or not second:
        return False
    if ":" in first and second in first.split(":"):
        return column in source.multi
    return codes.code_list(first).parent_list == second if first in codes.names() else False
