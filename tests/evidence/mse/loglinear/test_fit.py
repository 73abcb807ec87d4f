"""Fits of single models: likelihood and criteria equal those of statsmodels."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import statsmodels.api as sm

from kerege.evidence.mse import BadLists, Lists, fit
from kerege.evidence.mse.loglinear.hierarchical_models import Model, closed
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
    return closed(
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
        fit(lists, closed(3, [3]))
    with pytest.raises(BadLists, match="not identified"):
        fit(lists, closed(3, [3, 5, 6]))


def test_a_fit_to_the_means_of_a_model_returns_its_parameters() -> None:
    """The counts are the means of a model: the fit returns its parameters."""
    alphas = {0: 8.0, 1: -1.0, 2: -1.5, 4: -0.5, 8: -1.2, 3: 0.7, 12: -0.4}
    model = closed(4, [3, 12])
    means = [math.exp(sum(a for term, a in alphas.items() if w & term == term)) for w in range(1, 16)]
    scaled = np.rint(np.array(means) * 1e4).astype(int)
    result = fit(Lists(np.arange(1, 16), scaled), model)
    assert result.unobserved == pytest.approx(1e4 * math.exp(8), rel=1e-4)
    assert result.alphas[3] == pytest.approx(0.7, abs=1e-4)
