"""Noisy counts beside the records: without bias, within intervals, in agreement with one another."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import polars as pl
import pytest

from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.synthesis.generation.counts_beside import LevelCounts, reconstruct_counts, tabulate_counts
from kerege.evidence.synthesis.generation.records import CodedRecords, decode_records
from kerege.evidence.synthesis.generation.synthesiser import fit_records
from kerege.evidence.synthesis.measurement.measure import measure, plan
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy
from kerege.evidence.synthesis.measurement.public_schema import Column, Schema

Made = tuple[pl.DataFrame, Noisy, Schema, CodedRecords, list[LevelCounts]]


@pytest.fixture(scope="module")
def made() -> Made:
    """Return 3,000 people of unequal lengths, a measurement, and the counts beside the records."""
    chance = np.random.default_rng(2)
    kind = chance.choice(12, 3_000, p=np.arange(1, 13) / 78)
    columns = {f"c{n}": np.where(chance.random(3_000) < 0.15 + 0.1 * n, (kind * (n + 2)) % 5, -1) for n in range(8)}
    frame = pl.DataFrame({name: [None if v < 0 else f"v{v}" for v in codes] for name, codes in columns.items()})
    public = tuple(Column(name, tuple(f"v{n}" for n in range(5))) for name in frame.columns)
    noisy, public = measure(frame, public, plan(0.3, 3, (0.7, 1.5, 1.0)), repeatable(4))
    records = fit_records(noisy, 0.85, 1)
    return frame, noisy, public, records, reconstruct_counts(noisy, records)


def names(level: LevelCounts, public: Schema) -> list[tuple[tuple[str, str], ...]]:
    flat = [(column.name, value) for column in public for value in column.values]
    return [tuple(flat[v] for v in item) for item in level.items.tolist()]


def count_plainly(frame: pl.DataFrame, length: int) -> dict[tuple[tuple[str, str], ...], int]:
    counts: dict[tuple[tuple[str, str], ...], int] = {}
    for row in frame.to_dicts():
        for chosen in combinations([(name, value) for name, value in row.items() if value], length):
            counts[chosen] = counts.get(chosen, 0) + 1
    return counts


@pytest.mark.parametrize("length", [1, 2, 3])
def test_the_records_are_counted_as_by_a_plain_loop(made: Made, length: int) -> None:
    _, _, public, records, levels = made
    plain = count_plainly(decode_records(records, public), length)
    level = levels[length - 1]
    assert [plain.get(name, 0) for name in names(level, public)] == level.in_records.tolist()


@pytest.mark.parametrize("length", [1, 2, 3])
def test_estimates_have_no_bias_and_intervals_hold_the_true_count(made: Made, length: int) -> None:
    """About 95 in 100 true counts, of clipped records too, are within two sigmas."""
    frame, _, public, _, levels = made
    true, level = count_plainly(frame, length), levels[length - 1]
    errors = level.estimates - [true.get(name, 0) for name in names(level, public)]
    assert abs(errors.mean()) < 4 * level.sigma.mean() / np.sqrt(len(errors))
    assert (np.abs(errors) < 1.96 * level.sigma).mean() > 0.9


def test_counts_agree_with_those_of_shorter_combinations(made: Made) -> None:
    """Check each sum over a column by a plain loop: no cell of *not reported* would be negative."""
    _, _, public, _, levels = made
    for shorter, longer in pairwise(levels):
        available = dict(zip(names(shorter, public), shorter.counts.tolist(), strict=True))
        sums: dict[tuple[object, str], int] = {}
        for name, count in zip(names(longer, public), longer.counts.tolist(), strict=True):
            for place, (column, _) in enumerate(name):
                rest = name[:place] + name[place + 1 :]
                sums[rest, column] = sums.get((rest, column), 0) + count
        assert all(total <= available[rest] for (rest, _), total in sums.items())
        assert (longer.counts >= 0).all()


def test_a_value_that_is_not_supported_has_no_count(made: Made) -> None:
    _, noisy, _, _, levels = made
    assert not levels[0].counts[~noisy.supported_values].any()


def test_the_table_names_each_combination_once(made: Made) -> None:
    _, _, public, _, levels = made
    table = tabulate_counts(levels, public)
    heads = [f"{kind}_{place}" for place in (1, 2, 3) for kind in ("column", "value")]
    assert table.height == sum(len(level.items) for level in levels) == table.unique(heads).height
    assert (table["low"] <= table["high"]).all()
