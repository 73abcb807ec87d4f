"""m, u and the prior of a model, learnt from a table, starting from the values that the model came with.

Learning from records alone goes wrong quietly: levels that agreement by blocking makes common, levels that nobody
reaches. So (1) `u` is counted on random pairs, (2) `m` on pairs that share an identifier, where there are enough of
them, else by expectation and maximisation on all candidates, where what speaks against one person counts only in pairs
that are sure without it, (3) both start from the model's own value, u with the weight of `SEEN` pairs of its level and
m with that of `FAITH` pairs, which it keeps where no identifier tells, (4) values that the model fixes stay, and (5)
the prior is what the table itself says: the expected matches among its candidates over all its pairs, so that it moves
with the size of the file.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kerege.linkage.matching.batch_scorer import Frequencies, Scores, probability, score_many, weighed
from kerege.linkage.matching.column_store import Rows, Table, records
from kerege.linkage.matching.model_file import Comparison, Level, Model, prior_weight

RANDOM_PAIRS = 500_000
SAMPLE = 600_000
ROUNDS = 25
FAITH = 200.0
# and every u, as if so many pairs of its level had been seen at the model's own rate: of what random pairs hardly ever
# agree in (street and house) the model knows more than they do
SEEN = 5.0
# so many pairs that share an identifier are worth more than any guess about the others
ENOUGH_LABELS = 300
# so many bits without a comparison are enough to learn from the pair how matches fail in it
SURE = 10.0
IDENTIFIERS = ("document",)
# a table in which fewer than one record in a thousand has a match tells little of matches
LEAST_MATCHES = 1e-3
# nor does a table of a few rows: it is taken for a part of one with so many pairs more that are of two persons
UNSEEN = 20_000


def train(model: Model, table: Table, left: Rows, right: Rows, common: Frequencies, seed: int = 0) -> Model:
    """The model fitted to a table with these candidate pairs. The same seed gives the same model."""
    random = np.random.default_rng(seed)
    size = records(table)
    every = size * (size - 1) / 2 + UNSEEN
    chosen = np.sort(random.choice(len(left), SAMPLE, replace=False)) if len(left) > SAMPLE else np.arange(len(left))
    share = len(chosen) / max(1, len(left))
    candidates = score_many(model, table, left[chosen], right[chosen], common)
    apart = score_many(model, table, *_random_pairs(table, random), common)
    own = model
    model = _with_prior(model, candidates, share, every, size)
    for _ in range(ROUNDS):
        before = model.prior
        model = _round(model, own, candidates, apart)
        candidates = weighed(model, candidates.gammas, candidates.shares)
        apart = weighed(model, apart.gammas, apart.shares)
        model = _with_prior(model, candidates, share, every, size)
        if abs(np.log2(model.prior / before)) < 0.001:
            break
    return model


def _random_pairs(table: Table, random: np.random.Generator) -> tuple[Rows, Rows]:
    size = records(table)
    count = min(RANDOM_PAIRS, size * (size - 1) // 2)
    one = random.integers(0, size, count)
    two = (one + random.integers(1, max(2, size), count)) % size
    return np.minimum(one, two), np.maximum(one, two)


def _round(model: Model, own: Model, candidates: Scores, apart: Scores) -> Model:
    matches = candidates.probabilities
    labelled = _labelled(model, candidates)
    others = 1.0 - apart.probabilities
    comparisons = []
    for row, (comparison, before) in enumerate(zip(model.comparisons, own.comparisons, strict=True)):
        gammas = candidates.gammas[row]
        if comparison.name not in IDENTIFIERS and labelled.sum() >= ENOUGH_LABELS:
            m = _shares(gammas, matches * labelled, before)
        else:
            sure = candidates.weights - candidates.parts[row] >= SURE
            m = _no_excuse(_shares(gammas, matches, before), _shares(gammas, sure, before), before)
        comparisons.append(_updated(comparison, m, _rates(apart.gammas[row], others, comparison)))
    return replace(model, comparisons=tuple(comparisons))


def _labelled(model: Model, candidates: Scores) -> NDArray[np.bool_]:
    """Which candidates share an identifier: whoever blocked them, names had no say in it."""
    for row, comparison in enumerate(model.comparisons):
        if comparison.name in IDENTIFIERS:
            surest = max(_told(comparison), key=lambda level: level.weight)
            found: NDArray[np.bool_] = candidates.gammas[row] == surest.gamma
            return found
    return np.zeros(candidates.gammas.shape[1], np.bool_)


def _shares(gammas: NDArray[np.int8], worth: NDArray[np.float64], comparison: Comparison) -> dict[int, float]:
    """m of each level: its share of the pairs where something is known, with the model's own as FAITH pairs more."""
    counted = _counted(gammas, worth, comparison)
    total = sum(counted.values()) + FAITH
    return {level.gamma: (counted[level.gamma] + FAITH * level.m) / total for level in _told(comparison)}


def _rates(gammas: NDArray[np.int8], worth: NDArray[np.float64], comparison: Comparison) -> dict[int, float]:
    """u of each level, with SEEN pairs of it more at the model's own rate."""
    counted = _counted(gammas, worth, comparison)
    total = sum(counted.values())
    return {level.gamma: (counted[level.gamma] + SEEN) / (total + SEEN / level.u) for level in _told(comparison)}


def _no_excuse(m: dict[int, float], sure: dict[int, float], own: Comparison) -> dict[int, float]:
    """What speaks against one person is learnt from pairs that are sure without it: in a file of one common name
    namesakes outnumber the matches, and their other days and fathers would be taken for slips."""
    against = {level.gamma for level in _told(own) if level.m < level.u}
    return {gamma: min(share, sure[gamma]) if gamma in against else share for gamma, share in m.items()}


def _counted(gammas: NDArray[np.int8], worth: NDArray[np.float64], comparison: Comparison) -> dict[int, float]:
    counted = np.bincount(gammas.astype(np.int64) + 1, weights=worth, minlength=len(comparison.levels) + 1)
    return {level.gamma: float(counted[level.gamma + 1]) for level in _told(comparison)}


def _told(comparison: Comparison) -> list[Level]:
    return [level for level in comparison.levels if not level.is_null]


def _updated(comparison: Comparison, m: dict[int, float], u: dict[int, float]) -> Comparison:
    def new(level: Level) -> Level:
        if level.is_null:
            return level
        return replace(
            level,
            m=level.m if level.fixed_m else max(m[level.gamma], 1e-9),
            u=level.u if level.fixed_u else max(u[level.gamma], 1e-9),
        )

    return replace(comparison, levels=tuple(new(level) for level in comparison.levels))


def _with_prior(model: Model, candidates: Scores, share: float, every: float, size: int) -> Model:
    """The prior at which the expected matches are what the prior says (their fixed point)."""
    if not size:
        return model  # a table without a column that says anything: nothing to learn from
    evidence = candidates.weights - prior_weight(model.prior)
    prior = model.prior
    for _ in range(50):
        expected = float(probability(evidence + prior_weight(prior)).sum()) / share if share else 0.0
        new = min(max(expected, LEAST_MATCHES * size) / max(every, 1.0), 0.5)
        if abs(np.log2(new / prior)) < 1e-4:
            break
        prior = new
    return replace(model, prior=prior)
