"""Estimates m, u and the prior of a model from a table, starting from the values of the model.

Unsupervised estimation fails silently where blocking makes agreement common and where no pair reaches a level.
Therefore:

1. `u` is counted on all pairs of a small table, and on a sample of pairs of a large one. There, `u` of equal values
   follows from the number of records of each value. No result depends on the order of the rows: the caller gives the
   records in the order of a hash of their content (`record_order`).
2. `m` is counted on pairs that share an identifier, if there are enough of them; otherwise expectation-maximisation on
   all candidate pairs estimates it. There, levels that speak against a match count only in pairs that are sure matches
   without them.
3. The model's own values act as pseudo-counts: `SEEN` pairs of the level for u, `FAITH` pairs for m.
4. Values that the model fixes stay.
5. The prior is the expected number of matches among the candidate pairs, divided by the number of all pairs.
   It depends on the size of the table. In a table of a few rows it is lower: two of six people with one name are more
   often namesakes than one person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kerege.linkage.matching.batch_scorer import Frequencies, Scores, probability, score_levels, score_many
from kerege.linkage.matching.column_store import Rows, Table, TextColumn, records
from kerege.linkage.matching.comparisons import Comparison, Level
from kerege.linkage.matching.model_file import Model, prior_weight

RANDOM_PAIRS = 500_000
SAMPLE = 600_000
ROUNDS = 25
# pseudo-counts for m
FAITH = 200.0
# pseudo-counts for u: random pairs almost never agree in street and house, so their own counts are too small
SEEN = 5.0
# from this number of pairs with a shared identifier on, they alone estimate m
ENOUGH_LABELS = 300
# bits of the other comparisons from which on a pair is a sure match when m of a comparison is estimated
SURE = 10.0
IDENTIFIERS = ("document",)
# lower bound of expected matches per record: below it the table has too few matches to estimate the prior
LEAST_MATCHES = 1e-3
# UNSEEN / records non-matching pairs are added to all pairs: they keep the prior low in a table of a few rows, and do
# not matter in one of hundreds
UNSEEN = 80_000
# distance between the records of sampled pairs: multiples of the golden ratio fill the table evenly
GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True)
class _Pairs:
    """Numbers of pairs of a table.

    sampled_share: the share of the candidate pairs that was scored. exact: for each comparison, the number of pairs
    that are equal in its first level, and the share of them that reaches it. None if that level is no equality, or if
    all pairs were scored.
    """

    records: int
    sampled_share: float
    exact: tuple[tuple[float, float] | None, ...]

    @property
    def count(self) -> float:
        """Return the number of all pairs."""
        return self.records * (self.records - 1) / 2


def train(model: Model, table: Table, left: Rows, right: Rows, common: Frequencies) -> Model:
    """Return the model fitted to a table with candidate pairs, without labels.

    Parameters
    ----------
    model : Model
        Start, and prior of m and u as pseudo-counts.
    table : Table
        Comparison columns. The rows are in an order unrelated to their content, as `record_order` makes it: it decides
        which pairs are sampled.
    left, right : (N,) int
        Rows of the candidate pairs.
    common : mapping of str to float64 array
        Relative frequency of each value (`batch_scorer.frequencies`).

    Returns
    -------
    Model
        With estimated m, u and prior. Levels with fixed values keep them.

    Notes
    -----
    u from random pairs, m and the prior by expectation-maximisation (Dempster, Laird and Rubin 1977) over the candidate
    pairs: Winkler 1988, "Using the EM algorithm for weight computation in the Fellegi-Sunter model of record linkage";
    Enamorado, Fifield and Imai 2019, "Using a probabilistic model to assist merging of large-scale administrative
    records", American Political Science Review 113.

    Examples
    --------
    >>> import polars as pl
    >>> from kerege.linkage.matching.column_store import of_frame, with_empty
    >>> model = Model.bundled().only({"sex"})
    >>> table = with_empty(of_frame(pl.DataFrame({"sex": ["female", "male"] * 50})), model.columns)
    >>> left, right = np.arange(0, 98), np.arange(2, 100)  # pairs of the same sex
    >>> 0 < train(model, table, left, right, {}).prior <= 0.5
    True
    """
    size = records(table)
    kept = _sample_candidates(len(left))
    sampled_left, sampled_right = _draw_pairs(size)
    candidates = score_many(model, table, left[kept], right[kept], common)
    non_matches = score_many(model, table, sampled_left, sampled_right, common)
    exact = _count_equal_pairs(model, table, sampled_left, sampled_right, non_matches.gammas)
    pairs = _Pairs(size, len(kept) / max(1, len(left)), exact)
    initial = model
    model = _fit_prior(model, candidates, pairs)
    for _ in range(ROUNDS):
        prior_before = model.prior
        model = _run_em_step(model, initial, candidates, non_matches, pairs)
        candidates = score_levels(model, candidates.gammas, candidates.shares)
        non_matches = score_levels(model, non_matches.gammas, non_matches.shares)
        model = _fit_prior(model, candidates, pairs)
        if abs(np.log2(model.prior / prior_before)) < 0.001:
            break
    return model


def _sample_candidates(count: int) -> Rows:
    """Return the numbers of at most SAMPLE candidate pairs, evenly spread."""
    return np.arange(count) if count <= SAMPLE else np.linspace(0, count - 1, SAMPLE).astype(np.intp)


def _draw_pairs(size: int) -> tuple[Rows, Rows]:
    """Return every pair of a small table, and RANDOM_PAIRS pairs of a large one."""
    if size * (size - 1) // 2 <= RANDOM_PAIRS:
        left, right = np.triu_indices(size, 1)
        return left, right
    numbers = np.arange(RANDOM_PAIRS)
    half = (size - 1) // 2  # a larger distance gives the pairs of a smaller one again
    distance = 1 + (half * ((1 + numbers // size) * GOLDEN % 1.0)).astype(np.intp)
    left = numbers % size
    right = (left + distance) % size
    return np.minimum(left, right), np.maximum(left, right)


def _count_equal_pairs(
    model: Model, table: Table, left: Rows, right: Rows, gammas: NDArray[np.int8]
) -> tuple[tuple[float, float] | None, ...]:
    """Return the `exact` counts of `_Pairs`."""
    size = records(table)
    if size * (size - 1) // 2 <= RANDOM_PAIRS:
        return (None,) * len(model.comparisons)
    return tuple(
        _count_equal_values(_list_informative_levels(comparison)[0], table, left, right, gammas[row])
        for row, comparison in enumerate(model.comparisons)
    )


def _count_equal_values(
    level: Level, table: Table, left: Rows, right: Rows, gammas: NDArray[np.int8]
) -> tuple[float, float] | None:
    """Return the number of pairs with equal values and the share of them that reaches the level.

    None if the level is no equality.
    """
    column = table.get(level.equal_column or "")
    if not isinstance(column, TextColumn):
        return None
    known = column.codes >= 0
    counts = np.bincount(column.codes[known]).astype(np.float64)
    is_equal = (column.codes[left] == column.codes[right]) & known[left]
    reached = float((gammas[is_equal] == level.gamma).mean()) if is_equal.any() else 1.0
    return float((counts * (counts - 1) / 2).sum()), reached


def _run_em_step(model: Model, initial: Model, candidates: Scores, non_matches: Scores, pairs: _Pairs) -> Model:
    matches = candidates.probabilities
    labelled = _label_candidates(model, candidates)
    non_match_odds = 1.0 - non_matches.probabilities
    comparisons = []
    for row, (comparison, initial_comparison) in enumerate(zip(model.comparisons, initial.comparisons, strict=True)):
        gammas = candidates.gammas[row]
        if comparison.name not in IDENTIFIERS and labelled.sum() >= ENOUGH_LABELS:
            m = _estimate_m(gammas, matches * labelled, initial_comparison)
        else:
            is_sure = candidates.weights - candidates.parts[row] >= SURE
            m = _cap_contrary_levels(
                _estimate_m(gammas, matches, initial_comparison),
                _estimate_m(gammas, is_sure, initial_comparison),
                initial_comparison,
            )
        u = _estimate_u(non_matches.gammas[row], non_match_odds, comparison)
        if (equal := pairs.exact[row]) is not None:
            matches_by_level = _count_by_gamma(gammas, matches / pairs.sampled_share, comparison)
            known_share = float(non_match_odds[non_matches.gammas[row] >= 0].sum()) / len(non_match_odds)
            u = _set_equal_u(u, comparison, equal, matches_by_level, known_share * pairs.count)
        comparisons.append(_update_comparison(comparison, m, u))
    return replace(model, comparisons=tuple(comparisons))


def _label_candidates(model: Model, candidates: Scores) -> NDArray[np.bool_]:
    """Return which candidates share an identifier: labels that do not depend on names."""
    for row, comparison in enumerate(model.comparisons):
        if comparison.name in IDENTIFIERS:
            surest = max(_list_informative_levels(comparison), key=lambda level: level.weight)
            is_labelled: NDArray[np.bool_] = candidates.gammas[row] == surest.gamma
            return is_labelled
    return np.zeros(candidates.gammas.shape[1], np.bool_)


def _estimate_m(gammas: NDArray[np.int8], weights: NDArray[np.float64], comparison: Comparison) -> dict[int, float]:
    """Return m by gamma: its share of the pairs with known values, smoothed with FAITH pairs."""
    counts = _count_by_gamma(gammas, weights, comparison)
    total = sum(counts.values()) + FAITH
    return {
        level.gamma: (counts[level.gamma] + FAITH * level.m) / total for level in _list_informative_levels(comparison)
    }


def _estimate_u(gammas: NDArray[np.int8], weights: NDArray[np.float64], comparison: Comparison) -> dict[int, float]:
    """Return u by gamma, smoothed with SEEN pairs of each level at the model's own u."""
    counts = _count_by_gamma(gammas, weights, comparison)
    total = sum(counts.values())
    return {
        level.gamma: (counts[level.gamma] + SEEN) / (total + SEEN / level.u)
        for level in _list_informative_levels(comparison)
    }


