"""Each table of a release as sums over the same people: which of them a cell counts, and which it leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from kerege.evidence.attack.cliques import Scope
from kerege.evidence.attack.families import COARSE, Bools, Family, Source, families, parent
from kerege.evidence.tables import OTHER, TOTAL, Table
from kerege.standard import codes
from kerege.standard.faults import Refused

Masks = dict[int, Bools]  # family -> the atoms that are meant; a family that is not named is not looked at


@dataclass(frozen=True)
class Box:
    """People by their single-valued columns and, when `pick` names one, by a value of a multi-valued column."""

    masks: Masks
    pick: tuple[str, str] | None = None
    sign: int = 1


@dataclass
class View:
    """A table read as sums: its filter, and for every dimension the people of each code."""

    table: Table
    filter: Masks
    dims: list[tuple[int, list[Bools]] | str]  # family and masks by code, or the name of a multi-valued column
    pick: tuple[str, str] | None
    scope: Scope
    severals: frozenset[str] = field(default_factory=frozenset)

    @property
    def incomplete(self) -> frozenset[str]:
        """Columns of which the table may leave out values that occur."""
        return frozenset(getattr(self.table, "incomplete", ()))

    def box(self, flat: int) -> Box:
        """Who is counted in a cell."""
        masks, pick = dict(self.filter), self.pick
        places = np.unravel_index(flat, self.table.counts.shape) if self.dims else ()
        for d, (dim, place) in enumerate(zip(self.dims, places, strict=True)):
            if isinstance(dim, str):
                pick = pick if place == 0 else (dim, self.table.axes[d][int(place)])
            elif place:
                masks = meet(masks, {dim[0]: dim[1][int(place)]})
        return Box(masks, pick)

    def absent(self) -> Iterator[Masks]:
        """Combinations that the table says do not occur: codes that are in no axis."""
        for name, dim in zip(self.table.by, self.dims, strict=True):
            if not isinstance(dim, str) and name not in self.incomplete:
                yield meet(self.filter, {dim[0]: ~np.any(dim[1][1:], axis=0)})


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
    dims: list[tuple[int, list[Bools]] | str] = []
    for name, axis in zip(columns, table.axes, strict=True):
        dims.append(name if name in multi else (home[name], _codes(found[home[name]], name, axis)))
    scope = frozenset([*masks, *[dim[0] for dim in dims if not isinstance(dim, str)]])
    several = {name for name in (*columns, *table.where) if name in multi}
    return View(table, masks, dims, pick, scope, frozenset(several))


def _codes(family: Family, column: str, axis: Sequence[str]) -> list[Bools]:
    listed = family.having(column, axis)
    masks = [np.ones(len(family.atoms), dtype=bool)]
    masks += [~listed if code == OTHER else family.having(column, [code]) for code in axis[1:]]
    return masks


def tied(source: Source, table: Table) -> bool:
    """Whether columns of one table hang together, which the protection of a single table does not look at."""
    if source.multi & {*table.by, *table.where}:
        return False
    view = read(source, [table])[1][0]
    used = [dim[0] for dim in view.dims if not isinstance(dim, str)] + list(view.filter)
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
