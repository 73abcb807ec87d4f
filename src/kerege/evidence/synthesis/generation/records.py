"""Coded records: the result of a fit and the format of its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class CodedRecords:
    """Records in one array: record r has values[start[r]:start[r + 1]], indices into `Noisy.column`."""

    values: NDArray[np.int32]
    start: NDArray[np.int64]
    apart: tuple[float, ...] = ()  # by length: mean distance to the supported noisy counts, in people

    @property
    def people(self) -> int:
        """Return the number of records."""
        return len(self.start) - 1

    def save(self, path: Path) -> None:
        """Write as NumPy arrays without pickled objects."""
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, values=self.values, start=self.start, apart=np.array(self.apart))

    @classmethod
    def load(cls, path: Path) -> CodedRecords:
        """Return the records that `save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            return cls(file["values"], file["start"], tuple(file["apart"].tolist()))
