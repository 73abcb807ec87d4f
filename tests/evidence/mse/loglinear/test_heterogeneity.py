"""Models of people who differ give the figures of Rcapture, and maximise their likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from kerege.evidence.mse import BadLists, Lists, fit
from kerege.evidence.mse.loglinear.heterogeneity import HeterogeneityFit, fit_heterogeneity
from tests.evidence.mse.tables import mask, table

# Baillargeon and Rivest 2007, section 2.1, and the output of the examples of Rcapture 1.3 (`closedp(hare)`):
# abundance, standard error, deviance, degrees of freedom, AIC
HARE = """
M0    none     75.4   3.5  68.516  61  154.707
Mt    none     75.1   3.4  58.314  56  154.505
Mh    chao     79.8   6.4  58.023  58  150.214
Mh    poisson  81.5   5.7  59.107  60  147.298
Mh    darroch  90.4  11.6  61.600  60  149.791
Mh    gamma   100.6  21.7  62.771  60  150.961
Mth   chao     79.6   6.3  47.115  52  151.305
Mth   poisson  81.1   5.6  48.137  55  146.327
Mth   darroch  90.5  11.7  50.706  55  148.896
Mth   gamma   101.6  22.4  51.956  55  150.147
"""
# Rivest 2011, as the tests of Rcapture 1.3 repeat it: people with diabetes (Bruno and others 1994) on four lists, and
# young black men of a part of St. Louis on three (Darroch and others 1993)
DIABETES_PAIRS = (0b0101, 0b1010, 0b1100)  # interactions of lists 1 and 3, 2 and 4, 3 and 4
DIABETES_FITS = """
none     -     2472   53  21.97  7
chao     -     2588   75   3.13  6
poisson  -     2573   76  12.88  6
darroch  -     2752  133   8.32  6
gamma    -     2964  219   6.74  6
gamma    0.5   4238  952   5.49  6
"""
# `closedp.t` of Rcapture 1.4-4, run by the project: abundance of Mth with the lower bound of Chao
LOWER_BOUNDS = {"UKdat": 12_298.5, "UKdat_5": 13_570, "Ned": 54_367.7, "NewOrl": 1206, "Kosovo": 8591}


def lists_of(counts: list[int]) -> Lists:
    """Return lists from the counts of all histories, from 1...1 down to 0...01 (the order of Rcapture)."""
    number = (len(counts) + 1).bit_length() - 1
    histories = [int(f"{w:0{number}b}"[::-1], 2) for w in range(len(counts), 0, -1)]
    return Lists(histories, counts)


DIABETES = lists_of([58, 157, 18, 104, 46, 650, 12, 709, 14, 20, 7, 74, 8, 182, 10])
ST_LOUIS = lists_of([72, 155, 7, 71, 13, 53, 43])


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().splitlines()]


@pytest.mark.parametrize(("model", "form", "abundance", "error", "deviance", "degrees", "aic"), rows(HARE))
def test_the_models_of_the_hares_are_those_of_rcapture(
    model: str, form: str, abundance: str, error: str, deviance: str, degrees: str, aic: str
) -> None:
    result = fit_heterogeneity(table("hare"), form, equal_lists=model in ("M0", "Mh"))
    assert (f"{result.estimate:.1f}", f"{result.error:.1f}") == (abundance, error)
    assert (f"{result.deviance:.3f}", str(result.degrees), f"{result.aic:.3f}") == (deviance, degrees, aic)


@pytest.mark.parametrize(("form", "parameter", "abundance", "error", "deviance", "degrees"), rows(DIABETES_FITS))
def test_interactions_beside_the_heterogeneity_are_those_of_rivest(
    form: str, parameter: str, abundance: str, error: str, deviance: str, degrees: str
) -> None:
    value = None if parameter == "-" else float(parameter)
    result = fit_heterogeneity(DIABETES, form, DIABETES_PAIRS, parameter=value)
    assert (f"{result.estimate:.0f}", f"{result.error:.0f}") == (abundance, error)
    assert (f"{result.deviance:.2f}", str(result.degrees)) == (deviance, degrees)


def test_three_lists_are_those_of_rivest() -> None:
    results = {form: fit_heterogeneity(ST_LOUIS, form, (0b011,)) for form in ("chao", "darroch")}
    assert (round(results["chao"].estimate), round(results["chao"].error)) == (681, 78)
    assert (round(results["chao"].deviance, 2), results["chao"].degrees) == (3.45, 1)
    assert (round(results["darroch"].estimate, 1), round(results["darroch"].error, 1)) == (1181.8, 404.2)


@pytest.mark.parametrize("name", LOWER_BOUNDS)
def test_the_lower_bound_of_trafficking_tables_is_that_of_rcapture(name: str) -> None:
    printed = LOWER_BOUNDS[name]
    assert fit_heterogeneity(table(name), "chao").estimate == pytest.approx(printed, abs=0.05 if printed % 1 else 0.5)


def test_without_heterogeneity_the_model_is_the_hierarchical_one() -> None:
    lists = table("UKdat")
    model = tuple(mask(lists, pair) for pair in ("LA:NG", "PF:NCA", "LA:GP"))  # the last overlap is empty
    expected, result = fit(lists, model), fit_heterogeneity(lists, "none", model)
    assert (result.estimate, result.aic, result.bic) == pytest.approx((expected.estimate, expected.aic, expected.bic))
    assert result.columns == ()


@given(st.lists(st.integers(1, 60), min_size=3, max_size=3), st.integers(0, 2))
def test_equal_lists_with_a_free_eta_have_chaos_moment_estimate(people: list[int], name: int) -> None:
    """n + (t - 1) f_1^2 / (2 t f_2), where eta_3 is not at its bound: f_1 f_3 is large enough (Chao 1987)."""
    once, twice, thrice = people[0] + 60, people[1] + 5, people[2] + 60
    counts = np.zeros(7, int)
    counts[[0, 1, 3]] = [once // 3, once // 3, once - 2 * (once // 3)]
    counts[[2, 4, 5]] = [twice // 3, twice // 3, twice - 2 * (twice // 3)]
    counts[6] = thrice
    result = fit_heterogeneity(Lists(range(1, 8), counts), "chao", equal_lists=True)
    if result.columns[0] > 0:
        assert result.estimate == pytest.approx(counts.sum() + once**2 / (3 * twice))


@pytest.mark.parametrize("form", ["poisson", "darroch", "gamma"])
def test_the_fit_maximises_the_likelihood(form: str) -> None:
    """A general optimiser, started away from the fit, finds the same number of unobserved people."""
    cells = np.arange(1, 16)
    orders = np.bitwise_count(cells).astype(float)
    column = {"poisson": 2**orders - 1, "darroch": orders**2 / 2, "gamma": np.log(3.5 / (3.5 + orders))}[form]
    design = np.column_stack([np.ones(15), *((cells >> j) & 1 for j in range(4)), column])
    counts = table("Kosovo").dense[1:]

    def loss(parameters: np.ndarray) -> float:
        return float(np.exp(design @ parameters).sum() - counts @ (design @ parameters))

    def slope(parameters: np.ndarray) -> np.ndarray:
        return design.T @ (np.exp(design @ parameters) - counts)

    start = np.array([7.0, -1, -1, -1, -1, 0.1])
    best = minimize(loss, start, jac=slope, method="BFGS", options={"gtol": 1e-4, "maxiter": 2000}).x
    result = fit_heterogeneity(table("Kosovo"), form)
    assert result.estimate - 4400 == pytest.approx(math.exp(best[0]), rel=1e-3)
    assert result.columns[0] == pytest.approx(best[-1], rel=1e-3)


def test_etas_are_at_their_bound_or_above_it() -> None:
    result = fit_heterogeneity(table("Kosovo"), "chao")
    assert len(result.columns) == 2
    assert all(eta >= 0 for eta in result.columns)
    assert len(fit_heterogeneity(table("UKdat"), "chao").columns) == 4


def test_a_parameter_that_diverges_is_no_estimate() -> None:
    once_or_twice = Lists([1, 2, 4, 3, 5, 6], [50, 40, 30, 5, 6, 7])  # nobody is on three lists
    with pytest.raises(BadLists, match="one of its parameters diverges"):
        fit_heterogeneity(once_or_twice, "darroch")
    assert fit_heterogeneity(once_or_twice, "chao").columns == (0.0,)


@pytest.mark.parametrize(
    ("try_fit", "message"),
    [
        (partial(fit_heterogeneity, form="normal"), "there is no form of heterogeneity 'normal'"),
        (partial(fit_heterogeneity, form="poisson", parameter=1.0), "the parameter of the heterogeneity is 1"),
        (partial(fit_heterogeneity, form="gamma", parameter=-1.0), "the parameter of the heterogeneity is -1"),
        (partial(fit_heterogeneity, model=(3,), equal_lists=True), "equal lists have no interactions"),
    ],
)
def test_invalid_settings_are_refused(try_fit: Callable[[Lists], HeterogeneityFit], message: str) -> None:
    with pytest.raises(BadLists, match=message):
        try_fit(ST_LOUIS)
