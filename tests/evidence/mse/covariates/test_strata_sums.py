"""Sums over covariates and scales of strata with given resamples: the arithmetic by hand."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from kerege.evidence.mse.covariates.margins import make_margins
from kerege.evidence.mse.covariates.strata import Strata

# van der Heijden, Smith, Cruyff and Bakker 2018, table 1: two registers, each with a covariate of its own


def given_strata(unseen_again: NDArray[np.float64], **more: object) -> Strata:
    """Return strata of sex and age with given resamples: women adult and child, men adult and child."""
    rows = [(1, 1, sex, age) for sex in "fm" for age in ("adult", "child")]
    frame = pl.DataFrame(rows, schema=["A", "B", "sex", "age"], orient="row")
    margins = make_margins(frame, ["A", "B"], {"sex": ["A", "B"], "age": ["A", "B"]})
    facts: dict[str, object] = {
        "detected": 100,
        "estimate": 180.0,
        "interval80": (150.0, 200.0),
        "interval95": (140.0, 250.0),
        "model": (),
        "log_likelihood": -1.0,
        "parameters": 5,
        "bic": 9.0,
        "replicates": len(unseen_again),
        "failed": 0,
        "seed": 1,
        "no_estimate": None,
        "margins": margins,
        "seen": np.array([40.0, 10.0, 30.0, 20.0]),
        "unseen": np.array([30.0, 20.0, 20.0, 10.0]),
        "repeated": np.array([9.0, 4.0, 5.0, 6.0]),
        "seen_again": np.tile([40.0, 10.0, 30.0, 20.0], (len(unseen_again), 1)),
        "unseen_again": unseen_again,
    } | more
    return Strata(**facts)  # type: ignore[arg-type]


RESAMPLES = np.arange(40, dtype=float).reshape(10, 4)


def test_sums_over_covariates_add_up_the_strata_in_the_order_of_the_levels() -> None:
    strata = given_strata(RESAMPLES)
    assert strata.by("sex").select("sex", "detected", "unseen", "estimate").rows() == [
        ("f", 50.0, 50.0, 100.0),
        ("m", 50.0, 30.0, 80.0),
    ]
    assert strata.by("age").select("age", "estimate").rows() == [("adult", 120.0), ("child", 60.0)]
    assert strata.by("age", "sex").select("age", "sex", "unseen").rows() == [
        ("adult", "f", 30.0),
        ("adult", "m", 20.0),
        ("child", "f", 20.0),
        ("child", "m", 10.0),
    ]
    assert strata.by().select("detected", "estimate").rows() == [(100.0, 180.0)]


def test_limits_of_a_sum_are_quantiles_of_the_sums_of_each_resample() -> None:
    """Not sums of quantiles: the resamples of two strata rise and fall together."""
    table_by_sex = given_strata(RESAMPLES).by("sex")
    women = RESAMPLES[:, :2].sum(axis=1) + 50
    for name, level in (("lower80", 0.1), ("upper80", 0.9), ("lower95", 0.025), ("upper95", 0.975)):
        assert table_by_sex[name][0] == np.quantile(women, level, method="inverted_cdf")


def test_an_unbounded_resample_is_the_largest_one() -> None:
    resamples = RESAMPLES.copy()
    resamples[3] = np.inf
    strata = given_strata(resamples)
    assert strata.by("sex")["upper95"].to_list() == [math.inf, math.inf]
    assert math.isfinite(strata.by("sex")["upper80"][0])
    assert given_strata(np.empty((0, 4))).by()["lower80"].is_nan().all()


@pytest.mark.parametrize(
    ("seen", "repeated", "is_small"), [(20.0, 5.0, False), (19.9, 5.0, True), (20.0, 4.9, True), (500.0, 0.0, True)]
)
def test_a_stratum_is_small_below_20_people_or_5_on_two_lists(seen: float, repeated: float, is_small: bool) -> None:
    strata = given_strata(RESAMPLES, seen=np.full(4, seen), repeated=np.full(4, repeated))
    assert strata.table["small"].to_list() == [is_small] * 4
    assert strata.by()["small"].to_list() == [4 * repeated < 5]  # all strata together have enough people


def test_a_total_from_another_source_scales_the_unobserved_people_alone() -> None:
    resamples = RESAMPLES.copy()
    resamples[0] = np.inf
    scaled = given_strata(resamples).benchmarked(260.0)
    assert scaled.estimate == 260.0
    assert scaled.unseen.tolist() == [60.0, 40.0, 40.0, 20.0]  # 160 unobserved people instead of 80
    assert scaled.seen.tolist() == [40.0, 10.0, 30.0, 20.0]
    assert (scaled.unseen_again[1:] == 2 * RESAMPLES[1:]).all()
    assert np.isinf(scaled.unseen_again[0]).all()
    totals = np.r_[np.inf, 100 + 2 * RESAMPLES[1:].sum(axis=1)]
    assert scaled.interval80 == tuple(np.quantile(totals, [0.1, 0.9], method="inverted_cdf"))
    assert given_strata(RESAMPLES).benchmarked(100.0).unseen.sum() == 0
    for total in (99.9, math.inf, math.nan):
        with pytest.raises(ValueError, match=r"the strata cannot sum to .*, give at least 100"):
            given_strata(RESAMPLES).benchmarked(total)
