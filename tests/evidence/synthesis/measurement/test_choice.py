"""The choice of columns, order and form follows from shares of single values alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product
from math import ceil, comb, sqrt

import numpy as np
import pytest

from kerege.evidence.synthesis.measurement.choice import (
    LARGEST_FORECAST,
    RECORDS,
    TABLES,
    ShareSource,
    choose,
    choose_from_noise,
    forecast,
    read_shares,
)
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Noisy, NoisyLevel
from kerege.evidence.synthesis.measurement.public_schema import Column

THRESHOLDS = (0.7, 1.5, 1.0)


def source(people: float, rho: float = 0.2, order: int = 3, **sizes: int) -> ShareSource:
    """Return columns whose values are equally frequent."""
    shares = {name: np.full(size, 1 / size) for name, size in sizes.items()}
    return ShareSource(people, shares, rho, order, THRESHOLDS)


def test_the_forecast_is_the_lost_share_of_independent_columns() -> None:
    """A brute force over all pairs: each loses its noise, or all its people where that is less."""
    shares = {"a": np.array([0.5, 0.3, 0.1]), "b": np.array([0.6, 0.02]), "c": np.array([0.2])}
    given = ShareSource(1_000.0, shares, 0.1, 2, THRESHOLDS)
    counts = [1_000 * p * q for one, other in combinations(shares.values(), 2) for p, q in product(one, other)]
    sigma = sqrt(comb(3, 2) / (2 * 0.1 * 0.57 / 0.74))  # a clip of 3, and the documented shares of the loss
    lost = sum(min(count, 0.8 * sigma) for count in counts) / sum(counts)
    assert forecast(given, tuple(shares), 2) == pytest.approx(lost, rel=0.08)  # shares are rounded to a tenth of log10


def test_many_people_get_records_of_all_columns_and_three_values_together() -> None:
    chosen = choose(source(1e6, a=4, b=3, c=5, d=2))
    assert (chosen.publish, chosen.columns, chosen.order) == (RECORDS, ("a", "b", "c", "d"), 3)
    assert chosen.relative <= LARGEST_FORECAST


def test_fewer_people_get_shorter_combinations_then_fewer_columns_then_tables() -> None:
    chosen = [choose(source(people, a=4, b=3, c=5, d=2, wide=120)) for people in (2e5, 6_000, 900, 40, 20)]
    assert [choice.publish for choice in chosen] == [RECORDS, RECORDS, RECORDS, TABLES, TABLES]
    assert [choice.order for choice in chosen][:2] == [3, 2]
    sizes = [len(choice.columns) for choice in chosen]
    assert sizes[0] == 5
    assert "wide" not in chosen[2].columns
    assert sizes[:3] == sorted(sizes[:3], reverse=True)


def test_the_widest_column_is_the_first_to_be_left_out() -> None:
    chosen = choose(source(1_500, a=4, b=3, c=5, wide=200))
    assert chosen.columns == ("a", "b", "c")


def test_the_stated_count_is_that_of_nine_in_ten_errors_of_noise() -> None:
    chosen = choose(source(1e6, rho=0.3, order=2, a=2, b=2, c=2))
    sigma = sqrt(comb(3, 2) / (2 * 0.3 * 0.57 / 0.74))
    assert chosen.counts_from == ceil(5 * 1.644854 * sigma)


def test_no_longer_combinations_are_chosen_than_are_wanted() -> None:
    assert choose(source(1e6, order=1, a=4, b=3, c=5)).order == 1
    assert choose(source(1e6, order=2, a=4, b=3, c=5)).order == 2


def test_each_value_of_a_multi_valued_column_is_counted_alone() -> None:
    several = ShareSource(5_000.0, {"m": np.array([0.5, 0.4, 0.3])}, 0.2, 2, THRESHOLDS, multi=frozenset({"m"}))
    assert forecast(several, ("m",), 2) < 0.1  # two means of one person are a pair
    assert forecast(replace(several, multi=frozenset()), ("m",), 2) < 0.1  # a single column has no pairs: its values


COLUMNS = (Column("a", ("1", "2")), Column("b", ("3", "4", "5")), Column("c", ("6",)))


def first_look(people: tuple[int, ...] = (600, 300, 500, 200, 2, 400), records: int = 1_000) -> Noisy:
    level = NoisyLevel(np.arange(6, dtype=np.int32)[:, None], np.array(people) * UNIT, 9.0 * UNIT, 0.7)
    lengths = np.array([0, 100, records - 600, 500])
    return Noisy(np.array([0, 0, 1, 1, 1, 2], np.int32), 3, lengths, 1.0, (level,))


def test_values_that_the_noise_can_explain_have_no_share() -> None:
    shares = read_shares(first_look(), COLUMNS)
    assert {name: part.tolist() for name, part in shares.items()} == {"a": [0.6, 0.3], "b": [0.5, 0.2, 0], "c": [0.4]}


def test_the_choice_depends_on_the_first_look_and_on_nothing_else() -> None:
    chosen = [choose_from_noise(first_look(), COLUMNS, 0.2, 3, THRESHOLDS) for _ in range(2)]
    assert chosen[0] == chosen[1]
    assert chosen[0].publish == RECORDS
    poor = choose_from_noise(first_look((9, 2, 8, 3, 1, 5), records=610), COLUMNS, 1e-4, 3, THRESHOLDS)
    assert poor.publish == TABLES
    assert poor.order == 1
