"""Counters in memory: every combination has an address of its own, in the array or in the hash table."""

from __future__ import annotations

from collections import Counter as Tally
from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.counting import counters
from kerege.evidence.counting.counters import CodedRows, Counter, Layout
from kerege.evidence.counting.marginal_counts import Numbering

SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=4)


def rows_of(codes: list[list[int]]) -> CodedRows:
    """Return rows with one slot for each column."""
    table = np.array(codes, dtype=np.uint8)
    return CodedRows(np.ascontiguousarray(table.T), np.arange(table.shape[1]))


def counted(layout: Layout, counter: Counter, places: list[np.ndarray] | None = None) -> dict[int, int]:
    """Return the counts of a counter by cell number."""
    addresses, hits = counter.nonzero()
    numbering = Numbering(layout.sizes.tolist(), layout.order)
    cells = layout.cells(addresses, places or [np.arange(size) for size in layout.sizes], numbering)
    assert len(set(cells.tolist())) == len(cells)
    return dict(zip(cells.tolist(), hits.tolist(), strict=True))


def slow(codes: list[list[int]], sizes: list[int], order: int, weights: list[list[int]] | None = None) -> Tally[int]:
    """Return the counts of a plain loop by cell number."""
    numbering, counts = Numbering(sizes, order), Tally[int]()
    for row in codes:
        reported = [column for column, code in enumerate(row) if code]
        for length in range(1, order + 1):
            weight = 1 if weights is None else weights[min(len(reported), len(weights) - 1)][length - 1]
            for chosen in combinations(reported, length):
                cell = numbering.cells(np.array([chosen]), np.array([[row[column] - 1 for column in chosen]]))
                counts[int(cell[0])] += weight
    return +counts


@settings(max_examples=40, deadline=None)
@given(SIZES, st.integers(1, 3), st.sampled_from([0, 10, 10_000]), st.data())
def test_counts_of_any_layout_are_those_of_a_plain_loop(
    sizes: list[int], order: int, dense: int, data: st.DataObject
) -> None:
    order = min(order, len(sizes))
    codes = data.draw(st.lists(st.tuples(*[st.integers(0, size) for size in sizes]).map(list), min_size=1, max_size=30))
    weights = data.draw(
        st.none() | st.lists(st.lists(st.integers(0, 9), min_size=order, max_size=order), min_size=1, max_size=5)
    )
    layout = Layout(sizes, order, dense)
    counter = Counter(layout, None if weights is None else np.array(weights))
    counter.add(rows_of(codes))
    assert counted(layout, counter) == slow(codes, sizes, order, weights)
    reported = Tally(sum(code > 0 for code in row) for row in codes)
    assert counter.lengths[0].tolist() == [reported[k] for k in range(len(sizes) + 1)]


def test_rows_may_come_in_several_parts() -> None:
    codes = [[1, 2, 1], [2, 0, 1], [1, 2, 0], [0, 0, 0]]
    layout = Layout([2, 2, 1], 3, 0)
    counter = Counter(layout)
    for row in codes:
        counter.add(rows_of([row]))
    assert counted(layout, counter) == slow(codes, [2, 2, 1], 3)


def test_two_slots_of_one_column_form_no_combination() -> None:
    layout = Layout([2, 2], 2, 1_000)
    counter = Counter(layout)
    counter.add(CodedRows(np.array([[1], [2], [1]], dtype=np.uint8), np.array([0, 0, 1])))
    numbering = Numbering([2, 2], 2)
    pairs = numbering.cells(np.array([[0, 1], [0, 1]]), np.array([[0, 0], [1, 0]])).tolist()
    singles = numbering.cells(np.array([[0], [0], [1]]), np.array([[0], [1], [0]])).tolist()
    assert counted(layout, counter) == dict.fromkeys([*singles, *pairs], 1)


@settings(max_examples=25, deadline=None)
@given(SIZES, st.integers(1, 3), st.sampled_from([0, 12, 10_000]))
def test_every_combination_has_one_address(sizes: list[int], order: int, dense: int) -> None:
    """One row for each combination of all columns touches every counter."""
    order = min(order, len(sizes))
    layout = Layout(sizes, order, dense)
    counter = Counter(layout)
    counter.add(rows_of([list(row) for row in product(*[range(1, size + 1) for size in sizes])]))
    addresses, _ = counter.nonzero()
    assert len(addresses) == Numbering(sizes, order).first[-1][-1]
    assert (np.diff(addresses) > 0).all()


def test_codes_in_order_of_occurrence_are_mapped_to_the_sorted_values() -> None:
    layout = Layout([3, 2], 2, 100)
    counter = Counter(layout)
    counter.add(rows_of([[1, 1], [3, 2]]))
    swapped = [np.array([2, 1, 0]), np.array([1, 0])]
    assert counted(layout, counter, swapped) == slow([[3, 2], [1, 1]], [3, 2], 2)


def test_the_array_holds_at_least_all_single_values() -> None:
    layout = Layout([4, 3], 2, 0)
    assert layout.dense == 7
    assert layout.sparse
    assert not Layout([4, 3], 2, 7 + 12).sparse


def test_the_hash_table_grows_before_it_is_three_quarters_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "FEWEST_PLACES", 8)
    codes = [list(row) for row in product(range(1, 5), repeat=3)]
    layout = Layout([4, 4, 4], 3, 0)
    counter = Counter(layout)
    counter.add(rows_of(codes))
    assert counter.used == np.count_nonzero(counter.hits)
    assert len(counter.keys) >= counter.used / 0.75
    assert counted(layout, counter) == slow(codes, [4, 4, 4], 3)


def test_a_row_with_too_many_combinations_is_refused_with_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs_and_triples = comb(6, 2) + comb(6, 3)
    monkeypatch.setattr(counters, "MOST_A_ROW", pairs_and_triples)
    Counter(Layout([2] * 6, 3, 0)).add(rows_of([[1] * 6]))
    monkeypatch.setattr(counters, "MOST_A_ROW", pairs_and_triples - 1)
    with pytest.raises(BadInput, match="a row could have 35 combinations, take a lower order or fewer columns"):
        Counter(Layout([2] * 6, 3, 0)).add(rows_of([[1] * 6]))
