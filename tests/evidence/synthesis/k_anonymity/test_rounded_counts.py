"""Rounded counts: what the assembly of a k-anonymous file may see, and nothing else."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from math import comb

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.counting import all_marginals
from kerege.evidence.synthesis.k_anonymity import assemble, rounded_counts
from kerege.evidence.synthesis.k_anonymity.rounded_counts import Item, RoundedCounts

VALUES = st.sampled_from(["x", "y", "z", None])
ROWS = st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=4, max_size=60)


def targets(rows: list[tuple[str | None, ...]], k: int, order: int) -> RoundedCounts:
    frame = pl.DataFrame(rows, schema=dict.fromkeys("abc", pl.String), orient="row")
    return rounded_counts.count_targets(frame, k, order, frozenset())[0]


@settings(max_examples=40, deadline=None)
@given(ROWS, st.integers(2, 4), st.integers(1, 3))
def test_only_combinations_of_k_people_are_seen_with_their_rounded_counts(
    rows: list[tuple[str | None, ...]], k: int, order: int
) -> None:
    """The total of a value is rounded down; the target of a combination is the middle of its range."""
    true: Counter[frozenset[tuple[str, str]]] = Counter()
    for row in rows:
        values = [(name, value) for name, value in zip("abc", row, strict=True) if value]
        for length in range(1, order + 1):
            true.update(map(frozenset, combinations(values, length)))
    seen = targets(rows, k, order)
    assert seen.rows == len(rows) // k * k
    seen_counts = {}
    for items, length, count in zip(
        seen.combinations.tolist(), seen.lengths.tolist(), seen.counts.tolist(), strict=True
    ):
        chosen = frozenset((seen.items[item].name, seen.items[item].value) for item in items if item >= 0)
        assert len(chosen) == length
        seen_counts[chosen] = count
    allowed = {cell for cell, count in true.items() if count >= k}
    assert set(seen_counts) == allowed
    for cell in allowed:
        low = true[cell] // k * k
        if len(cell) == 1:
            assert seen_counts[cell] == low
        else:
            totals = [true[frozenset({value})] // k * k for value in cell]
            assert seen_counts[cell] == min(low + (k - 1) // 2, *totals)


def test_people_below_k_change_nothing_that_is_seen() -> None:
    rows: list[tuple[str | None, ...]] = [("x", "y", None)] * 10 + [("z", None, "x")] * 10
    one = targets(rows, 5, 2)
    other = targets([*rows, ("x", "y", None), ("q", "r", "s")], 5, 2)
    assert one.combinations.tolist() == other.combinations.tolist()
    assert one.counts.tolist() == other.counts.tolist()
    assert one.rows == other.rows


def test_without_a_frequent_value_there_is_nothing_to_see() -> None:
    seen = targets([("x", "y", None), ("y", "z", None), ("z", "x", None)], 2, 2)
    assert (seen.rows, seen.items, len(seen.combinations), len(seen.counts)) == (2, [], 0, 0)


@pytest.mark.parametrize(("hits", "kept"), [(4, []), (5, ["x"]), (6, ["x"])])
def test_a_value_is_frequent_from_k_on(hits: int, kept: list[str]) -> None:
    single = all_marginals(pl.DataFrame({"a": ["x"] * hits + [f"v{n}" for n in range(9)]}), 1)
    assert rounded_counts._find_frequent_values(single, 5) == ({"a": kept} if kept else {})


def test_each_value_of_a_multi_valued_column_has_a_column_of_its_own() -> None:
    items = rounded_counts._list_items({"a": ["x", "y"], "m": ["u", "v"], "b": ["p"]}, {"m"})
    assert [(item.name, item.value, item.column) for item in items] == [
        ("a", "x", 0),
        ("a", "y", 0),
        ("m", "u", 1),
        ("m", "v", 2),
        ("b", "p", 3),
    ]


def test_too_many_combinations_are_refused_with_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[tuple[str | None, ...]] = [("x", "y", "z")] * 10
    monkeypatch.setattr(rounded_counts, "MOST_COMBINATIONS", 6)
    assert len(targets(rows, 5, 2).combinations) == 3 + 3
    monkeypatch.setattr(rounded_counts, "MOST_COMBINATIONS", 5)
    with pytest.raises(
        BadInput, match="there are 6 combinations of up to 2 values, too many to hold in memory, take a lower"
    ):
        targets(rows, 5, 2)


# -- effort ------------------------------------------------------------------------------------------------------------


def wide(columns: int, order: int) -> RoundedCounts:
    items = [Item(f"c{number}", "x", number) for number in range(columns)]
    singles = np.pad(np.arange(columns)[:, None], ((0, 0), (0, order - 1)), constant_values=-1)
    return RoundedCounts(10, order, items, singles, np.ones(columns, np.int64), np.full(columns, 5))


@pytest.mark.parametrize(("columns", "order"), [(10, 3), (40, 3), (100, 3), (200, 3), (60, 4), (3, 5)])
def test_a_record_has_at_most_so_many_values_that_its_combinations_fit(columns: int, order: int) -> None:
    width = assemble._limit_values(wide(columns, order))

    def work(values: int) -> int:
        return sum(comb(values, length) for length in range(order))

    assert width <= columns
    assert work(width) <= assemble.MOST_RECORD_COMBINATIONS
    assert width == columns or work(width + 1) > assemble.MOST_RECORD_COMBINATIONS


def test_without_items_a_record_has_room_for_one() -> None:
    nothing = RoundedCounts(4, 1, [], np.empty((0, 1), np.int64), *[np.empty(0, np.int64)] * 2)
    assert assemble._limit_values(nothing) == 1


def test_rounds_fall_with_the_work_and_stay_within_their_limits() -> None:
    few, many = assemble._choose_rounds(wide(3, 2)), assemble._choose_rounds(wide(2_000, 3))
    assert assemble.FEWEST <= many <= few <= assemble.MOST


# -- the file ----------------------------------------------------------------------------------------------------------


def test_records_are_decoded_with_the_columns_and_types_of_the_original() -> None:
    frame = pl.DataFrame(
        {"record_key": [1, 2], "a": ["x", "y"], "m": [["u", "v"], ["u"]], "s": ["k;l", "k"], "empty": [None, None]},
        schema={"record_key": pl.Int64, "a": pl.String, "m": pl.List(pl.String), "s": pl.String, "empty": pl.String},
    )
    items = rounded_counts._list_items({"a": ["x", "y"], "m": ["u", "v"], "s": ["k", "l"]}, {"m", "s"})
    rounded = RoundedCounts(3, 1, items, np.empty((0, 1), np.int64), *[np.empty(0, np.int64)] * 2)
    records = np.array([[5, 3, 0, 2, 4], [1, -1, -1, -1, -1], [-1] * 5], dtype=np.int32)
    decoded = assemble._decode(frame, ["s"], rounded, records, np.array([5, 1, 0]))
    assert decoded.columns == ["a", "m", "s", "empty"]
    assert decoded.rows() == [("x", ["u", "v"], "k;l", None), ("y", None, None, None), (None, None, None, None)]


def test_a_file_is_counted_anew_before_it_is_returned() -> None:
    rows: list[tuple[str | None, ...]] = [("x", "y", None)] * 5 + [("x", "z", None)] * 5
    rounded = targets(rows, 5, 2)
    place = {(item.name, item.value): number for number, item in enumerate(rounded.items)}
    good = np.array([[place["a", "x"], place["b", "y"]], [place["b", "z"], -1]], dtype=np.int32)
    assert assemble._check_and_count(rounded, good, np.array([2, 1])) == (3, 1)
    single = targets([("x", None, None)] * 5 + [(None, "y", None)] * 5, 5, 2)
    together = np.array([[0, 1]], dtype=np.int32)  # nobody has both values
    with pytest.raises(RuntimeError, match="a combination of too few people was formed"):
        assemble._check_and_count(single, together, np.array([2]))
