"""Public domains of table columns, and clipping of rows to what one row may contribute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.evidence.counting import axis as occurring_values
from kerege.evidence.counting.frequency_table import NOT_REPORTED
from kerege.evidence.counting.row_filter import Where
from kerege.evidence.data.snapshot import Snapshot
from kerege.vocabulary import codes, snapshot_columns

NO_DOMAINS: Where = MappingProxyType({})


@dataclass(frozen=True)
class TableAxis:
    """The values of a table column, and their source: `filter`, `caller`, `code list` or `data`."""

    name: str
    values: list[str]
    source: str


def public_domains(columns: Sequence[str], unit: str = "victims") -> dict[str, list[str]]:
    """Return the values that snapshot columns can have, from the public code lists, not from the rows.

    Parameters
    ----------
    columns : sequence of str
        Names of snapshot columns.
    unit : str, default "victims"
        Record type of the snapshot: one row describes one such unit.

    Returns
    -------
    dict of str to list of str
        The codes of each column, in the order of its code list, without `_T` and `_U`.

    Raises
    ------
    BadInput
        If a column has no code list.

    Examples
    --------
    >>> public_domains(["sex"])
    {'sex': ['female', 'male', 'transgender', 'nonconforming']}
    """
    domains = {}
    for name in columns:
        try:
            domains[name] = list(codes.code_list(snapshot_columns.column(unit, name).list).codes)
        except LookupError:
            fault = Fault("this column has no public code list", "list its values yourself", column=shown(name))
            raise BadInput(fault) from None
    return domains


def public_axes(snapshot: Snapshot, by: Sequence[str], where: Where, domains: Where = NO_DOMAINS) -> list[TableAxis]:
    """Return the axes of a table, with values that do not depend on the rows where possible; `_U` is last.

    Parameters
    ----------
    snapshot : Snapshot
        Rows of codes.
    by : sequence of str
        Columns of the table.
    where : mapping of str to sequence of str
        Filter. A single-valued column that it names has the values of the filter.
    domains : mapping of str to sequence of str
        Values of other columns. A column without them has the values of its code list, and without one those that occur
        in the snapshot (source `data`).

    Returns
    -------
    list of TableAxis
        Values and their source, by column.

    Raises
    ------
    BadInput
        If the filter names a value outside the domain. An empty table would otherwise disclose that no row has this
        value.

    Examples
    --------
    >>> people = Snapshot.from_frame(pl.DataFrame({"sex": ["male"]}))
    >>> [(axis.values, axis.source) for axis in public_axes(people, ["sex"], {}, {"sex": ["female", "male"]})]
    [(['female', 'male', '_U'], 'caller')]
    """
    for name, values in where.items():
        known = set(_find_values(snapshot, name, domains)[0]) | {NOT_REPORTED}
        if unknown := [value for value in values if value not in known]:
            fault = Fault(
                f"the filter selects nobody by {shown(unknown[0])}",
                "check column and value of the filter",
                snapshot.path,
                column=shown(name),
            )
            raise BadInput(fault)
    return [_build_public_axis(snapshot, name, where.get(name, ()), domains) for name in by]


def _build_public_axis(snapshot: Snapshot, name: str, filtered: Sequence[str], domains: Where) -> TableAxis:
    """Return the axis of one column: its filtered values if it is single-valued, or all its values."""
    values, source = _find_values(snapshot, name, domains)
    if filtered and name not in snapshot.multi:
        not_reported = [NOT_REPORTED] * (NOT_REPORTED in filtered)
        return TableAxis(name, [value for value in values if value in filtered] + not_reported, "filter")
    return TableAxis(name, [*values, NOT_REPORTED], source)


def _find_values(snapshot: Snapshot, name: str, domains: Where) -> tuple[list[str], str]:
    """Return the values of a column without `_U`, and their source: `caller`, `code list` or `data`."""
    if name in domains:
        return list(domains[name]), "caller"
    code_list = snapshot.list_of(name)
    if code_list in codes.names():
        return list(codes.code_list(code_list).codes), "code list"
    values = occurring_values(snapshot.frame[name], multi=name in snapshot.multi)
    return [value for value in values if value != NOT_REPORTED], "data"


def clip_rows(rows: pl.DataFrame, axes: list[TableAxis], max_values: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return the rows with values off the axes removed and at most `max_values` values in a cell.

    Parameters
    ----------
    rows : DataFrame
        A row is a person.
    axes : list of TableAxis
        Public values of the columns. A removed value counts as not reported.
    max_values : int
        Largest number of values in a multi-valued cell; of more, a random sample is kept.
    rng : Generator
        Random numbers. The samples of different rows are independent, so one row more or less changes the contribution
        of no other row.

    Returns
    -------
    DataFrame
        Rows of which each adds at most one to at most `max_values` cells of a column.

    Notes
    -----
    Clipping bounds the sensitivity: Dwork and Roth 2014, "The algorithmic foundations of differential privacy".

    Examples
    --------
    >>> axis = TableAxis("means", ["debt", "threats", "_U"], "caller")
    >>> rows = pl.DataFrame({"means": [["debt", "threats"], ["other"]]})
    >>> clip_rows(rows, [axis], 1, np.random.default_rng(1))["means"].list.len().to_list()
    [1, None]
    """
    # not `select`: without axes the frame would have no columns, and without columns it has no rows
    return rows.with_columns([_clip_column(rows[axis.name], axis, max_values, rng) for axis in axes])


def _clip_column(column: pl.Series, axis: TableAxis, max_values: int, rng: np.random.Generator) -> pl.Series:
    """Return one column clipped to the values of its axis and to `max_values` values of a cell."""
    known = {value for value in axis.values if value != NOT_REPORTED}
    if column.dtype == pl.String:
        return pl.select(pl.when(column.is_in(list(known))).then(column)).to_series().alias(axis.name)
    clipped_cells = [
        _sample_values([value for value in dict.fromkeys(values or []) if value in known], max_values, rng)
        for values in column.to_list()
    ]
    return pl.Series(axis.name, clipped_cells, dtype=pl.List(pl.String))


def _sample_values(values: list[str], max_values: int, rng: np.random.Generator) -> list[str] | None:
    """Return at most `max_values` of the values, sampled without replacement; None for an empty cell."""
    if len(values) > max_values:
        values = [values[i] for i in rng.permutation(len(values))[:max_values]]
    return values or None
