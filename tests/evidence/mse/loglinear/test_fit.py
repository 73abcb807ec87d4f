"""Fits of single models: likelihood and criteria equal those of statsmodels."""

from __future__ import annotations

import math
import warnings
from itertools import pairwise

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kerege.evidence.mse import BadLists, Lists, fit
from kerege.evidence.mse.loglinear.fit import fit_all
from kerege.evidence.mse.loglinear.hierarchical_models import Model, all_models, close_model
from tests.evidence.mse.tables import table

CASES = [
    ("UKdat", []),
    ("UKdat", ["LA:NG", "LA:PF", "PF:NCA", "GO:GP"]),
    ("UKdat_5", ["LA:NG:PFNCA", "PFNCA:GO", "NG:GP"]),
    ("Kosovo", ["EXH:ABA:OSCE", "EXH:HRW", "OSCE:HRW"]),
    ("Kosovo", ["EXH:ABA", "EXH:OSCE", "ABA:OSCE", "EXH:HRW", "ABA:HRW", "OSCE:HRW"]),
    ("Australia", ["A:B", "B:C"]),
    ("Ned", ["O:Z", "P:Z", "K:R", "I:K", "K:O"]),  # no person is on K and R, nor on I and K
    ("NewOrl", ["D:E", "A:B", "F:G"]),
]


def with_interactions(lists: Lists, interactions: list[str]) -> Model:
    return close_model(
        lists.number,
        [sum(1 << lists.names.index(name) for name in interaction.split(":")) for interaction in interactions],
    )


@pytest.mark.parametrize(("name", "ties"), CASES)
def test_fits_equal_those_of_statsmodels(name: str, ties: list[str]) -> None:
    lists = table(name)
    model = with_interactions(lists, ties)
    result = fit(lists, model)
    empty = [term for term in model if lists.on(term, mask=True) == 0]
    cells = np.array([w for w in range(1, 1 << lists.number) if all(w & term != term for term in empty)])
    terms = np.array([term for term in model if term not in empty])
    design = ((cells[:, None] & terms) == terms).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = sm.GLM(lists.dense[cells], design, family=sm.families.Poisson()).fit(tol=1e-14, maxiter=200)
    assert result.estimate == pytest.approx(lists.people + math.exp(reference.params[0]), rel=1e-8)
    assert result.log_likelihood == pytest.approx(reference.llf, rel=1e-10)
    assert result.spread == pytest.approx(reference.bse[0], rel=1e-6)
    assert result.aic == pytest.approx(reference.aic + 2 * len(empty), rel=1e-10)
    assert result.bic == pytest.approx(len(model) * math.log(lists.people) - 2 * reference.llf, rel=1e-10)
    assert all(result.alphas[term] == -math.inf for term in empty)
    low, high = result.interval(0.95)
    assert low < result.estimate < high


def test_the_interval_of_a_given_model_is_as_published() -> None:
    """New Orleans, independence: 997 (645, 1618), measured with SparseMSE."""
    result = fit(table("NewOrl"))
    assert result.estimate == pytest.approx(996.664, abs=6e-4)
    assert result.interval() == pytest.approx((644.9, 1617.5), abs=0.06)


def test_a_model_without_an_estimate_is_refused_with_the_reason() -> None:
    lists = table("Artificial_3")
    with pytest.raises(BadLists, match="does not exist"):
        fit(lists, close_model(3, [3]))
    with pytest.raises(BadLists, match="not identified"):
        fit(lists, close_model(3, [3, 5, 6]))


def test_a_fit_to_the_means_of_a_model_returns_its_parameters() -> None:
    """The counts are the means of a model: the fit returns its parameters."""
    alphas = {0: 8.0, 1: -1.0, 2: -1.5, 4: -0.5, 8: -1.2, 3: 0.7, 12: -0.4}
    model = close_model(4, [3, 12])
    means = [math.exp(sum(a for term, a in alphas.items() if w & term == term)) for w in range(1, 16)]
    scaled = np.rint(np.array(means) * 1e4).astype(int)
    result = fit(Lists(np.arange(1, 16), scaled), model)
    assert result.unobserved == pytest.approx(1e4 * math.exp(8), rel=1e-4)
    assert result.alphas[3] == pytest.approx(0.7, abs=1e-4)


# -- closed forms of three lists -------------------------------------------------------------------------------------

SPINA_BIFIDA = [60, 49, 4, 247, 112, 142, 12]  # Madigan and York 1997, histories 1 to 7
CELLS = st.lists(st.integers(1, 400), min_size=7, max_size=7)


def unobserved(counts: list[int], *interactions: int) -> float:
    return fit(Lists(range(1, 8), counts), interactions).unobserved


