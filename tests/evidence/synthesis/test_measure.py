"""What leaves the records: one person moves the counts by no more than the noise is made for, and OpenDP agrees."""

from __future__ import annotations

import dataclasses
import json
import math
import tracemalloc
from collections import Counter
from itertools import combinations
from math import comb, isqrt, sqrt
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kerege.base.errors import Refused
from kerege.evidence.counting import all_marginals
from kerege.evidence.dp.gaussian_noise import gaussian_scale, repeatable
from kerege.evidence.dp.zcdp import epsilon_to_rho, rho_to_epsilon
from kerege.evidence.synthesis import certificate
from kerege.evidence.synthesis.measurement import measure, public_schema
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Counts, Noisy, NoisyLevel, weights
from kerege.evidence.synthesis.measurement.public_schema import DISCOVERED, FILE, Column, Schema

Row = list[frozenset[str]]  # what a record reports, column by column
Cell = tuple[tuple[int, str], ...]  # column and value
EVERYTHING = (-1e12, -1e12, -1e12)  # thresholds that every noisy count passes: the candidates are fixed


def exact(counts: Counts, sigma: float) -> Counts:
    """No noise at all."""
    return counts.copy()


def frame(rows: list[Row], columns: Schema) -> pl.DataFrame:
    """Rows as the measurement gets them."""
    series = []
    for number, column in enumerate(columns):
        said = [sorted(row[number]) for row in rows]
        if column.multi:
            series.append(pl.Series(column.name, [each or None for each in said], dtype=pl.List(pl.String)))
        else:
            series.append(pl.Series(column.name, [each[0] if each else None for each in said], dtype=pl.String))
    return pl.DataFrame(series)


def counted(rows: list[Row], columns: Schema, clip: int, length: int) -> Counter[Cell]:
    """Clipped counts by a plain loop, weights from the formula itself."""
    found: Counter[Cell] = Counter()
    for row in rows:
        said = [(number, value) for number, values in enumerate(row) for value in sorted(values)]
        k = len(said)
        weight = UNIT
        while comb(k, length) * weight**2 > UNIT**2 * comb(clip, length):
            weight -= 1
        for cell in combinations(said, length):
            found[cell] += weight
    return +found


def told(noisy: Noisy, columns: Schema, length: int) -> dict[Cell, int]:
    """What was measured of one length, by column and value."""
    names = [(number, value) for number, column in enumerate(columns) for value in column.values]
    level = noisy.levels[length - 1]
    return {
        tuple(names[place] for place in item): int(value) for item, value in zip(level.items, level.values, strict=True)
    }


def drawn(rng: np.random.Generator, column: Column, rows: int) -> list[str | None]:
    """Values by chance, and as often none as any of them."""
    return [[*column.values, None][number] for number in rng.integers(0, len(column.values) + 1, rows)]


def measured(rows: list[Row], columns: Schema, clip: int, order: int, monkeypatch: pytest.MonkeyPatch) -> Noisy:
    with monkeypatch.context() as patch:
        patch.setattr(measure, "clip_for", lambda lengths, sigma: clip)
        spending = measure.plan(1.0, order, EVERYTHING)
        return measure.measure(frame(rows, columns), columns, spending, exact)[0]


@st.composite
def tables(draw: st.DrawFn) -> tuple[Schema, list[Row], Row, int, int]:
    """A schema, rows, one row more, K, and the longest combinations."""
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
def test_one_person_more_moves_no_length_further_than_the_noise_is_made_for(
    table: tuple[Schema, list[Row], Row, int, int],
) -> None:
    columns, rows, person, clip, order = table
    patch = pytest.MonkeyPatch()
    without = measured(rows, columns, clip, order, patch)
    having = measured([*rows, person], columns, clip, order, patch)
    assert np.abs(having.lengths - without.lengths).sum() == 1
    for length in range(1, order + 1):
        one, other = told(without, columns, length), told(having, columns, length)
        assert one.keys() == other.keys()  # which cells are measured follows from noise alone
        moved = sum((other[cell] - one[cell]) ** 2 for cell in one)
        assert moved <= UNIT**2 * comb(clip, length)
        assert having.levels[length - 1].sigma >= UNIT * sqrt(comb(clip, length)) / sqrt(2 * 1.0)


