"""The array engine counts pieces in any split, which follows rows, columns and processors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.counting import array_engine
from kerege.evidence.counting.array_engine import CODES, LEAST, Tally, count, count_chosen, piece_rows
from kerege.evidence.counting.counters import CodedRows
from kerege.evidence.counting.marginal_counts import Numbering
from kerege.evidence.counting.selection import Columns, part


@pytest.fixture(autouse=True)
def _four_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_engine, "processor_count", lambda: 4)


@pytest.mark.parametrize(
    ("columns", "rows", "expected"),
    [
        (10, 1_000, LEAST),  # too few rows for a second thread
        (10, 4 * LEAST, LEAST),
        (10, 4 * LEAST + 1, LEAST + 1),  # rounded up: no fifth piece with one row
        (10, 400_000, 100_000),
        (1_000, 400_000, CODES // 1_000),  # wide rows in smaller pieces
        (2 * CODES, 10, 1),
        (0, 10, LEAST),
    ],
)
def test_a_piece_has_the_share_of_a_processor(columns: int, rows: int, expected: int) -> None:
    assert piece_rows(columns, rows) == expected


def coded(*codes: int) -> CodedRows:
    return CodedRows(np.array([codes], dtype=np.uint8), np.array([0]))


@pytest.mark.parametrize("flush", [1, 3, 4, 1_000])
def test_counters_are_emptied_before_they_can_overflow(flush: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_engine, "FLUSH", flush)
    tally = Tally(1, None)
    with ThreadPoolExecutor(2) as pool:
        tally.add([coded(1, 2), coded(1), coded(2, 2, 1)], [2], pool)
        tally.add([coded(1)], [2], pool)
    cells, hits = tally.cells([np.arange(2)], Numbering([2], 1))
    assert (cells.tolist(), hits.tolist()) == ([0, 1], [4, 3])


def test_weights_lower_the_rows_between_two_flushes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_engine, "FLUSH", 100)
    assert Tally(1, None).most == 100
    assert Tally(1, np.array([[0], [7]])).most == 14
    assert Tally(1, np.array([[0], [0]])).most == 100


def test_a_new_value_keeps_the_counts_of_the_earlier_layout() -> None:
    tally = Tally(1, None)
    with ThreadPoolExecutor(2) as pool:
        tally.add([coded(1, 1)], [1], pool)
        tally.add([coded(1, 2)], [2], pool)
    cells, hits = tally.cells([np.array([1, 0])], Numbering([2], 1))  # the second value sorts first
    assert (cells.tolist(), hits.tolist()) == ([0, 1], [1, 3])


def test_cells_without_a_number_are_refused_before_they_are_counted() -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(BadInput, match="too many values"):
        Tally(3, None).add([coded(1)], [1 << 22] * 3, pool)


def pieces(frame: pl.DataFrame, step: int) -> list[partial[pl.DataFrame]]:
    return [partial(frame.slice, start, step) for start in range(0, frame.height, step)]


def test_a_source_ends_at_the_first_piece_without_rows_to_read() -> None:
    frame = pl.DataFrame({"a": ["x", "y", "x"]})
    calls = iter([frame.slice(0, 2), frame.slice(2, 1), None, None])
    marginals = count((lambda: next(calls, None) for _ in range(20)), Columns(["a"]), 1, None)
    assert (marginals.rows, marginals["a"].tolist()) == (3, [2, 1])


def test_the_values_are_sorted_whatever_piece_they_come_from() -> None:
    frame = pl.DataFrame({"a": ["c", "a", "b", "a"], "b": ["q", None, "p", "p"]})
    one, four = (count(pieces(frame, step), Columns(["a", "b"]), 2, None) for step in (4, 1))
    assert one == four
    assert one.values == {"a": ["a", "b", "c"], "b": ["p", "q"]}
    assert one.reported == {"a": 4, "b": 3}
    assert one[("a", "b")].tolist() == [[1, 0], [1, 0], [0, 1]]


def test_a_multi_valued_column_is_reported_once_by_a_row() -> None:
    frame = pl.DataFrame({"m": [["u", "v"], ["v"], []]}, schema={"m": pl.List(pl.String)})
    assert count(pieces(frame, 2), Columns(["m"]), 1, None).reported == {"m": 2}


@pytest.mark.parametrize("step", [1, 2, 5])
def test_chosen_combinations_are_added_up_over_the_pieces(step: int) -> None:
    frame = pl.DataFrame({"a": ["x", "y", "x", None, "x"], "b": ["p", "p", None, "q", "p"]})
    values = {"a": ["x", "y"], "b": ["q", "p"]}
    items = np.array([[0, 3], [1, 3], [0, 2]], dtype=np.int32)
    counts = count_chosen(pieces(frame, step), Columns(["a", "b"]), values, items, np.array([1]))
    assert counts.tolist() == [2, 1, 0]
    weighted = count_chosen(pieces(frame, step), Columns(["a", "b"]), values, items, np.array([0, 1, 5]))
    assert weighted.tolist() == [10, 5, 0]


def test_chosen_values_apart_have_the_positions_of_their_list() -> None:
    frame = pl.DataFrame({"a": ["x", "x"], "m": ["v;u", "v"]})
    columns = Columns(["a", "m"], frozenset("m"), {"m": ["u", "v"]})
    assert columns.counted == ["a", part("m", "u"), part("m", "v")]
    items = np.array([[1, 2], [0, 1], [0, 2]], dtype=np.int32)
    counts = count_chosen(pieces(frame, 2), columns, {"a": ["x"], "m": ["u", "v"]}, items, np.array([1]))
    assert counts.tolist() == [1, 1, 2]
