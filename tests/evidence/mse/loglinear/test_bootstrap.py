"""Bootstrap: published constants and intervals, and the Monte Carlo errors of the limits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from scipy import stats

from kerege.base.geometric_noise import deviation, drawn, of_histories
from kerege.evidence.mse import BadLists, Lists, bootstrap
from kerege.evidence.mse.lists import build_unchecked_lists
from kerege.evidence.mse.loglinear.bootstrap import add_noise, check_options, draw_resamples, make_estimator, summarise
from kerege.evidence.mse.loglinear.bootstrap_intervals import compute_quantile
from tests.evidence.mse.tables import resamples, table

ACCELERATION = {  # from SparseMSE
    "UKdat_5": -0.012181,
    "UKdat": -0.012871,
    "Ned_5": -0.016600,
    "Ned": 0.033343,
    "NewOrl_5": -0.055161,
    "NewOrl": -0.029332,
}
LARGE = {  # 100,000 resamples: percentile and BCa 95%, share of the same model
    "UKdat_5": (9878, 27385, 9257, 15149, 0.275),
    "UKdat": (10027, 24711, 9209, 14442, 0.265),
    "Ned_5": (37018, 144231, 47918, 167939, 0.342),
    "NewOrl_5": (758, 5470, 443, 1570, 0.490),
    "Australia": (3383, 29688, 2895, 16387, 0.974),
    "Korea": (123, 382, 123, 435, 0.776),
    "Kosovo": (12527, 16569, 12545, 16592, 0.886),
}


@pytest.mark.parametrize("name", ACCELERATION)
def test_acceleration_equals_that_of_sparsemse(name: str) -> None:
    assert bootstrap(table(name), times=100).acceleration == pytest.approx(ACCELERATION[name], abs=6e-7)


@pytest.mark.parametrize("name", LARGE)
def test_intervals_of_many_resamples(name: str) -> None:
    lower, upper, bca_lower, bca_upper, level_share = LARGE[name]
    result = bootstrap(table(name), times=10_000, seed=5)
    percentile, bca = result.percentile(), result.bca()
    assert percentile.lower == pytest.approx(lower, rel=0.02)
    assert percentile.upper == pytest.approx(upper, rel=0.06)
    assert bca.lower == pytest.approx(bca_lower, rel=0.06 if bca.lower_error < 20 * bca_lower else 0.2)
    assert bca.upper == pytest.approx(bca_upper, rel=0.03)
    assert result.recurrence == pytest.approx(level_share, abs=0.02)


def test_bca_follows_its_formula_and_warns_of_few_resamples() -> None:
    result = bootstrap(table("UKdat"), times=2000)
    z0 = stats.norm.ppf(np.mean(result.replicates < result.estimate))
    for level in (0.95, 0.8):
        levels = []
        for level_share in ((1 - level) / 2, (1 + level) / 2):
            z = z0 + stats.norm.ppf(level_share)
            levels.append(stats.norm.cdf(z0 + z / (1 - result.acceleration * z)))
        limits = np.quantile(result.replicates, levels, method="median_unbiased")
        interval = result.bca(level)
        assert (interval.lower, interval.upper) == pytest.approx(tuple(limits), rel=1e-12)
    assert "BCa reads its limits at" in result.bca().warning
    assert "fewer than 10 resamples" in result.bca().warning
    assert not bootstrap(table("Kosovo"), times=2000).bca().warning
    assert not result.percentile().warning


def test_the_monte_carlo_error_equals_the_deviation_over_seeds() -> None:
    lists = table("UKdat_5")
    runs = [bootstrap(lists, times=1000, seed=seed).percentile() for seed in range(40)]
    spread = float(np.std([run.lower for run in runs]))
    assert np.mean([run.lower_error for run in runs]) == pytest.approx(spread, rel=0.4)


@pytest.mark.parametrize(("name", "method", "ntop"), [("Kosovo", "bic", 20), ("Ned_5", "stepwise", None)])
def test_the_monte_carlo_error_of_bca_includes_that_of_z0(name: str, method: str, ntop: int | None) -> None:
    check_error_of_bca(name, method, ntop)


def check_error_of_bca(name: str, method: str, ntop: int | None) -> None:
    """Check the error over seeds: without that of z0 it would be half of the deviation."""
    result = [bootstrap(table(name), method, times=1000, seed=seed, ntop=ntop).bca(0.8) for seed in range(40)]
    for end in ("lower", "upper"):
        deviation_over_seeds = float(np.std([getattr(interval, end) for interval in result], ddof=1))
        assert np.median([getattr(interval, f"{end}_error") for interval in result]) == pytest.approx(
            deviation_over_seeds, rel=0.25
        )


def test_resamples_depend_on_the_seed_and_not_on_threads() -> None:
    lists = table("UKdat_5")
    single_thread = bootstrap(lists, times=9000, seed=3, threads=1)
    three_threads = bootstrap(lists, times=9000, seed=3, threads=3)
    assert (single_thread.replicates == three_threads.replicates).all()
    assert single_thread.models == three_threads.models
    assert (single_thread.replicates != bootstrap(lists, times=9000, seed=4).replicates).any()
    assert single_thread.frequencies[0][1] >= single_thread.frequencies[1][1]


@pytest.mark.parametrize(
    ("name", "order", "ntop", "lower", "upper"),
    [  # Silverman, Chan and Vincent 2024, tables 2, 3, 6: BCa
        ("Kosovo", None, 1, 9100, 12000),
        ("Kosovo", None, None, 6947, 18010),
        ("Kosovo", 2, None, 12451, 16273),
        ("Korea", None, None, 128, 349),
        ("Korea", None, 1, 131, 248),
        ("UKdat_5", 2, 100, 11456, None),  # the upper limit is the largest resample, whatever it is
    ],
)
def test_intervals_with_repeated_bic_selection_are_as_published(
    name: str, order: int | None, ntop: int | None, lower: float, upper: float | None
) -> None:
    result = bootstrap(table(name), "bic", times=2000, order=order, ntop=ntop).bca()
    assert result.lower == pytest.approx(lower, rel=0.05)
    if upper is None:
        assert "fewer than 10" in result.warning
        assert result.upper_error == math.inf
    else:
        assert result.upper == pytest.approx(upper, rel=0.08)


def test_independence_and_downhill_have_a_bootstrap() -> None:
    percentile = bootstrap(table("UKdat_5"), "independence", times=2000)
    assert percentile.estimate == pytest.approx(13444.131, abs=1e-3)
    assert percentile.recurrence == 1
    result = bootstrap(table("Korea"), "downhill", times=100)
    assert result.estimate == pytest.approx(157.1667, abs=1e-3)


def test_a_bootstrap_of_a_tiny_table_agrees_with_all_its_resamples() -> None:
    """Six people: compare with all possible resamples and their probabilities."""
    lists = Lists([1, 2, 4, 3, 5, 6], [1, 1, 1, 1, 1, 1])
    result = bootstrap(lists, "independence", times=40_000)
    infinite = float(np.mean(np.isinf(result.replicates)))
    # the estimate is infinite if no person is on two lists: all six draws are among the histories of one list, (1/2)^6
    counts = np.array(list(_compositions(6, 6)))
    probabilities = np.exp(stats.multinomial.logpmf(counts, 6, np.full(6, 1 / 6)))
    from kerege.evidence.mse import stepwise_many

    exact = stepwise_many(lists.histories, counts, 0)
    assert infinite == pytest.approx(probabilities[np.isinf(exact)].sum(), abs=0.004)
    assert np.mean(result.replicates <= 8) == pytest.approx(probabilities[exact <= 8].sum(), abs=0.012)


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


def test_quantiles_are_of_type_8_and_may_be_infinite() -> None:
    values = np.sort(np.random.default_rng(1).random(37))
    for level_share in (0.0, 0.001, 0.1, 0.5, 0.77, 1.0):
        assert compute_quantile(values, level_share) == pytest.approx(
            np.quantile(values, level_share, method="median_unbiased")
        )
    assert compute_quantile(np.array([1.0, 2.0, math.inf, math.inf]), 0.9) == math.inf
    assert math.isnan(compute_quantile(np.array([]), 0.5))


def test_invalid_options_are_refused() -> None:
    lists = table("Korea")
    with pytest.raises(BadLists, match="there is no method 'x', choose one of stepwise"):
        bootstrap(lists, "x")
    with pytest.raises(BadLists, match="the threshold is 3"):
        bootstrap(lists, threshold=3)
    with pytest.raises(BadLists, match="the number of best models is 0"):
        bootstrap(lists, "bic", ntop=0)
    with pytest.raises(BadLists, match="the number of resamples is 5, give a whole number from 100 on"):
        bootstrap(lists, times=5)
    with pytest.raises(BadLists, match="give three or more that overlap"):
        bootstrap(build_unchecked_lists(("A", "B"), np.array([1, 2, 3]), np.array([4, 5, 6])))


def test_intervals_of_refitted_resamples_cover_the_truth_of_the_uk_model() -> None:
    """Chan, Silverman and Vincent 2021, 3.4: tables from a model of UKdat_5, coverage in [.93, .99]."""
    from kerege.evidence.mse import fit
    from kerege.evidence.mse.loglinear.hierarchical_models import close_model, from_pairs
    from kerege.evidence.mse.loglinear.stepwise_selection import stepwise_models

    lists = table("UKdat_5")
    chosen = stepwise_models(lists.histories, lists.counts[None]).models[0]
    model = from_pairs(5, int(chosen))
    truth = fit(lists, close_model(5, model))
    cells = np.arange(1, 32)
    means = np.array([math.exp(sum(a for term, a in truth.alphas.items() if w & term == term)) for w in cells])
    rng = np.random.default_rng(8)
    tables = rng.multinomial(round(truth.estimate), np.r_[means, truth.unobserved] / truth.estimate, size=150)[:, :-1]
    covered = 0
    for people in tables:
        resample = Lists(cells, people)
        replicates = np.sort(stepwise_models(resample.histories, draw_resamples(resample, 500, rng)).estimates)
        covered += compute_quantile(replicates, 0.025) <= truth.estimate <= compute_quantile(replicates, 0.975)
    assert 0.93 - 0.03 <= covered / len(tables) <= 1.0
    assert resamples(lists, 1).sum() == lists.people


def test_intervals_of_noisy_counts_cover_the_truth_only_with_known_noise() -> None:
    """Independent lists of the size of the UK table, with the noise of epsilon 1 in each count."""
    lists = table("UKdat")
    truth = round(bootstrap(lists, "independence", times=100).estimate)
    history = np.arange(1 << lists.number)
    is_on = (history[:, None] >> np.arange(lists.number)) & 1
    rates = np.array([lists.on(j) for j in range(lists.number)]) / truth
    probabilities = np.where(is_on, rates, 1 - rates).prod(1)
    rng, deviation_over_seeds = np.random.default_rng(2), deviation(math.exp(-0.5))
    covered = {0.0: 0, deviation_over_seeds: 0}
    for _ in range(100):
        people = rng.multinomial(truth, probabilities)[1:]
        noisy_counts = of_histories(people + drawn(deviation_over_seeds, people.shape, rng))
        for noise in covered:
            result = bootstrap(
                Lists(history[1:], noisy_counts, lists.names, noise), "independence", times=200
            ).percentile()
            covered[noise] += result.lower <= truth <= result.upper
    assert covered[0.0] < 80
    assert covered[deviation_over_seeds] >= 90


def test_empty_histories_change_no_resample_and_no_estimate() -> None:
    lists = table("Kosovo")
    assert (draw_resamples(lists, 5, np.random.default_rng(3)) == resamples(lists, 5, 3)).all()
    for method in ("stepwise", "bic", "independence"):
        estimate, _ = make_estimator(lists, method)
        estimate_wide, _ = make_estimator(lists.with_empty(), method)
        assert estimate(lists.counts[None])[0] == pytest.approx(
            estimate_wide(lists.with_empty().counts[None])[0], rel=1e-9
        )


# -- resamples -------------------------------------------------------------------------------------------------------


def test_a_resample_draws_all_people_in_proportion_to_their_histories() -> None:
    lists = table("Korea")
    counts = draw_resamples(lists, 4000, np.random.default_rng(1))
    assert (counts.sum(axis=1) == lists.people).all()
    share = lists.counts / lists.people
    error = np.sqrt(lists.people * share * (1 - share) / 4000)
    assert (np.abs(counts.mean(axis=0) - lists.counts) < 5 * error + 1e-9).all()
    assert counts.var(axis=0) == pytest.approx(lists.people * share * (1 - share), rel=0.12)


def test_noise_is_added_after_the_people_are_drawn() -> None:
    """The variances of the draw and of the noise add up, where no count is near 0."""
    lists = build_unchecked_lists(("A", "B"), np.array([1, 2, 3]), np.array([4000, 3000, 2000]), 30.0)
    counts = draw_resamples(lists, 3000, np.random.default_rng(2))
    share = lists.counts / 9000
    assert counts.var(axis=0) == pytest.approx(9000 * share * (1 - share) + 900, rel=0.12)
    exact = add_noise(Lists([1, 2, 4, 3], [9, 8, 7, 6]), np.ones((2, 4), np.int64), np.random.default_rng(1))
    assert exact.tolist() == [[1] * 4, [1] * 4]


# -- methods ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["stepwise", "independence", "bic", "downhill"])
def test_the_point_estimate_and_the_resamples_are_those_of_the_estimator(method: str) -> None:
    """The resamples of a seed, estimated by hand; and the jackknife with one person less in each history."""
    lists = table("Korea")
    result = bootstrap(lists, method, times=100, seed=9)
    estimate, name = make_estimator(lists, method)
    point, key = estimate(lists.counts[None])
    assert (result.estimate, result.model) == (point[0], name(int(key[0])))
    replicates, keys = estimate(draw_resamples(lists, 100, np.random.default_rng(9)))
    exist = ~np.isnan(replicates)
    assert result.replicates.tolist() == np.sort(replicates[exist]).tolist()
    assert result.failed == (~exist).sum()
    assert result.recurrence == pytest.approx((keys[exist] == key[0]).mean() * exist.mean())
    assert result.jackknife == pytest.approx(estimate(lists.counts - np.eye(len(lists.counts), dtype=int))[0])


def test_a_threshold_is_used_by_stepwise_selection_alone() -> None:
    lists = table("Kosovo")
    estimates = {
        threshold: make_estimator(lists, "stepwise", threshold=threshold)[0](lists.counts[None])[0][0]
        for threshold in (0.0, 0.02, 1.0)
    }
    independent = make_estimator(lists, "independence", threshold=1.0)[0](lists.counts[None])[0][0]
    assert estimates[0.0] == independent
    assert len(set(estimates.values())) > 1


def test_bic_chooses_among_the_best_models_of_the_lists_only() -> None:
    lists = table("Kosovo")
    only_best = bootstrap(lists, "bic", times=100, ntop=1)
    assert only_best.frequencies == [(only_best.model, 1.0)]
    assert len(bootstrap(lists, "bic", times=100, ntop=3, order=2).models) <= 3


def test_models_are_counted_with_the_most_frequent_first() -> None:
    estimates, keys = np.array([5.0, np.nan, 3.0, 4.0, 9.0]), np.array([7, 7, 2, 7, 2])
    facts: dict[str, Any] = {"point": (4.0, 2), "left_out": np.ones(7), "seed": 1, "names": str}
    result = summarise(table("Korea"), "bic", replicates_and_keys=(estimates, keys), **facts)
    assert result.replicates.tolist() == [3, 4, 5, 9]
    assert result.failed == 1
    assert result.models == {2: 0.4, 7: 0.4}  # shares of all resamples, also of those without an estimate
    assert (result.estimate, result.chosen, result.recurrence) == (4.0, 2, 0.4)
    with pytest.raises(BadLists, match="no resample has an estimate, join lists until they overlap"):
        summarise(table("Korea"), "bic", replicates_and_keys=(np.full(2, np.nan), keys[:2]), **facts)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"order": 0}, "the order is 0, give a whole number from 1 on"),
        ({"order": 1.5}, "the order is 1.5, give a whole number from 1 on"),
        ({"ntop": -1}, "the number of best models is -1"),
        ({"threshold": -0.1}, "the threshold is -0.1, give a number from 0 to 1"),
        ({"method": "aic"}, "there is no method 'aic', choose one of stepwise, independence, bic, downhill"),
    ],
)
def test_an_option_out_of_range_is_refused_with_its_range(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadLists, match=message.replace(".", r"\.")):
        check_options(**({"method": "bic"} | options))
    check_options("bic", order=None, ntop=None, threshold=0)


def test_a_method_without_an_estimate_on_the_lists_is_refused() -> None:
    with pytest.raises(BadLists, match="no model has an estimate on these lists"):
        bootstrap(Lists([1, 2, 4], [50, 60, 70]), "bic", times=100)
    infinite = bootstrap(Lists([1, 2, 4], [50, 60, 70]), "independence", times=100)
    assert infinite.estimate == math.inf