@settings(max_examples=40, deadline=None)
@given(tables())
@example(MANY)
def test_clipped_counts_are_those_of_a_plain_loop(table: tuple[Schema, list[Row], Row, int, int]) -> None:
    columns, rows, person, clip, order = table
    rows = [*rows, person]
    found = measured(rows, columns, clip, order, pytest.MonkeyPatch())
    for length in range(1, order + 1):
        cells = told(found, columns, length)
        assert {cell: value for cell, value in cells.items() if value} == counted(rows, columns, clip, length)
    sizes = Counter(sum(map(len, row)) for row in rows)
    assert {k: int(n) for k, n in enumerate(found.lengths) if n} == sizes
    assert found.people == len(rows)


@given(st.integers(3, 30), st.integers(1, 3), st.integers(0, 250))
def test_weights_are_the_heaviest_that_fit(clip: int, length: int, k: int) -> None:
    weight = weights(clip, length, k)[-1]
    fits = UNIT**2 * comb(clip, length)
    assert comb(k, length) * weight**2 <= fits
    assert weight == UNIT or comb(k, length) * (weight + 1) ** 2 > fits
    assert weight == UNIT if k <= clip else weight == isqrt(fits // comb(k, length))


def test_values_that_the_schema_does_not_have_are_not_counted() -> None:
    """Nobody should give such records; if somebody does, the sensitivity still holds."""
    columns = (Column("a", ("x", "y"), True), Column("b", ("p",)))
    wild = pl.DataFrame({"a": [["x", "y", "q", "r", "s"], ["x"]], "b": ["p", "p"]})
    found, _ = measure.measure(wild, columns, measure.plan(1.0, 2, EVERYTHING), exact)
    assert told(found, columns, 1) == {((0, "x"),): 2 * UNIT, ((0, "y"),): UNIT, ((1, "p"),): 2 * UNIT}
    assert found.lengths.tolist() == [0, 0, 1, 1]


def test_two_values_of_one_column_are_measured_like_any_two() -> None:
    columns = (Column("means", ("debt", "threats", "drugs"), True),)
    table = pl.DataFrame({"means": [["threats", "debt"]] * 40 + [["drugs"]] * 10})
    found, _ = measure.measure(table, columns, measure.plan(1.0, 3, EVERYTHING), exact)
    assert told(found, columns, 2) == {
        ((0, "debt"), (0, "threats")): 40 * UNIT,
        ((0, "debt"), (0, "drugs")): 0,
        ((0, "threats"), (0, "drugs")): 0,
    }


def test_other_engines_measure_the_same_whatever_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = (Column("a", ("x", "y")), Column("b", ("p", "q")), Column("m", ("s", "t", "u"), True))
    rng = np.random.default_rng(1)
    table = pl.DataFrame({column.name: drawn(rng, column, 300) for column in columns[:2]})
    table = table.with_columns(m=pl.Series([[v for v in "stuw" if rng.random() < 0.4] for _ in range(300)]))
    table.write_parquet(tmp_path / "rows.parquet")
    table.with_columns(pl.col("m").list.join(";")).write_csv(tmp_path / "rows.csv")
    spending = measure.plan(0.5, 3, (1.0, 1.0, 1.0))
    here, _ = measure.measure(table, columns, spending, repeatable(3))
    assert [level.values.any() for level in here.levels] == [True, True, True]
    for source in (table, ibis.memtable(table.to_arrow()), tmp_path / "rows.parquet", tmp_path / "rows.csv"):
        for most in (measure.MOST_EACH, 0):  # all are looked at, or only candidates
            monkeypatch.setattr(measure, "MOST_EACH", most)
            assert same(here, measure.measure(source, columns, spending, repeatable(3))[0])


@pytest.mark.parametrize(("width", "reported", "order"), [(24, 7, 3), (60, 30, 2), (200, 200, 1), (400, 7, 2)])
def test_all_combinations_are_looked_at_only_where_records_have_few(width: int, reported: int, order: int) -> None:
    """Of 200 columns that all report it would be 1.3 million triples a record."""
    lengths = np.zeros(width + 1, np.int64)
    lengths[reported] = 100
    assert measure._fully_counted_length(lengths, 3) == order
    assert measure._fully_counted_length(lengths, 1) == 1


# -- how many values are counted whole -------------------------------------------------------------------------------


@pytest.mark.parametrize("longest", [12, 200, 5_000])
def test_noise_on_lengths_that_nobody_has_does_not_draw_the_clip_up(longest: int) -> None:
    lengths = np.zeros(longest + 1, dtype=np.int64)
    lengths[:9] = [100, 200, 300, 400, 400, 300, 150, 100, 50]
    found = {measure.clip_for(repeatable(seed)(lengths, 11.0), 11.0) for seed in range(20)}
    assert found <= {4, 5}


def test_the_clip_of_nobody_is_the_least() -> None:
    """Noise stands out of itself in one of ten tables of nobody."""
    found = [measure.clip_for(repeatable(seed)(np.zeros(60, np.int64), 40.0), 40.0) for seed in range(60)]
    assert found.count(measure.LEAST_CLIP) >= 45
    assert measure.clip_for(np.zeros(4, np.int64), 1.0) == measure.LEAST_CLIP


@pytest.mark.parametrize("columns", [1, 2])
def test_nobody_pays_for_values_that_no_record_can_report(columns: int) -> None:
    public = tuple(Column(f"c{number}", ("x", "y")) for number in range(columns))
    table = pl.DataFrame({column.name: ["x", "y"] * 50 for column in public})
    spending = measure.plan(1.0, columns, EVERYTHING)
    found, _ = measure.measure(table, public, spending, exact)
    assert found.clip == columns
    for length, level in enumerate(found.levels, 1):
        assert level.spread == pytest.approx(sqrt(comb(columns, length) / (2 * spending.rho[length])), rel=1e-6)


# -- the account -----------------------------------------------------------------------------------------------------


def opendp() -> Any:
    dp = pytest.importorskip("opendp.prelude")
    dp.enable_features("contrib")
    return dp


def by_opendp(sigma: float, distance: float) -> float:
    """The loss (rho) by OpenDP's own map."""
    dp = opendp()
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    return float(dp.m.make_gaussian(*space, scale=sigma).map(distance))


def sample(noise: Any, epsilon: float, delta: float, order: int = 3) -> Noisy:
    rng = np.random.default_rng(5)
    columns = tuple(Column(f"c{n}", ("0", "1", "2")) for n in range(6))
    table = pl.DataFrame({column.name: drawn(rng, column, 400) for column in columns})
    return measure.measure(table, columns, measure.plan(epsilon_to_rho(epsilon, delta), order, (2.0,) * 3), noise)[0]


@pytest.mark.parametrize("epsilon", [0.1, 1.0, 4.0, 12.0])
@pytest.mark.parametrize("delta", [1e-9, 1e-5])
@pytest.mark.parametrize("order", [1, 3])
def test_the_losses_are_opendps_and_mean_no_more_than_epsilon(epsilon: float, delta: float, order: int) -> None:
    found = sample(exact, epsilon, delta, order)
    steps = certificate.steps(found)
    assert len(steps) == order + 1
    for step in steps:
        in_people = by_opendp(step["sigma"], step["sensitivity"])
        assert step["rho"] == pytest.approx(in_people, rel=1e-12)
    assert steps[0]["rho"] >= by_opendp(found.lengths_sigma, 1.0)
    for length, level in enumerate(found.levels, 1):
        assert steps[length]["rho"] >= by_opendp(level.sigma, UNIT * sqrt(comb(found.clip, length)))
    rho = sum(step["rho"] for step in steps)
    assert rho <= epsilon_to_rho(epsilon, delta)
    assert rho_to_epsilon(rho, delta) <= epsilon
    assert epsilon_by_opendp(rho, delta) <= epsilon * (1 + 1e-6)
    assert delta_by_grid(rho, epsilon) <= delta * (1 + 1e-6)  # a grid misses the least by a little
    assert rho >= 0.999 * epsilon_to_rho(epsilon, delta)  # and nothing is thrown away


def epsilon_by_opendp(rho: float, delta: float) -> float:
    """OpenDP's own conversion, of one mechanism of this loss."""
    dp = opendp()
    space = dp.atom_domain(T="i64"), dp.absolute_distance(T="f64")
    mechanism = dp.m.make_gaussian(*space, scale=1 / sqrt(2 * rho))
    return float(dp.c.make_zCDP_to_approxDP(mechanism).map(1.0).epsilon(delta))


def delta_by_grid(rho: float, epsilon: float) -> float:
    """The formula of Canonne, Kamath and Steinke on a grid of orders."""
    a = 1 + np.exp(np.linspace(-12, 12, 200_001))
    logs = (a - 1) * (a * rho - epsilon) - np.log(a - 1) + a * np.log1p(-1 / a)
    return float(np.exp(logs.min()))


def tail(sigma: float, beyond: float) -> float:
    """The chance that the discrete Gaussian is greater: an exact sum."""
    reach = math.ceil(14 * sigma + beyond)
    values = np.arange(-reach, reach + 1, dtype=np.float64)
    mass = np.exp(-(values**2) / (2 * sigma**2))
    return math.fsum(mass[values > beyond]) / math.fsum(mass)


@pytest.mark.parametrize(("unlisted", "delta"), [(1, 5e-10), (7, 5e-10), (60, 1e-6)])
@pytest.mark.parametrize("clip", [3, 12])
def test_a_value_of_one_person_passes_the_threshold_no_more_often_than_delta(
    unlisted: int, delta: float, clip: int
) -> None:
    """The open columns of one record have that many values of hers alone; each counts up to UNIT."""
    scale = gaussian_scale(0.04, UNIT * sqrt(clip))
    passing = _least_passing(unlisted, delta, scale)
    assert unlisted * tail(scale, passing - 1 - UNIT) <= delta
    assert unlisted * tail(scale, 0.8 * (passing - UNIT)) > delta  # the bound is no waste


def _least_passing(unlisted: int, delta: float, scale: float) -> int:
    """The least noisy count that the tool lets pass, asked of the tool itself."""
    columns = tuple(Column(f"c{n}", (), source=DISCOVERED) for n in range(unlisted))
    table = pl.DataFrame({column.name: ["only"] for column in columns})
    truth = measure._CountedRows(table, [], all_marginals(table, 1))
    low, high = 0, 1 << 22
    while low < high:
        middle = (low + high) // 2

        def constant(counts: Any, sigma: float, value: int = middle) -> Any:
            return np.full_like(counts, value)

        kept, _ = measure._measure_values(truth, columns, scale, delta, constant)
        low, high = (low, middle) if kept[0].values else (middle + 1, high)
    return low


def test_without_noise_a_value_of_one_person_is_never_told() -> None:
    table = pl.DataFrame({"a": ["common"] * 900 + ["Aigerim"], "b": ["x"] * 901})
    columns = (Column("a", (), source=DISCOVERED), Column("b", ("x", "y")))
    spending = measure.plan(0.2, 2, (2.0, 1.5), delta=5e-10)
    found, kept = measure.measure(table, columns, spending, exact)
    assert [column.values for column in kept] == [("common",), ("x", "y")]
    assert told(found, kept, 2)[((0, "common"), (1, "x"))] == 900 * UNIT


# -- what a measurement can hold -------------------------------------------------------------------------------------


def same(one: Noisy, other: Noisy) -> bool:
    return (
        (one.clip, one.lengths_sigma, len(one.levels)) == (other.clip, other.lengths_sigma, len(other.levels))
        and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("column", "lengths"))
        and all(
            (a.sigma, a.threshold) == (b.sigma, b.threshold)
            and np.array_equal(a.items, b.items)
            and np.array_equal(a.values, b.values)
            and (a.items.dtype, a.values.dtype) == (b.items.dtype, b.values.dtype)
            for a, b in zip(one.levels, other.levels, strict=True)
        )
    )