def _set_equal_u(
    u: dict[int, float],
    comparison: Comparison,
    equal: tuple[float, float],
    matches: dict[int, float],
    non_matches: float,
) -> dict[int, float]:
    """Return u by gamma with the first level from the counts of equal values.

    `equal` holds the number of pairs with equal values and the share that reaches the level, `matches` the expected
    number of matches at each level, `non_matches` the expected number of pairs with known values that do not match.
    """
    first = _list_informative_levels(comparison)[0]
    count, reached = equal
    apart = max(0.0, count * reached - matches[first.gamma])
    exact = (apart + SEEN) / (non_matches + SEEN / first.u)
    rest = (1.0 - exact) / (1.0 - u[first.gamma])
    return {gamma: exact if gamma == first.gamma else share * rest for gamma, share in u.items()}


def _cap_contrary_levels(m: dict[int, float], sure: dict[int, float], initial: Comparison) -> dict[int, float]:
    """Cap m of each level that speaks against a match at its value among sure matches.

    In a file with one common name, namesakes outnumber the matches. Their different dates of birth and patronymics
    would count as errors in matching pairs.
    """
    against = {level.gamma for level in _list_informative_levels(initial) if level.m < level.u}
    return {gamma: min(share, sure[gamma]) if gamma in against else share for gamma, share in m.items()}


