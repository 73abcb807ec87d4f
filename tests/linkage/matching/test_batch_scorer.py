"""Scores of many pairs: frequencies, levels and weights, computed again from a small model by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.linkage.matching import batch_scorer
from kerege.linkage.matching.column_store import Table, of_frame
from kerege.linkage.matching.comparison_sql import RecordPairs
from kerege.linkage.matching.model_file import Comparison, Level, Model
from kerege.linkage.matching.pair_scorer import PairScorer

FAITH = 100
EXACT = Level(2, "family_l = family_r", "same", 0.8, 0.02, tf_column="family", tf_weight=1.0)
CLOSE = Level(1, "substr(family_l, 1, 2) = substr(family_r, 1, 2)", "close", 0.15, 0.05)
LEVELS = (
    Level(-1, "family_l IS NULL OR family_r IS NULL", "missing", 1.0, 1.0),
    EXACT,
    CLOSE,
    Level(0, "ELSE", "else", 0.05, 0.93),
)
FAMILY = Comparison("family", LEVELS)
SEX = Comparison("sex", (Level(1, "sex_l = sex_r", "same", 0.95, 0.5), Level(0, "else", "else", 0.05, 0.5)))
MODEL = Model(prior=0.01, comparisons=(FAMILY, SEX), rules=(), document={})
FRAME = pl.DataFrame(
    {"family": ["serik", "serik", "sesen", None, "kim", "kim"], "sex": ["f", "f", "f", "f", None, "m"]}
)
PRIOR = math.log2(0.01 / 0.99)


@cache
def people() -> Table:
    """Return the table, made at first use: at import it would start threads that a fork lacks."""
    return of_frame(FRAME)


def all_pairs(table: Table, size: int) -> RecordPairs:
    left, right = np.triu_indices(size, 1)
    return RecordPairs(table, left, right)


# -- levels ------------------------------------------------------------------------------------------------------------
def test_the_first_level_that_is_true_counts_and_else_the_last() -> None:
    def level(one: str | None, other: str | None) -> int:
        if one is None or other is None:
            return -1
        return 2 if one == other else 1 if one[:2] == other[:2] else 0

    pairs = all_pairs(people(), 6)
    names = FRAME["family"].to_list()
    expected = [level(names[i], names[j]) for i, j in zip(pairs.left, pairs.right, strict=True)]
    assert batch_scorer.pair_levels(FAMILY, pairs).tolist() == expected
    assert set(expected) == {-1, 0, 1, 2}


def test_without_an_else_level_a_pair_that_reaches_none_has_level_zero() -> None:
    comparison = Comparison("family", LEVELS[:3])
    assert batch_scorer.pair_levels(comparison, RecordPairs(people(), np.array([0]), np.array([4]))).tolist() == [0]


# -- frequencies -------------------------------------------------------------------------------------------------------
def test_a_frequency_is_smoothed_with_a_hundred_records_at_the_exact_u() -> None:
    shares = batch_scorer.frequencies(people(), MODEL)
    assert set(shares) == {"family"}
    values = people()["family"].values  # type: ignore[union-attr]
    for name, count in {"serik": 2, "sesen": 1, "kim": 2}.items():
        assert shares["family"][values.index(name)] == pytest.approx((count + FAITH * 0.02) / (5 + FAITH))


def test_records_of_one_name_and_birth_date_count_once() -> None:
    """Rows 0, 1 and 2 are one person; a record without a date is a person of its own."""
    table = of_frame(
        pl.DataFrame(
            {
                "name_key": ["k1", "k1", "k1", "k1", "k2", "k3", None],
                "birth_date": ["1990", "1990", "1990", "1991", "1990", None, "1990"],
                "family": ["a", "a", "b", "a", "a", "a", "a"],
            }
        )
    )
    shares = batch_scorer.frequencies(table, MODEL)["family"]
    # a: once for the person of rows 0 and 1, and rows 3 to 6; b: once
    assert shares == pytest.approx([(5 + 2) / 106, (1 + 2) / 106])


@pytest.mark.parametrize("values", [[1, 2], [["a"], ["b"]]])
def test_only_texts_have_a_frequency(values: list[Any]) -> None:
    with pytest.raises(BadInput, match="family holds no texts"):
        batch_scorer.frequencies(of_frame(pl.DataFrame({"family": values})), MODEL)


def test_a_column_that_the_table_lacks_has_no_frequency() -> None:
    assert batch_scorer.frequencies(of_frame(FRAME.select("sex")), MODEL) == {}


# -- weights -----------------------------------------------------------------------------------------------------------
def expected_bits(level: int, share: float | None, exact: Level = EXACT) -> float:
    """Return log2(m / u), and for the exact level plus weight * (log2 u - log2 share)."""
    m, u = {-1: (1, 1), 0: (0.05, 0.93), 1: (0.15, 0.05), 2: (0.8, 0.02)}[level]
    adjustment = exact.tf_weight * (math.log2(0.02) - math.log2(share)) if share and level == 2 else 0.0
    return math.log2(m / u) + adjustment


def test_a_weight_is_the_prior_odds_plus_the_bits_of_each_comparison() -> None:
    common = {"family": np.array([0.1, 0.001, 0.02])}
    scores = batch_scorer.score(MODEL, all_pairs(people(), 6), common)
    shares = dict(zip(people()["family"].values, common["family"], strict=True))  # type: ignore[union-attr]
    for number, (i, j) in enumerate(zip(*np.triu_indices(6, 1), strict=True)):
        family = expected_bits(int(scores.gammas[0, number]), shares.get(FRAME["family"][int(i)]))
        one, other = (FRAME["sex"][int(row)] for row in (i, j))
        sex = math.log2(0.95 / 0.5) if one == other and one else math.log2(0.05 / 0.5)
        assert scores.parts[:, number] == pytest.approx([family, sex])
        assert scores.weights[number] == pytest.approx(PRIOR + family + sex)
        odds = 2 ** scores.weights[number]
        assert scores.probabilities[number] == pytest.approx(odds / (1 + odds))


@pytest.mark.parametrize(
    ("weight", "minimum", "shares", "share"),
    [
        (1.0, 0.0, [0.1, 0.4], 0.4),
        (1.0, 0.0, [0.4, 0.1], 0.4),
        (0.5, 0.0, [0.1, 0.4], 0.4),
        (1.0, 0.5, [0.1, 0.4], 0.5),
        (1.0, 0.0, [0.0, 0.4], 0.4),
        (1.0, 0.0, [0.0, 0.0], None),
        (1.0, 0.3, [0.0, 0.0], 0.3),
    ],
)
def test_the_more_common_of_two_values_counts_at_least_with_the_minimum(
    weight: float, minimum: float, shares: list[float], share: float | None
) -> None:
    """The level holds different values, so that each side has a frequency of its own."""
    level = replace(CLOSE, tf_column="family", tf_weight=weight, tf_minimum=minimum)
    model = replace(MODEL, comparisons=(Comparison("family", (LEVELS[0], EXACT, level, LEVELS[3])),))
    table = of_frame(pl.DataFrame({"family": ["serik", "sesen"]}))
    scores = batch_scorer.score(model, RecordPairs(table, np.array([0]), np.array([1])), {"family": np.array(shares)})
    bits = math.log2(0.15 / 0.05)
    if share:
        bits += weight * (math.log2(0.02) - math.log2(share))
    assert scores.parts[0, 0] == pytest.approx(bits)
    single = PairScorer(model)
    rows = [single.side({"family": name}, ending) for name, ending in (("serik", "_l"), ("sesen", "_r"))]
    _levels, parts = single(rows[0] | rows[1], lambda _column, value: shares[value == "sesen"])
    assert parts["family"] == pytest.approx(bits)


def test_a_missing_frequency_leaves_the_weight_as_it_is() -> None:
    table = of_frame(pl.DataFrame({"family": ["serik", "serik"]}))
    pairs = RecordPairs(table, np.array([0]), np.array([1]))
    model = replace(MODEL, comparisons=(FAMILY,))
    plain = batch_scorer.score(model, pairs, {})
    assert plain.parts[0, 0] == pytest.approx(math.log2(0.8 / 0.02))
    assert np.isnan(plain.shares).all()
    single = PairScorer(model)
    pair = single.side({"family": "serik"}, "_l") | single.side({"family": "serik"}, "_r")
    assert single(pair, lambda *_: None)[1]["family"] == pytest.approx(math.log2(0.8 / 0.02))


@pytest.mark.parametrize("size", [1, 2, 4, 15, 16])
def test_slices_give_the_scores_of_all_pairs_in_order(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = all_pairs(people(), 6)
    whole = batch_scorer.score(MODEL, pairs, {"family": np.array([0.1, 0.001, 0.02])})
    monkeypatch.setattr(batch_scorer, "SLICE", size)
    cut = batch_scorer.score_many(MODEL, people(), pairs.left, pairs.right, {"family": np.array([0.1, 0.001, 0.02])})
    assert cut.gammas.tolist() == whole.gammas.tolist()
    assert cut.weights.tolist() == whole.weights.tolist()
    assert np.array_equal(cut.shares, whole.shares, equal_nan=True)
    slices = list(batch_scorer.map_slices(lambda part: (part.start, part.stop), 15))
    assert slices == [(start, start + size) for start in range(0, 15, size)]


def test_no_pairs_have_no_scores() -> None:
    nothing = np.zeros(0, np.intp)
    scores = batch_scorer.score_many(MODEL, people(), nothing, nothing, {})
    assert (scores.gammas.shape, scores.weights.shape) == ((2, 0), (0,))


def test_a_probability_is_even_at_zero_bits_and_certain_far_from_it() -> None:
    weights = np.array([-900.0, -1.0, 0.0, 1.0, 900.0])
    assert batch_scorer.probability(weights) == pytest.approx([0.0, 1 / 3, 0.5, 2 / 3, 1.0])
