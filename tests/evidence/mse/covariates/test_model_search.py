"""Selection of interactions by BIC: the criterion by hand, and no single change improves the result."""

from __future__ import annotations

import math
from itertools import combinations, product

import numpy as np
import polars as pl
import pytest

from kerege.evidence.mse.covariates.fit import CovariateFit, Term, fit_model, hierarchical_terms
from kerege.evidence.mse.covariates.margins import Margins, make_margins
from kerege.evidence.mse.covariates.model_search import (
    build_first_order_model,
    compute_bic,
    list_candidates,
    search_model,
)
from kerege.evidence.mse.loglinear.bic_selection import rank_by_bic
from tests.evidence.mse.tables import table


def simulated_margins(seed: int, effect: float = 1.2) -> Margins:
    """Return three lists that record the sex; A and B depend on each other, and C on the sex."""
    rng = np.random.default_rng(seed)
    woman = rng.random(1500) < 0.6
    on_a = rng.random(1500) < 0.35
    on_b = rng.random(1500) < np.where(on_a, 0.25 + 0.15 * effect, 0.25)
    on_c = rng.random(1500) < np.where(woman, 0.2 + 0.2 * effect, 0.2)
    sex = np.where(woman, "f", "m")
    frame = pl.DataFrame({"A": on_a, "B": on_b, "C": on_c, "sex": sex}).filter(pl.any_horizontal("A", "B", "C"))
    return make_margins(frame, list("ABC"), {"sex": list("ABC")})


def pairs_of(fit: CovariateFit) -> set[Term]:
    return {term for term in fit.model.terms if len(term) == 2}


def test_the_criterion_is_schwarzs_with_parameters_at_minus_infinity() -> None:
    margins = simulated_margins(1)
    fit = fit_model(margins, hierarchical_terms(4, [(0, 1), (2, 3)]), margins.counts)
    assert compute_bic(fit, margins.people) == pytest.approx(7 * math.log(margins.people) - 2 * fit.log_likelihood)
    fewer = margins.counts * (margins.history & 0b11 != 0b11)  # nobody on A and B
    boundary = fit_model(margins, hierarchical_terms(4, [(0, 1), (2, 3)]), fewer)
    assert len(boundary.parameters) == 6
    assert compute_bic(boundary, 100) == pytest.approx(7 * math.log(100) - 2 * boundary.log_likelihood)


@pytest.mark.parametrize(
    ("recorded", "left_out"),
    [
        ({"sex": ["A", "B", "C"]}, set()),
        ({"sex": ["B"]}, {(1, 3)}),  # only B records it: nobody off B shows the interaction
        ({"sex": ["A", "C"]}, set()),
    ],
)
def test_candidates_are_the_pairs_that_overlaps_can_identify(
    recorded: dict[str, list[str]], left_out: set[Term]
) -> None:
    rows = [
        (*bits, sex if any(bits[list("ABC").index(name)] for name in recorded["sex"]) else None)
        for bits in product((0, 1), repeat=3)
        for sex in "fm"
        if any(bits)
    ]
    frame = pl.DataFrame(rows, schema=[*"ABC", "sex"], orient="row")
    margins = make_margins(frame, list("ABC"), recorded)
    assert set(list_candidates(margins)) == set(combinations(range(4), 2)) - left_out
    assert set(build_first_order_model(margins)) == {(), (0,), (1,), (2,), (3,), *list_candidates(margins)}


def test_two_lists_have_no_interaction_of_each_other() -> None:
    rows = [(1, 0, "f"), (0, 1, "f"), (1, 1, "f"), (1, 0, "m"), (0, 1, "m"), (1, 1, "m")]
    margins = make_margins(pl.DataFrame(rows, schema=["A", "B", "sex"], orient="row"), ["A", "B"], {"sex": ["A", "B"]})
    assert list_candidates(margins) == ((0, 2), (1, 2))


@pytest.mark.parametrize("seed", range(3))
def test_no_added_or_removed_interaction_lowers_the_criterion_of_the_result(seed: int) -> None:
    margins = simulated_margins(seed, effect=0.6)
    best = search_model(margins, margins.counts)
    for pair in list_candidates(margins):
        terms = hierarchical_terms(4, pairs_of(best) ^ {pair})
        other = fit_model(margins, terms, margins.counts)
        assert not other.converged or compute_bic(other, margins.people) > compute_bic(best, margins.people) - 1e-5


def test_strong_interactions_are_found_and_superfluous_ones_dropped() -> None:
    margins = simulated_margins(4)
    best = search_model(margins, margins.counts)
    assert {(0, 1), (2, 3)} <= pairs_of(best)
    too_many = fit_model(margins, build_first_order_model(margins), margins.counts)
    from_above = search_model(margins, margins.counts, too_many)
    assert pairs_of(from_above) == pairs_of(best)


@pytest.mark.parametrize("name", ["Kosovo", "UKdat_4"])
def test_without_covariates_the_search_ends_in_the_best_model_of_pairs(name: str) -> None:
    """The search of single steps, against the ranking of all 64 models."""
    lists = table(name)
    columns = {label: (lists.histories >> j) & 1 for j, label in enumerate(lists.names)}
    margins = make_margins(pl.DataFrame({**columns, "count": lists.counts}), lists.names, {})
    best = search_model(margins, margins.counts)
    ranking = rank_by_bic(lists, 2)
    assert {sum(1 << j for j in pair) for pair in pairs_of(best)} == {
        term for term in ranking.best if term.bit_count() == 2
    }
    assert lists.people + best.unseen.sum() == pytest.approx(ranking.estimate, rel=1e-5)