def test_a_measurement_has_no_room_for_the_truth() -> None:
    """Every field is public or drawn by the noise; a new field has to be thought about here."""
    fields = [{field.name for field in dataclasses.fields(kind)} for kind in (Noisy, NoisyLevel)]
    assert fields[0] == {"column", "clip", "lengths", "lengths_sigma", "levels"}
    assert fields[1] == {"items", "values", "sigma", "threshold"}
    found = sample(exact, 4.0, 1e-9)
    assert set(vars(found)) == fields[0]
    assert {name for level in found.levels for name in vars(level)} == fields[1]


@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_measurement_is_the_same_after_its_file_and_nothing_is_pickled(tmp_path: Path, order: int) -> None:
    found = sample(repeatable(1), 4.0, 1e-9, order)
    found.save(tmp_path / "noisy.npz")
    assert same(Noisy.load(tmp_path / "noisy.npz"), found)
    with np.load(tmp_path / "noisy.npz", allow_pickle=False) as file:
        kinds = {name: file[name].dtype.kind for name in file.files}
    assert set(kinds.values()) <= {"i", "u"}
    assert set(kinds) == {"about", "column", "lengths"} | {
        f"{what}{length}" for what in ("items", "values") for length in range(1, order + 1)
    }


def test_what_an_earlier_version_kept_is_refused_in_a_sentence(tmp_path: Path) -> None:
    """Its values of one column would be taken for values of which a record has one."""
    path = tmp_path / "noisy.npz"
    sample(repeatable(1), 4.0, 1e-9).save(path)
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files} | {"several": np.zeros(1, np.int32)}
    about = json.loads(bytes(arrays["about"]))
    del about["format"]
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    np.savez(path, allow_pickle=False, **arrays)
    with pytest.raises(Refused, match="kept by another version") as refused:
        Noisy.load(path)
    assert str(tmp_path) not in str(refused.value)


