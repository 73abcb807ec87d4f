"""Counts of combinations: clipped, weighted, the same on each engine, and complete."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from itertools import combinations
from math import comb, isqrt, sqrt
from pathlib import Path

import ibis
import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.synthesis.measurement import measure, public_schema, true_counts
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Noisy, weights
from kerege.evidence.synthesis.measurement.public_schema import DISCOVERED, FILE, Column, Schema
from tests.evidence.synthesis.measurement.invented_counts import Cell, Row, cells_of, exact, frame, random_values, same

PASS_ALL = (-1e12, -1e12, -1e12)  # thresholds that every noisy count passes: the candidates are fixed


def counted(rows: list[Row], columns: Schema, clip: int, length: int) -> Counter[Cell]:
    """Return clipped counts by a plain loop, with weights from the formula."""
    counts: Counter[Cell] = Counter()
    for row in rows:
        reported = [(number, value) for number, values in enumerate(row) for value in sorted(values)]
        k = len(reported)
        weight = UNIT
        while comb(k, length) * weight**2 > UNIT**2 * comb(clip, length):
            weight -= 1
        for cell in combinations(reported, length):
            counts[cell] += weight
    return +counts


def measured(rows: list[Row], columns: Schema, clip: int, order: int, monkeypatch: pytest.MonkeyPatch) -> Noisy:
    with monkeypatch.context() as patch:
        patch.setattr(measure, "clip_for", lambda lengths, sigma: clip)
        spending = measure.plan(1.0, order, PASS_ALL)
        return measure.measure(frame(rows, columns), columns, spending, exact)[0]


@st.composite
def tables(draw: st.DrawFn) -> tuple[Schema, list[Row], Row, int, int]:
    """Draw a schema, rows, one row more, K, and the length of the longest combinations."""
    width = draw(st.integers(1, 6))
    columns = tuple(
        Column(f"c{number}", tuple(f"v{value}" for value in range(draw(st.integers(1, 4)))), draw(st.booleans()))
        for number in range(width)
    )

    def row() -> st.SearchStrategy[Row]:
        return st.tuples(
            *[
                st.frozensets(st.sampled_from(column.values), max_size=len(column.values) if column.multi else 1)
                for column in columns
            ]
        ).map(list)

    full = [frozenset(column.values if column.multi else column.values[:1]) for column in columns]
    rows = draw(st.lists(row(), max_size=8))
    most = public_schema.width(columns)
    return columns, rows, draw(row() | st.just(full)), draw(st.integers(min(3, most), min(5, most))), min(3, most)


FULL = tuple(Column(f"c{n}", ("a", "b", "c", "d"), True) for n in range(6))


MANY: tuple[Schema, list[Row], Row, int, int] = (FULL, [], [frozenset("abcd")] * 6, 3, 3)


@settings(max_examples=60, deadline=None)
@given(tables())
@example(MANY)
def test_one_person_more_moves_the_counts_of_a_length_by_at_most_the_sensitivity(
    table: tuple[Schema, list[Row], Row, int, int],
) -> None:
    columns, rows, person, clip, order = table
    patch = pytest.MonkeyPatch()
    without = measured(rows, columns, clip, order, patch)
    having = measured([*rows, person], columns, clip, order, patch)
    assert np.abs(having.lengths - without.lengths).sum() == 1
    for length in range(1, order + 1):
        cells_without, cells_with = cells_of(without, columns, length), cells_of(having, columns, length)
        assert cells_without.keys() == cells_with.keys()  # which cells are measured follows from noise alone
        moved = sum((cells_with[cell] - cells_without[cell]) ** 2 for cell in cells_without)
        assert moved <= UNIT**2 * comb(clip, length)
        assert having.levels[length - 1].sigma >= UNIT * sqrt(comb(clip, length)) / sqrt(2 * 1.0)


@settings(max_examples=40, deadline=None)
@given(tables())
@example(MANY)
def test_clipped_counts_are_those_of_a_plain_loop(table: tuple[Schema, list[Row], Row, int, int]) -> None:
    columns, rows, person, clip, order = table
    rows = [*rows, person]
    noisy = measured(rows, columns, clip, order, pytest.MonkeyPatch())
    for length in range(1, order + 1):
        cells = cells_of(noisy, columns, length)
        assert {cell: value for cell, value in cells.items() if value} == counted(rows, columns, clip, length)
    sizes = Counter(sum(map(len, row)) for row in rows)
    assert {k: int(n) for k, n in enumerate(noisy.lengths) if n} == sizes
    assert noisy.people == len(rows)


@given(st.integers(3, 30), st.integers(1, 3), st.integers(0, 250))
def test_weights_are_the_heaviest_that_fit(clip: int, length: int, k: int) -> None:
    weight = weights(clip, length, k)[-1]
    fits = UNIT**2 * comb(clip, length)
    assert comb(k, length) * weight**2 <= fits
    assert weight == UNIT or comb(k, length) * (weight + 1) ** 2 > fits
    assert weight == UNIT if k <= clip else weight == isqrt(fits // comb(k, length))


def test_values_that_the_schema_does_not_have_are_not_counted() -> None:
    """Such records are invalid input, but the sensitivity must hold for them too."""
    columns = (Column("a", ("x", "y"), True), Column("b", ("p",)))
    invalid = pl.DataFrame({"a": [["x", "y", "q", "r", "s"], ["x"]], "b": ["p", "p"]})
    noisy, _ = measure.measure(invalid, columns, measure.plan(1.0, 2, PASS_ALL), exact)
    assert cells_of(noisy, columns, 1) == {((0, "x"),): 2 * UNIT, ((0, "y"),): UNIT, ((1, "p"),): 2 * UNIT}
    assert noisy.lengths.tolist() == [0, 0, 1, 1]


def test_two_values_of_one_column_are_measured_like_any_two() -> None:
    columns = (Column("means", ("debt", "threats", "drugs"), True),)
    table = pl.DataFrame({"means": [["threats", "debt"]] * 40 + [["drugs"]] * 10})
    noisy, _ = measure.measure(table, columns, measure.plan(1.0, 3, PASS_ALL), exact)
    assert cells_of(noisy, columns, 2) == {
        ((0, "debt"), (0, "threats")): 40 * UNIT,
        ((0, "debt"), (0, "drugs")): 0,
        ((0, "threats"), (0, "drugs")): 0,
    }


def test_all_engines_and_counting_ways_measure_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = (Column("a", ("x", "y")), Column("b", ("p", "q")), Column("m", ("s", "t", "u"), True))
    rng = np.random.default_rng(1)
    table = pl.DataFrame({column.name: random_values(rng, column, 300) for column in columns[:2]})
    table = table.with_columns(m=pl.Series([[v for v in "stuw" if rng.random() < 0.4] for _ in range(300)]))
    table.write_parquet(tmp_path / "rows.parquet")
    table.with_columns(pl.col("m").list.join(";")).write_csv(tmp_path / "rows.csv")
    spending = measure.plan(0.5, 3, (1.0, 1.0, 1.0))
    expected, _ = measure.measure(table, columns, spending, repeatable(3))
    assert [level.values.any() for level in expected.levels] == [True, True, True]
    for source in (table, ibis.memtable(table.to_arrow()), tmp_path / "rows.parquet", tmp_path / "rows.csv"):
        for most in (measure.MOST_PER_RECORD, 0):  # all are looked at, or only candidates
            monkeypatch.setattr(measure, "MOST_PER_RECORD", most)
            assert same(expected, measure.measure(source, columns, spending, repeatable(3))[0])


@pytest.mark.parametrize(("width", "reported", "order"), [(24, 7, 3), (60, 30, 2), (200, 200, 1), (400, 7, 2)])
def test_all_combinations_are_counted_only_if_records_have_few(width: int, reported: int, order: int) -> None:
    """With 200 fully reported columns a record would have 1.3 million triples."""
    lengths = np.zeros(width + 1, np.int64)
    lengths[reported] = 100
    assert measure.find_full_length(lengths, 3) == order
    assert measure.find_full_length(lengths, 1) == 1


@pytest.mark.parametrize("longest", [12, 200, 5_000])
def test_noise_on_empty_lengths_does_not_raise_the_clip(longest: int) -> None:
    lengths = np.zeros(longest + 1, dtype=np.int64)
    lengths[:9] = [100, 200, 300, 400, 400, 300, 150, 100, 50]
    clips = {measure.clip_for(repeatable(seed)(lengths, 11.0), 11.0) for seed in range(20)}
    assert clips <= {4, 5}


def test_the_clip_of_an_empty_table_is_the_smallest() -> None:
    """In one of ten empty tables some noise exceeds the threshold."""
    clips = [measure.clip_for(repeatable(seed)(np.zeros(60, np.int64), 40.0), 40.0) for seed in range(60)]
    assert clips.count(measure.LEAST_CLIP) >= 45
    assert measure.clip_for(np.zeros(4, np.int64), 1.0) == measure.LEAST_CLIP


@pytest.mark.parametrize("columns", [1, 2])
def test_the_clip_is_at_most_the_number_of_columns(columns: int) -> None:
    public = tuple(Column(f"c{number}", ("x", "y")) for number in range(columns))
    table = pl.DataFrame({column.name: ["x", "y"] * 50 for column in public})
    spending = measure.plan(1.0, columns, PASS_ALL)
    noisy, _ = measure.measure(table, public, spending, exact)
    assert noisy.clip == columns
    for length, level in enumerate(noisy.levels, 1):
        assert level.spread == pytest.approx(sqrt(comb(columns, length) / (2 * spending.rho[length])), rel=1e-6)


def test_values_of_open_columns_below_the_threshold_are_not_named() -> None:
    columns = (Column("a", (), source=DISCOVERED), Column("b", ("x",), source=FILE))
    table = pl.DataFrame({"a": ["q"] * 5, "b": ["x"] * 5})
    _, kept = measure.measure(table, columns, measure.plan(0.2, 2, (2.0, 2.0), delta=1e-9), exact)
    assert public_schema.as_dict(kept)["columns"]["a"]["values"] == []


@pytest.mark.parametrize("most", [1, 7, 40, 10_000])
def test_the_best_candidates_are_those_with_the_largest_rarest_part(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(true_counts, "MOST_CANDIDATES", most)
    chance = np.random.default_rng(most)
    columns = [0, 0, 0, 1, 2, 2, 3, 3, 3, 3]
    values = chance.permutation(100)[:10]
    pairs = {
        cell: int(min(values[list(cell)]))
        for cell in combinations(range(10), 2)
        if columns[cell[0]] != columns[cell[1]]
    }
    singles = np.arange(10, dtype=np.int32)
    best, least = true_counts._select_best(*true_counts._list_pairs(singles, values, np.array(columns, dtype=np.int32)))
    assert [pairs[tuple(cell)] for cell in best.tolist()] == least.tolist()
    assert sorted(least.tolist()) == sorted(pairs.values())[-most:]
    known = np.array(list(pairs)[::2], dtype=np.int32)
    counts = dict(zip(map(tuple, known.tolist()), chance.permutation(1_000)[: len(known)].tolist(), strict=True))
    triples = [
        min(counts[part] for part in combinations(cell, 2))
        for cell in combinations(range(10), 3)
        if all(part in counts for part in combinations(cell, 2))
    ]
    best, least = true_counts._select_best(*true_counts._list_triples(known, np.array(list(counts.values()))))
    assert sorted(least.tolist()) == sorted(triples)[-most:]


def test_thousands_of_values_need_no_table_of_all_their_pairs() -> None:
    columns = np.repeat(np.arange(3, dtype=np.int32), [20_000, 3, 20_000])
    values = np.random.default_rng(1).integers(1, 10**6, len(columns))
    tracemalloc.start()
    best, _ = true_counts._select_best(
        *true_counts._list_pairs(np.arange(len(columns), dtype=np.int32), values, columns)
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(best) == true_counts.MOST_CANDIDATES
    assert peak < 50e6
