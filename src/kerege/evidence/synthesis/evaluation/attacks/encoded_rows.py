"""Rows encoded as integers for fast comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault

Coded = NDArray[Any]  # (columns, rows) of uint8, uint16 or uint32; 0 is not reported
Chance = np.random.Generator


def coded(frames: Sequence[pl.DataFrame]) -> list[Coded]:
    """Return frames with the same columns as arrays of codes.

    Parameters
    ----------
    frames : sequence of DataFrame
        Columns of text or lists of text. A cell with several values counts as one value, the set of them.

    Returns
    -------
    list of (columns, rows) uint8, uint16 or uint32
        Equal values have equal codes. Null, empty text and empty lists have the code 0, not reported.

    Examples
    --------
    >>> [table.tolist() for table in coded([pl.DataFrame({"a": ["x", None]}), pl.DataFrame({"a": ["y", "x"]})])]
    [[[1, 0]], [[2, 1]]]
    """
    names = frames[0].columns
    numbers = [
        pl.concat([_convert_to_text(frame[name]) for frame in frames]).rank("dense").fill_null(0) for name in names
    ]
    most = max((int(number.max() or 0) for number in numbers), default=0)  # type: ignore[arg-type]
    table = np.empty((len(names), sum(frame.height for frame in frames)), dtype=np.min_scalar_type(most))
    for place, number in enumerate(numbers):
        table[place] = number.to_numpy()
    ends = np.cumsum([frame.height for frame in frames])[:-1]
    return [np.ascontiguousarray(part) for part in np.split(table, ends, axis=1)]


def encode_alike(original: pl.DataFrame, synthetic: pl.DataFrame, control: pl.DataFrame) -> list[Coded]:
    """Return the columns of `original` of three frames as codes. Raise BadInput if there are too few rows."""
    frames = [original, synthetic.select(original.columns), control.select(original.columns)]
    if not all(frame.height for frame in frames) or control.height < 2:
        raise BadInput(Fault("there are too few rows to attack", "give more rows"))
    return coded(frames)


def _convert_to_text(column: pl.Series) -> pl.Series:
    """Return one text per cell, null for not reported."""
    if isinstance(column.dtype, pl.List):
        parts = pl.element().cast(pl.String)
        column = column.list.eval(parts.filter(parts != "").unique().sort()).list.join(";")
    return column.cast(pl.String).replace({"": None})


def draw_rows(rows: Coded, most: int, chance: Chance) -> Coded:
    """Return at most `most` of the rows, drawn at random without replacement."""
    if rows.shape[1] <= most:
        return rows
    return np.ascontiguousarray(rows[:, chance.choice(rows.shape[1], most, replace=False)])
