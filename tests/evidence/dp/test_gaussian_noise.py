"""The noise has the exact distribution, and its loss is that of the privacy map of OpenDP."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from kerege.evidence.dp.gaussian_noise import discrete_gaussian, gaussian_loss, gaussian_scale, repeatable
from tests.evidence.dp.made import gaussian

UNLIKELY = 1e-7  # p-value below which a test fails: a correct sampler gets there this rarely


@pytest.mark.parametrize("wrong", [0.0, -1.0, math.nan, math.inf])
def test_no_sigma_exists_for_a_loss_or_a_sensitivity_that_is_no_number_above_0(wrong: float) -> None:
    with pytest.raises(ValueError, match="rho is a number above 0"):
        gaussian_scale(wrong, 1.0)
    with pytest.raises(ValueError, match="sensitivity is a number above 0"):
        gaussian_scale(1.0, wrong)


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-6, 50), st.integers(1, 60))
def test_the_loss_of_sigma_is_at_most_rho_by_opendps_map(rho: float, cells: int) -> None:
    sensitivity = math.sqrt(cells)
    sigma = gaussian_scale(rho, sensitivity)
    assert gaussian(sigma).map(sensitivity) <= gaussian_loss(sigma, sensitivity) <= rho
    assert gaussian(sigma * 0.9999).map(sensitivity) > rho * 0.9999


@pytest.mark.parametrize("sigma", [0.6, 2.0, 7.3])
@pytest.mark.parametrize("source", ["secure", "repeatable"])
def test_the_noise_has_the_exact_distribution(sigma: float, source: str) -> None:
    draws = (discrete_gaussian if source == "secure" else repeatable(1))(np.zeros(15_000, dtype=np.int64), sigma)
    width = max(2, round(2.5 * sigma))
    values = np.arange(-60 * max(1, round(sigma)), 60 * max(1, round(sigma)) + 1)
    pmf = np.exp(-(values**2) / (2 * sigma**2))
    pmf /= pmf.sum()
    inner = [int((draws == v).sum()) for v in range(-width, width + 1)]
    expected = [float(pmf[values == v][0]) for v in range(-width, width + 1)]
    observed = [int((draws < -width).sum()), *inner, int((draws > width).sum())]
    probabilities = [float(pmf[values < -width].sum()), *expected, float(pmf[values > width].sum())]
    assert chisquare(observed, np.array(probabilities) * len(draws)).pvalue > UNLIKELY


def test_published_noise_cannot_be_drawn_again() -> None:
    zeros = np.zeros(200, dtype=np.int64)
    assert (discrete_gaussian(zeros, 5.0) != discrete_gaussian(zeros, 5.0)).any()
    assert (repeatable(3)(zeros, 5.0) == repeatable(3)(zeros, 5.0)).all()


@settings(max_examples=40, deadline=None)
@given(st.floats(1e-4, 20), st.floats(0.5, 50))
def test_sigma_and_loss_follow_the_published_formula(rho: float, sensitivity: float) -> None:
    """Canonne, Kamath and Steinke 2020: rho = sensitivity^2 / (2 sigma^2)."""
    sigma = gaussian_scale(rho, sensitivity)
    assert sigma == pytest.approx(sensitivity / math.sqrt(2 * rho), rel=1e-9)
    assert gaussian_loss(sigma, sensitivity) == pytest.approx(sensitivity**2 / (2 * sigma**2), rel=1e-9)
    assert gaussian_loss(2 * sigma, sensitivity) == pytest.approx(rho / 4, rel=1e-9)


@pytest.mark.parametrize("source", ["secure", "repeatable"])
def test_noise_is_added_to_each_count_of_any_shape(source: str) -> None:
    counts = np.array([[0, 10**9, -50], [7, 10**12, 3]], dtype=np.int64)
    noisy = (discrete_gaussian if source == "secure" else repeatable(2))(counts, 1.5)
    assert noisy.shape == counts.shape
    assert noisy.dtype == np.int64
    assert (np.abs(noisy - counts) <= 12 * 1.5 + 1).all()  # beyond 12 sigmas with probability below 1e-31
    assert discrete_gaussian(counts[:, :0], 1.5).shape == (2, 0)


def test_repeatable_noise_is_new_at_each_call_of_one_source() -> None:
    """Two margins with the same noise would disclose their difference without noise."""
    add, zeros = repeatable(5), np.zeros(50, dtype=np.int64)
    first, second = add(zeros, 4.0), add(zeros, 4.0)
    assert (first != second).any()
    again = repeatable(5)
    assert (again(zeros, 4.0) == first).all()
    assert (again(zeros, 4.0) == second).all()
    assert (repeatable(6)(zeros, 4.0) != first).any()


def test_the_noise_of_cells_is_independent() -> None:
    """The correlation of 4,000 pairs has a standard error of 0.016."""
    noise = discrete_gaussian(np.zeros((4000, 2), dtype=np.int64), 3.0)
    assert abs(np.corrcoef(noise.T)[0, 1]) < 0.08
