"""Precision and recall from judged pairs: right on a known population, with intervals that hold."""

from __future__ import annotations

import numpy as np
import pytest

from kerege.linkage.review.answers import AnsweredPair, Answers, SampleOrigin
from kerege.linkage.review.quality import measure_quality
from kerege.linkage.review.sample import BANDS

PAIRS = [900, 500, 450, 120, 90, 400, 520, 380, 1500, 8000]
SHARES = [0.2, 0.4, 0.65, 0.8, 0.86, 0.92, 0.96, 0.98, 0.99, 0.999]


def judged(same: list[int], size: int) -> Answers:
    answers = Answers(SampleOrigin({}, "", 0, PAIRS))
    for band, count in enumerate(same):
        for number in range(size):
            answer = AnsweredPair(f"{band}-{number}", "x", "same" if number < count else "different", BANDS[band], band)
            answers.pairs[answer.left, answer.right] = answer
    return answers


def test_the_rates_are_those_of_bands_weighted_by_their_pairs() -> None:
    same = [4, 8, 13, 16, 17, 18, 19, 20, 20, 20]
    quality = measure_quality(judged(same, 20))
    true = np.array(PAIRS) * np.array(same) / 20
    for place in range(len(BANDS)):
        row = quality.row(place, named=True)
        assert row["precision"] == pytest.approx(true[place:].sum() / sum(PAIRS[place:]))
        assert row["recall"] == pytest.approx(true[place:].sum() / true.sum())
        assert (row["pairs"], row["judged"]) == (sum(PAIRS[place:]), 20 * (len(BANDS) - place))


def test_the_intervals_hold_the_true_rates_in_about_95_of_100_samples() -> None:
    true = np.array(PAIRS) * np.array(SHARES)
    precision, recall = true[5:].sum() / sum(PAIRS[5:]), true[5:].sum() / true.sum()
    rng, held = np.random.default_rng(3), np.zeros(2)
    for _ in range(60):
        row = measure_quality(judged(rng.binomial(30, SHARES).tolist(), 30)).row(5, named=True)
        held += [
            row["precision_lower"] <= precision <= row["precision_upper"],
            row["recall_lower"] <= recall <= row["recall_upper"],
        ]
    assert (held >= 52).all(), held


def test_a_band_of_which_no_pair_is_judged_widens_the_interval() -> None:
    quality = measure_quality(judged([4, 8, 13, 16, 17, 18, 19, 20, 20, 20], 20))
    answers = judged([4, 8, 13, 16, 17, 18, 19, 20, 20, 20], 20)
    answers.pairs = {key: pair for key, pair in answers.pairs.items() if pair.band != 9}
    wide = measure_quality(answers)
    assert wide["precision_lower"][5] < quality["precision_lower"][5] - 0.2


def test_an_unsure_answer_counts_nowhere() -> None:
    answers = judged([10] * 10, 20)
    before = measure_quality(answers)
    answers.pairs["y", "x"] = AnsweredPair("y", "x", "unsure", 0.9, 5)
    assert measure_quality(answers).equals(before)
