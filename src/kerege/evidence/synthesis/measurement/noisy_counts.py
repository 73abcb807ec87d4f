"""Noisy counts: the only data of the records that leave the measurement.

The fit of records takes a `Noisy`; its process reads one from a file. No field can hold a true count: the counts
include noise, and the other arrays follow from public values or from earlier noisy counts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from math import comb, isqrt, log, pi, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from kerege.base.errors import Refused

Items = NDArray[np.int32]
Counts = NDArray[np.int64]
FORMAT = 2
UNIT = 64  # clipped records are counted in 1/64 of a person
FALSE_VALUES = 0.9  # bound of the expected number of supported single values of a file that no record has
FAR = 4.0  # a sum of squares this many standard deviations above its mean is not noise alone


@dataclass(frozen=True)
class NoisyLevel:
    """The measured combinations of one length.

    items (cells, length) are indices into `Noisy.column`, ascending. values (cells,) are noisy counts in UNITths of a
    person; sigma is their noise in the same unit. Cells at or below `threshold` sigmas are not supported.
    """

    items: Items
    values: Counts
    sigma: float
    threshold: float

    @property
    def people(self) -> NDArray[np.float64]:
        """Return the noisy counts in people."""
        return self.values / UNIT

    @property
    def spread(self) -> float:
        """Return the noise (sigma) in people."""
        return self.sigma / UNIT

    @property
    def supported(self) -> NDArray[np.bool_]:
        """Return which cells have a count above the noise threshold."""
        return np.asarray(self.values > self.threshold * self.sigma)


@dataclass(frozen=True)
class Noisy:
    """All noisy counts of one measurement.

    `column` (values,) is the column of each public value; each value of a multi-valued column has a column of its own.
    `lengths` are the noisy numbers of records that report 0, 1, ... values, with noise `lengths_sigma`; `clip` is K.
    `impossible` (pairs, 2) are the pairs of values that no person can have, by public rules. `false_values` bounds the
    expected number of supported values that nobody has: a cohort has its share of the bound of a file.
    """

    column: Items
    clip: int
    lengths: Counts
    lengths_sigma: float
    levels: tuple[NoisyLevel, ...]
    impossible: Items = field(default_factory=lambda: np.empty((0, 2), np.int32))
    false_values: float = FALSE_VALUES

    @property
    def people(self) -> int:
        """Return the noisy number of records, at least 0."""
        return max(0, int(self.lengths.sum()))

    @property
    def nobody(self) -> bool:
        """Return whether the numbers of records and the counts of single values look like noise on zeros."""
        singles = self.levels[0]
        return _resembles_noise(self.lengths, self.lengths_sigma) and _resembles_noise(singles.values, singles.sigma)

    @property
    def supported_values(self) -> NDArray[np.bool_]:
        """Return which single values are supported: by their own count, and by all counts together.

        If no record has a value, its own count and all counts of pairs with it are noise around zero. Their sum, each
        weighted by the noisy share of the other value, has a known variance. Its threshold keeps the expected number of
        values of nobody at `false_values`: `find_value_threshold`.
        """
        singles = self.levels[0]
        total, variance = singles.values / singles.sigma**2, np.full(len(singles.values), 1 / singles.sigma**2)
        if len(self.levels) > 1:
            pairs = self.levels[1]
            share = np.clip(singles.people / max(1, self.people), 0, 1)
            for value, other in ((0, 1), (1, 0)):
                weight = share[pairs.items[:, other]] / pairs.sigma**2
                np.add.at(total, pairs.items[:, value], weight * pairs.values)
                np.add.at(variance, pairs.items[:, value], weight**2 * pairs.sigma**2)
        # the correlation of a value's own count with the sum
        correlation = 1 / (singles.sigma * np.sqrt(variance[singles.supported]))
        largest = float(correlation.max(initial=0.0))
        least = find_value_threshold(len(total), singles.threshold, largest, self.false_values)
        return np.asarray(singles.supported & (total > least * np.sqrt(variance)))

    @property
    def value_threshold(self) -> float:
        """Return the sigmas from which a single value is supported by its own count, whatever its pairs are."""
        singles = self.levels[0]
        return find_value_threshold(len(singles.values), singles.threshold, 1.0, self.false_values)

    def save(self, path: Path) -> None:
        """Write the counts as NumPy arrays without pickled objects."""
        about = {
            "format": FORMAT,
            "clip": self.clip,
            "lengths_sigma": self.lengths_sigma,
            "false_values": self.false_values,
            "levels": [[level.sigma, level.threshold] for level in self.levels],
        }
        arrays: dict[str, Any] = {"column": self.column, "lengths": self.lengths, "impossible": self.impossible}
        for length, level in enumerate(self.levels, 1):
            arrays |= {f"items{length}": level.items, f"values{length}": level.values}
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, about=np.frombuffer(json.dumps(about).encode(), np.uint8), **arrays)

    @classmethod
    def load(cls, path: Path) -> Noisy:
        """Return the counts that `save` wrote. Raise Refused for a file of another version."""
        with np.load(path, allow_pickle=False) as file:
            about = json.loads(bytes(file["about"]))
            if about.get("format") != FORMAT:
                raise Refused(
                    f"{path.name}: another version of the program stored these noisy counts. Make the records "
                    "with that version; a request with other parameters is measured and charged anew"
                )
            levels = tuple(
                NoisyLevel(file[f"items{length}"], file[f"values{length}"], sigma, threshold)
                for length, (sigma, threshold) in enumerate(about["levels"], 1)
            )
            counts = cls(file["column"], about["clip"], file["lengths"], about["lengths_sigma"], levels)
            counts = replace(counts, false_values=about.get("false_values", FALSE_VALUES))
            return replace(counts, impossible=file["impossible"]) if "impossible" in file else counts


def find_standing_out(lengths: Counts, sigma: float) -> NDArray[np.bool_]:
    """Return which noisy numbers of records exceed the largest of n noise terms.

    Parameters
    ----------
    lengths : (n,) int64
        Noisy numbers of records by number of values, in people.
    sigma : float
        Noise of each, in people.

    Returns
    -------
    (n,) bool
        Whether the number is above sqrt(2 ln n) sigmas. Without this threshold the noise of hundreds of empty lengths
        would outweigh the people.

    Notes
    -----
    Donoho and Johnstone 1994, "Ideal spatial adaptation by wavelet shrinkage", Biometrika 81.

    Examples
    --------
    >>> find_standing_out(np.array([2, -1, 40]), 2.0).tolist()
    [False, False, True]
    """
    return np.asarray(lengths > sigma * sqrt(2 * log(max(2, len(lengths)))))


def find_value_threshold(values: int, own: float, correlation: float, bound: float = FALSE_VALUES) -> float:
    """Return the standard deviations that all counts of a single value together must exceed.

    Parameters
    ----------
    values : int
        Number of measured single values.
    own : float
        The sigmas that the value's own count must exceed too.
    correlation : float
        Correlation of the own count with all counts together, between 0 and 1.
    bound : float
        Largest expected number of supported values that no record has.

    Returns
    -------
    float
        The least threshold, from 0 on. At it, at most `bound` of the values are supported on average if no record has
        any of them.

    Notes
    -----
    Control of the expected number of false discoveries: Gordon, Glazko, Qiu and Yakovlev 2007, "Control of the mean
    number of false discoveries, Bonferroni and stability of multiple testing", The Annals of Applied Statistics 1.

    Examples
    --------
    >>> round(find_value_threshold(195, own=1.5, correlation=0.5), 1)
    2.3
    """
    low, high = 0.0, 10.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        is_enough = values * _joint_tail(own, middle, correlation) <= bound
        low, high = (low, middle) if is_enough else (middle, high)
    return high


def _joint_tail(first: float, second: float, correlation: float) -> float:
    """Return the probability that two standard normal variables exceed `first` and `second`."""
    if correlation > 1 - 1e-9:
        return float(ndtr(-max(first, second)))
    points = np.linspace(first, first + 10, 2_001)
    density = np.exp(-(points**2) / 2) / sqrt(2 * pi)
    beyond = ndtr((correlation * points - second) / sqrt(1 - correlation**2))
    return float(np.trapezoid(density * beyond, points))


def _resembles_noise(counts: Counts, sigma: float) -> bool:
    """Return whether the squared positive counts, in sigmas, sum to no more than those of noise.

    For noise alone the mean of each is 1/2 and the variance 5/4. Few of hundreds of empty tables fail this test.
    """
    above = np.maximum(counts, 0) / sigma
    return float((above**2).sum()) <= len(counts) / 2 + FAR * sqrt(5 / 4 * len(counts))


def weights(clip: int, length: int, most: int) -> list[int]:
    """Return the weight of a record of k values in each of its combinations of a length, for k = 0, 1, ...

    Parameters
    ----------
    clip : int
        Clip K: number of values of a record that counts in full.
    length : int
        Length L of the combinations.
    most : int
        Largest k.

    Returns
    -------
    list of int
        Weights in UNITths (1/64) of a person, at most UNIT.

    Notes
    -----
    The largest integer w with C(k, L) w^2 <= UNIT^2 C(K, L). So a record moves the counts by a Euclidean distance of at
    most UNIT sqrt(C(K, L)), the L2 sensitivity: clipping as in Dwork and Roth 2014, "The algorithmic foundations of
    differential privacy".

    Examples
    --------
    >>> weights(clip=2, length=1, most=4)
    [64, 64, 64, 52, 45]
    """
    allowed = UNIT * UNIT * comb(clip, length)
    return [min(UNIT, isqrt(allowed // max(1, comb(k, length)))) for k in range(most + 1)]
