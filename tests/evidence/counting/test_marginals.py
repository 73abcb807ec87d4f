"""Counts of combinations are those of a plain loop, on every engine and in any pieces."""

from __future__ import annotations

import tempfile
from collections import Counter
from itertools import combinations, product
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerege.evidence.counting import (
    all_marginals,
    array_engine,
    chosen_counts,
    encoder,
    part,
)
from tests.evidence.counting.plain_counts import Key, as_counter

LONG = "тұрмыстық құлдық: a text that does not fit into one view "
TYPES = {"a": pl.String, "b": pl.String, "n": pl.Int16, "t": pl.Boolean, "m": pl.List(pl.String), "s": pl.String}
ROW = st.fixed_dictionaries(
    {
        "a": st.sampled_from(["x", "y", "", None]),
        "b": st.sampled_from([LONG + "1", LONG + "2", "r", None]),
        "n": st.sampled_from([-3, 7, 12, None]),
        "t": st.sampled_from([True, False, None]),
        "m": st.sampled_from([None, [], ["u"], ["v", "u"], ["v", None, "v", ""], ["w", "u", "v"]]),
        "s": st.sampled_from([None, "", "k", "l;k", " k ; k;;l", "o"]),
    }
)


ROWS = st.lists(ROW, max_size=40)
LINE = st.lists(st.sampled_from([0, 0, 1, 2, 5, 64, 128]), min_size=7, max_size=9)  # rows report up to 10 values
WEIGHTS = st.none() | st.lists(LINE, min_size=4, max_size=5)
Weights = list[list[int]] | None


def reported_values(row: dict[str, Any], name: str) -> set[str]:
    """Return the values that a row reports in a column."""
    value = row[name]
    if isinstance(value, bool):
        return {str(value).lower()}
    parts = value if isinstance(value, list) else str(value or "").split(";") if name == "s" else [value]
    return {text for text in (("" if part is None else str(part).strip()) for part in parts) if text}


def naive(rows: list[dict[str, Any]], names: list[str], order: int, weights: Weights = None) -> Counter[Key]:
    """Return the counts of a plain loop."""
    counts: Counter[Key] = Counter()
    for row in rows:
        k = sum(len(reported_values(row, name)) for name in names)
        for length in range(1, order + 1):
            line = weights[length - 1] if weights else [1]
            for chosen in combinations(names, length):
                for values in product(*[reported_values(row, name) for name in chosen]):
                    counts[tuple(zip(chosen, values, strict=True))] += line[k] if k < len(line) else line[-1]
    return +counts