@settings(max_examples=25, deadline=None)
@given(CELLS)
@example(SPINA_BIFIDA)
def test_all_pairs_of_three_lists_have_the_published_closed_form(counts: list[int]) -> None:
    """Bishop, Fienberg and Holland 1975, chapter 6: the product of odd cells over that of even cells."""
    n = [0, *counts]
    expected = n[7] * n[1] * n[2] * n[4] / (n[3] * n[5] * n[6])
    assert unobserved(counts, 3, 5, 6) == pytest.approx(expected, rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(CELLS)
@example(SPINA_BIFIDA)
def test_two_lists_that_are_independent_given_the_third_need_only_people_off_it(counts: list[int]) -> None:
    """A:C and B:C: among people off list C the other two are independent, so that m000 = n100 n010 / n110."""
    n = [0, *counts]
    assert unobserved(counts, 5, 6) == pytest.approx(n[1] * n[2] / n[3], rel=1e-6)
    assert unobserved(counts, 3, 6) == pytest.approx(n[1] * n[4] / n[5], rel=1e-6)
    assert unobserved(counts, 3, 5) == pytest.approx(n[2] * n[4] / n[6], rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(CELLS)
@example(SPINA_BIFIDA)
def test_a_pair_that_is_independent_of_the_third_list_counts_as_one_list(counts: list[int]) -> None:
    """A:B alone: m000 = (people on A or B and not C) n001 / (people on A or B and C), as for two lists."""
    n = [0, *counts]
    assert unobserved(counts, 3) == pytest.approx((n[1] + n[2] + n[3]) * n[4] / (n[5] + n[6] + n[7]), rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(CELLS)
@example(SPINA_BIFIDA)
def test_independence_solves_the_equation_of_darroch(counts: list[int]) -> None:
    """1 - n / N is the product of 1 - n_j / N over the lists (Darroch 1958)."""
    lists = Lists(range(1, 8), counts)
    total = fit(lists).estimate
    product = math.prod(1 - lists.on(j) / total for j in range(3))
    assert product == pytest.approx(1 - lists.people / total, rel=1e-7)


def test_the_spread_of_two_independent_lists_given_a_third_is_that_of_sekar_and_deming() -> None:
    """The log of n100 n010 / n110 has the variance 1/n100 + 1/n010 + 1/n110 by the delta method."""
    n = [0, *SPINA_BIFIDA]
    result = fit(Lists(range(1, 8), SPINA_BIFIDA), (5, 6))
    assert result.spread == pytest.approx(math.sqrt(1 / n[1] + 1 / n[2] + 1 / n[3]), rel=1e-6)
    half_width = 1.959964 * result.spread
    expected = [626 + result.unobserved * math.exp(sign * half_width) for sign in (-1, 1)]
    assert result.interval() == pytest.approx(tuple(expected), rel=1e-6)


def test_the_saturated_model_reproduces_the_counts() -> None:
    """Its Poisson means equal the counts, and the criteria count seven parameters."""
    result = fit(Lists(range(1, 8), SPINA_BIFIDA), (3, 5, 6))
    exact = sum(n * math.log(n) - n - math.lgamma(n + 1) for n in SPINA_BIFIDA)
    assert result.log_likelihood == pytest.approx(exact, rel=1e-10)
    assert (result.aic, result.bic) == pytest.approx((14 - 2 * exact, 7 * math.log(626) - 2 * exact))
    assert result.estimate == result.people + result.unobserved
    means = [math.exp(sum(a for term, a in result.alphas.items() if w & term == term)) for w in range(1, 8)]
    assert means == pytest.approx(SPINA_BIFIDA, rel=1e-8)
    assert math.exp(result.alphas[0]) == pytest.approx(result.unobserved)


def test_the_order_of_lists_only_renames_the_parameters() -> None:
    counts = dict(zip(range(1, 8), SPINA_BIFIDA, strict=True))
    turned = {(w >> 1) | ((w & 1) << 2): n for w, n in counts.items()}  # list A becomes the last one
    first = fit(Lists(list(counts), list(counts.values())), (3,))
    second = fit(Lists(list(turned), list(turned.values())), (5,))
    assert second.unobserved == pytest.approx(first.unobserved, rel=1e-9)
    assert second.alphas[4] == pytest.approx(first.alphas[1], rel=1e-9)
    assert second.spread == pytest.approx(first.spread, rel=1e-9)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, math.nan, 95])
def test_the_level_of_an_interval_lies_between_0_and_1(level: float) -> None:
    with pytest.raises(BadLists, match=r"the level is .*, give a number above 0 and below 1"):
        fit(Lists(range(1, 8), SPINA_BIFIDA)).interval(level)


def test_fits_of_many_models_equal_fits_of_each_alone() -> None:
    """A fit starts from that of an earlier model; the start changes no result."""
    lists = table("Kosovo")
    models = tuple(all_models(4, 2))[::3]
    together = fit_all(lists.dense, 4, models)
    assert together.starts.tolist() == [0, *np.cumsum([len(model) for model in models]).tolist()]
    assert [tuple(together.terms[a:b]) for a, b in pairwise(together.starts.tolist())] == list(models)
    for place, model in enumerate(models):
        alone = fit_all(lists.dense, 4, [model])
        assert together.unobserved[place] == pytest.approx(alone.unobserved[0], rel=1e-8)
        assert together.log_likelihood[place] == pytest.approx(alone.log_likelihood[0], rel=1e-12)
    start = np.zeros(16)
    start[0] = 5.0
    assert fit_all(lists.dense, 4, models, start).unobserved == pytest.approx(together.unobserved, rel=1e-8)
