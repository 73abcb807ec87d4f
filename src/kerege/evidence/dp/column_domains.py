"""The values of a table's columns as the public knows them, and rows cut to what one of them may add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.evidence.counting import axis as occurring
from kerege.evidence.counting.frequency_table import NOT_REPORTED, Where
from kerege.evidence.data.snapshot import Snapshot
from kerege.vocabulary import codes, snapshot_columns

NO_DOMAINS: Where = MappingProxyType({})


@dataclass(frozen=True)
class Axis:
    """The values of a column and their source: the `filter`, the `caller`, the `code list`, or only the `data`."""

    name: str
    values: list[str]
    source: str


def public_domains(columns: Sequence[str], unit: str = "victims") -> dict[str, list[str]]:
    """Return the values that columns of a snapshot can have, from the public code lists and not from the rows.

    `unit` is what a row of the snapshot is, such as victims. Raises BadInput for a column without a code list.

    Examples
    --------
    >>> public_domains(["sex"])
    {'sex': ['female', 'male', 'transgender', 'nonconforming']}
    """
    found = {}
    for name in columns:
        try:
            found[name] = list(codes.code_list(snapshot_columns.column(unit, name).list).codes)
        except LookupError:
            fault = Fault("this column has no public code list", "list its values yourself", column=shown(name))
            raise BadInput(fault) from None
    return found


def public_axes(snapshot: Snapshot, by: Sequence[str], where: Where, domains: Where = NO_DOMAINS) -> list[Axis]:
    """The axes of a table that shall not show by its values who is in it; `_U` last.

    A single-valued column that the filter names has the values of the filter. Else a column has the values that the
    caller lists in `domains`, those of its code list, or, where it has none, those that occur in the snapshot. Raises
    BadInput for a filter that names another value: that nobody has it would show in an empty table.
    """
    for name, values in where.items():
        known = set(_listed(snapshot, name, domains)[0]) | {NOT_REPORTED}
        if strange := [value for value in values if value not in known]:
            fault = Fault(
                f"the filter selects nobody by {shown(strange[0])}",
                "check column and value of the filter",
                snapshot.path,
                column=shown(name),
            )
            raise BadInput(fault)
    return [_axis(snapshot, name, where.get(name, ()), domains) for name in by]


def _axis(snapshot: Snapshot, name: str, filtered: Sequence[str], domains: Where) -> Axis:
    values, source = _listed(snapshot, name, domains)
    if filtered and name not in snapshot.multi:
        silent = [NOT_REPORTED] * (NOT_REPORTED in filtered)
        return Axis(name, [value for value in values if value in filtered] + silent, "filter")
    return Axis(name, [*values, NOT_REPORTED], source)


def _listed(snapshot: Snapshot, name: str, domains: Where) -> tuple[list[str], str]:
    if name in domains:
        return list(domains[name]), "caller"
    code_list = snapshot.list_of(name)
    if code_list in codes.names():
        return list(codes.code_list(code_list).codes), "code list"
    values = occurring(snapshot.frame[name], multi=name in snapshot.multi)
    return [value for value in values if value != NOT_REPORTED], "data"


def clipped(rows: pl.DataFrame, axes: list[Axis], most: int, chance: np.random.Generator) -> pl.DataFrame:
    """The rows, in the columns of the axes with values that the axis does not have as not reported, and at most `most`
    values of a row in a column of lists, drawn by lot.

    The lot of a row does not depend on the other rows, so one row more or less changes no other.
    """
    # not `select`: without axes it would have no columns left, and with them lose its rows
    return rows.with_columns([_cut(rows[axis.name], axis, most, chance) for axis in axes])


def _cut(column: pl.Series, axis: Axis, most: int, chance: np.random.Generator) -> pl.Series:
    known = {value for value in axis.values if value != NOT_REPORTED}
    if column.dtype == pl.String:
        return pl.select(pl.when(column.is_in(list(known))).then(column)).to_series().alias(axis.name)
    kept = [
        _lot([value for value in dict.fromkeys(values or []) if value in known], most, chance)
        for values in column.to_list()
    ]
    return pl.Series(axis.name, kept, dtype=pl.List(pl.String))


def _lot(values: list[str], most: int, chance: np.random.Generator) -> list[str] | None:
    if len(values) > most:
        values = [values[i] for i in chance.permutation(len(values))[:most]]
    return values or None
