"""The repetition shows how far records are from their source, and decides whether they are useful."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
import pytest

from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.synthesis.accuracy import (
    MARGIN,
    RepeatedCounts,
    find_nine_in_ten,
    measure_accuracy,
    state_accuracy,
)
from kerege.evidence.synthesis.generation.records import CodedRecords, decode_records
from kerege.evidence.synthesis.generation.repeated_fit import repeat_fit
from kerege.evidence.synthesis.generation.synthesiser import fit_records
from kerege.evidence.synthesis.measurement.measure import measure, plan
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Noisy, NoisyLevel
from kerege.evidence.synthesis.measurement.public_schema import Column

SCHEMA = (
    Column("a", tuple("uvwxyz")),
    Column("b", tuple("123456789")),
    Column("c", ("yes", "no")),
    Column("d", tuple("klmnop")),
)


def people(number: int = 1_500, seed: int = 1) -> pl.DataFrame:
    """Return people whose columns depend on one another; a fifth of the answers is missing."""
    chance = np.random.default_rng(seed)
    first = chance.zipf(1.7, number) % 6
    second = (first * 2 + chance.zipf(2.0, number)) % 9
    third = (second + chance.integers(0, 3, number)) % 2
    fourth = (first + chance.zipf(1.6, number)) % 6
    codes = (first, second, third, fourth)
    columns = {
        column.name: np.where(chance.random(number) < 0.8, np.array(column.values)[code], "")
        for column, code in zip(SCHEMA, codes, strict=True)
    }
    return pl.DataFrame(columns).with_columns(pl.when(pl.all() != "").then(pl.all()))


def level(length: int, spread: float, values: int = 4) -> NoisyLevel:
    items = np.array(list(combinations(range(values), length)), np.int32)
    return NoisyLevel(items, np.full(len(items), round(50 * UNIT)), spread * UNIT, 1.0)


def coded(*rows: tuple[int, ...]) -> CodedRecords:
    values = np.array([value for row in rows for value in row], np.int32)
    return CodedRecords(values, np.cumsum([0, *map(len, rows)]))


NOISY = Noisy(np.arange(4, dtype=np.int32), 3, np.array([0, 1, 2, 1, 0]), 1.0, (level(1, 1.0), level(2, 1.0)))
ROWS = coded((0, 1), (0, 1), (0, 2), (0, 1, 2), ())
AGAIN = coded((0, 1), (0, 1), (0, 1), (0, 3), (0,))


def pairs_of(records: CodedRecords) -> Counter[tuple[int, int]]:
    rows = [records.values[start:end].tolist() for start, end in zip(records.start, records.start[1:], strict=False)]
    return Counter(pair for row in rows for pair in combinations(sorted(row), 2))


def facts(worth: bool = True) -> dict[str, Any]:
    return {"worth": worth, "advice": ""}


def test_relative_errors_made_up_and_missing_combinations_are_those_of_a_plain_count() -> None:
    _, entry = measure_accuracy(NOISY, replace(ROWS, again=AGAIN))
    source, made = pairs_of(ROWS), pairs_of(AGAIN)
    wrong = sum(abs(source[pair] - made[pair]) for pair in source | made)
    assert entry["relative"] == pytest.approx(wrong / source.total(), abs=6e-4)
    assert entry["fabricated"] == pytest.approx(len(made.keys() - source.keys()) / len(made), abs=6e-4)
    assert entry["missing"] == pytest.approx(len(source.keys() - made.keys()) / len(source), abs=6e-4)
    small = entry["bias"][0]
    differences = [made[pair] - count for pair, count in source.items() if count <= 4]
    assert small["repeated"] == pytest.approx(np.mean(differences), abs=0.051)
    assert small["combinations"] == len(differences)


def test_without_a_repetition_nothing_is_claimed() -> None:
    assert state_accuracy(facts(), NOISY, ROWS) == facts() | {"accuracy": []}


def test_the_count_of_nine_in_ten_is_that_of_the_noise_where_the_records_have_no_larger_error() -> None:
    counts = np.arange(20, 2_000)
    exact = RepeatedCounts(counts, counts)
    assert find_nine_in_ten(exact, 10.0) == 83
    noise = np.random.default_rng(1).normal(0, 30, len(counts)).astype(np.int64)
    stated = find_nine_in_ten(RepeatedCounts(counts, counts + noise), 10.0)
    above = counts >= stated
    assert stated > 150
    assert (np.abs(noise[above]) <= counts[above] / 5).mean() > 0.9


@pytest.mark.parametrize(
    ("again", "words"),
    [
        (ROWS, ""),
        (coded(*[(0, 1)] * 9, (0, 2), (1, 2)), "the noise is a large part"),
        (coded((0, 1), (0, 1), (0, 1, 2), (0, 2), (1, 3), (2, 3), (0, 3), ()), "the noise is a large part"),
    ],
)
def test_records_with_large_errors_of_pairs_are_not_worth_publishing(again: CodedRecords, words: str) -> None:
    stated = state_accuracy(facts(), NOISY, replace(ROWS, again=again))
    assert stated["worth"] is not bool(words)
    assert stated["advice"].startswith(words)
    assert [entry["length"] for entry in stated["accuracy"]] == [1, 2]
    assert all(entry["nine_in_ten"] >= 9 for entry in stated["accuracy"])


def test_many_combinations_that_are_made_up_or_missing_are_not_worth_publishing_however_few_people_have_them() -> None:
    large = [(0, 1)] * 400
    rare = [(0, 2), (1, 2)]
    made_up = state_accuracy(facts(), NOISY, replace(coded(*large), again=coded(*large, *rare)))
    missing = state_accuracy(facts(), NOISY, replace(coded(*large, *rare), again=coded(*large)))
    assert (made_up["worth"], missing["worth"]) == (False, False)
    assert made_up["advice"].startswith("most combinations of two values in the records are made up")
    assert missing["advice"].startswith("most combinations of two values are missing")


def test_a_conclusion_from_the_noise_alone_is_not_improved() -> None:
    stated = state_accuracy(facts(worth=False) | {"advice": "why"}, NOISY, replace(ROWS, again=ROWS))
    assert (stated["worth"], stated["advice"]) == (False, "why")


def combinations_of(frame: pl.DataFrame, length: int) -> Counter[tuple[Any, ...]]:
    rows = [[(name, value) for name, value in row.items() if value] for row in frame.iter_rows(named=True)]
    return Counter(part for row in rows for part in combinations(row, length))


@pytest.mark.parametrize("seed", [1, 2])
def test_errors_of_the_records_are_near_those_of_the_repetition(seed: int) -> None:
    """Only the test knows the people. Nobody can know the rare combinations that are lost."""
    frame = people(seed=seed)
    noisy, public = measure(frame, SCHEMA, plan(0.2, 3, (0.7, 1.5, 1.0)), repeatable(seed))
    records = fit_records(noisy, 0.85, seed)
    records = replace(records, again=repeat_fit(noisy, records, 0.85, seed))
    synthetic = decode_records(records, public)
    for stated in measure_accuracy(noisy, records):
        source, made = (combinations_of(rows, stated["length"]) for rows in (frame, synthetic))
        errors = sum(abs(source[part] - made[part]) for part in source | made)
        assert 0.6 * stated["relative"] < errors / source.total() < MARGIN * stated["relative"] + 0.01
        assert stated["fabricated"] == pytest.approx(len(made.keys() - source.keys()) / len(made), abs=0.12)
        assert stated["missing"] < len(source.keys() - made.keys()) / len(source) + 0.05
