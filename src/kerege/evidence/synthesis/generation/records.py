"""Records as numbers: what a fit makes and files of it hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Records:
    """Records one after another: values (places in `Noisy.column`), those of record r from start[r] to start[r + 1]."""

    values: NDArray[np.int32]
    start: NDArray[np.int64]
    apart: tuple[float, ...] = ()  # by length: how far they are from the noisy counts that stand out, in people

    @property
    def people(self) -> int:
        """How many records there are."""
        return len(self.start) - 1

    def save(self, path: Path) -> None:
        """Write as NumPy arrays without pickled objects."""
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, values=self.values, start=self.start, apart=np.array(self.apart))

    @classmethod
    def load(cls, path: Path) -> Records:
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            return cls(file["values"], file["start"], tuple(file["apart"].tolist()))
