"""Standard deviations that a table states of its noisy figures."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from kerege.evidence.counting.frequency_table import NOISED
from kerege.evidence.sdc.published_tables.sheet import Sheet
from kerege.evidence.sdc.published_tables.stated_noise import QUANTILE, least_deviation, stated_noise
from tests.evidence import made_sheets

INF = math.inf


def noisy(sigma: object) -> Sheet:
    """Return a table by sex and two multi-valued columns with noise in all cells but the first."""
    keys = [
        ("_T", "_T", "_T"),
        ("f", "_T", "_T"),
        ("_T", "x", "_T"),
        ("f", "x", "_T"),
        ("_T", "_T", "p"),
        ("f", "x", "p"),
    ]
    sheet = made_sheets.sheet(("sex", "means", "form"), dict.fromkeys(keys, 5), multi=frozenset({"means", "form"}))
    sheet.status[sheet.status == 0] = NOISED
    sheet.status[0, 0, 0] = 0
    sheet.params = {} if sigma is None else {"sigma": sigma}
    return sheet


def deviation(sheet: Sheet, *keys: str) -> float:
    """Return the deviation of one cell."""
    place = tuple(axis.index(code) for axis, code in zip(sheet.axes, keys, strict=True))
    return float(stated_noise(sheet).reshape(sheet.counts.shape)[place])


def test_one_sigma_is_that_of_every_noisy_figure() -> None:
    sheet = noisy(2.5)
    assert deviation(sheet, "f", "x", "p") == deviation(sheet, "f", "_T", "_T") == 2.5
    assert deviation(sheet, "_T", "_T", "_T") == INF, "this figure is exact"
    assert deviation(sheet, "f", "_T", "p") == INF, "this figure is withheld"


def test_a_sigma_by_the_opened_columns_is_that_of_their_cells() -> None:
    sheet = noisy({"counts": 1, "means": 2, "form": 3, "means x form": 4})
    assert deviation(sheet, "f", "_T", "_T") == 1
    assert deviation(sheet, "_T", "x", "_T") == deviation(sheet, "f", "x", "_T") == 2
    assert deviation(sheet, "_T", "_T", "p") == 3
    assert deviation(sheet, "f", "x", "p") == 4
    assert deviation(noisy({"counts": 1}), "f", "x", "p") == INF


@pytest.mark.parametrize("sigma", [None, "2", True, -1.0, math.nan, INF, [2]])
def test_a_statement_that_is_no_size_states_nothing(sigma: object) -> None:
    assert deviation(noisy(sigma), "f", "_T", "_T") == INF
    assert deviation(noisy({"counts": sigma}), "f", "_T", "_T") == INF


def test_no_noise_is_a_size_too() -> None:
    assert deviation(noisy(0), "f", "_T", "_T") == 0


def test_the_quantile_is_that_of_a_probability_of_999_in_1000() -> None:
    assert pytest.approx(NormalDist().inv_cdf(0.9995), abs=1e-4) == QUANTILE


@pytest.mark.parametrize("threshold", [3, 5, 10])
def test_with_the_least_deviation_a_zero_can_stand_for_the_threshold(threshold: int) -> None:
    sigma = least_deviation(threshold)
    beyond = 2 * (1 - NormalDist(0, sigma).cdf(threshold - 0.5))
    assert beyond == pytest.approx(0.001, abs=1e-5)
    assert np.isfinite(sigma)
