"""Columns of a table of records as integer arrays, for the comparison of millions of pairs.

A text column is dictionary-coded: `codes` (n,) int32 index `values`, -1 marks a missing value. A list column holds
codes (n, width) int32, padded with -1. A number column is (n,) int64 with `MISSING` for missing values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.linkage.matching.sql_terms import WIDEST

MISSING = np.iinfo(np.int64).min

Codes = NDArray[np.int32]
Rows = NDArray[np.integer]
"""Row numbers in a table."""


class Values(list[str]):
    """Distinct texts of a column; caches the mapping of their codes to another column's codes."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        super().__init__(texts)
        self._into: dict[int, tuple[Values, Codes]] = {}

    def into(self, other: Values) -> Codes:
        """Return for each code, and for -1 at the end, the code of the same text in `other`; -2 without one."""
        cached = self._into.get(id(other))
        if cached is None:
            codes = {value: code for code, value in enumerate(other)}
            table = np.array([*(codes.get(value, -2) for value in self), -1], np.int32)
            cached = self._into[id(other)] = (other, table)
        return cached[1]


@dataclass(frozen=True)
class TextColumn:
    """Text column: codes (n,) into values, -1 for a missing value."""

    codes: Codes
    values: Values


@dataclass(frozen=True)
class ListColumn:
    """List column: codes (n, width) into values, padded with -1."""

    codes: Codes
    values: Values


@dataclass(frozen=True)
class NumberColumn:
    """Integer column: (n,) int64, MISSING for a missing value."""

    numbers: NDArray[np.int64]


Column = TextColumn | ListColumn | NumberColumn
Table = Mapping[str, Column]


def of_frame(frame: pl.DataFrame) -> Table:
    """Convert every column of a frame; text and lists become codes, whole numbers stay."""
    return {name: _convert_series(frame[name]) for name in frame.columns}


def with_empty(table: Table, names: Iterable[str]) -> Table:
    """Return the table with an empty column for each of the names that it lacks."""
    empty = TextColumn(np.full(records(table), -1, np.int32), Values())
    return {**dict.fromkeys(names, empty), **table}


def take_rows(column: Column, rows: Rows) -> Column:
    """Return the column of these rows, in their order."""
    if isinstance(column, NumberColumn):
        return NumberColumn(column.numbers[rows])
    return type(column)(column.codes[rows], column.values)


def records(table: Table) -> int:
    """Return the number of records of a table."""
    for column in table.values():
        return len(column.numbers if isinstance(column, NumberColumn) else column.codes)
    return 0


def _convert_series(series: pl.Series) -> Column:
    if series.dtype.is_integer():
        return NumberColumn(series.cast(pl.Int64).fill_null(MISSING).to_numpy())
    if series.dtype == pl.List:
        return _encode_lists(series)
    codes, values = _encode_texts(series.cast(pl.String))
    return TextColumn(codes, values)


def _encode_texts(series: pl.Series) -> tuple[Codes, Values]:
    values = series.drop_nulls().unique(maintain_order=True)
    physical = series.cast(pl.Enum(values)).to_physical().cast(pl.Int32)
    return physical.fill_null(-1).to_numpy().astype(np.int32, copy=False), Values(values.to_list())


def _encode_lists(series: pl.Series) -> ListColumn:
    shortened = series.list.eval(pl.element().drop_nulls()).list.head(WIDEST)
    sizes = shortened.list.len().fill_null(0).to_numpy().astype(np.int64)
    flat, values = _encode_texts(shortened.filter(pl.Series(sizes > 0)).explode().cast(pl.String))
    codes = np.full((len(sizes), max(1, int(sizes.max(initial=0)))), -1, np.int32)
    row = np.repeat(np.arange(len(sizes)), sizes)
    position = np.arange(len(flat)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    codes[row, position] = flat
    return ListColumn(codes, values)
