"""One model at a time: the likelihood and its criteria beside statsmodels' generalised linear models."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import statsmodels.api as sm

from kerege.evidence.mse import BadLists, Lists, fit
from kerege.evidence.mse.loglinear.hierarchical_models import Model, closed

from .tables import table

CASES = [
    ("UKdat", []),
    ("UKdat", ["LA:NG", "LA:PF", "PF:NCA", "GO:GP"]),
    ("UKdat_5", ["LA:NG:PFNCA", "PFNCA:GO", "NG:GP"]),
    ("Kosovo", ["EXH:ABA:OSCE", "EXH:HRW", "OSCE:HRW"]),
    ("Kosovo", ["EXH:ABA", "EXH:OSCE", "ABA:OSCE", "EXH:HRW", "ABA:HRW", "OSCE:HRW"]),
    ("Australia", ["A:B", "B:C"]),
    ("Ned", ["O:Z", "P:Z", "K:R", "I:K", "K:O"]),  # nobody is on K and R, nor on I and K
    ("NewOrl", ["D:E", "A:B", "F:G"]),
]


def with_ties(lists: Lists, ties: list[str]) -> Model:
    return closed(lists.number, [sum(1 << lists.names.index(name) for name in tie.split(":")) for tie in ties])


@pytest.mark.parametrize(("name", "ties"), CASES)
def test_equal_to_statsmodels(name: str, ties: list[str]) -> None:
    lists = table(name)
    model = with_ties(lists, ties)
    found = fit(lists, model)
    empty = [term for term in model if lists.on(term, mask=True) == 0]
    cells = np.array([w for w in range(1, 1 << lists.number) if all(w & term != term for term in empty)])
    terms = np.array([term for term in model if term not in empty])
    design = ((cells[:, None] & terms) == terms).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = sm.GLM(lists.dense[cells], design, family=sm.families.Poisson()).fit(tol=1e-14, maxiter=200)
    assert found.estimate == pytest.approx(lists.people + math.exp(peer.params[0]), rel=1e-8)
    assert found.log_likelihood == pytest.approx(peer.llf, rel=1e-10)
    assert found.spread == pytest.approx(peer.bse[0], rel=1e-6)
    assert found.aic == pytest.approx(peer.aic + 2 * len(empty), rel=1e-10)
    assert found.bic == pytest.approx(len(model) * math.log(lists.people) - 2 * peer.llf, rel=1e-10)
    assert all(found.alphas[term] == -math.inf for term in empty)
    low, high = found.interval(0.95)
    assert low < found.estimate < high


def test_the_interval_of_a_model_taken_for_granted_as_published() -> None:
    """New Orleans, independence: 997 (645, 1618), measured with SparseMSE."""
    found = fit(table("NewOrl"))
    assert found.estimate == pytest.approx(996.664, abs=6e-4)
    assert found.interval() == pytest.approx((644.9, 1617.5), abs=0.06)


def test_a_model_without_an_estimate_says_why() -> None:
    lists = table("Artificial_3")
    with pytest.raises(BadLists, match="does not exist"):
        fit(lists, closed(3, [3]))
    with pytest.raises(BadLists, match="not identified"):
        fit(lists, closed(3, [3, 5, 6]))


def test_a_table_that_a_model_fits_is_met_exactly() -> None:
    """Means of a model as counts: its own parameters come back."""
    alphas = {0: 8.0, 1: -1.0, 2: -1.5, 4: -0.5, 8: -1.2, 3: 0.7, 12: -0.4}
    model = closed(4, [3, 12])
    means = [math.exp(sum(a for term, a in alphas.items() if w & term == term)) for w in range(1, 16)]
    scaled = np.rint(np.array(means) * 1e4).astype(int)
    found = fit(Lists(np.arange(1, 16), scaled), model)
    assert found.unobserved == pytest.approx(1e4 * math.exp(8), rel=1e-4)
    assert found.alphas[3] == pytest.approx(0.7, abs=1e-4)
