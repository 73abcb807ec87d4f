"""What leaves the room where the records are: noisy counts and public value lists, nothing else.

The fit of records takes a `Noisy`, in a process of its own that is given the file of one. There is no field in it that
could hold a true count: every array was drawn by the noise.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import comb, isqrt, log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerege.base.errors import Refused

Items = NDArray[np.int32]
Counts = NDArray[np.int64]
FORMAT = 2
UNIT = 64  # parts of a person in which clipped records are counted
FAR = 4.0  # standard deviations of a sum of squares, from which on it is not that of noise


@dataclass(frozen=True)
class Level:
    """The combinations of one length that were measured.

    items (cells, length) are places in `Noisy.column`, ascending; values are noisy counts in UNITths of a person;
    sigma is the noise in the same unit. Cells below `threshold` sigmas are known to be rare and no more.
    """

    items: Items
    values: Counts
    sigma: float
    threshold: float

    @property
    def people(self) -> NDArray[np.float64]:
        """Noisy counts in people."""
        return self.values / UNIT

    @property
    def spread(self) -> float:
        """The noise (sigma) in people."""
        return self.sigma / UNIT

    @property
    def supported(self) -> NDArray[np.bool_]:
        """Which cells stand out of the noise."""
        return np.asarray(self.values > self.threshold * self.sigma)


@dataclass(frozen=True)
class Noisy:
    """A measured table. `column` (values,): the column of each public value, one of its own if it has several.

    `lengths` (k,): noisy numbers of records that report k values, with noise `lengths_sigma`; `clip`: K.
    """

    column: Items
    clip: int
    lengths: Counts
    lengths_sigma: float
    levels: tuple[Level, ...]

    @property
    def people(self) -> int:
        """The noisy number of records, at least 0."""
        return max(0, int(self.lengths.sum()))

    @property
    def nobody(self) -> bool:
        """Whether what was measured looks like noise on zeros: numbers of records and values, all taken together."""
        singles = self.levels[0]
        return _like_noise(self.lengths, self.lengths_sigma) and _like_noise(singles.values, singles.sigma)

    def save(self, path: Path) -> None:
        """Write as NumPy arrays without pickled objects."""
        about = {
            "format": FORMAT,
            "clip": self.clip,
            "lengths_sigma": self.lengths_sigma,
            "levels": [[level.sigma, level.threshold] for level in self.levels],
        }
        arrays: dict[str, Any] = {"column": self.column, "lengths": self.lengths}
        for length, level in enumerate(self.levels, 1):
            arrays |= {f"items{length}": level.items, f"values{length}": level.values}
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, about=np.frombuffer(json.dumps(about).encode(), np.uint8), **arrays)

    @classmethod
    def load(cls, path: Path) -> Noisy:
        """Read what `save` wrote; raises Refused for what another version did."""
        with np.load(path, allow_pickle=False) as file:
            about = json.loads(bytes(file["about"]))
            if about.get("format") != FORMAT:
                raise Refused(
                    f"{path.name}: these noisy counts were kept by another version of the program, which has "
                    "to make records of them; asked for otherwise, they are measured and charged anew"
                )
            levels = tuple(
                Level(file[f"items{length}"], file[f"values{length}"], sigma, threshold)
                for length, (sigma, threshold) in enumerate(about["levels"], 1)
            )
            return cls(file["column"], about["clip"], file["lengths"], about["lengths_sigma"], levels)


def standing_out(lengths: Counts, sigma: float) -> NDArray[np.bool_]:
    """Which noisy numbers of records of a length are more than noise alone reaches among so many.

    Where records could have hundreds of values and few do, the noise on all the empty lengths outweighs the people.
    """
    return np.asarray(lengths > sigma * sqrt(2 * log(max(2, len(lengths)))))


def _like_noise(counts: Counts, sigma: float) -> bool:
    """Whether the squares of what is above zero, in sigmas, add up to no more than those of noise would.

    Of noise alone their mean is 1/2 and their variance 5/4. Few of hundreds of empty tables look inhabited.
    """
    above = np.maximum(counts, 0) / sigma
    return float((above**2).sum()) <= len(counts) / 2 + FAR * sqrt(5 / 4 * len(counts))


def weights(clip: int, length: int, most: int) -> list[int]:
    """What a record of k = 0, 1, ... `most` values weighs, in UNITths, in each of its combinations of `length`.

    C(k, length) combinations of weight w have a Euclidean length of at most UNIT * sqrt(C(clip, length)), since
    C(k, length) * w^2 <= UNIT^2 * C(clip, length) in whole numbers; nobody weighs more than UNIT.
    """
    allowed = UNIT * UNIT * comb(clip, length)
    return [min(UNIT, isqrt(allowed // max(1, comb(k, length)))) for k in range(most + 1)]
