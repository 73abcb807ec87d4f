"""Noisy counts: their units, their support, the test for noise alone, and their file."""

from __future__ import annotations

import json
from dataclasses import replace
from math import comb, log, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import Refused
from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.synthesis.measurement.noisy_counts import (
    FALSE_VALUES,
    FORMAT,
    UNIT,
    Noisy,
    NoisyLevel,
    find_standing_out,
    find_value_threshold,
    weights,
)

SINGLES = np.arange(3, dtype=np.int32)[:, None]
PAIRS = np.array([[0, 1], [0, 2]], dtype=np.int32)


def level(*values: int, sigma: float = 64.0, threshold: float = 2.0) -> NoisyLevel:
    return NoisyLevel(SINGLES[: len(values)], np.array(values), sigma, threshold)


def noisy(lengths: list[int], *values: int, lengths_sigma: float = 1.0) -> Noisy:
    return Noisy(np.arange(3, dtype=np.int32), 3, np.array(lengths), lengths_sigma, (level(*values),))


def measured(counts: np.ndarray, seed: int) -> Noisy:
    """Return the noisy counts of values and pairs; `counts` (values, values) are the true ones."""
    chance, size = np.random.default_rng(seed), len(counts)
    sigma = [300.0, 330.0]
    singles = np.rint(np.diag(counts) * UNIT + chance.normal(0, sigma[0], size)).astype(np.int64)
    items = np.argwhere(np.triu(np.ones((size, size)), 1)).astype(np.int32)
    pairs = np.rint(counts[items[:, 0], items[:, 1]] * UNIT + chance.normal(0, sigma[1], len(items))).astype(np.int64)
    levels = (
        NoisyLevel(np.arange(size, dtype=np.int32)[:, None], singles, sigma[0], 1.5),
        NoisyLevel(items, pairs, sigma[1], 1.5),
    )
    return Noisy(np.arange(size, dtype=np.int32), 3, np.array([0, 0, 1_000]), 1.0, levels)


def test_less_than_one_value_of_nobody_is_supported() -> None:
    """Count them in 200 files of 1,000 people with three values and 60 values that nobody has.

    By its own count alone, 1.5 sigmas of noise, 4 of 60 would be supported.
    """
    counts = np.zeros((63, 63))
    counts[:3, :3] = [[800, 300, 200], [300, 500, 100], [200, 100, 400]]
    files = [measured(counts, seed) for seed in range(200)]
    false = [int(file.supported_values[3:].sum()) for file in files]
    assert np.mean(false) <= FALSE_VALUES
    assert np.mean([int(file.levels[0].supported[3:].sum()) for file in files]) > 3
    assert all(file.supported_values[:3].all() for file in files)


def test_the_cohorts_of_a_file_share_its_bound_of_values_of_nobody() -> None:
    """Ten cohorts of 63 values, of which nobody has 60."""
    counts = np.zeros((63, 63))
    counts[:3, :3] = [[900, 700, 400], [700, 900, 500], [400, 500, 900]]
    files = [replace(measured(counts, seed), false_values=FALSE_VALUES / 10) for seed in range(400)]
    false = [int(file.supported_values[3:].sum()) for file in files]
    assert 10 * np.mean(false) <= FALSE_VALUES
    assert all(file.supported_values[:3].all() for file in files)


def test_pairs_support_a_rare_value() -> None:
    """Ten people have a value, all with two frequent ones.

    Its own count is twice the noise, which is too little by itself.
    """
    counts = np.zeros((63, 63))
    counts[:3, :3] = [[800, 700, 10], [700, 900, 10], [10, 10, 10]]
    counts += np.triu(counts, 1).T - np.tril(counts, -1)
    files = [measured(counts, seed) for seed in range(200)]
    alone = [file.levels[0].values[2] > find_value_threshold(63, 1.5, 1.0) * file.levels[0].sigma for file in files]
    assert np.mean([file.supported_values[2] for file in files]) > np.mean(alone) + 0.2


def test_counts_and_noise_are_in_people() -> None:
    measured = level(640, -32, sigma=128.0)
    assert measured.people.tolist() == [10.0, -0.5]
    assert measured.spread == 2.0


@pytest.mark.parametrize(("value", "is_supported"), [(127, False), (128, False), (129, True), (-500, False)])
def test_a_supported_count_is_above_the_threshold(value: int, is_supported: bool) -> None:
    assert level(value, sigma=64.0, threshold=2.0).supported.tolist() == [is_supported]


@pytest.mark.parametrize(("lengths", "people"), [([5, 3, -1], 7), ([-4, 1], 0), ([0, 0], 0)])
def test_the_number_of_people_is_the_sum_of_the_lengths_and_not_negative(lengths: list[int], people: int) -> None:
    assert noisy(lengths, 0).people == people


# -- noise alone -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cells", [4, 60, 400])
def test_noise_on_zeros_looks_like_nobody(cells: int) -> None:
    """A sum of squares 4 standard deviations above its mean happens in few of a thousand tables."""
    items = np.arange(cells, dtype=np.int32)[:, None]
    tables = []
    for seed in range(40):
        noise = repeatable(seed)
        counts = NoisyLevel(items, noise(np.zeros(cells, np.int64), 640.0), 640.0, 2.0)
        lengths = noise(np.zeros(9, np.int64), 12.0)
        tables.append(Noisy(np.arange(cells, dtype=np.int32), 3, lengths, 12.0, (counts,)).nobody)
    assert sum(tables) >= 38


