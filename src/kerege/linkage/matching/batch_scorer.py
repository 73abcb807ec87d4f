"""Comparison levels, match weights and probabilities of many pairs of records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.base.processors import processor_count
from kerege.linkage.matching.column_store import ListColumn, NumberColumn, Rows, Table, TextColumn, records
from kerege.linkage.matching.comparison_sql import RecordPairs, evaluate_condition
from kerege.linkage.matching.comparisons import ELSE, Comparison
from kerege.linkage.matching.model_file import Model, prior_weight

# pseudo-records in the smoothing of relative frequencies
FAITH = 100.0
# pairs in a slice; each processor scores one slice at a time
SLICE = 100_000
T = TypeVar("T")

Frequencies = Mapping[str, NDArray[np.float64]]
"""By text column: the relative frequency of each of its values, aligned to `TextColumn.values`."""


@dataclass(frozen=True)
class Scores:
    """Scores of N pairs, in bits.

    gammas: (comparisons, N) int8 levels. parts: (comparisons, N) partial match weights. weights: (N,) sum with the
    prior.
    """

    gammas: NDArray[np.int8]
    parts: NDArray[np.float64]
    weights: NDArray[np.float64]
    # (comparisons, N) log2 of the relative frequency, times the adjustment weight; NaN without adjustment
    shares: NDArray[np.float64]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Return (N,) posterior match probabilities."""
        return probability(self.weights)


