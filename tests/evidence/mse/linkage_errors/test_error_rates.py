"""Uncertain linkage: rates are drawn as their intervals say, and resamples include the draws."""

from __future__ import annotations

import numpy as np
import pytest

from kerege.evidence.mse import BadLists, Lists, bootstrap
from kerege.evidence.mse.linkage_errors.corrected_lists import without_errors
from kerege.evidence.mse.linkage_errors.correction import bootstrap_linked_tables, simulate_linkage_errors
from kerege.evidence.mse.linkage_errors.error_rates import (
    LinkageRate,
    LinkageRates,
    UncertainUndo,
    make_uncertain,
    use_draws,
)
from kerege.evidence.mse.loglinear.integer_tables import round_to_people
from tests.evidence.mse.tables import resamples, table

NONE = LinkageRate(0.0, 0.0, 0.0)
KOSOVO = table("Kosovo")


def uncertain(low: float, value: float, high: float, lists: Lists = KOSOVO) -> UncertainUndo:
    rates = LinkageRates({"": LinkageRate(value, low, high)}, NONE)
    return make_uncertain(without_errors(lists, rates.miss_values, 0.0).undo, rates, seed=3)


@pytest.mark.parametrize(
    "rate", [LinkageRate(0.1, 0.06, 0.14), LinkageRate(0.02, 0.012, 0.028), LinkageRate(0.4, 0.3, 0.5)]
)
def test_draws_have_the_mean_and_the_80_percent_interval_of_the_rate(rate: LinkageRate) -> None:
    draws = rate.draws(20_000, np.random.default_rng(1))
    assert draws.mean() == pytest.approx(rate.value, rel=0.02)
    assert ((rate.low <= draws) & (draws <= rate.high)).mean() == pytest.approx(0.8, abs=0.02)


def test_a_rate_of_zero_is_drawn_below_its_upper_limit_in_80_of_100() -> None:
    draws = LinkageRate(0.0, 0.0, 0.03).draws(20_000, np.random.default_rng(1))
    assert draws.min() >= 0
    assert (draws <= 0.03).mean() == pytest.approx(0.8, abs=0.02)


def test_a_rate_without_an_interval_is_a_constant() -> None:
    assert set(LinkageRate(0.1, 0.1, 0.1).draws(5, np.random.default_rng(1))) == {0.1}


def test_rates_without_intervals_correct_as_rates_do() -> None:
    corrected = without_errors(KOSOVO, {"": 0.1}, 0.0)
    tables = resamples(KOSOVO, 30)
    assert np.array_equal(uncertain(0.1, 0.1, 0.1)(tables), corrected.undo(tables))


def test_each_table_is_corrected_with_a_matrix_of_its_own() -> None:
    undo = uncertain(0.05, 0.1, 0.15)
    tables = resamples(KOSOVO, 250)
    corrected = undo(tables)
    for row in (0, 7, 131, 249):
        matrix = undo.matrices[row % len(undo.matrices)]
        expected = np.linalg.inv(matrix[1:, 1:]) @ KOSOVO.resampled(tables)[row, 1:]
        assert np.array_equal(round_to_people(np.round(expected, 6)[None])[0], corrected[row])


def test_intervals_grow_with_the_uncertainty_of_the_rate() -> None:
    lists = without_errors(KOSOVO, {"": 0.1}, 0.0).lists
    widths = []
    for low, high in ((0.1, 0.1), (0.05, 0.15)):
        interval = bootstrap(lists, "independence", times=1000, undo=uncertain(low, 0.1, high)).percentile(0.8)
        widths.append(interval.upper - interval.lower)
    assert widths[1] > 2 * widths[0]


def test_intervals_with_uncertain_rates_hold_the_truth() -> None:
    # the true rate differs from the measured one as its interval says
    rng = np.random.default_rng(8)
    held = {True: 0, False: 0}
    sets = 50
    for number in range(sets):
        on = rng.random((3000, 3)) < 0.3
        histories = on @ (1 << np.arange(3))
        counts = np.bincount(histories, minlength=8)[1:]
        true_rate = float(np.clip(rng.normal(0.2, 0.06), 0.01, 0.5))
        (linked,) = simulate_linkage_errors(Lists(range(1, 8), counts), true_rate, 0.0, 1, seed=number)
        for is_uncertain in held:
            spread = 1.28 * 0.06 if is_uncertain else 0.0
            undo = uncertain(0.2 - spread, 0.2, 0.2 + spread, linked)
            corrected = without_errors(linked, {"": 0.2}, 0.0).lists
            interval = bootstrap(corrected, "independence", times=200, undo=undo).percentile(0.8)
            held[is_uncertain] += interval.lower <= 3000 <= interval.upper
    assert held[True] >= 0.68 * sets
    assert held[False] <= 0.55 * sets


def test_draws_give_the_mixture_of_their_bootstraps() -> None:
    draws = simulate_linkage_errors(KOSOVO, 0.05, 0.001, times=10)
    mixed = bootstrap_linked_tables(draws, "stepwise", times=200)
    result = bootstrap(KOSOVO, "stepwise", times=2000, undo=use_draws(KOSOVO, draws, seed=5))
    for level in (0.8, 0.95):
        mine, other = result.percentile(level), mixed.percentile(level)
        assert mine.lower == pytest.approx(other.lower, rel=0.02)
        assert mine.upper == pytest.approx(other.upper, rel=0.02)


def test_one_draw_that_is_the_lists_is_the_plain_bootstrap() -> None:
    plain = bootstrap(KOSOVO, "independence", times=2000).percentile(0.8)
    drawn = bootstrap(KOSOVO, "independence", times=2000, undo=use_draws(KOSOVO, [KOSOVO], seed=2)).percentile(0.8)
    assert (drawn.lower, drawn.upper) == pytest.approx((plain.lower, plain.upper), rel=0.005)


def test_people_move_into_histories_that_the_lists_do_not_have() -> None:
    lists, draw = Lists([1, 2, 4, 3], [40, 30, 20, 10]), Lists([1, 2, 4, 3, 6], [40, 30, 15, 10, 5])
    undo = use_draws(lists, [draw], seed=1)
    assert undo.given.histories.tolist() == [1, 2, 3, 4, 6]
    assert undo(np.zeros((50, 5), np.int64))[:, -1].mean() == pytest.approx(5, abs=1.5)


@pytest.mark.parametrize(
    ("draws", "fault"),
    [([], "not of the same lists"), ([Lists([1, 2, 4], [1, 1, 1], ["x", "y", "z"])], "not of the same lists")],
)
def test_draws_of_other_lists_are_refused(draws: list[Lists], fault: str) -> None:
    with pytest.raises(BadLists, match=fault):
        use_draws(KOSOVO, draws, seed=1)


def test_draws_of_counts_with_noise_are_refused() -> None:
    noisy = Lists([1, 2, 4, 3], [40, 30, 20, 10], noise=2.0)
    with pytest.raises(BadLists, match="noise"):
        use_draws(noisy, [noisy], seed=1)


def test_a_draw_that_cannot_have_made_the_lists_is_the_rates_themselves() -> None:
    lists = Lists([1, 2, 4, 3, 5, 7], [1000, 4, 900, 30, 200, 9])
    rates = LinkageRates({}, LinkageRate(0.002, 0.0, 0.4))  # so many false links would empty the second list
    undo = make_uncertain(without_errors(lists, {}, 0.002).undo, rates, seed=1)
    assert np.isfinite(undo.expected(lists.resampled(np.tile(lists.counts, (100, 1))))).all()