@pytest.mark.parametrize(("lengths", "values"), [([0, 0, 90], (0, 0, 0)), ([0, 0, 0], (0, 9_000, 0))])
def test_people_in_either_part_are_not_nobody(lengths: list[int], values: tuple[int, ...]) -> None:
    assert not noisy(lengths, *values).nobody


def test_the_limit_for_nobody_is_four_standard_deviations_above_the_mean() -> None:
    """The squared positive part of a normal variable has the mean 1/2 and the variance 3/2 - 1/4 = 5/4."""
    cells = 9
    limit = sqrt(cells / 2 + 4 * sqrt(5 / 4 * cells))  # of one count in sigmas, all others 0
    for factor, expected in ((0.999, True), (1.001, False)):
        lengths = np.zeros(cells, np.int64)
        lengths[3] = round(factor * limit * 1e6)
        measured = Noisy(np.arange(3, dtype=np.int32), 3, lengths, 1e6, (level(0, 0, 0),))
        assert measured.nobody is expected


def test_counts_below_zero_are_no_people() -> None:
    assert noisy([-900, -900], -90_000, 0, 0).nobody


# -- numbers of values that stand out ----------------------------------------------------------------------------------


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 300), st.floats(0.5, 50))
def test_a_number_stands_out_above_the_largest_of_n_noise_terms(n: int, sigma: float) -> None:
    limit = sigma * sqrt(2 * log(max(2, n)))
    lengths = np.zeros(n, np.int64)
    for number, expected in ((int(limit), False), (int(limit) + 1, True), (-int(limit) - 1, False)):
        lengths[-1] = number
        assert find_standing_out(lengths, sigma)[-1] == expected


# -- weights -----------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 20), st.integers(1, 3))
def test_a_record_up_to_the_clip_counts_in_full(clip: int, length: int) -> None:
    values = weights(clip, length, 2 * clip)
    if length <= clip:
        assert values[: clip + 1] == [UNIT] * (clip + 1)
    assert values == sorted(values, reverse=True)
    assert len(values) == 2 * clip + 1


@settings(deadline=None, max_examples=50)
@given(st.integers(3, 12), st.integers(1, 3), st.integers(0, 60))
def test_no_record_moves_the_counts_further_than_a_record_of_clip_values(clip: int, length: int, k: int) -> None:
    weight = weights(clip, length, k)[k]
    assert sqrt(comb(k, length)) * weight <= UNIT * sqrt(comb(clip, length)) * (1 + 1e-12)


# -- the file ----------------------------------------------------------------------------------------------------------


def measurement() -> Noisy:
    pairs = NoisyLevel(PAIRS, np.array([7, -9]), 3.5, 1.5)
    return Noisy(np.array([0, 0, 1], np.int32), 5, np.array([4, -1, 30]), 2.25, (level(1, 2, 3), pairs))


def test_a_file_holds_the_arrays_by_name_and_the_scalars_as_json(tmp_path: Path) -> None:
    """Read back by NumPy alone."""
    original = measurement()
    original.save(tmp_path / "noisy.npz")
    with np.load(tmp_path / "noisy.npz", allow_pickle=False) as file:
        about = json.loads(bytes(file["about"]))
        numbers = {"clip": 5, "lengths_sigma": 2.25, "false_values": FALSE_VALUES}
        assert about == {"format": FORMAT, **numbers, "levels": [[64.0, 2.0], [3.5, 1.5]]}
        assert file["column"].tolist() == [0, 0, 1]
        assert file["lengths"].tolist() == [4, -1, 30]
        assert file["items2"].tolist() == PAIRS.tolist()
        assert file["values2"].tolist() == [7, -9]
        by_length = {"items1", "values1", "items2", "values2"}
        assert set(file.files) == {"about", "column", "lengths", "impossible"} | by_length


def test_a_read_file_equals_what_was_saved(tmp_path: Path) -> None:
    original = measurement()
    original.save(tmp_path / "noisy.npz")
    loaded = Noisy.load(tmp_path / "noisy.npz")
    assert (loaded.clip, loaded.lengths_sigma, loaded.people) == (5, 2.25, 33)
    assert loaded.false_values == original.false_values
    for one, other in zip(loaded.levels, original.levels, strict=True):
        assert (one.sigma, one.threshold) == (other.sigma, other.threshold)
        assert one.items.tolist() == other.items.tolist()
        assert one.values.tolist() == other.values.tolist()


@pytest.mark.parametrize("stated", [FORMAT - 1, FORMAT + 1, None])
def test_a_file_of_another_format_is_refused(tmp_path: Path, stated: int | None) -> None:
    about = json.dumps({"format": stated}).encode()
    np.savez(tmp_path / "noisy.npz", about=np.frombuffer(about, np.uint8))
    with pytest.raises(Refused, match=r"noisy\.npz: another version of the program stored these noisy counts"):
        Noisy.load(tmp_path / "noisy.npz")
