"""Stepwise selection by AIC gives the tables of Silverman (2020)."""

from __future__ import annotations

from itertools import combinations

import pytest

from kerege.evidence.mse import BadLists, Lists, fit
from kerege.evidence.mse.loglinear.aic_selection import select_by_aic
from kerege.evidence.mse.loglinear.hierarchical_models import close_model
from kerege.evidence.mse.loglinear.profile_likelihood import profile_interval
from tests.evidence.mse.tables import table

# Silverman 2020, run by the project with the scripts of its package modslavmse: 2.5%, 10%, estimate, 90%, 97.5%, in
# thousands; "-" where Rcapture gives no upper limit
AT_5_PERCENT = """
UKdat     10.0  10.4  11.4  12.5  13.2
UKdat_5    9.9  10.3  11.3  12.4  13.1
UKdat_4    9.6  10.0  11.0  12.1  12.8
Ned       53.3  55.6  60.3  65.6  68.7
Ned_5    119.4 127.8 146.0 167.8 181.0
NewOrl     1.4   1.8   3.4   7.2     -
NewOrl_5   0.7   0.8   1.0   1.4   1.8
Kosovo    12.5  13.1  14.3  15.7  16.5
"""
AT_A_TENTH_PERCENT = """
UKdat     12.6  13.1  14.2  15.4  16.1
UKdat_5   12.6  13.1  14.2  15.4  16.1
UKdat_4   10.5  11.0  12.0  13.1  13.8
"""
CASES = [(0.05, *line.split()) for line in AT_5_PERCENT.strip().splitlines()] + [
    (0.001, *line.split()) for line in AT_A_TENTH_PERCENT.strip().splitlines()
]


@pytest.mark.parametrize(("threshold", "name", "low95", "low80", "estimate", "high80", "high95"), CASES)
def test_selection_and_profile_are_those_of_silverman(
    threshold: float, name: str, low95: str, low80: str, estimate: str, high80: str, high95: str
) -> None:
    lists = table(name)
    model = select_by_aic(lists, threshold).model
    at95, at80 = (profile_interval(lists, model, level, stirling=True) for level in (0.95, 0.8))
    printed = [f"{people / 1000:.1f}" for people in (at95.lower, at80.lower, at95.estimate, at80.upper)]
    assert printed == [low95, low80, estimate, high80]
    if high95 == "-":
        assert at95.upper > 3 * at95.estimate  # Rcapture does not look beyond three times the estimate
    else:
        assert f"{at95.upper / 1000:.1f}" == high95


@pytest.mark.parametrize("name", ["UKdat_4", "Kosovo", "Korea"])
def test_each_step_takes_the_pair_with_the_smallest_aic(name: str) -> None:
    """The search by hand, with one fit for each candidate."""
    lists = table(name)
    pairs = [(1 << i) | (1 << j) for i, j in combinations(range(lists.number), 2)]
    model: tuple[int, ...] = ()
    while True:
        tried = {}
        for pair in [pair for pair in pairs if pair not in model]:
            try:
                tried[pair] = fit(lists, (*model, pair)).aic
            except BadLists:
                continue
        if not tried or min(tried.values()) >= fit(lists, model).aic:
            break
        model = (*model, min(tried, key=lambda pair: tried[pair]))
    assert select_by_aic(lists, 1.0).model == close_model(lists.number, model)


def test_an_insignificant_pair_ends_the_search() -> None:
    lists = table("UKdat")
    assert select_by_aic(lists, 0.0).model == close_model(6)
    assert len(select_by_aic(lists, 0.05).model) > len(select_by_aic(lists, 0.001).model) > len(close_model(6))


def test_lists_without_overlap_are_refused() -> None:
    with pytest.raises(BadLists, match="independence has no estimate"):
        select_by_aic(Lists([1, 2, 4], [5, 6, 7]))
    with pytest.raises(BadLists, match="the threshold is 2"):
        select_by_aic(table("Kosovo"), 2)
