"""Invalid tables and settings are refused with one clear sentence, and never lead to a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.mse import BadLists, Lists, average_decomposable, bootstrap, fit, lcmcr, stepwise_many, thresholded
from kerege.evidence.mse.linkage_errors.correction import (
    bootstrap_linked_tables,
    build_transition_matrix,
    simulate_linkage_errors,
)
from kerege.evidence.mse.loglinear.existence import existence
from kerege.evidence.mse.loglinear.hierarchical_models import close_model
from kerege.evidence.mse.panels.panel import panel
from kerege.evidence.mse.panels.sensitivity import estimates_by_odds_ratio, leave_one_out, merge_pairs
from tests.evidence.mse.tables import table

GOOD = [1, 2, 4, 3, 5, 6]
BAD = [
    ([1, 2, 3], [[5, 6, 7]], "there are fewer than three lists"),
    ([1], [[5]], "there are fewer than three lists"),
    ([], [[]], "there is no history"),
    ([1, 2, 8, 3, 9, 10], [[1] * 6], "nobody is on list 3, leave it out"),
    (GOOD, [[1, 2, 3, 4, 5, -6]], "a count is negative"),
    (GOOD, [[1, 2, 3, 4, 5, 0.5]], "a count is a fraction"),
    (GOOD, [[1, 2, 3, 4, 5, np.nan]], "a count is missing or infinite"),
    (GOOD, [[1, 2, 3, 4, 5, np.inf]], "a count is missing or infinite"),
    (GOOD, [["1", "2", "3", "4", "5", "6"]], "a count is not a number"),
    (GOOD, [[1, 2, 3]], "give one column for each of the 6 histories"),
    (GOOD, [[1, 2, 3], [4, 5]], "the rows of counts differ in length, give 6 counts per row"),
    (GOOD, [[0] * 6], "nobody is on any list, give"),
    (GOOD, [[1] * 6, [2] * 6, [0] * 6], r"nobody is on any list in counts\[2\]"),
    ([1.0, 2.0, 4.0, np.nan], [[1] * 4], "whole number"),
    (GOOD, [[10**9, 2, 3, 4, 5, 6]], "more than 100,000,000 people"),
    (GOOD, [[2**62, 2**62, 3, 4, 5, 6]], "more than 100,000,000 people"),
    ([*GOOD, 3], [[1] * 7], r"histories\[3\] and histories\[6\] are both 3"),
    ([0, *GOOD], [[1] * 7], r"histories\[0\] is 0, on no list"),
    ([-1, *GOOD], [[1] * 7], "negative"),
    ([0.5, *GOOD], [[1] * 7], "whole number"),
    ([1 << j for j in range(15)], [[1] * 15], "number of lists is 15, join lists"),
]


@pytest.mark.parametrize(("histories", "counts", "message"), BAD)
def test_an_invalid_table_is_refused_in_one_sentence(histories: Any, counts: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        stepwise_many(histories, counts)
    assert isinstance(caught.value, BadInput)
    assert "\n" not in str(caught.value)


def test_the_threshold_and_the_treatment_of_empty_lists_are_checked() -> None:
    with pytest.raises(BadLists, match="threshold"):
        stepwise_many(GOOD, [[1] * 6], 2)
    with pytest.raises(BadLists, match="empty_list"):
        stepwise_many(GOOD, [[1] * 6], empty_list="other")


def test_whole_floats_and_a_dense_table_are_accepted() -> None:
    counts = np.array([[10, 20, 30, 4, 5, 6], [7, 7, 7, 2, 2, 2]])
    known = stepwise_many(GOOD, counts)
    assert np.array_equal(stepwise_many(np.array(GOOD, float), counts), known)
    dense = np.zeros((2, 8), np.int64)
    dense[:, GOOD] = counts
    assert np.array_equal(stepwise_many(np.arange(8), dense), known)
    assert Lists(np.arange(8), dense[0]).people == counts[0].sum()


SETTINGS: list[tuple[str, Callable[[Lists], Any], str]] = [
    ("level of an average", lambda it: average_decomposable(it).interval(80), "the level is 80, give a number above 0"),
    ("share", lambda it: average_decomposable(it).quantile(2), "the share is 2"),
    ("delta", lambda it: average_decomposable(it, delta=0), "delta is 0"),
    ("descending grid", lambda it: average_decomposable(it, np.array([5.0, 3.0])), "not an ascending row"),
    ("negative grid", lambda it: average_decomposable(it, np.array([-5.0, 3.0])), "not an ascending row"),
    ("fewer than seen", lambda _: estimates_by_odds_ratio(300, 100), "the estimate is 100, but 300 people were seen"),
    ("no estimate", lambda _: estimates_by_odds_ratio(300, float("nan")), "the estimate is nan"),
    ("method without", lambda it: leave_one_out(it, "lcmcr"), "there is no method 'lcmcr'"),
    ("method merged", lambda it: merge_pairs(it, "lcmcr"), "there is no method 'lcmcr'"),
    ("option without", lambda it: leave_one_out(it, threshold=2), "the threshold is 2"),
    ("mixed", lambda it: bootstrap_linked_tables([it], times=0), "the number of resamples is 0"),
    ("relinked", lambda it: simulate_linkage_errors(it, 0.1, 0.01, -1), "the number of tables is -1"),
    ("list", lambda it: it.on(9), "the number of a list is 9, give a whole number from 0 to 5"),
    ("mask", lambda it: it.on(64, mask=True), "the mask is 64"),
    (
        "term",
        lambda it: fit(it, close_model(6, [1 << 7])),
        "a term of the model is 128, give a whole number from 0 to 63",
    ),
    ("term of existence", lambda it: existence(it, close_model(6, [1 << 7])), "a term of the model is 128"),
    ("model in words", lambda it: fit(it, "LA:NG"), "the model is a text"),  # type: ignore[arg-type]
    ("level of a fit", lambda it: fit(it).interval(1.5), "the level is 1.5"),
    ("float resamples", lambda it: bootstrap(it, times=100.0), "is 100.0, give a whole number"),  # type: ignore[arg-type]
    ("panel", lambda it: panel(it, times=100.0), "is 100.0, give a whole number"),  # type: ignore[arg-type]
    ("seed", lambda it: bootstrap(it, seed=-1), "the seed is -1"),
    ("percentile", lambda it: bootstrap(it, times=100).percentile(95), "the level is 95"),
    ("BCa", lambda it: bootstrap(it, times=100).bca(1.0), "the level is 1.0"),
    ("threshold", lambda _: stepwise_many(GOOD, [[1] * 6], "a"), "the threshold is not a number"),  # type: ignore[arg-type]
    ("rates", lambda it: build_transition_matrix(it, {"LA": 0.1}, 0.0), "missed links is not a number"),  # type: ignore[arg-type]
    ("classes", lambda it: lcmcr(it, classes=2.5), "classes is 2.5"),  # type: ignore[arg-type]
    ("draws", lambda it: thresholded(it, draws=2000.5), "draws is 2000.5"),  # type: ignore[arg-type]
    ("threads", lambda _: stepwise_many(GOOD, [[1] * 6], threads=-1), "the number of threads is -1"),
]


@pytest.mark.parametrize(("call", "message"), [case[1:] for case in SETTINGS], ids=[case[0] for case in SETTINGS])
def test_a_setting_out_of_range_is_refused_in_one_sentence(call: Callable[[Lists], Any], message: str) -> None:
    with pytest.raises(BadLists, match=message) as caught:
        call(table("UKdat"))
    assert "\n" not in str(caught.value)


def test_lists_check_counts_names_and_histories() -> None:
    with pytest.raises(BadLists, match="give one column"):
        Lists(GOOD, [[1] * 6])
    with pytest.raises(BadLists, match="nobody is on list C"):
        Lists([1, 2, 3, 4], [1, 2, 3, 0], ["A", "B", "C"])
    with pytest.raises(BadLists, match="two lists are called A"):
        Lists([1, 2, 4, 7], [1, 2, 3, 4], ["A", "A", "C"])
    for name, escape in (("A\x1b[2J", "x1b"), ("A\u202e", "u202e"), ("A\0", "x00"), ("A\ud800", "ud800")):
        with pytest.raises(BadLists, match=f"control characters in its name: .*{escape}"):
            Lists([1, 2, 4, 7], [1, 2, 3, 4], [name, "B", "C"])
    with pytest.raises(BadLists, match="name every list"):
        Lists([1, 2, 4, 8], [1, 2, 3, 4], ["A", "B", "C"])
    lists = Lists.of_people([1, 1, 3, 4, 6, 1], ["A", "B", "C"])
    assert (lists.people, lists.repeated, lists.on(1), lists.on(6, mask=True)) == (6, 2, 2, 1)
