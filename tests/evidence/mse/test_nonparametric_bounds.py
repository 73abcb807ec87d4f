"""Bounds and diagnostics without a model."""

from __future__ import annotations

import numpy as np
import pytest

from kerege.evidence.mse import BadLists, Lists, chao, coverage, lower_bound
from kerege.evidence.mse.nonparametric_bounds import pairwise
from tests.evidence.mse.tables import table


def test_bounds_of_the_uk_lists() -> None:
    lists = table("UKdat")
    assert lower_bound(lists) == pytest.approx(12254, abs=0.5)
    assert chao(lists) == pytest.approx(15628, abs=0.5)
    assert lists.repeated / lists.people == pytest.approx(0.092, abs=5e-4)
    assert chao(lists, corrected=True) < chao(lists)


def test_the_bound_is_exact_for_independent_lists_and_chao_is_too_high() -> None:
    shares = np.array([0.02, 0.1, 0.4, 0.25])
    histories = np.arange(1, 16)
    is_on = (histories[:, None] >> np.arange(4)) & 1
    means = 5_000_000 * np.prod(np.where(is_on, shares, 1 - shares), axis=1)
    lists = Lists(histories, np.rint(means).astype(int))
    assert lower_bound(lists) == pytest.approx(5_000_000, rel=1e-3)
    assert chao(lists) > 5_200_000


def test_coverage_and_pairs_follow_their_formulas() -> None:
    lists = Lists([1, 2, 4, 3, 7, 5], [10, 20, 30, 6, 4, 0])
    assert coverage(lists) == pytest.approx(1 - (10 / 20 + 20 / 30 + 30 / 34) / 3)
    first = pairwise(lists)[0]
    assert (first.names, first.both) == (("A", "B"), 10)
    assert first.chapman == pytest.approx(21 * 31 / 11 - 1)
    assert first.odds_ratio == pytest.approx(4.5 * 30.5 / (0.5 * 0.5))
    no_third = pairwise(Lists([1, 2, 3, 4], [5, 5, 5, 5]))[0]
    assert no_third.odds_ratio is not None


def test_bounds_need_people_on_exactly_two_lists() -> None:
    with pytest.raises(BadLists, match="exactly two lists"):
        lower_bound(Lists([1, 2, 4, 7], [5, 5, 5, 1]))
    with pytest.raises(BadLists, match="corrected form"):
        chao(Lists([1, 2, 4, 7], [5, 5, 5, 1]))
