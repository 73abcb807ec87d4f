"""Marginal counts of categorical rows. Here: arrays in memory."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
from numpy.typing import NDArray

Counts = NDArray[np.int64]
NOT_REPORTED = "_U"


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
    counts = np.zeros([len(values) + 1 for values in axes.values()], dtype=np.int64)
    several = [name for name in axes if name in multi]
    for open_ in product([False, True], repeat=len(several)):
        closed = {name for name, use in zip(several, open_, strict=True) if not use}
        _fill(counts, _exploded(frame, axes, [name for name in several if name not in closed]), axes, closed)
    for number, name in enumerate(axes):
        if name not in multi:
            _total(counts, number)
    return counts


def _exploded(frame: pl.DataFrame, axes: dict[str, list[str]], names: list[str]) -> pl.DataFrame:
    frame = frame.select(list(axes))
    for name in names:
        frame = frame.with_columns(pl.col(name).list.unique()).explode(name)
    return frame


def _fill(counts: Counts, frame: pl.DataFrame, axes: dict[str, list[str]], closed: set[str]) -> None:
    """Count the values of the open columns into `counts`, with the totals of the single-valued ones."""
    names = [name for name in axes if name not in closed]
    shape = [len(axes[name]) for name in names]
    position = np.zeros(frame.height, dtype=np.int64)
    for name, size in zip(names, shape, strict=True):
        position = position * size + _codes(frame[name], axes[name])
    size = int(np.prod(shape, dtype=np.int64))
    target = counts[tuple(slice(0, 1) if name in closed else slice(1, None) for name in axes)]
    target[...] = np.bincount(position, minlength=size).reshape(target.shape)


def _total(counts: Counts, number: int) -> None:
    """The total of a single-valued axis is the sum of its values."""
    along = np.moveaxis(counts, number, 0)
    along[0] = along[1:].sum(axis=0)


def _codes(column: pl.Series, values: list[str]) -> Counts:
    """The position of each value on its axis."""
    places = {value: place for place, value in enumerate(values)}
    return column.fill_null(NOT_REPORTED).replace_strict(places, return_dtype=pl.Int64).to_numpy()