def lengths(rows: list[dict[str, Any]], names: list[str]) -> list[int]:
    """Return the number of rows that report 0, 1, ... values."""
    rows_by_number = Counter(sum(len(reported_values(row, name)) for name in names) for row in rows)
    return [rows_by_number[k] for k in range(max([len(names), *rows_by_number]) + 1)]


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=TYPES)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.permutations(list(TYPES)), st.integers(1, 6), st.integers(1, 4), WEIGHTS)
def test_counts_are_those_of_a_plain_loop(
    rows: list[dict[str, Any]], names: list[str], size: int, order: int, weights: Weights
) -> None:
    names = names[:size]
    marginals = all_marginals(frame(rows), order, columns=names, multi=["s"] if "s" in names else [], weights=weights)
    assert as_counter(marginals) == naive(rows, names, min(order, size), weights)
    assert marginals.rows == len(rows)
    assert marginals.lengths.tolist() == lengths(rows, names)
    for name in names:
        assert marginals.not_reported(name) == sum(not reported_values(row, name) for row in rows)
        assert marginals.values[name] == sorted({value for row in rows for value in reported_values(row, name)})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=ROWS,
    order=st.integers(2, 4),
    dense=st.sampled_from([0, 60, 400]),
    step=st.integers(1, 9),
    flush=st.sampled_from([10, 1_000, 1 << 31]),
    weights=WEIGHTS,
)
def test_counts_do_not_depend_on_pieces_and_layouts(
    monkeypatch: pytest.MonkeyPatch,
    rows: list[dict[str, Any]],
    order: int,
    dense: int,
    step: int,
    flush: int,
    weights: Weights,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(array_engine, "MOST_DENSE", dense)  # all further counters are hashed
        patch.setattr(array_engine, "piece_rows", lambda columns, rows: step)
        patch.setattr("kerege.evidence.counting.sources.piece_rows", lambda columns, rows: step)
        patch.setattr(array_engine, "FLUSH", flush)
        patch.setattr(array_engine, "PIECES", 2)  # new values turn up after the first counters are laid out
        patch.setattr(array_engine, "processor_count", lambda: 3)
        patch.setattr(encoder, "FEW", 0)
        split = all_marginals(frame(rows), order, multi=["s"], weights=weights)
    assert as_counter(split) == naive(rows, list(TYPES), order, weights)
    assert split.lengths.tolist() == lengths(rows, list(TYPES))


@settings(max_examples=10, deadline=None)
@given(ROWS, st.integers(1, 3), WEIGHTS)
def test_files_and_expressions_yield_the_same_integers(
    rows: list[dict[str, Any]], order: int, weights: Weights
) -> None:
    in_memory = all_marginals(frame(rows), order, multi=["s"], weights=weights)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        frame(rows).write_parquet(path, row_group_size=7)
        assert all_marginals(path, order, multi=["s"], weights=weights) == in_memory
        assert all_marginals(path, order, multi=["s"], weights=weights, engine="ibis") == in_memory
    assert as_counter(in_memory) == naive(rows, list(TYPES), order, weights)


def spread_out(rows: list[dict[str, Any]], apart: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Return the rows with a column for each of some values, by a plain loop."""
    wide = []
    for row in rows:
        parts = {
            part(name, value): value if value in reported_values(row, name) else None
            for name, values in apart.items()
            for value in values
        }
        wide.append({name: value for name, value in row.items() if name not in apart} | parts)
    return wide


APART = {"m": ["v", "w", "nobody's", "u"], "s": ["l", "k"], "a": ["y"]}


@settings(max_examples=12, deadline=None)
@given(
    ROWS,
    st.sets(st.sampled_from(list(APART)), min_size=1),
    st.integers(1, 3),
    WEIGHTS.map(lambda lines: lines and [[*line, *line] for line in lines]),
)
def test_every_engine_counts_separate_values_as_columns(
    rows: list[dict[str, Any]], names: set[str], order: int, weights: Weights
) -> None:
    apart = {name: APART[name] for name in names}
    wide = spread_out(rows, apart)
    multi = sorted({"s"} - names)
    counted = [
        column for name in TYPES for column in ([part(name, v) for v in apart[name]] if name in apart else [name])
    ]
    marginals = all_marginals(frame(rows), order, multi=["s"], apart=apart, weights=weights)
    assert marginals.columns == counted
    assert as_counter(marginals) == naive(wide, counted, order, weights)
    assert marginals.lengths.tolist() == lengths(wide, counted)
    assert all(marginals.values[part(name, value)] == [value] for name, values in apart.items() for value in values)
    by_hand = pl.DataFrame(wide, schema={name: TYPES.get(name, pl.String) for name in counted})
    plain = all_marginals(by_hand, order, multi=multi, weights=weights)
    assert np.array_equal(plain.lengths, marginals.lengths)
    assert (plain.reported, plain.rows) == (marginals.reported, marginals.rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        frame(rows).write_parquet(path, row_group_size=7)
        for engine in ("arrays", "ibis"):
            assert all_marginals(path, order, multi=["s"], apart=apart, weights=weights, engine=engine) == marginals


CHOICE = {"a": ["y", "x", "never"], "b": ["r", LONG + "2"], "n": ["12"], "m": ["v", "u"], "s": ["l", "k", "o"]}


@settings(max_examples=40, deadline=None)
@given(ROWS, st.sets(st.sampled_from(["m", "s"])), LINE, st.integers(1, 4), st.integers(1, 70), st.data())
def test_chosen_combinations_are_counted_like_all(
    rows: list[dict[str, Any]], apart: set[str], line: list[int], length: int, times: int, data: st.DataObject
) -> None:
    flat = [(name, value) for name, values in CHOICE.items() for value in values]
    chosen = st.lists(st.integers(0, len(flat) - 1), min_size=length, max_size=length, unique=True).map(sorted)
    items = np.array(data.draw(st.lists(chosen, max_size=9)), dtype=np.int32).reshape(-1, length)
    rows = rows * times  # more than one word of bits
    expected = []
    for item in items.tolist():
        having = [row for row in rows if all(flat[place][1] in reported_values(row, flat[place][0]) for place in item)]
        reported = [
            sum(
                len(reported_values(row, name) & set(CHOICE[name]) if name in apart else reported_values(row, name))
                for name in CHOICE
            )
            for row in having
        ]
        expected.append(sum(line[min(k, len(line) - 1)] for k in reported))
    for source in (frame(rows), ibis.memtable(frame(rows))):
        counts = chosen_counts(source, CHOICE, items, multi=["s"], apart=apart, weights=line)
        assert counts.tolist() == expected


def test_weights_leave_the_number_of_rows_unchanged() -> None:
    table = pl.DataFrame({"a": ["x", "x", None, "y"], "b": ["p", None, None, "q"], "c": [None, None, None, "z"]})
    for engine in ("arrays", "ibis"):
        marginals = all_marginals(table, 2, weights=[[9, 8, 4, 0], [9, 9, 3, 2]], engine=engine)
        assert (marginals.rows, marginals.reported, marginals.not_reported("c")) == (4, {"a": 3, "b": 2, "c": 1}, 3)
        assert marginals.lengths.tolist() == [1, 1, 1, 1]
        assert marginals[()] == 4
        assert marginals["a"].tolist() == [8 + 4, 0]
        assert marginals[("a", "b")].tolist() == [[3, 0], [0, 2]]
        assert as_counter(marginals)[(("a", "y"),)] == 0


def test_a_counter_of_32_bits_does_not_wrap() -> None:
    rows = (1 << 32) // 128 + 1_000_000
    marginals = all_marginals(pl.select(pl.repeat(1, rows, dtype=pl.Int8).alias("a")), 1, weights=[[0, 128]])
    assert marginals.hits.tolist() == [128 * rows]


def test_a_csv_file_counts_as_its_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('\ufeffa,"b, c",m\n1,"x\ny",u;v\n\n,,\n1,"say ""x""", v ;;v\n2,,u\n', encoding="utf-8")
    marginals = all_marginals(path, 3, multi=["m"])
    assert marginals == all_marginals(path, 3, multi=["m"], engine="ibis")
    assert marginals.values == {"a": ["1", "2"], "b, c": ['say "x"', "x\ny"], "m": ["u", "v"]}
    assert (marginals.rows, marginals.reported) == (4, {"a": 3, "b, c": 2, "m": 3})
    assert marginals[("m", "a")].tolist() == [[1, 1], [2, 0]]


def test_an_empty_line_is_a_row_of_a_csv_with_one_column(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a\nx\n\nx\n")
    assert [all_marginals(path, 1, engine=engine).not_reported("a") for engine in ("arrays", "ibis")] == [1, 1]


def test_axes_have_the_order_of_the_given_names() -> None:
    marginals = all_marginals(pl.DataFrame({"a": ["x", "x", "y"], "b": ["p", "q", "q"], "c": ["1", None, "1"]}), 3)
    assert marginals["a"].tolist() == [2, 1]
    assert marginals[("a", "b")].tolist() == [[1, 1], [0, 1]]
    assert marginals[("b", "a")].tolist() == [[1, 0], [1, 1]]
    assert marginals[("c", "b", "a")].tolist() == [[[1, 0], [0, 1]]]
    assert marginals[()] == 3
    cells, hits = marginals.existing(("b", "a"))
    assert {tuple(cell): n for cell, n in zip(cells.tolist(), hits.tolist(), strict=True)} == {
        (0, 0): 1,
        (1, 0): 1,
        (1, 1): 1,
    }
    assert list(marginals.tables(2)) == [("a", "b"), ("a", "c"), ("b", "c")]
