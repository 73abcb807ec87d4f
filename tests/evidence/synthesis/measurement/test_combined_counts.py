"""Two measurements are combined by inverse variance; changed records count by the later one."""

from __future__ import annotations

from math import hypot, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.synthesis.measurement.combined_counts import LEAST_CHANGE, combine_measurements
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy, NoisyLevel

ITEMS = np.array([[0], [1]], dtype=np.int32)


def noisy(lengths: list[int], lengths_sigma: float, values: list[int], sigma: float) -> Noisy:
    items = np.arange(len(values), dtype=np.int32)[:, None]
    level = NoisyLevel(items, np.array(values), sigma, 1.5)
    return Noisy(np.zeros(len(values), np.int32), 4, np.array(lengths), lengths_sigma, (level,))


@settings(deadline=None, max_examples=50)
@given(st.floats(1, 1e4), st.floats(1, 1e4))
def test_the_precision_of_the_mean_is_the_sum_of_both(old: float, new: float) -> None:
    both = combine_measurements(noisy([0], old, [0], new), noisy([0], new, [0], old))
    expected = 1 / sqrt(old**-2 + new**-2)
    assert both.lengths_sigma == pytest.approx(expected)
    assert both.levels[0].sigma == pytest.approx(expected)
    assert both.levels[0].sigma <= min(old, new)


@settings(deadline=None, max_examples=50)
@given(st.integers(-50, 50), st.integers(-50, 50), st.floats(100, 1_000), st.floats(100, 1_000))
def test_the_mean_gives_the_smaller_noise_the_larger_share(old: int, new: int, before: float, after: float) -> None:
    both = combine_measurements(noisy([old], before, [old], before), noisy([new], after, [new], after))
    mean = (old / before**2 + new / after**2) / (before**-2 + after**-2)
    assert abs(both.lengths[0] - mean) <= 0.5 + 1e-9
    assert both.levels[0].values[0] == both.lengths[0]


@pytest.mark.parametrize(("old", "new"), [(3.0, 4.0), (30.0, 40.0), (1.0, 1.0)])
def test_a_difference_above_the_largest_noise_is_a_change(old: float, new: float) -> None:
    """With few counts the limit is 3.5 sigmas of the difference."""
    limit = hypot(old, new) * LEAST_CHANGE
    kept, changed = int(np.floor(limit)), int(np.floor(limit)) + 1
    both = combine_measurements(noisy([0, 0], old, [0, 0], old), noisy([kept, changed], new, [-kept, -changed], new))
    share = old**2 / (old**2 + new**2)
    assert both.lengths.tolist() == [round(share * kept), changed]
    assert both.levels[0].values.tolist() == [-round(share * kept), -changed]


def test_among_many_counts_a_change_must_exceed_the_largest_of_so_many_noise_terms() -> None:
    cells = 2_000
    limit = hypot(10, 10) * sqrt(2 * log(cells))
    assert limit > hypot(10, 10) * LEAST_CHANGE
    difference = int(limit)
    zeros = [0] * cells
    later = [difference, difference + 1, *zeros[2:]]
    both = combine_measurements(noisy([0], 1.0, zeros, 10.0), noisy([0], 1.0, later, 10.0))
    assert both.levels[0].values[:2].tolist() == [round(difference / 2), difference + 1]


def test_combinations_clip_and_columns_stay_those_of_the_first_measurement() -> None:
    before, after = noisy([9], 1.0, [5, 6], 2.0), noisy([9], 1.0, [5, 6], 2.0)
    both = combine_measurements(before, after)
    assert (both.clip, both.column.tolist(), both.levels[0].threshold) == (4, [0, 0], 1.5)
    assert both.levels[0].items is before.levels[0].items


def test_whole_counts_stay_whole() -> None:
    both = combine_measurements(noisy([1], 1.0, [1], 1.0), noisy([2], 1.0, [2], 1.0))
    assert both.lengths.dtype == both.levels[0].values.dtype == np.int64


def test_measurements_of_different_lengths_cannot_be_combined() -> None:
    one = noisy([1], 1.0, [1], 1.0)
    longer = Noisy(one.column, one.clip, one.lengths, 1.0, (*one.levels, one.levels[0]))
    with pytest.raises(ValueError, match="zip"):
        combine_measurements(one, longer)
