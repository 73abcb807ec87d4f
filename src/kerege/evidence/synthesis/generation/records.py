"""Coded records: the result of a fit and the format of its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.synthesis.measurement.public_schema import Schema


@dataclass(frozen=True)
class CodedRecords:
    """Records in one array: record r has values[start[r]:start[r + 1]], indices into `Noisy.column`."""

    values: NDArray[np.int32]
    start: NDArray[np.int64]
    apart: tuple[float, ...] = ()  # by length: mean distance to the supported noisy counts, in people
    again: CodedRecords | None = None  # records made in the same way from these records

    @property
    def people(self) -> int:
        """Return the number of records."""
        return len(self.start) - 1

    def save(self, path: Path) -> None:
        """Write as NumPy arrays without pickled objects."""
        arrays: dict[str, NDArray[np.generic]] = {
            "values": self.values,
            "start": self.start,
            "apart": np.array(self.apart),
        }
        if self.again is not None:
            arrays |= {"again_values": self.again.values, "again_start": self.again.start}
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: Path) -> CodedRecords:
        """Return the records that `save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            again = cls(file["again_values"], file["again_start"]) if "again_values" in file else None
            return cls(file["values"], file["start"], tuple(file["apart"].tolist()), again)


def decode_records(records: CodedRecords, public: Schema) -> pl.DataFrame:
    """Return records as text: null is not reported; a multi-valued column holds lists in the public order."""
    row = np.repeat(np.arange(records.people), np.diff(records.start))
    first = 0
    columns: list[pl.Series] = []
    for column in public:
        size = len(column.values)
        own = np.flatnonzero((records.values >= first) & (records.values < first + size))
        own = own[np.lexsort((records.values[own], row[own]))]  # by row, then in the public order
        values, rows = records.values[own] - first, row[own]
        first += size
        names = pl.Series(column.values, dtype=pl.String)
        if column.multi:
            table = pl.DataFrame({"row": rows, "value": names.gather(values)})
            lists = table.group_by("row", maintain_order=True).agg("value")
            all_rows = pl.DataFrame({"row": np.arange(records.people)}).join(lists, on="row", how="left")
            columns.append(all_rows["value"].alias(column.name))
        else:
            index = np.full(records.people, size, dtype=np.int64)
            index[rows] = values
            columns.append(pl.Series([*column.values, None], dtype=pl.String).gather(index).alias(column.name))
    return pl.DataFrame(columns)
