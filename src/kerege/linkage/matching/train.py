"""Estimates m, u and the prior of a model from a table, starting from the values of the model.

Unsupervised estimation fails silently where blocking makes agreement common and where no pair reaches a level.
Therefore:

1. `u` is counted on random pairs.
2. `m` is counted on pairs that share an identifier, if there are enough of them; otherwise expectation-maximisation on
   all candidate pairs estimates it. There, levels that speak against a match count only in pairs that are sure matches
   without them.
3. The model's own values act as pseudo-counts: `SEEN` pairs of the level for u, `FAITH` pairs for m.
4. Values that the model fixes stay.
5. The prior is the expected number of matches among the candidate pairs, divided by the number of all pairs.
   It depends on the size of the table.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kerege.linkage.matching.batch_scorer import Frequencies, Scores, probability, score_levels, score_many
from kerege.linkage.matching.column_store import Rows, Table, records
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
# non-matching pairs added to the number of all pairs: keeps the prior low in a table of a few rows
UNSEEN = 20_000


def train(model: Model, table: Table, left: Rows, right: Rows, common: Frequencies, seed: int = 0) -> Model:
    """Return the model fitted to a table with candidate pairs, without labels.

    Parameters
    ----------
    model : Model
        Start, and prior of m and u as pseudo-counts.
    table : Table
        Comparison columns.
    left, right : (N,) int
        Rows of the candidate pairs.
    common : mapping of str to float64 array
        Relative frequency of each value (`batch_scorer.frequencies`).
    seed : int
        Random seed of the sampled pairs. The same seed gives the same model.

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
    generator = np.random.default_rng(seed)
    size = records(table)
    all_pairs = size * (size - 1) / 2 + UNSEEN
    sampled = (
        np.sort(generator.choice(len(left), SAMPLE, replace=False)) if len(left) > SAMPLE else np.arange(len(left))
    )
    sampled_share = len(sampled) / max(1, len(left))
    candidates = score_many(model, table, left[sampled], right[sampled], common)
    non_matches = score_many(model, table, *_draw_random_pairs(table, generator), common)
    initial = model
    model = _fit_prior(model, candidates, sampled_share, all_pairs, size)
    for _ in range(ROUNDS):
        prior_before = model.prior
        model = _run_em_step(model, initial, candidates, non_matches)
        candidates = score_levels(model, candidates.gammas, candidates.shares)
        non_matches = score_levels(model, non_matches.gammas, non_matches.shares)
        model = _fit_prior(model, candidates, sampled_share, all_pairs, size)
        if abs(np.log2(model.prior / prior_before)) < 0.001:
            break
    return model


def _draw_random_pairs(table: Table, generator: np.random.Generator) -> tuple[Rows, Rows]:
    size = records(table)
    count = min(RANDOM_PAIRS, size * (size - 1) // 2)
    left = generator.integers(0, size, count)
    right = (left + generator.integers(1, max(2, size), count)) % size
    return np.minimum(left, right), np.maximum(left, right)


def _run_em_step(model: Model, initial: Model, candidates: Scores, non_matches: Scores) -> Model:
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
        comparisons.append(
            _update_comparison(comparison, m, _estimate_u(non_matches.gammas[row], non_match_odds, comparison))
        )
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


def _fit_prior(model: Model, candidates: Scores, sampled_share: float, all_pairs: float, size: int) -> Model:
    """Return the model with its prior at the fixed point.

    There, the expected number of matches divided by the number of all pairs equals the prior.
    """
    if not size:
        return model  # no usable column, so no evidence to estimate from
    evidence = candidates.weights - prior_weight(model.prior)
    prior = model.prior
    for _ in range(50):
        expected = float(probability(evidence + prior_weight(prior)).sum()) / sampled_share if sampled_share else 0.0
        new = min(max(expected, LEAST_MATCHES * size) / max(all_pairs, 1.0), 0.5)
        if abs(np.log2(new / prior)) < 1e-4:
            break
        prior = new
    return replace(model, prior=prior)
