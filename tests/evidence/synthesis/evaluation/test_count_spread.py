"""Bins of true counts are a quarter of a factor of ten wide and cover every count once."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting import all_marginals
from kerege.evidence.synthesis.evaluation import count_spread
from kerege.evidence.synthesis.evaluation.count_spread import pair_counts, spread


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**7))
def test_every_count_up_to_the_largest_is_in_one_bin(most: int) -> None:
    first, last = count_spread._list_edges(most)
    assert first[0] == 1
    assert last[-1] >= most
    assert [end + 1 for end in last[:-1]] == first[1:]
    assert all(start <= end for start, end in zip(first, last, strict=True))


def test_four_bins_cover_a_factor_of_ten() -> None:
    first, _ = count_spread._list_edges(10_000)
    assert [start for start in first if start in (1, 10, 100, 1_000, 10_000)] == [1, 10, 100, 1_000, 10_000]
    assert sum(100 <= start < 1_000 for start in first) == 4
    assert [start for start in first if 100 <= start < 1_000] == [100, 178, 317, 563]


def frames(true: dict[str, int], synthetic: dict[str, int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    one, other = (
        pl.DataFrame({"a": [value for value, times in counts.items() for _ in range(times)]}, schema={"a": pl.String})
        for counts in (true, synthetic)
    )
    return one, other


def test_deciles_are_of_the_synthetic_counts_of_a_bin() -> None:
    """Eleven values of 20 people each; their synthetic counts are 0, 10, ..., 100."""
    true = {f"v{number:02}": 20 for number in range(11)}
    synthetic = {f"v{number:02}": 10 * number for number in range(11)}
    (step,) = spread(*(all_marginals(frame, 1) for frame in frames(true, synthetic)), 1)
    assert (step.combinations, step.true) == (11, 20.0)
    assert (step.low, step.middle, step.high) == pytest.approx((10, 50, 90))
    assert step.least <= 20 <= step.most


def test_empty_bins_are_left_out() -> None:
    true = {"rare": 1, "common": 900}
    counted = [all_marginals(frame, 1) for frame in frames(true, true)]
    assert [step.true for step in spread(*counted, 1)] == [1.0, 900.0]


def test_without_combinations_there_are_no_bins() -> None:
    silent = pl.DataFrame({"a": [None, None]}, schema={"a": pl.String})
    counted = all_marginals(silent, 1)
    assert spread(counted, counted, 1) == []


@settings(deadline=None, max_examples=50)
@given(
    st.dictionaries(st.sampled_from("pqrs"), st.integers(1, 9), min_size=1),
    st.dictionaries(st.sampled_from("pqrstu"), st.integers(1, 9)),
)
def test_a_value_that_only_one_file_has_keeps_the_others_in_place(true: dict[str, int], made: dict[str, int]) -> None:
    one, other = (all_marginals(frame, 1) for frame in frames(true, made))
    pairs = list(zip(*(counts.tolist() for counts in pair_counts(one, other, 1)), strict=True))
    assert Counter(pairs) == Counter((count, made.get(value, 0)) for value, count in true.items())