def probability(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the match probability of match weights.

    Parameters
    ----------
    weight : (N,) float64
        Match weights, in bits with the prior.

    Returns
    -------
    (N,) float64
        1 / (1 + 2^-weight).

    Notes
    -----
    Fellegi and Sunter 1969, "A theory for record linkage".

    Examples
    --------
    >>> probability(np.array([0.0, 1.0])).round(3).tolist()
    [0.5, 0.667]
    """
    return 1.0 / (1.0 + np.exp2(-weight))


def frequencies(table: Table, model: Model) -> dict[str, NDArray[np.float64]]:
    """Return the relative frequency of each value, by column with term frequency adjustment.

    Records with the same whole name and date of birth count once: otherwise a person with many records makes their own
    name common. `FAITH` pseudo-records at the model's exact-match u smooth the frequencies of a small table. Raises
    BadInput if the model adjusts a column of numbers or lists.
    """
    result = {}
    size = records(table)
    rows, persons = _find_repeated_persons(table)
    is_single = np.ones(size, np.bool_)
    is_single[rows] = False
    for comparison in model.comparisons:
        for name in {level.tf_column for level in comparison.levels if level.tf_column}:
            column = table.get(name)
            if isinstance(column, NumberColumn | ListColumn):
                problem = f"the model weighs how common a value of {name} is, and {name} holds no texts"
                raise BadInput(Fault(problem, "name another tf_adjustment_column, or none"))
            if column is not None:
                codes, repeated_codes = column.codes[is_single], column.codes[rows]
                known = repeated_codes >= 0
                repeated_values = np.unique(repeated_codes[known].astype(np.int64) * size + persons[known]) // size
                repeated_counts = np.bincount(repeated_values, minlength=len(column.values))
                counts = np.bincount(codes[codes >= 0], minlength=len(column.values)) + repeated_counts
                result[name] = (counts + FAITH * (comparison.exact_u(name) or 0.0)) / (counts.sum() + FAITH)
    return result


def _find_repeated_persons(table: Table) -> tuple[Rows, NDArray[np.int64]]:
    """Return the rows of persons that occur more than once, and the number of the person in each row.

    A person is a pair of whole name and date of birth: two different persons rarely share both.
    """
    name, day = table.get("name_key"), table.get("birth_date")
    if not (isinstance(name, TextColumn) and isinstance(day, TextColumn)):
        return np.zeros(0, np.intp), np.zeros(0, np.int64)
    rows = np.flatnonzero((name.codes >= 0) & (day.codes >= 0))
    value_pairs = name.codes[rows].astype(np.int64) * len(day.values) + day.codes[rows]
    _, person, occurrences = np.unique(value_pairs, return_inverse=True, return_counts=True)
    is_repeated = occurrences[person] > 1
    return rows[is_repeated], person[is_repeated]


def score(model: Model, pairs: RecordPairs, common: Frequencies) -> Scores:
    """Score every pair; only values of the columns in `common` get a term frequency adjustment."""
    gammas = np.empty((len(model.comparisons), len(pairs)), np.int8)
    shares = np.empty(gammas.shape)
    for row, comparison in enumerate(model.comparisons):
        gammas[row] = pair_levels(comparison, pairs)
        shares[row] = _compute_adjustments(comparison, gammas[row], pairs, common)
    return score_levels(model, gammas, shares)


def map_slices(work: Callable[[slice], T], size: int) -> Iterator[T]:
    """Yield the result of `work` for each slice of PART rows, in order, with a thread for each processor."""
    with ThreadPoolExecutor(processor_count()) as pool:
        yield from pool.map(work, (slice(start, start + SLICE) for start in range(0, size, SLICE)))


def score_many(model: Model, table: Table, left: Rows, right: Rows, common: Frequencies) -> Scores:
    """Return the scores of many pairs, computed in slices to limit memory."""
    parts = list(map_slices(lambda rows: score(model, RecordPairs(table, left[rows], right[rows]), common), len(left)))
    parts = parts or [score(model, RecordPairs(table, left, right), common)]
    gammas, shares = (
        np.concatenate(arrays, 1) for arrays in zip(*((part.gammas, part.shares) for part in parts), strict=True)
    )
    return score_levels(model, gammas, shares)


def score_levels(model: Model, gammas: NDArray[np.int8], shares: NDArray[np.float64]) -> Scores:
    """Return the scores of known levels.

    Parameters
    ----------
    model : Model
        Comparisons with m and u, and the prior.
    gammas : (comparisons, N) int8
        Level of each comparison and pair.
    shares : (comparisons, N) float64
        log2 of the relative frequency of the value, times the adjustment weight; NaN without adjustment.

    Returns
    -------
    Scores
        Bits of each comparison, and match weights with the prior.

    Notes
    -----
    log2(m / u), plus weight * (log2 of the exact-match u - log2 of the share) where there is a share: Fellegi and
    Sunter 1969, "A theory for record linkage", with the term frequency adjustment of Splink.

    Examples
    --------
    >>> from kerege.linkage import Model
    >>> model = Model.bundled().only({"sex"})
    >>> scores = score_levels(model, np.array([[1, 0]], np.int8), np.full((1, 2), np.nan))
    >>> bool(scores.weights[0] > scores.weights[1])  # the same sex weighs more than another
    True
    """
    parts = np.empty(shares.shape)
    for row, comparison in enumerate(model.comparisons):
        level_weights, base_weight = comparison.weights.T
        parts[row] = level_weights[gammas[row]]
        adjusted = np.flatnonzero(~np.isnan(shares[row]))
        parts[row, adjusted] += base_weight[gammas[row, adjusted]] - shares[row, adjusted]
    return Scores(gammas, parts, parts.sum(0) + prior_weight(model.prior), shares)


def pair_levels(comparison: Comparison, pairs: RecordPairs) -> NDArray[np.int8]:
    """Return (N,) gamma of the first level whose condition is true for each pair."""
    result = np.zeros(len(pairs), np.int8)
    undecided = np.ones(len(pairs), np.bool_)
    for level in comparison.levels:
        if level.condition.upper() == ELSE:
            result[undecided] = level.gamma
            break
        reached = undecided & evaluate_condition(level.condition, pairs)
        result[reached] = level.gamma
        undecided &= ~reached
    return result


def _compute_adjustments(
    comparison: Comparison, gammas: NDArray[np.int8], pairs: RecordPairs, common: Frequencies
) -> NDArray[np.float64]:
    """Return (N,) log2 of the relative frequency in a pair, times the adjustment weight of its level.

    The more common of the two values counts. NaN where the level has no term frequency adjustment.
    """
    result = np.full(len(gammas), np.nan)
    for level in comparison.levels:
        column = pairs.table.get(level.tf_column or "")
        if level.tf_column is None or level.tf_column not in common or not isinstance(column, TextColumn):
            continue
        pairs_at_level = np.flatnonzero(gammas == level.gamma)
        left, right = (
            _look_up_shares(common[level.tf_column], column.codes[rows[pairs_at_level]])
            for rows in (pairs.left, pairs.right)
        )
        share = np.fmax(np.fmax(left, right), level.tf_minimum)
        with np.errstate(divide="ignore"):
            logs = level.tf_weight * np.log2(share)
        result[pairs_at_level] = np.where(np.isfinite(logs), logs, np.nan)
    return result


def _look_up_shares(shares: NDArray[np.float64], codes: NDArray[np.int32]) -> NDArray[np.float64]:
    if not len(shares):
        return np.full(len(codes), np.nan)
    frequencies = shares[np.maximum(codes, 0)]
    return np.where((codes >= 0) & (frequencies > 0), frequencies, np.nan)
