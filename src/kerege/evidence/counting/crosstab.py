"""One table with all its margins, not reported a row like any other.

The rows of a table are counted here without the compiled engine: it takes a second to load, and a table is small.
"""

from __future__ import annotations

from itertools import compress, product

import numpy as np
import polars as pl

from kerege.evidence.counting.marginal_counts import Counts

NOT_REPORTED = "_U"
ROW = "row"  # a column that every row has, so that the rows of no column can be counted


def axis(column: pl.Series, *, multi: bool) -> list[str]:
    """The values of a column in order, `_U` last when some rows report nothing."""
    values = column.explode() if multi else column
    found = sorted(values.drop_nulls().unique().to_list())
    return found + [NOT_REPORTED] * bool(_silent(column, multi).any())


def _silent(column: pl.Series, multi: bool) -> pl.Series:
    return column.is_null() | (column.list.len().fill_null(0) == 0) if multi else column.is_null()


def marginals(frame: pl.DataFrame, axes: dict[str, list[str]], multi: frozenset[str]) -> Counts:
    """Counts of rows over the cross product of `axes`, index 0 of every axis being the total.

    A row counts once in each value that it reports of a column in `multi`, and once in the total.
    """
    if not axes:
        return np.array(frame.height, dtype=np.int64)
    single, several = ([name for name in axes if (name in multi) is wanted] for wanted in (False, True))
    places = [
        _places(frame[name], values, name in multi).alias(str(d)) for d, (name, values) in enumerate(axes.items())
    ]
    rows = pl.DataFrame([pl.zeros(frame.height, dtype=pl.Int64, eager=True).alias(ROW), *places])
    counts = np.zeros([len(values) + 1 for values in axes.values()], dtype=np.int64)
    for chosen in product([False, True], repeat=len(several)):
        opened = set(compress(several, chosen))
        _add(
            counts,
            rows,
            [d for d, name in enumerate(axes) if name in opened or name in single],
            [d for d, name in enumerate(axes) if name in opened],
        )
    for d, name in enumerate(axes):
        if name not in multi:
            _total(counts, d)
    return counts


def _places(column: pl.Series, values: list[str], multi: bool) -> pl.Series:
    """The index of each row's value on an axis; of several values, a list of different ones."""
    places = {value: place for place, value in enumerate(values, 1)}
    if not multi:
        return column.fill_null(NOT_REPORTED).replace_strict(places, return_dtype=pl.Int64)
    silent = pl.Series([[NOT_REPORTED]], dtype=column.dtype)
    told = column.zip_with(~_silent(column, True), silent).list.eval(pl.element().filter(pl.element() != "").unique())
    return told.list.eval(pl.element().replace_strict(places, return_dtype=pl.Int64))


def _add(counts: Counts, rows: pl.DataFrame, axes: list[int], opened: list[int]) -> None:
    """Add the rows at the values of the columns of some axes; on the others they count in the total."""
    told = rows.select(ROW, *map(str, axes))
    for d in opened:
        told = told.explode(str(d)).drop_nulls(str(d))
    nowhere = np.zeros(told.height, dtype=np.int64)
    index = tuple(told[str(d)].to_numpy() if d in axes else nowhere for d in range(counts.ndim))
    counts += np.bincount(np.ravel_multi_index(index, counts.shape), minlength=counts.size).reshape(counts.shape)


def _total(counts: Counts, number: int) -> None:
    """The total of a single-valued axis is the sum of its values."""
    along = np.moveaxis(counts, number, 0)
    along[0] = along[1:].sum(axis=0)
