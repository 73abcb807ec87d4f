"""Uncertain linkage: rates of missed and false links with their intervals, and draws of a linkage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.linkage_errors.corrected_lists import failure_probabilities
from kerege.evidence.mse.linkage_errors.correction import HIGHEST, missed_link_matrix
from kerege.evidence.mse.linkage_errors.false_links import (
    Floats,
    count_people_alone,
    estimate_people_alone,
    false_link_matrix,
)
from kerege.evidence.mse.lists import BadLists, Counts, Lists, build_unchecked_lists, lists_error
from kerege.evidence.mse.loglinear.integer_tables import DIGITS, Undo

Z80 = 1.281552  # 90% quantile of the standard normal distribution
MOST_DRAWS, LEAST_DRAWS = 100, 20
MOST_CELLS = 25_000_000  # cells that all matrices together can have


class LinkageRate(NamedTuple):
    """An error rate, from 0 to 0.9, and its 80% interval."""

    value: float
    low: float
    high: float

    def draws(self, times: int, rng: np.random.Generator) -> Floats:
        """Return draws (times,) of the rate: Beta with this mean and spread, or half normal where it is 0."""
        spread = (self.high - self.low) / (2 * Z80)
        if spread <= 0:
            return np.full(times, self.value)
        size = self.value * (1 - self.value) / spread**2 - 1
        if self.value <= 0 or size <= 0:
            drawn = self.value + np.abs(rng.normal(0, self.high / Z80, times))
        else:
            drawn = rng.beta(self.value * size, (1 - self.value) * size, times)
        return np.minimum(drawn, HIGHEST)


@dataclass(frozen=True)
class LinkageRates:
    """Error rates of a linkage.

    miss: missed link rates by name of a list, or of all pairs of records under the name "". false: the false link
    rate. source: where the rates are from, for the answer.
    """

    miss: Mapping[str, LinkageRate]
    false: LinkageRate
    source: str = ""

    @property
    def miss_values(self) -> dict[str, float]:
        """Missed link rates without their intervals."""
        return {name: rate.value for name, rate in self.miss.items()}

    def as_dict(self) -> dict[str, object]:
        """Return the intervals and the source for JSON."""
        between = {name: [rate.low, rate.high] for name, rate in self.miss.items()}
        return {"miss_between": between, "false_between": [self.false.low, self.false.high], "source": self.source}


@dataclass(frozen=True)
class VaryingUndo(Undo):
    """Correction that is another one for each table, because the linkage is uncertain."""

    def vary(self, counts: Counts) -> Counts:
        """Return the corrected tables (B, C) of the same people under different linkages, without resampling."""
        return self(counts)


@dataclass(frozen=True)
class DrawnUndo(VaryingUndo):
    """Draws of the linkage itself instead of a correction: each resample is of the people of another draw.

    given: the lists, with every history of any draw. tables: (K, C) people by history of `given` in each draw. seed: of
    the resamples.
    """

    tables: Counts = field(default_factory=lambda: np.zeros((0, 0), np.int64), repr=False)
    seed: int = 1

    def __call__(self, counts: Counts) -> Counts:
        """Return resamples (B, C) of the draws; resample b is of the draw b modulo K. The counts are not used."""
        rng = np.random.default_rng(self.seed)
        resamples = np.zeros(counts.shape, np.int64)
        for draw, table in enumerate(self.tables[: len(counts)]):
            rows = len(resamples[draw :: len(self.tables)])
            resamples[draw :: len(self.tables)] = rng.multinomial(int(table.sum()), table / table.sum(), rows)
        return resamples

    def vary(self, counts: Counts) -> Counts:
        """Return the tables (B, C) of the draws; table b is the draw b modulo K."""
        return self.tables[np.arange(len(counts)) % len(self.tables)]


def use_draws(lists: Lists, draws: Sequence[Lists], seed: int) -> DrawnUndo:
    """Return the draws of a linkage in the form that the resampled methods take.

    Parameters
    ----------
    lists : Lists
        The lists as the linkage itself has them.
    draws : sequence of Lists
        Draws of the linkage, with the same lists.
    seed : int
        Seed of the resamples.

    Returns
    -------
    DrawnUndo
        Resamples of the people of all draws in turn.

    Raises
    ------
    BadLists
        If there is no draw, the draws have other lists, or the counts have noise.

    Examples
    --------
    >>> lists = Lists([1, 2, 4, 3], [40, 30, 20, 10])
    >>> undo = use_draws(lists, [lists, Lists([1, 2, 4, 3, 6], [41, 31, 20, 8, 1])], seed=1)
    >>> undo.vary(np.zeros((3, 5)))[:, -1].tolist()  # people on the last two lists
    [0, 1, 0]
    """
    if not draws or any(draw.names != lists.names for draw in draws):
        raise lists_error("the draws of the linkage are not of the same lists", "give one draw or more of these lists")
    if lists.noise:
        raise lists_error("counts with noise have no draws of their linkage", "leave the draws out")
    dense = np.array([draw.dense for draw in draws])
    histories = np.flatnonzero(dense.any(axis=0) | (lists.dense > 0))
    given = build_unchecked_lists(lists.names, histories, lists.dense[histories])
    return DrawnUndo(given, np.eye(len(lists.dense)), dense[:, histories], seed)


@dataclass(frozen=True)
class UncertainUndo(VaryingUndo):
    """Correction of linkage errors with uncertain rates: each table has its own drawn rates.

    matrices: (K, 2^t, 2^t), one transition matrix for each draw of the rates.
    """

    matrices: Floats = field(default_factory=lambda: np.zeros((0, 0, 0)), repr=False)

    def expected(self, dense: NDArray[np.int64]) -> Floats:
        """Return the expected tables (B, 2^t) without errors; table b is corrected with the draw b modulo K."""
        if len(dense) == 1:
            return super().expected(dense)
        corrected = np.zeros(dense.shape)
        for draw, matrix in enumerate(self.matrices[: len(dense)]):
            rows = dense[draw :: len(self.matrices), 1:].T.astype(np.float64)
            corrected[draw :: len(self.matrices), 1:] = np.linalg.solve(matrix[1:, 1:], rows).T
        return np.round(corrected, DIGITS)


def make_uncertain(undo: Undo, rates: LinkageRates, seed: int) -> UncertainUndo:
    """Return a correction that includes the uncertainty of the rates.

    Parameters
    ----------
    undo : Undo
        The correction with the rates themselves.
    rates : LinkageRates
        The rates and their intervals.
    seed : int
        Seed of the draws.

    Returns
    -------
    UncertainUndo
        With 100 draws of the rates, or fewer for many lists. All rates are drawn independently. A draw that cannot
        have made the lists is replaced by the rates themselves.

    Examples
    --------
    >>> from kerege.evidence.mse.linkage_errors.corrected_lists import without_errors
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> rates = LinkageRates({"": LinkageRate(0.1, 0.05, 0.15)}, LinkageRate(0.0, 0.0, 0.0))
    >>> undo = make_uncertain(without_errors(lists, rates.miss_values, 0.0).undo, rates, seed=1)
    >>> repeated = undo(np.tile(lists.counts, (100, 1)))[:, [2, 4, 5, 6]].sum(axis=1)
    >>> bool(270 < repeated.min() < 290 < 310 < repeated.max())
    True
    """
    rng = np.random.default_rng(seed)
    lists = undo.given
    times = max(min(MOST_DRAWS, MOST_CELLS // 4**lists.number), LEAST_DRAWS)
    missed = {name: rate.draws(times, rng) for name, rate in rates.miss.items()}
    false = rates.false.draws(times, rng)
    matrices = [
        _draw_matrix(undo, {name: float(values[draw]) for name, values in missed.items()}, float(false[draw]))
        for draw in range(times)
    ]
    return UncertainUndo(lists, undo.matrix, np.array(matrices))


def _draw_matrix(undo: Undo, miss: Mapping[str, float], false: float) -> Floats:
    """Return the transition matrix of drawn rates; that of the rates if they are impossible."""
    lists = undo.given
    try:
        alone = estimate_people_alone(count_people_alone(lists.dense), false)
        return false_link_matrix(alone, false) @ missed_link_matrix(failure_probabilities(lists, miss))
    except BadLists:
        return undo.matrix
