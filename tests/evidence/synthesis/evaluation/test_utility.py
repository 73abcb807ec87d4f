"""The comparison of synthetic and original records equals a plain loop over all combinations."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations, product
from pathlib import Path
from statistics import mean, median
from typing import Any

import ibis
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.synthesis.evaluation.utility import BANDS, MOST_MEASURED, Quality, utility

TYPES: dict[str, Any] = {
    "a": pl.String,
    "b": pl.String,
    "n": pl.Int16,
    "t": pl.Boolean,
    "m": pl.List(pl.String),
    "s": pl.String,
}
ROW = st.fixed_dictionaries(
    {
        "a": st.sampled_from(["x", "y", "", None]),
        "b": st.sampled_from(["q", "r", None]),
        "n": st.sampled_from([-3, 7, None]),
        "t": st.sampled_from([True, False, None]),
        "m": st.sampled_from([None, [], ["u"], ["v", "u"], ["v", None, "v", ""]]),
        "s": st.sampled_from([None, "", "k", "l;k", " k ; k;;l"]),
    }
)
ELSEWHERE = {"a": "z", "b": "other", "n": 9, "t": True, "m": ["w"], "s": "o;p"}  # values that no original has
ROWS = st.lists(ROW, max_size=12)
SYNTHETIC = st.lists(ROW | st.just(ELSEWHERE), max_size=12)
Row = dict[str, Any]
Key = tuple[tuple[str, str], ...]


def spoken(row: Row, name: str) -> set[str]:
    """Return the values that a row reports in a column."""
    value = row[name]
    if isinstance(value, bool):
        return {str(value).lower()}
    parts = value if isinstance(value, list) else str(value or "").split(";") if name == "s" else [value]
    return {text for text in (("" if part is None else str(part).strip()) for part in parts) if text}


def counted(rows: list[Row], names: tuple[str, ...]) -> Counter[Key]:
    """Return the number of rows in each cell of a table, with not reported as a value."""
    counts: Counter[Key] = Counter()
    for row in rows:
        for values in product(*[spoken(row, name) or {"?"} for name in names]):
            counts[tuple(zip(names, values, strict=True))] += 1
    return counts


def alone(rows: list[Row], names: list[str], length: int) -> Counter[Key]:
    """Return the number of rows that report each combination, including several values of one column."""
    counts: Counter[Key] = Counter()
    for row in rows:
        counts.update(combinations([(name, value) for name in names for value in sorted(spoken(row, name))], length))
    return counts


def width(rows: list[Row], names: list[str]) -> int:
    """Return the most values that a row could report."""
    several = {
        name: {value for row in rows for value in spoken(row, name)} if name in "ms" else set() for name in names
    }
    return sum(max(1, len(values)) for values in several.values())


def summed(pairs: list[tuple[int, int]]) -> tuple[int, Any, Any, Any, Any]:
    """Return the errors of pairs of true and synthetic counts."""
    if not pairs:
        return 0, None, None, None, None
    errors = [abs(made - true) for true, made in pairs]
    relative = [abs(made - true) / true for true, made in pairs]
    return len(pairs), mean(errors), median(errors), mean(relative), median(relative)


def distance(true: Counter[Key], made: Counter[Key]) -> float:
    """Return the total variation distance."""
    if not true or not made:
        return float(bool(true) != bool(made))
    return sum(abs(true[k] / true.total() - made[k] / made.total()) for k in {*true, *made}) / 2


def check(quality: Quality, original: list[Row], synthetic: list[Row], names: list[str], order: int) -> None:
    """Check all figures of a comparison against the loop."""
    assert (quality.rows, quality.synthetic_rows, list(quality.columns)) == (len(original), len(synthetic), names)
    assert [row.length for row in quality.lengths] == list(range(1, min(order, width(original + synthetic, names)) + 1))
    for row in quality.lengths:
        tables = list(combinations(names, row.length))
        true, made = alone(original, names, row.length), alone(synthetic, names, row.length)
        pairs = [(count, made[key]) for key, count in true.items()]
        errors = row.errors
        assert (
            errors.combinations,
            errors.mean,
            errors.median,
            errors.relative_mean,
            errors.relative_median,
        ) == pytest.approx(summed(pairs))
        for band, (least, most) in zip(row.bands, BANDS, strict=True):
            some = [pair for pair in pairs if least <= pair[0] <= (most or pair[0])]
            assert (band.least, band.most) == (least, most)
            assert (band.combinations, band.mean, band.median, band.relative_mean, band.relative_median) == (
                pytest.approx(summed(some))
            )
        assert row.fabricated == len(made.keys() - true.keys())
        assert row.missing == len(true.keys() - made.keys())
        assert row.fabricated_share == pytest.approx(row.fabricated / len(made) if made else None)
        assert row.missing_share == pytest.approx(row.missing / len(true) if true else None)
        apart = [distance(counted(original, table), counted(synthetic, table)) for table in tables]
        is_measured = apart and row.length <= MOST_MEASURED
        assert row.distance == (pytest.approx(mean(apart), abs=1e-12) if is_measured else None)


def frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=TYPES)


@settings(max_examples=80, deadline=None)
@given(ROWS, SYNTHETIC, st.permutations(list(TYPES)), st.integers(1, 6), st.integers(1, 4))
def test_figures_equal_those_of_a_plain_loop(
    original: list[Row], synthetic: list[Row], names: list[str], size: int, order: int
) -> None:
    names = names[:size]
    quality = utility(frame(original), frame(synthetic), order, names, multi=["s"])
    check(quality, original, synthetic, names, order)


@pytest.mark.parametrize("times", [9, 10, 49, 50, 100, 499, 500, 999, 1_000])
def test_bands_include_both_ends(times: int) -> None:
    rows = [{"a": "x", "b": None, "n": None, "t": None, "m": None, "s": None}]
    check(utility(frame(rows * times), frame(rows), 1), rows * times, rows, list(TYPES), 1)


def test_a_copy_has_no_error() -> None:
    rng = np.random.default_rng(1)
    rows = pl.DataFrame({name: rng.choice(["", "p", "q", "r"], 500) for name in "abcde"})
    for row in utility(rows, rows.sample(fraction=1, shuffle=True, seed=1)).lengths:
        assert (row.errors.mean, row.errors.relative_mean, row.fabricated, row.missing) == (0, 0, 0, 0)
        assert row.distance == pytest.approx(0, abs=1e-12)


def test_without_synthetic_rows_all_is_missing() -> None:
    rows = pl.DataFrame({"a": ["x", "y"], "b": ["p", ""]})
    for row in utility(rows, rows.clear()).lengths:
        assert (row.fabricated, row.fabricated_share, row.missing_share, row.distance) == (0, None, 1, 1)
        assert row.errors.relative_mean == 1


def test_values_missing_from_the_original_are_fabricated() -> None:
    for row in utility(pl.DataFrame({"a": ["x"], "b": ["y"]}), pl.DataFrame({"b": ["x"], "a": ["y"]})).lengths:
        assert (row.fabricated_share, row.missing_share, row.distance) == (1, 1, 1)


def test_combinations_within_one_column_are_compared() -> None:
    """Both files have the same counts of values, but in one of them no two values occur together."""
    rows = pl.DataFrame({"m": [["debt", "threats"]] * 5 + [None] * 5})
    other = pl.DataFrame({"m": [["debt"]] * 5 + [["threats"]] * 5})
    one, two = utility(rows, other).lengths
    assert (one.errors.mean, one.missing, one.fabricated) == (0, 0, 0)
    assert (two.errors.mean, two.missing, two.fabricated_share, two.distance) == (5, 1, None, None)


def test_not_reported_counts_for_the_distance_only() -> None:
    length_quality = utility(pl.DataFrame({"a": ["x", "", "", ""]}), pl.DataFrame({"a": ["x"]})).lengths[0]
    assert (length_quality.errors.mean, length_quality.fabricated, length_quality.missing, length_quality.distance) == (
        0,
        0,
        0,
        0.75,
    )


def test_files_tables_and_snapshots_give_the_same_result(tmp_path: Path) -> None:
    rows = pl.DataFrame({"a": ["x", "", "y", "y"], "s": ["k;l", "k", "", "l"]})
    other = pl.DataFrame({"s": ["k", "k;l", "l"], "a": ["y", "x", ""]})
    rows.write_csv(tmp_path / "rows.csv")
    other.write_parquet(tmp_path / "other.parquet")
    snapshot = Snapshot(rows.with_columns(pl.col("s").str.split(";")), "victims", "", True, "", frozenset({"s"}))
    expected = utility(rows, other, multi=["s"])
    assert utility(tmp_path / "rows.csv", str(tmp_path / "other.parquet"), multi=["s"]) == expected
    assert utility(snapshot, tmp_path / "other.parquet") == expected
    assert utility(ibis.memtable(rows), other, multi=["s"]) == expected


def test_a_file_of_parquet_without_rows_is_compared(tmp_path: Path) -> None:
    rows = pl.DataFrame({"a": ["x"]})
    rows.clear().write_parquet(tmp_path / "none.parquet")
    assert utility(rows, tmp_path / "none.parquet").lengths[0].missing == 1


def test_it_can_be_written_as_json() -> None:
    quality = utility(pl.DataFrame({"a": ["x"]}), pl.DataFrame({"a": ["y"]}))
    tree = json.loads(json.dumps(quality.as_dict(), allow_nan=False))
    assert tree["lengths"][0]["bands"][1]["mean"] is None
    assert tree["lengths"][0]["errors"]["mean"] == 1


def test_incomparable_files_are_refused() -> None:
    rows = pl.DataFrame({"a": ["x"], "b": ["y"]})
    for bad in (
        {"synthetic": rows.drop("b")},
        {"columns": ["c"]},
        {"columns": ["a", "a"]},
        {"order": 0},
        {"multi": ["c"]},
        {"synthetic": pl.DataFrame({"a": [0.5], "b": ["y"]})},
    ):
        with pytest.raises(BadInput):
            utility(**{"original": rows, "synthetic": rows} | bad)
