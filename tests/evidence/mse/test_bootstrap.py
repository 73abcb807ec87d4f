"""The bootstrap: published constants and intervals, and limits that tell what they are worth."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from scipy import stats

from kerege.base.geometric_noise import deviation, drawn, of_histories
from kerege.evidence.mse import BadLists, Lists, bootstrap
from kerege.evidence.mse.lists import unchecked
from kerege.evidence.mse.loglinear.bootstrap import make_estimator, quantile, resampled

from .tables import resamples, table

ACCELERATION = {  # PREVALENCE 4.2, from SparseMSE
    "UKdat_5": -0.012181,
    "UKdat": -0.012871,
    "Ned_5": -0.016600,
    "Ned": 0.033343,
    "NewOrl_5": -0.055161,
    "NewOrl": -0.029332,
}
LARGE = {  # PREVALENCE 4.3, 100,000 resamples: percentile and BCa 95%, the share that picks the same model
    "UKdat_5": (9878, 27385, 9257, 15149, 0.275),
    "UKdat": (10027, 24711, 9209, 14442, 0.265),
    "Ned_5": (37018, 144231, 47918, 167939, 0.342),
    "NewOrl_5": (758, 5470, 443, 1570, 0.490),
    "Australia": (3383, 29688, 2895, 16387, 0.974),
    "Korea": (123, 382, 123, 435, 0.776),
    "Kosovo": (12527, 16569, 12545, 16592, 0.886),
}


@pytest.mark.parametrize("name", ACCELERATION)
def test_acceleration_as_in_r(name: str) -> None:
    assert bootstrap(table(name), times=100).acceleration == pytest.approx(ACCELERATION[name], abs=6e-7)


@pytest.mark.parametrize("name", LARGE)
def test_intervals_of_many_resamples(name: str) -> None:
    lower, upper, bca_lower, bca_upper, share = LARGE[name]
    found = bootstrap(table(name), times=10_000, seed=5)
    plain, corrected = found.percentile(), found.bca()
    assert plain.lower == pytest.approx(lower, rel=0.02)
    assert plain.upper == pytest.approx(upper, rel=0.06)
    assert corrected.lower == pytest.approx(bca_lower, rel=0.06 if corrected.lower_error < 20 * bca_lower else 0.2)
    assert corrected.upper == pytest.approx(bca_upper, rel=0.03)
    assert found.recurrence == pytest.approx(share, abs=0.02)


def test_bca_is_read_as_in_the_formula_and_warns_where_it_rests_on_few_resamples() -> None:
    found = bootstrap(table("UKdat"), times=2000)
    z0 = stats.norm.ppf(np.mean(found.replicates < found.estimate))
    for level in (0.95, 0.8):
        wanted = []
        for share in ((1 - level) / 2, (1 + level) / 2):
            reach = z0 + stats.norm.ppf(share)
            wanted.append(stats.norm.cdf(z0 + reach / (1 - found.acceleration * reach)))
        limits = np.quantile(found.replicates, wanted, method="median_unbiased")
        interval = found.bca(level)
        assert (interval.lower, interval.upper) == pytest.approx(tuple(limits), rel=1e-12)
    assert "BCa reads its limits at" in found.bca().warning
    assert "fewer than 10 resamples" in found.bca().warning
    assert not bootstrap(table("Kosovo"), times=2000).bca().warning
    assert not found.percentile().warning


def test_the_monte_carlo_error_of_a_limit_is_the_spread_over_seeds() -> None:
    lists = table("UKdat_5")
    runs = [bootstrap(lists, times=1000, seed=seed).percentile() for seed in range(40)]
    spread = float(np.std([run.lower for run in runs]))
    assert np.mean([run.lower_error for run in runs]) == pytest.approx(spread, rel=0.4)


@pytest.mark.parametrize(("name", "method"), [("Kosovo", "bic"), ("Ned_5", "stepwise")])
def test_the_monte_carlo_error_of_bca_has_the_doubt_about_z0_in_it(name: str, method: str) -> None:
    """Without it the error is half of the spread: z0 is a count of resamples as well."""
    found = [bootstrap(table(name), method, times=1000, seed=seed).bca(0.8) for seed in range(40)]
    for end in ("lower", "upper"):
        spread = float(np.std([getattr(each, end) for each in found], ddof=1))
        assert np.median([getattr(each, f"{end}_error") for each in found]) == pytest.approx(spread, rel=0.25)


def test_resamples_come_from_one_seed_whatever_the_threads() -> None:
    lists = table("UKdat_5")
    one = bootstrap(lists, times=9000, seed=3, threads=1)
    three = bootstrap(lists, times=9000, seed=3, threads=3)
    assert (one.replicates == three.replicates).all()
    assert one.models == three.models
    assert (one.replicates != bootstrap(lists, times=9000, seed=4).replicates).any()
    assert one.frequencies[0][1] >= one.frequencies[1][1]


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
def test_bic_chosen_anew(name: str, order: int | None, ntop: int | None, lower: float, upper: float | None) -> None:
    found = bootstrap(table(name), "bic", times=2000, order=order, ntop=ntop).bca()
    assert found.lower == pytest.approx(lower, rel=0.05)
    if upper is None:
        assert "fewer than 10" in found.warning
        assert found.upper_error == math.inf
    else:
        assert found.upper == pytest.approx(upper, rel=0.08)


def test_independence_and_downhill_have_a_bootstrap_too() -> None:
    plain = bootstrap(table("UKdat_5"), "independence", times=2000)
    assert plain.estimate == pytest.approx(13444.131, abs=1e-3)
    assert plain.recurrence == 1
    found = bootstrap(table("Korea"), "downhill", times=100)
    assert found.estimate == pytest.approx(157.1667, abs=1e-3)


def test_a_bootstrap_of_a_tiny_table_agrees_with_all_its_resamples() -> None:
    """Six people: every possible resample, with its probability."""
    lists = Lists([1, 2, 4, 3, 5, 6], [1, 1, 1, 1, 1, 1])
    found = bootstrap(lists, "independence", times=40_000)
    infinite = float(np.mean(np.isinf(found.replicates)))
    # all six draws among the three histories of one list: (1/2)^6, everybody on one list apart
    counts = np.array(list(_compositions(6, 6)))
    chance = np.exp(stats.multinomial.logpmf(counts, 6, np.full(6, 1 / 6)))
    from kerege.evidence.mse import stepwise_many

    exact = stepwise_many(lists.histories, counts, 0)
    assert infinite == pytest.approx(chance[np.isinf(exact)].sum(), abs=0.004)
    assert np.mean(found.replicates <= 8) == pytest.approx(chance[exact <= 8].sum(), abs=0.012)


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


def test_quantiles_are_of_type_8_and_infinite_values_stay_at_the_end() -> None:
    values = np.sort(np.random.default_rng(1).random(37))
    for share in (0.0, 0.001, 0.1, 0.5, 0.77, 1.0):
        assert quantile(values, share) == pytest.approx(np.quantile(values, share, method="median_unbiased"))
    assert quantile(np.array([1.0, 2.0, math.inf, math.inf]), 0.9) == math.inf
    assert math.isnan(quantile(np.array([]), 0.5))


def test_options_that_make_no_sense_are_refused() -> None:
    lists = table("Korea")
    with pytest.raises(BadLists, match="no method 'x', choose one of stepwise"):
        bootstrap(lists, "x")
    with pytest.raises(BadLists, match="the threshold is 3"):
        bootstrap(lists, threshold=3)
    with pytest.raises(BadLists, match="the number of best models is 0"):
        bootstrap(lists, "bic", ntop=0)
    with pytest.raises(BadLists, match="the number of resamples is 5, give a whole number from 100 on"):
        bootstrap(lists, times=5)
    with pytest.raises(BadLists, match="these methods need three"):
        bootstrap(unchecked(("A", "B"), np.array([1, 2, 3]), np.array([4, 5, 6])))


def test_intervals_of_refitted_resamples_hold_the_truth_of_the_uk_model() -> None:
    """Chan, Silverman and Vincent 2021, 3.4: tables from the stepwise model of UKdat_5; coverage in [.93, .99]."""
    from kerege.evidence.mse import fit
    from kerege.evidence.mse.loglinear.hierarchical_models import closed, from_pairs
    from kerege.evidence.mse.loglinear.stepwise_selection import stepwise_models

    lists = table("UKdat_5")
    chosen = stepwise_models(lists.histories, lists.counts[None]).models[0]
    model = from_pairs(5, int(chosen))
    truth = fit(lists, closed(5, model))
    cells = np.arange(1, 32)
    means = np.array([math.exp(sum(a for term, a in truth.alphas.items() if w & term == term)) for w in cells])
    rng = np.random.default_rng(8)
    tables = rng.multinomial(round(truth.estimate), np.r_[means, truth.unobserved] / truth.estimate, size=150)[:, :-1]
    inside = 0
    for people in tables:
        seen = Lists(cells, people)
        replicates = np.sort(stepwise_models(seen.histories, resampled(seen, 500, rng)).estimates)
        inside += quantile(replicates, 0.025) <= truth.estimate <= quantile(replicates, 0.975)
    assert 0.93 - 0.03 <= inside / len(tables) <= 1.0
    assert resamples(lists, 1).sum() == lists.people


def test_intervals_of_noisy_counts_hold_the_truth_only_if_the_noise_is_told() -> None:
    """Independent lists of the size of the UK table, and the noise of epsilon 1 on every count."""
    lists = table("UKdat")
    truth = round(bootstrap(lists, "independence", times=100).estimate)
    history = np.arange(1 << lists.number)
    on = (history[:, None] >> np.arange(lists.number)) & 1
    rates = np.array([lists.on(j) for j in range(lists.number)]) / truth
    chances = np.where(on, rates, 1 - rates).prod(1)
    rng, spread = np.random.default_rng(2), deviation(math.exp(-0.5))
    inside = {0.0: 0, spread: 0}
    for _ in range(100):
        people = rng.multinomial(truth, chances)[1:]
        told = of_histories(people + drawn(spread, people.shape, rng))
        for noise in inside:
            found = bootstrap(Lists(history[1:], told, lists.names, noise), "independence", times=200).percentile()
            inside[noise] += found.lower <= truth <= found.upper
    assert inside[0.0] < 80
    assert inside[spread] >= 90


def test_exact_counts_are_resampled_as_ever_and_empty_histories_change_no_estimate() -> None:
    lists = table("Kosovo")
    assert (resampled(lists, 5, np.random.default_rng(3)) == resamples(lists, 5, 3)).all()
    for method in ("stepwise", "bic", "independence"):
        work, _ = make_estimator(lists, method)
        wide, _ = make_estimator(lists.with_empty(), method)
        assert work(lists.counts[None])[0] == pytest.approx(wide(lists.with_empty().counts[None])[0], rel=1e-9)
