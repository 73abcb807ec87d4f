"""Models trained on records that keep the relations are as right as models trained on people."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerege.evidence.synthesis.evaluation.comparison import predictions
from kerege.evidence.synthesis.evaluation.comparison.holdout import Holdout
from kerege.evidence.synthesis.evaluation.comparison.predictions import MOST_TARGETS, predict
from tests.evidence.synthesis.evaluation.comparison.invented_people import people


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=30))
def test_the_auc_is_the_share_of_pairs_that_are_ranked_rightly(scored: list[tuple[int, bool]]) -> None:
    scores, labels = np.array([score for score, _ in scored], float), np.array([label for _, label in scored])
    pairs = [
        (one > other) + (one == other) / 2 for one, other in product(scores[labels].tolist(), scores[~labels].tolist())
    ]
    assert predictions._auc(scores, labels) == pytest.approx(np.mean(pairs) if pairs else 0.5)


def test_a_model_finds_the_commonest_answer_of_each_group() -> None:
    """The best model that knows one column takes the commonest answer among those who answer it alike."""
    rows, others = (people(2_000, seed).select("sex", "form") for seed in (1, 2))
    best = dict(rows.drop_nulls().group_by("sex").agg(pl.col("form").mode().first()).rows())
    best[None] = rows.filter(pl.col("sex").is_null())["form"].mode()[0]
    right = [best[sex] == form for sex, form in others.rows()]
    form = {prediction.column: prediction for prediction in predict(Holdout(rows, others, rows), seed=1)}["form"]
    assert form.real == form.synthetic == pytest.approx(np.mean(right))
    assert form.majority == pytest.approx(others["form"].value_counts()["count"].max() / others.height)
    assert form.real > form.majority + 0.1


def test_records_without_relations_predict_no_better_than_the_commonest_answer() -> None:
    rows, others = people(1_500, 1), people(1_500, 2)
    chance = np.random.default_rng(3)
    shuffled = rows.with_columns(column.gather(chance.permutation(rows.height)) for column in rows.get_columns())
    form = {prediction.column: prediction for prediction in predict(Holdout(rows, others, shuffled), seed=1)}["form"]
    assert form.real > form.synthetic + 0.1
    assert form.synthetic <= form.majority + 0.05
    assert abs(form.synthetic_auc - 0.5) < 0.1
    assert form.real_auc > 0.8


def test_columns_without_two_common_answers_are_not_predicted() -> None:
    rows = pl.DataFrame({"a": ["x"] * 99 + ["y"], "b": [["u"]] * 50 + [["v"]] * 50})
    assert predict(Holdout(rows, rows, rows), seed=1) == []


def test_not_reported_is_an_answer() -> None:
    rows = pl.DataFrame({"a": ["x", None] * 50, "b": ["p", "q"] * 50})
    predicted = predict(Holdout(rows, rows, rows), seed=1)
    assert [(one.column, one.answers, one.synthetic) for one in predicted] == [("a", 2, 1.0), ("b", 2, 1.0)]


def test_records_that_lack_an_answer_or_every_row_are_wrong_and_no_error() -> None:
    rows = pl.DataFrame({"a": ["x", "y"] * 50, "b": ["p", "q"] * 50})
    for records in (rows.with_columns(a=pl.lit("x")), rows.clear()):
        first = predict(Holdout(rows, rows, records), seed=1)[0]
        assert (first.real, first.synthetic) == (1.0, 0.5)


def test_the_most_even_columns_are_predicted() -> None:
    rows = pl.DataFrame({f"c{n:02}": ["x"] * (50 + n) + ["y"] * (50 - n) for n in range(20)})
    assert [prediction.column for prediction in predict(Holdout(rows, rows, rows), seed=1)] == [
        f"c{n:02}" for n in range(MOST_TARGETS)
    ]
