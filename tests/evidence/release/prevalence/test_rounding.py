"""Published estimates are rounded to two digits, and ranges about real people outward to coarse steps."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.release.prevalence.rounding import (
    STEPS,
    downward,
    larger_chance,
    limits,
    near,
    outward,
    step,
    upward,
)

PEOPLE = st.floats(0, 5e6)
THRESHOLD = st.integers(5, 100)


@pytest.mark.parametrize(
    ("value", "threshold", "size"),
    [
        (0, 10, 10),
        (99.9, 10, 10),
        (100, 10, 10),
        (999.9, 10, 10),
        (1_000, 10, 100),
        (12_345, 10, 1_000),
        (-7_431, 10, 100),
        (50, 5, 10),  # a threshold of 5 is rounded up to ten
        (50, 11, 20),
        (50, 20, 20),
        (7_431, 101, 110),
    ],
)
def test_the_step_has_two_digits_and_at_least_the_threshold_in_tens(value: float, threshold: int, size: int) -> None:
    assert step(value, threshold) == size


@settings(deadline=None, max_examples=100)
@given(PEOPLE, THRESHOLD)
def test_a_figure_is_the_nearest_multiple_of_its_step(value: float, threshold: int) -> None:
    figure, size = near(value, threshold), step(value, threshold)
    assert figure is not None
    assert figure % size == 0
    assert abs(figure - value) <= size / 2 + 1e-6
    assert size >= threshold
    assert size % 10 == 0


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_value_that_is_not_finite_has_no_figure(value: float) -> None:
    assert near(value, 10) is None


@pytest.mark.parametrize(
    ("interval", "rounded"),
    [
        ((707.0, 761.0), [710, 760]),
        ([707, 761], [710, 760]),
        ({"lower": 707.0, "upper": 761.0}, [710, 760]),
        ({"lower": 707.0}, None),
        ({"lower": 707.0, "upper": None}, None),
        ((707.0, math.inf), None),
        ((math.nan, 707.0), None),
        ((707.0,), None),
        ((1.0, 2.0, 3.0), None),
        ((), None),
        (None, None),
    ],
)
def test_an_interval_needs_both_limits(interval: object, rounded: list[int] | None) -> None:
    assert limits(interval, 10) == rounded


@pytest.mark.parametrize(
    ("bounds", "range_"),
    [
        ((231.0, 731.0), (200, 1_000)),
        ((200.0, 500.0), (200, 500)),
        ((199.9, 800.1), (150, 1_000)),
        ((0.0, 0.5), (0, 1)),
        ((1.4, 1.6), (1, 2)),
        ((999.0, 1_001.0), (800, 2_000)),
        ((95.0, 99.0), (80, 100)),
    ],
)
def test_a_range_is_rounded_outward_to_the_next_steps(bounds: tuple[float, float], range_: tuple[int, int]) -> None:
    assert outward(bounds) == range_


@settings(deadline=None, max_examples=100)
@given(PEOPLE, PEOPLE)
def test_a_rounded_range_contains_the_range_and_says_little_more(one: float, other: float) -> None:
    low, high = sorted((one, other))
    lower, upper = outward((low, high))
    assert lower <= low
    assert upper >= high
    if low >= 10:
        assert lower > low / 2
    if high >= 10:
        assert upper < 2.5 * high


@pytest.mark.parametrize(("chance", "stated"), [(0.5, 0.5), (0.3, 0.5), (0.11, 0.2), (0.1, 0.1), (0.037, 0.1)])
def test_a_stated_chance_is_never_smaller_and_tells_little(chance: float, stated: float) -> None:
    assert larger_chance(chance) == stated


@settings(deadline=None, max_examples=100)
@given(st.floats(1, 1e8))
def test_figures_are_rounded_down_and_up_to_multiples_of_their_step(people: float) -> None:
    assert downward(people, 10) <= people <= upward(people, 10)
    assert upward(people, 10) - downward(people, 10) in (0, step(people, 10))


def test_the_steps_are_ascending_within_a_factor_of_ten() -> None:
    assert sorted(STEPS) == list(STEPS)
    assert (STEPS[0], STEPS[-1]) == (1, 10)
    assert max(high / low for low, high in pairwise(STEPS)) == 1.5
