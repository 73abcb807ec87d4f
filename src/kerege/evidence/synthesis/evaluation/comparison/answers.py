"""Answers of records as numbers: a matrix with a row per record and a column per value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray


@dataclass(frozen=True)
class AnswerTable:
    """Values of the columns in order; `column` is the position of the column of each value."""

    columns: tuple[str, ...]
    several: tuple[bool, ...]
    values: tuple[tuple[str, ...], ...]

    @property
    def column(self) -> NDArray[np.int64]:
        """Return the position of the column of each value."""
        return np.repeat(np.arange(len(self.columns)), [len(own) for own in self.values])

    @property
    def names(self) -> list[tuple[str, str]]:
        """Return the column and the value of each column of a matrix."""
        return [(name, value) for name, own in zip(self.columns, self.values, strict=True) for value in own]

    def slice_of(self, column: int) -> slice:
        """Return the places of the values of a column."""
        start = sum(len(own) for own in self.values[:column])
        return slice(start, start + len(self.values[column]))

    def encode(self, frame: pl.DataFrame) -> sp.csr_array:
        """Return the (records, values) matrix of a frame: 1 where a record has a value."""
        rows, places, first = [], [], 0
        for name, own in zip(self.columns, self.values, strict=True):
            answers = frame.select(pl.int_range(pl.len(), dtype=pl.Int64).alias("row"), pl.col(name).alias("value"))
            answers = _flat(answers).drop_nulls()
            codes = answers["value"].replace_strict(list(own), range(len(own)), default=None, return_dtype=pl.Int64)
            is_known = codes.is_not_null()
            rows.append(answers["row"].filter(is_known).to_numpy())
            places.append(codes.filter(is_known).to_numpy() + first)
            first += len(own)
        row, place = np.concatenate([np.empty(0, np.int64), *rows]), np.concatenate([np.empty(0, np.int64), *places])
        return sp.csr_array((np.ones(len(row)), (row, place)), shape=(frame.height, first))


def list_answers(frames: Sequence[pl.DataFrame]) -> AnswerTable:
    """Return the sorted values of the columns of the first frame, in any of the frames."""
    names = frames[0].columns
    values = [sorted({value for frame in frames for value in _flat_values(frame[name])}) for name in names]
    several = [any(isinstance(frame[name].dtype, pl.List) for frame in frames) for name in names]
    return AnswerTable(tuple(names), tuple(several), tuple(map(tuple, values)))


def _flat(answers: pl.DataFrame) -> pl.DataFrame:
    return answers.explode("value") if isinstance(answers.schema["value"], pl.List) else answers


def _flat_values(column: pl.Series) -> list[str]:
    flat = column.explode() if isinstance(column.dtype, pl.List) else column
    return flat.drop_nulls().unique().to_list()
