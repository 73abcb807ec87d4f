"""Fits with covariates: closed forms of strata, designs by enumeration, likelihood that never falls."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.mse import Lists, fit
from kerege.evidence.mse.covariates.fit import (
    CovariateFit,
    build_model,
    fit_model,
    hierarchical_terms,
    is_identified,
)
from kerege.evidence.mse.covariates.margins import Margins, make_margins
from tests.evidence.mse.tables import table

COUNTS = st.lists(st.integers(1, 300), min_size=6, max_size=6)


def two_lists_by_sex(counts: list[int]) -> Margins:
    """Return two lists that both record the sex: counts of (10, 01, 11) for women, then for men."""
    rows = [(a, b, sex) for sex in "fm" for a, b in ((1, 0), (0, 1), (1, 1))]
    frame = pl.DataFrame(rows, schema=["A", "B", "sex"], orient="row").with_columns(count=pl.Series(counts))
    return make_margins(frame, ["A", "B"], {"sex": ["A", "B"]})


def fitted(margins: Margins, *terms: tuple[int, ...]) -> CovariateFit:
    return fit_model(margins, hierarchical_terms(len(margins.names), terms), margins.counts)


# -- closed forms ----------------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(COUNTS)
def test_lists_that_depend_on_the_sex_are_estimated_in_each_stratum_alone(counts: list[int]) -> None:
    """Sekar and Deming 1949: with both lists depending on sex, each stratum has its own n10 n01 / n11."""
    result = fitted(two_lists_by_sex(counts), (0, 2), (1, 2))
    assert result.converged
    assert result.unseen == pytest.approx([counts[k] * counts[k + 1] / counts[k + 2] for k in (0, 3)], rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(COUNTS)
def test_a_list_that_does_not_depend_on_the_sex_has_one_rate(counts: list[int]) -> None:
    """Only A depends on sex, so that B finds the same share of women and men: n11 / (n11 + n10) in all.

    The unobserved people of a stratum are its n01 times the odds of being missed by B.
    """
    result = fitted(two_lists_by_sex(counts), (0, 2))
    missed_odds = (counts[0] + counts[3]) / (counts[2] + counts[5])
    assert result.unseen == pytest.approx([counts[1] * missed_odds, counts[4] * missed_odds], rel=1e-6)
    assert is_identified(two_lists_by_sex(counts), result)


@settings(max_examples=15, deadline=None)
@given(COUNTS)
def test_without_interactions_the_strata_share_the_estimate_of_two_lists(counts: list[int]) -> None:
    """Lincoln and Petersen for all people; the unobserved are divided as the observed are."""
    result = fitted(two_lists_by_sex(counts))
    n10, n01, n11 = (counts[k] + counts[k + 3] for k in range(3))
    assert result.unseen.sum() == pytest.approx(n10 * n01 / n11, rel=1e-6)
    observed = np.array([sum(counts[:3]), sum(counts[3:])])
    assert result.unseen / result.unseen.sum() == pytest.approx(observed / observed.sum(), rel=1e-6)


@pytest.mark.parametrize("pairs", [[], [(0, 1)], [(0, 1), (2, 3), (0, 3)], [(0, 1, 2), (2, 3)]])
def test_without_covariates_a_fit_equals_that_of_the_lists_alone(pairs: list[tuple[int, ...]]) -> None:
    lists = table("Kosovo")
    columns = {name: (lists.histories >> j) & 1 for j, name in enumerate(lists.names)}
    margins = make_margins(pl.DataFrame({**columns, "count": lists.counts}), lists.names, {})
    result = fitted(margins, *pairs)
    expected = fit(lists, tuple(sum(1 << j for j in pair) for pair in pairs))
    assert result.unseen.sum() == pytest.approx(expected.unobserved, rel=1e-6)
    parameters = {
        sum(1 << j for j in term): value
        for (term, _), value in zip(result.model.columns, result.parameters, strict=True)
    }
    assert parameters == pytest.approx(expected.alphas, rel=1e-5, abs=1e-6)
    # the same up to a constant of the counts
    constant = sum(np.log(np.arange(1, n + 1)).sum() for n in lists.counts.tolist())
    assert result.log_likelihood - constant == pytest.approx(expected.log_likelihood, rel=1e-9)


# -- design ----------------------------------------------------------------------------------------------------------


def test_the_design_has_a_column_for_each_combination_of_levels_above_the_first() -> None:
    rows = [(a, b, form) for form in ("x", "y", "z") for a, b in product((0, 1), repeat=2) if a + b]
    frame = pl.DataFrame(rows, schema=["A", "B", "form"], orient="row")
    margins = make_margins(frame, ["A", "B"], {"form": ["A", "B"]})
    model = build_model(margins, hierarchical_terms(3, [(0, 2)]), margins.counts)
    assert [name for name in model.columns if len(name[0]) == 2] == [((0, 2), (0, 0)), ((0, 2), (0, 1))]
    assert model.size == len(model.columns) == 1 + 2 + 2 + 2
    for column, (term, levels) in zip(model.design.T, model.columns, strict=True):
        expected = [
            prod(float(margins.values[v, cell] == level + 1) for v, level in zip(term, levels, strict=True))
            for cell in model.seen
        ]
        assert column.tolist() == expected
    assert model.seen.tolist() == list(range(3, 12))  # all cells with a history
    assert model.unobserved.tolist() == [0, 1, 2]


def test_an_empty_margin_removes_its_cells_and_its_parameter() -> None:
    """Nobody on list B has the form y, so that the interaction of B and y is at minus infinity."""
    rows = [(1, 0, "x", 9), (0, 1, "x", 8), (1, 1, "x", 5), (1, 0, "y", 4)]
    frame = pl.DataFrame(rows, schema=["A", "B", "form", "count"], orient="row")
    margins = make_margins(frame, ["A", "B"], {"form": ["A", "B"]})
    model = build_model(margins, hierarchical_terms(3, [(1, 2)]), margins.counts)
    assert ((1, 2), (0, 0)) not in model.columns
    assert model.size == len(model.columns) + 1  # it counts in the BIC
    on_b_with_y = [cell for cell in range(2, 8) if margins.values[1, cell] and margins.values[2, cell]]
    assert set(on_b_with_y).isdisjoint(model.seen.tolist())
    assert model.exists  # the empty margin has no unobserved cell
    with_a = build_model(margins, hierarchical_terms(3, [(0, 2)]), margins.counts)
    assert not with_a.exists  # everybody with the form y is on list A: nobody of them could be unobserved


def test_a_fit_without_an_estimate_is_not_converged() -> None:
    rows = [(1, 0, "x", 9), (0, 1, "x", 8), (1, 1, "x", 5), (1, 0, "y", 4), (1, 1, "y", 2)]
    frame = pl.DataFrame(rows, schema=["A", "B", "form", "count"], orient="row")
    margins = make_margins(frame, ["A", "B"], {"form": ["A", "B"]})
    assert not fitted(margins, (0, 2)).converged
    assert fitted(margins).converged


# -- likelihood ------------------------------------------------------------------------------------------------------


def partly_known(seed: int) -> Margins:
    """Return three lists with a covariate that A and B record, for most of their people."""
    rng = np.random.default_rng(seed)
    rows = [
        (a, b, c, sex if a or b else None)
        for a, b, c in product((0, 1), repeat=3)
        for sex in ("f", "m", None)
        if a + b + c
    ]
    frame = pl.DataFrame(rows, schema=["A", "B", "C", "sex"], orient="row")
    frame = frame.with_columns(count=pl.Series(rng.integers(1, 60, len(rows))))
    return make_margins(frame, ["A", "B", "C"], {"sex": ["A", "B"]})


@pytest.mark.parametrize("seed", range(3))
def test_no_step_lowers_the_likelihood_and_the_start_changes_no_result(seed: int) -> None:
    margins = partly_known(seed)
    result = fitted(margins, (0, 1), (2, 3), (0, 3))
    assert (np.diff(result.path) > -1e-9 * abs(result.log_likelihood)).all()
    warm = fit_model(margins, result.model.terms, margins.counts, fitted(margins, (0, 1)))
    assert warm.log_likelihood == pytest.approx(result.log_likelihood, rel=1e-12)
    assert warm.unseen == pytest.approx(result.unseen, rel=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_expected_people_keep_the_counts_of_their_groups(seed: int) -> None:
    """The E-step divides the people of a group among its cells, in proportion to the means."""
    margins = partly_known(seed)
    result = fitted(margins, (0, 1), (2, 3))
    groups = margins.groups[:, result.model.seen].toarray()
    sums = groups @ result.means
    spread = result.means * (groups.T @ (margins.counts / sums))
    assert result.spread == pytest.approx(spread, rel=1e-6)
    assert result.spread.sum() == pytest.approx(margins.people)
    # at the maximum the means have the sums of the expected people
    assert result.model.design.T @ result.means == pytest.approx(result.model.design.T @ result.spread, rel=1e-6)


def test_a_covariate_of_one_list_alone_does_not_identify_its_interaction() -> None:
    """Only A records the sex: nobody off A shows how A depends on it."""
    rows = [
        (1, 0, 0, "f", 20),
        (1, 1, 0, "m", 9),
        (1, 0, 1, "f", 8),
        (1, 1, 1, "m", 4),
        (0, 1, 0, None, 30),
        (0, 0, 1, None, 25),
        (0, 1, 1, None, 12),
        (1, 0, 0, "m", 15),
    ]
    frame = pl.DataFrame(rows, schema=["A", "B", "C", "sex", "count"], orient="row")
    margins = make_margins(frame, ["A", "B", "C"], {"sex": ["A"]})
    assert is_identified(margins, fitted(margins, (1, 3)))
    assert not is_identified(margins, fitted(margins, (0, 3)))


def test_a_fit_equals_that_of_lists_if_the_covariate_has_one_level() -> None:
    lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])
    columns = {name: (lists.histories >> j) & 1 for j, name in enumerate("ABC")}
    frame = pl.DataFrame({**columns, "count": lists.counts, "sex": ["f"] * 7})
    margins = make_margins(frame, list("ABC"), {"sex": list("ABC")})
    assert fitted(margins, (0, 1)).unseen == pytest.approx([fit(lists, (3,)).unobserved], rel=1e-6)
    assert fitted(margins, (0, 1), (2, 3)).unseen == pytest.approx([fit(lists, (3,)).unobserved], rel=1e-6)
