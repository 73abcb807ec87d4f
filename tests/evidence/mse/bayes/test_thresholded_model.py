"""Bayesian thresholding: exact posteriors, numerical integration, published tables."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize, special

from kerege.evidence.mse import Lists, fit
from kerege.evidence.mse.bayes.posterior import build_model, draw_posterior
from kerege.evidence.mse.bayes.thresholded_model import model_posterior, thresholded
from tests.evidence.mse.tables import table

Floats = NDArray[np.float64]
PAIRS, MAINS = [3, 5, 6], [0, 1, 2, 4]
THREE = np.array([0, 30, 21, 4, 17, 6, 3, 2], np.float64)  # people by history of three lists


def test_the_saturated_model_with_flat_priors_has_the_gamma_posterior() -> None:
    """Each log mean is the logarithm of a Gamma variable; the intercept is their alternating sum."""
    model = build_model(THREE, np.array([*MAINS, *PAIRS]), np.array([], np.int64), np.zeros(7))
    draws = draw_posterior(model, 200_000, np.random.default_rng(1))
    observed, signs = THREE[1:], np.array([w.bit_count() % 2 for w in range(1, 8)]) * 2 - 1
    deviation = np.sqrt(special.polygamma(1, observed).sum())
    assert draws.mean[0] == pytest.approx(signs @ special.digamma(observed), abs=0.02 * deviation)
    assert draws.deviation[0] == pytest.approx(deviation, rel=0.02)
    assert draws.ess > 20_000


def test_moments_equal_those_of_numerical_integration() -> None:
    """Integrate seven parameters by products of Gauss-Hermite rules around the mode that SciPy finds."""
    cells = np.arange(1, 8)
    design = ((cells[:, None] & np.array([*MAINS, *PAIRS])) == np.array([*MAINS, *PAIRS])).astype(float)
    precision = np.array([0.0, 0, 0, 0, 1, 1, 1])

    def log_density(values: Floats) -> Floats:
        means = values @ design.T
        return means @ THREE[1:] - np.exp(means).sum(axis=-1) - 0.5 * values**2 @ precision

    optimum = optimize.minimize(lambda v: -log_density(v), np.zeros(7), method="BFGS", options={"gtol": 1e-9})
    curvature = (design.T * np.exp(design @ optimum.x)) @ design + np.diag(precision)
    root = np.linalg.cholesky(np.linalg.inv(curvature))
    nodes, weights = special.roots_hermitenorm(5)
    grid = np.array(list(itertools.product(nodes, repeat=7)))
    values = optimum.x + grid @ root.T
    mass = np.exp(log_density(values) + 0.5 * (grid**2).sum(axis=1) + optimum.fun)
    mass *= np.prod(np.array(list(itertools.product(weights, repeat=7))), axis=1)
    mass /= mass.sum()
    mean = mass @ values
    deviation = np.sqrt(mass @ (values - mean) ** 2)

    model = build_model(THREE, np.array([*MAINS, *PAIRS]), np.array([], np.int64), precision)
    draws = draw_posterior(model, 200_000, np.random.default_rng(2))
    assert draws.mean == pytest.approx(mean, abs=0.02 * deviation.min())
    assert draws.deviation == pytest.approx(deviation, rel=0.02)


@pytest.mark.parametrize(
    ("name", "interactions", "published", "chain"),
    [  # thousands: 2.5, 10, 50, 90, 97.5 %; printed to 0.1; chains of 10,000 steps are off by `chain`
        ("UKdat", (3, 5, 18, 20, 24, 36), (10.9, 11.3, 12.3, 13.6, 14.4), 0.02),
        ("UKdat_5", (3, 5, 18, 20), (11.7, 12.1, 13.2, 14.3, 15.1), 0.02),
        ("UKdat_4", (3, 5), (10.4, 10.9, 11.8, 12.9, 13.7), 0.02),
        ("NewOrl_5", (), (0.7, 0.8, 1.1, 1.5, 1.9), 0.03),
        ("Kosovo", (3, 5, 6, 9, 12), (12.3, 12.9, 14.0, 15.2, 16.1), 0.02),
        ("Ned", (3, 6, 10, 12, 18, 24, 33, 34, 36, 40, 48), (60.6, 64.0, 73.0, 85.6, 93.0), 0.07),
    ],
)
def test_posteriors_of_given_models_are_as_published(
    name: str, interactions: tuple[int, ...], published: tuple[float, ...], chain: float
) -> None:
    result = model_posterior(table(name), interactions)
    quantiles = result.interval95[0], result.interval80[0], result.median, result.interval80[1], result.interval95[1]
    printed = np.array(published)
    assert np.all(np.abs(np.array(quantiles) / 1000 - printed) < 0.05 + chain * printed)
    assert result.no_estimate is None


@pytest.mark.parametrize(
    ("name", "interactions"),
    [("UKdat", (3, 5, 18, 20, 24, 36)), ("UKdat_4", (3, 5)), ("NewOrl_5", ()), ("Kosovo", (3, 5, 6, 9, 12))],
)
def test_the_kept_interactions_are_as_published(name: str, interactions: tuple[int, ...]) -> None:
    result = thresholded(table(name))
    assert result.interactions == interactions


@pytest.mark.parametrize(("name", "interaction", "published"), [("UKdat_5", 24, 13_200), ("Ned", 24, 73_000)])
def test_an_uncertain_interaction_is_reported_with_the_opposite_estimate(
    name: str, interaction: int, published: float
) -> None:
    """The published estimate is the one under the opposite decision."""
    result = thresholded(table(name))
    assert result.strength[interaction] == pytest.approx(2, abs=0.15)
    assert result.near[interaction] == pytest.approx(published, rel=0.02)


def test_interactions_of_three_lists_of_kosovo() -> None:
    result = thresholded(table("Kosovo"), order=3)
    assert result.interactions == (3, 5, 6, 9, 12, 7, 13)
    assert result.median == pytest.approx(11_814, rel=0.02)
    assert result.interval95 == pytest.approx((10_015, 14_568), rel=0.04)
    stricter = thresholded(table("Kosovo"), order=3, threshold=2.75)
    assert stricter.interactions == (3, 5, 6, 9, 12, 7)
    assert stricter.median == pytest.approx(10_314, rel=0.02)
    assert stricter.interval95 == pytest.approx((9032, 12_095), rel=0.02)


def test_with_flat_priors_an_empty_overlap_is_at_minus_infinity() -> None:
    result = model_posterior(table("UKdat_5"), (3, 5, 17, 18, 20, 24), prior_variance=None)
    assert result.boundary == (17,)
    assert result.median == pytest.approx(12_188, rel=0.01)
    assert result.interval95 == pytest.approx((10_652, 13_947), rel=0.02)
    thresholded_result = thresholded(table("UKdat_5"), prior_variance=None)
    assert thresholded_result.near[5] == pytest.approx(
        12_188, rel=0.01
    )  # |mean| / sd is 1.99 with a million draws, 2.003 in R


def test_flat_priors_without_a_posterior_are_refused() -> None:
    with pytest.raises(ValueError, match="no posterior"):
        thresholded(table("Korea"), prior_variance=None)
    assert thresholded(table("Korea")).no_estimate is None


def test_results_depend_on_the_seed_only_slightly() -> None:
    lists = table("UKdat_5")
    reversed_lists = Lists(lists.histories[::-1], lists.counts[::-1], lists.names)
    result, reversed_result = thresholded(lists), thresholded(reversed_lists)
    other_seed = thresholded(lists, seed=2)
    assert result == reversed_result
    assert result.median != other_seed.median
    assert other_seed.median == pytest.approx(result.median, rel=0.005)


def test_a_hundred_million_people_on_ten_lists() -> None:
    histories = np.arange(1, 1 << 10)
    counts = np.random.default_rng(3).multinomial(10**8, 0.3 ** np.bitwise_count(histories) / (1.3**10 - 1))
    result = thresholded(Lists(histories, counts), draws=2000)
    assert result.median == pytest.approx(1e8 * 1.3**10 / (1.3**10 - 1), rel=0.001)


def test_results_do_not_depend_on_the_number_of_processors() -> None:
    """Linear algebra in one and in two threads differs in the last digits; the reported digits do not."""
    code = (
        "from tests.evidence.mse.tables import table\n"
        "from kerege.evidence.mse import thresholded\n"
        "found = thresholded(table('UKdat_5'))\n"
        "print(found.median, found.interval80, found.interval95, dict(found.near))"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"OPENBLAS_NUM_THREADS": threads},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for threads in ("1", "2")
    ]
    assert outputs[0] == outputs[1] != ""


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"prior_variance": 0}, "prior variance"),
        ({"threshold": -1}, "threshold"),
        ({"order": 4}, "2 or 3"),
        ({"draws": 10}, "1,000"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        thresholded(table("Korea"), **settings)  # type: ignore[arg-type]


def test_lists_without_information_on_the_unobserved_are_refused() -> None:
    with pytest.raises(ValueError, match="nobody is on two lists"):
        thresholded(Lists([1, 2, 4], [5, 5, 5]))
    with pytest.raises(ValueError, match="everybody is on list A"):
        thresholded(Lists([1, 3, 5, 7], [50, 20, 30, 9]))
    with pytest.raises(ValueError, match="bitmask"):
        model_posterior(table("Korea"), [9])


# -- rules of the selection ------------------------------------------------------------------------------------------

SPINA_BIFIDA = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # Madigan and York 1997


def test_interactions_are_kept_from_the_threshold_on() -> None:
    strength = thresholded(SPINA_BIFIDA, draws=2000).strength
    assert set(strength) == {3, 5, 6}
    middle = sorted(strength.values())[1]
    at, above = (thresholded(SPINA_BIFIDA, draws=2000, threshold=middle * factor) for factor in (1, 1 + 1e-9))
    assert len(at.interactions) == 2
    assert len(above.interactions) == 1
    assert all(strength[term] >= middle for term in at.interactions)
    assert thresholded(SPINA_BIFIDA, draws=2000, threshold=0).interactions == (3, 5, 6)


def test_an_interaction_near_the_threshold_has_the_estimate_of_the_opposite_decision() -> None:
    strength = thresholded(SPINA_BIFIDA, draws=2000).strength
    term = max(strength, key=lambda one: strength[one])
    for threshold, is_kept in ((strength[term] * 0.95, True), (strength[term] * 1.05, False)):
        result = thresholded(SPINA_BIFIDA, draws=2000, threshold=threshold)
        assert (term in result.interactions) is is_kept
        opposite = [other for other in result.interactions if other != term] + ([] if is_kept else [term])
        assert result.near[term] == model_posterior(SPINA_BIFIDA, opposite, draws=2000).median
    assert term not in thresholded(SPINA_BIFIDA, draws=2000, threshold=strength[term] * 0.85).near


def test_a_wider_prior_shrinks_an_interaction_less() -> None:
    """Rehabilitation files and death certificates share few people: the interaction is far below 0."""
    medians = [model_posterior(SPINA_BIFIDA, [3], prior_variance=v, draws=2000).median for v in (1e-6, 0.1, 100.0)]
    independent = model_posterior(SPINA_BIFIDA, [], draws=2000).median
    assert medians[0] == pytest.approx(independent, rel=0.01)  # no interaction at all
    assert medians[0] > medians[1] > medians[2]


def test_the_posterior_of_a_large_table_is_centred_at_the_fit() -> None:
    """A hundred times the people: median and limits are those of the maximum likelihood fit."""
    large = Lists(SPINA_BIFIDA.histories, SPINA_BIFIDA.counts * 100)
    posterior = model_posterior(large, [3], prior_variance=None, draws=5000)
    expected = fit(large, (3,))
    assert posterior.median == pytest.approx(expected.estimate, rel=0.002)
    assert posterior.interval95 == pytest.approx(expected.interval(0.95), rel=0.003)
    assert posterior.interval80 == pytest.approx(expected.interval(0.8), rel=0.003)
    assert posterior.interactions == (3,)


def test_parts_of_an_interaction_of_three_lists_are_added() -> None:
    lists = table("Kosovo")
    posterior = model_posterior(lists, [0b0111], draws=1000)
    assert posterior.interactions == (3, 5, 6, 7)
    for bad in (0, 1, 8, 16, 31):
        with pytest.raises(ValueError, match="an interaction is not a bitmask of two lists or more, give those of"):
            model_posterior(lists, [3, bad])


def test_few_independent_draws_are_no_estimate() -> None:
    posterior = model_posterior(SPINA_BIFIDA, [3], draws=1000)
    assert posterior.ess < 1000
    assert posterior.no_estimate == f"1000 weighted draws equal {posterior.ess:.0f} independent ones: draw more"
    assert model_posterior(SPINA_BIFIDA, [3], draws=2000).no_estimate is None


@pytest.mark.parametrize("variance", [0.0, -1.0, np.inf, np.nan])
def test_a_prior_variance_is_a_positive_number(variance: float) -> None:
    with pytest.raises(ValueError, match=r"the prior variance is .*, give a positive number, or None for flat priors"):
        model_posterior(SPINA_BIFIDA, [3], prior_variance=variance)
