"""One table with all its margins; *not reported* is a value like any other.

This module does not use the compiled engine, which takes a second to load: a single table is small.
"""

from __future__ import annotations

from itertools import compress, product

import numpy as np
import polars as pl

from kerege.evidence.counting.marginal_counts import Counts

NOT_REPORTED = "_U"
ROW = "row"  # a constant column: it keeps the number of rows when no other column is selected


def axis(column: pl.Series, *, multi: bool) -> list[str]:
    """Return the sorted values of a column, with `_U` last when some rows report nothing.

    Parameters
    ----------
    column : Series of (rows,)
        Text, or lists of text.
    multi : bool
        Whether the column holds lists.

    Returns
    -------
    list of str
        Values that occur.

    Examples
    --------
    >>> axis(pl.Series(["male", None, "female"]), multi=False)
    ['female', 'male', '_U']
    """
    values = column.explode() if multi else column
    codes = sorted(values.drop_nulls().unique().to_list())
    return codes + [NOT_REPORTED] * bool(_not_reported(column, multi).any())


def _not_reported(column: pl.Series, multi: bool) -> pl.Series:
    """Return which rows report nothing in a column."""
    return column.is_null() | (column.list.len().fill_null(0) == 0) if multi else column.is_null()


def marginals(frame: pl.DataFrame, axes: dict[str, list[str]], multi: frozenset[str]) -> Counts:
    """Return the counts of rows over the cross product of axes, with all margins.

    Parameters
    ----------
    frame : DataFrame
        A row is a person.
    axes : dict of str to list of str
        Values of each column, `_U` for not reported. Every value that occurs must be among them.
    multi : frozenset of str
        Columns of lists. A row counts once in each of their values, and once in the total.

    Returns
    -------
    (n_1 + 1, ..., n_d + 1) int64
        Counts of rows; index 0 of every axis is the total.

    Examples
    --------
    >>> frame = pl.DataFrame({"sex": ["male", "female", "male"], "means": [["debt", "threats"], None, ["debt"]]})
    >>> marginals(frame, {"means": ["debt", "threats", "_U"]}, frozenset({"means"}))  # the total is 3, not 4
    array([3, 2, 1, 1])
    """
    if not axes:
        return np.array(frame.height, dtype=np.int64)
    single, several = ([name for name in axes if (name in multi) is is_multi] for is_multi in (False, True))
    places = [
        find_axis_places(frame[name], values, name in multi).alias(str(d))
        for d, (name, values) in enumerate(axes.items())
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
            _sum_axis(counts, d)
    return counts


def find_axis_places(column: pl.Series, values: list[str], multi: bool) -> pl.Series:
    """Return the axis index of each row's value; in a multi-valued column, a list of indices.

    Parameters
    ----------
    column : Series of (rows,)
        Text, or lists of text.
    values : list of str
        Values of the axis, `_U` for not reported; the first has index 1.
    multi : bool
        Whether the column holds lists.

    Returns
    -------
    Series of (rows,)
        Indices, or lists of indices.

    Examples
    --------
    >>> find_axis_places(pl.Series(["male", None]), ["female", "male", "_U"], False).to_list()
    [2, 3]
    """
    places = {value: place for place, value in enumerate(values, 1)}
    if not multi:
        return column.fill_null(NOT_REPORTED).replace_strict(places, return_dtype=pl.Int64)
    silent = pl.Series([[NOT_REPORTED]], dtype=column.dtype)
    distinct = column.zip_with(~_not_reported(column, True), silent).list.eval(
        pl.element().filter(pl.element() != "").unique()
    )
    return distinct.list.eval(pl.element().replace_strict(places, return_dtype=pl.Int64))


def _add(counts: Counts, rows: pl.DataFrame, axes: list[int], opened: list[int]) -> None:
    """Add the rows at the values of the columns in `axes`; on all other axes they count in the total."""
    exploded = rows.select(ROW, *map(str, axes))
    for d in opened:
        exploded = exploded.explode(str(d)).drop_nulls(str(d))
    at_total = np.zeros(exploded.height, dtype=np.int64)
    index = tuple(exploded[str(d)].to_numpy() if d in axes else at_total for d in range(counts.ndim))
    counts += np.bincount(np.ravel_multi_index(index, counts.shape), minlength=counts.size).reshape(counts.shape)


def _sum_axis(counts: Counts, number: int) -> None:
    """Write the total of a single-valued axis: the sum of its values."""
    along = np.moveaxis(counts, number, 0)
    along[0] = along[1:].sum(axis=0)
