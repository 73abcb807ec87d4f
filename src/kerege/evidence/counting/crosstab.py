"""One table with all its margins, not reported a row like any other, from the one way to count."""

from __future__ import annotations

from itertools import compress, product

import numpy as np
import polars as pl

from kerege.evidence.counting.marginal_counts import Counts, Marginals, digits
from kerege.evidence.counting.marginals import all_marginals

NOT_REPORTED = "_U"
AT, SEVERAL = "at", "of "  # the place of a row in the table of its columns of one value; a column of several


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
    several = [name for name in axes if name in multi]
    places = _place(frame, {name: values for name, values in axes.items() if name not in multi})
    columns = [places, *(_spoken(frame[name]).alias(SEVERAL + name) for name in several)]
    found = all_marginals(pl.DataFrame(columns), len(columns))
    counts = np.zeros([len(values) + 1 for values in axes.values()], dtype=np.int64)
    for chosen in product([False, True], repeat=len(several)):
        _fill(counts, found, axes, [name for name in axes if name not in multi], list(compress(several, chosen)))
    for number, name in enumerate(axes):
        if name not in multi:
            _total(counts, number)
    return counts


def _place(frame: pl.DataFrame, axes: dict[str, list[str]]) -> pl.Series:
    """The place of each row in the table of some columns of one value."""
    place = pl.zeros(frame.height, dtype=pl.Int64, eager=True)
    for name, values in axes.items():
        codes = {value: code for code, value in enumerate(values)}
        column = frame[name].fill_null(NOT_REPORTED).replace_strict(codes, return_dtype=pl.Int64)
        place = place * len(values) + column
    return place.alias(AT)


def _spoken(column: pl.Series) -> pl.Series:
    """A column of several values in which not reported is a value."""
    silent = pl.Series([[NOT_REPORTED]], dtype=column.dtype)
    return column.zip_with(~_silent(column, True), silent)


def _fill(counts: Counts, found: Marginals, axes: dict[str, list[str]], single: list[str], open_: list[str]) -> None:
    """Put into `counts` the values of the columns in `open_`, and the totals of other columns of several values."""
    codes, hits = found.existing([AT, *(SEVERAL + name for name in open_)])
    place = np.array(found.values[AT], dtype=np.int64)[codes[:, 0]]
    code = dict(zip(single, digits(place, [len(axes[name]) for name in single]).T, strict=True))
    for number, name in enumerate(open_, 1):
        code[name] = np.array([axes[name].index(value) for value in found.values[SEVERAL + name]])[codes[:, number]]
    total = np.full(len(hits), -1)
    counts[tuple(code.get(name, total) + 1 for name in axes)] = hits


def _total(counts: Counts, number: int) -> None:
    """The total of a single-valued axis is the sum of its values."""
    along = np.moveaxis(counts, number, 0)
    along[0] = along[1:].sum(axis=0)
