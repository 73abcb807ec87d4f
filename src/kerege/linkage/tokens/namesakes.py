"""Namesakes of one year of birth: how many links without a day of birth are false.

Two records with the same names and the same year may be two persons if one of them lacks the day. Pairs with the same
evidence whose days differ are two persons nearly always. How many there are says how common namesakes are in the lists.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.linkage.matching import link_files
from kerege.linkage.matching.column_store import Rows

BIRTH, YEAR_ONLY, OTHER_DAY = "birth", "same year of birth", "same year, another day"
# pairs without a day for each pair with both days, above which the latter say too little of the former
MOST_DAYLESS = 3.0
# false links for each pair of namesakes: relative to the pairs without a day, and of pairs with one, whose days agree
# by an error or by chance. By least squares from 18 pairs of invented lists by two authors, beside the model's share
# (`link_error_rates.FALSE_BESIDE`)
DAYLESS, DATED = 0.84, 0.16
# the ratio is rounded to a twentieth, so that one person hardly ever changes it
STEPS = 20


@dataclass(frozen=True)
class Namesakes:
    """Pairs of namesakes of two lists.

    count: pairs of persons who would be linked if a day of birth were missing, and whose days differ; nobody is in two.
    ratio: pairs of records without a day for each pair with both. free: share of such pairs in which neither person is
    linked to another. noise: standard deviation of the noise in `count`.
    """

    count: float
    ratio: float
    free: float
    noise: float = 0.0

    @property
    def false(self) -> float:
        """Return the expected false links of namesakes."""
        return max(0.0, self.count) * self._per_pair

    @property
    def false_off(self) -> float:
        """Return the standard deviation of `false`, by noise and by chance."""
        return math.hypot(self.noise, math.sqrt(max(0.0, self.count))) * self._per_pair

    @property
    def _per_pair(self) -> float:
        return (DAYLESS * self.ratio + DATED) * self.free

    def with_noise(self, noise: float, deviation: float) -> Namesakes:
        """Return the number with noise."""
        return replace(self, count=self.count + noise, noise=deviation)


def leave_day_out(linked: link_files.Linked, left: Rows, right: Rows) -> NDArray[np.float64]:
    """Return (pairs,) the weight without the day of pairs born on two days of one year, else -inf."""
    names = [comparison.name for comparison in linked.model.comparisons]
    if BIRTH not in names:
        return np.full(len(left), -np.inf)
    place, scores = names.index(BIRTH), linked.scores(left, right)
    levels = {level.label: level for level in linked.model.comparisons[place].levels}
    weights = scores.weights - scores.parts[place] + levels[YEAR_ONLY].weight
    return np.where(scores.gammas[place] == levels[OTHER_DAY].gamma, weights, -np.inf)


def count_known_dates(frames: Sequence[pl.DataFrame]) -> NDArray[np.float64]:
    """Return (lists, 2) the shares of the records with a year of birth, and with year and day."""
    return np.array([[_share(frame, ["birth_year"]), _share(frame, ["birth_year", "birth_day"])] for frame in frames])


def _share(frame: pl.DataFrame, columns: list[str]) -> float:
    if not set(columns) <= set(frame.columns):
        return 0.0
    has_all = frame.select(pl.all_horizontal(pl.col(name).is_not_null() for name in columns)).to_series()
    return float(has_all.sum()) / max(1, len(frame))


def dayless_ratio(first: NDArray[np.float64], second: NDArray[np.float64]) -> float | None:
    """Return the pairs of records without a day for each pair with both days.

    Parameters
    ----------
    first, second : (2,) float64
        Shares of the records of a list with a year, and with year and day (`count_known_dates`).

    Returns
    -------
    float or None
        The ratio, rounded to a twentieth; None if it is above 3.

    Examples
    --------
    >>> dayless_ratio(np.array([1.0, 0.8]), np.array([1.0, 1.0]))
    0.25
    """
    years, days = first * second
    if days <= 0 or years / days - 1 > MOST_DAYLESS:
        return None
    return round((float(years / days) - 1) * STEPS) / STEPS