def test_every_array_that_leaves_went_through_the_noise() -> None:
    """Noise that replaces all counts by its own leaves nothing of the records, not even a shape."""
    columns = (Column("a", ("x", "y", "z")), Column("b", ("p", "q")), Column("m", ("s", "t", "u"), True))
    rng = np.random.default_rng(2)
    rows = [[frozenset(rng.choice(each.values, 1)) for each in columns] for _ in range(50)]

    def constant(counts: Counts, sigma: float) -> Counts:
        return np.full_like(counts, 40 * UNIT)

    spending = measure.plan(0.2, 3, (1.0, 1.0, 1.0))
    some, _ = measure.measure(frame(rows, columns), columns, spending, constant)
    none, _ = measure.measure(frame([], columns), columns, spending, constant)
    assert same(some, none)


def test_values_of_open_columns_are_the_only_thing_told_by_name() -> None:
    columns = (Column("a", (), source=DISCOVERED), Column("b", ("x",), source=FILE))
    table = pl.DataFrame({"a": ["q"] * 5, "b": ["x"] * 5})
    _, kept = measure.measure(table, columns, measure.plan(0.2, 2, (2.0, 2.0), delta=1e-9), exact)
    assert public_schema.as_dict(kept)["columns"]["a"]["values"] == []


@pytest.mark.parametrize("most", [1, 7, 40, 10_000])
def test_of_too_many_candidates_those_stay_whose_rarest_part_is_largest(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "MOST_CANDIDATES", most)
    chance = np.random.default_rng(most)
    columns = [0, 0, 0, 1, 2, 2, 3, 3, 3, 3]
    values = chance.permutation(100)[:10]
    pairs = {
        cell: int(min(values[list(cell)]))
        for cell in combinations(range(10), 2)
        if columns[cell[0]] != columns[cell[1]]
    }
    singles = np.arange(10, dtype=np.int32)
    found, least = measure._best(*measure._pairs(singles, values, np.array(columns, dtype=np.int32)))
    assert [pairs[tuple(cell)] for cell in found.tolist()] == least.tolist()
    assert sorted(least.tolist()) == sorted(pairs.values())[-most:]
    known = np.array(list(pairs)[::2], dtype=np.int32)
    counts = dict(zip(map(tuple, known.tolist()), chance.permutation(1_000)[: len(known)].tolist(), strict=True))
    triples = [
        min(counts[part] for part in combinations(cell, 2))
        for cell in combinations(range(10), 3)
        if all(part in counts for part in combinations(cell, 2))
    ]
    found, least = measure._best(*measure._triples(known, np.array(list(counts.values()))))
    assert sorted(least.tolist()) == sorted(triples)[-most:]


def test_thousands_of_values_need_no_table_of_all_their_pairs() -> None:
    columns = np.repeat(np.arange(3, dtype=np.int32), [20_000, 3, 20_000])
    values = np.random.default_rng(1).integers(1, 10**6, len(columns))
    tracemalloc.start()
    found, _ = measure._best(*measure._pairs(np.arange(len(columns), dtype=np.int32), values, columns))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) == measure.MOST_CANDIDATES
    assert peak < 50e6