def _count_by_gamma(gammas: NDArray[np.int8], weights: NDArray[np.float64], comparison: Comparison) -> dict[int, float]:
    counts = np.bincount(gammas.astype(np.int64) + 1, weights=weights, minlength=len(comparison.levels) + 1)
    return {level.gamma: float(counts[level.gamma + 1]) for level in _list_informative_levels(comparison)}


def _list_informative_levels(comparison: Comparison) -> list[Level]:
    return [level for level in comparison.levels if not level.is_null]


def _update_comparison(comparison: Comparison, m: dict[int, float], u: dict[int, float]) -> Comparison:
    def new(level: Level) -> Level:
        if level.is_null:
            return level
        return replace(
            level,
            m=level.m if level.fixed_m else max(m[level.gamma], 1e-9),
            u=level.u if level.fixed_u else max(u[level.gamma], 1e-9),
        )

    return replace(comparison, levels=tuple(new(level) for level in comparison.levels))


def _fit_prior(model: Model, candidates: Scores, pairs: _Pairs) -> Model:
    """Return the model with its prior at the fixed point.

    There, the expected number of matches divided by the number of all pairs equals the prior.
    """
    if not pairs.records:
        return model  # no usable column, so no evidence to estimate from
    evidence = candidates.weights - prior_weight(model.prior)
    prior = model.prior
    for _ in range(50):
        expected = float(probability(evidence + prior_weight(prior)).sum()) / max(pairs.sampled_share, 1e-9)
        new = min(max(expected, LEAST_MATCHES * pairs.records) / (pairs.count + UNSEEN / pairs.records), 0.5)
        if abs(np.log2(new / prior)) < 1e-4:
            break
        prior = new
    return replace(model, prior=prior)
