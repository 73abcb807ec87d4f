"""Columns of a table of records as small integers: what comparing millions of pairs needs.

Text is coded by a dictionary: `codes` (n,) int32 into `values`, -1 where nothing is known. A list column holds its
codes as (n, width) int32, padded with -1. A number is (n,) int64 with `MISSING` where nothing is known.
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
"""Numbers of records in a table."""


class Values(list[str]):
    """The different texts of a column; remembers how its codes read in another column's texts."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        super().__init__(texts)
        self._into: dict[int, tuple[Values, Codes]] = {}

    def into(self, other: Values) -> Codes:
        """For each code, and for -1 at the end, the code of the same text in `other`; -2 where it has none."""
        known = self._into.get(id(other))
        if known is None:
            places = {value: place for place, value in enumerate(other)}
            table = np.array([*(places.get(value, -2) for value in self), -1], np.int32)
            known = self._into[id(other)] = (other, table)
        return known[1]


@dataclass(frozen=True)
class Text:
    """One text a record: codes (n,) into values, -1 for none."""

    codes: Codes
    values: Values


@dataclass(frozen=True)
class Texts:
    """Several texts a record: codes (n, width) into values, padded with -1."""

    codes: Codes
    values: Values


@dataclass(frozen=True)
class Number:
    """One whole number a record: (n,) int64, MISSING for none."""

    numbers: NDArray[np.int64]


Column = Text | Texts | Number
Table = Mapping[str, Column]


def of_frame(frame: pl.DataFrame) -> Table:
    """Every column of a frame; text and list of text become codes, whole numbers stay."""
    return {name: _column(frame[name]) for name in frame.columns}


def with_empty(table: Table, names: Iterable[str]) -> Table:
    """The table with those of the named columns that it lacks, in which nothing is known."""
    nothing = Text(np.full(records(table), -1, np.int32), Values())
    return {**dict.fromkeys(names, nothing), **table}


def records(table: Table) -> int:
    """How many records a table has."""
    for column in table.values():
        return len(column.numbers if isinstance(column, Number) else column.codes)
    return 0


def _column(series: pl.Series) -> Column:
    if series.dtype.is_integer():
        return Number(series.cast(pl.Int64).fill_null(MISSING).to_numpy())
    if series.dtype == pl.List:
        return _lists(series)
    codes, values = _coded(series.cast(pl.String))
    return Text(codes, values)


def _coded(series: pl.Series) -> tuple[Codes, Values]:
    values = series.drop_nulls().unique(maintain_order=True)
    physical = series.cast(pl.Enum(values)).to_physical().cast(pl.Int32)
    return physical.fill_null(-1).to_numpy().astype(np.int32, copy=False), Values(values.to_list())


def _lists(series: pl.Series) -> Texts:
    short = series.list.eval(pl.element().drop_nulls()).list.head(WIDEST)
    sizes = short.list.len().fill_null(0).to_numpy().astype(np.int64)
    flat, values = _coded(short.filter(pl.Series(sizes > 0)).explode().cast(pl.String))
    codes = np.full((len(sizes), max(1, int(sizes.max(initial=0)))), -1, np.int32)
    row = np.repeat(np.arange(len(sizes)), sizes)
    place = np.arange(len(flat)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    codes[row, place] = flat
    return Texts(codes, values)
