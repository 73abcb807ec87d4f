"""One table with all margins equals a plain loop; *not reported* is a value like any other."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.crosstab import NOT_REPORTED, axis, find_axis_places, marginals

TYPES = {"a": pl.String, "m": pl.List(pl.String), "n": pl.List(pl.String)}
LISTS = st.sampled_from([None, [], ["u"], ["v", "u"], ["v", "v"], ["u", "v", "w"]])
ROWS = st.lists(
    st.fixed_dictionaries({"a": st.sampled_from(["x", "y", None]), "m": LISTS, "n": LISTS}), min_size=1, max_size=25
)


def cell_values(cell: Any) -> set[str]:
    """Return the values that a row counts in, without the total."""
    values = set(cell) if isinstance(cell, list) else {cell} - {None}
    return values or {NOT_REPORTED}


@settings(max_examples=40, deadline=None)
@given(ROWS, st.permutations(list(TYPES)), st.integers(0, 3))
def test_every_cell_is_the_number_of_rows_in_it(rows: list[dict[str, Any]], names: list[str], size: int) -> None:
    frame, multi = pl.DataFrame(rows, schema=TYPES), frozenset("mn")
    axes = {name: axis(frame[name], multi=name in multi) for name in names[:size]}
    counts = marginals(frame, axes, multi)
    assert counts.shape == tuple(len(values) + 1 for values in axes.values())
    for place in np.ndindex(counts.shape):
        chosen = {name: axes[name][at - 1] for name, at in zip(axes, place, strict=True) if at}
        assert counts[place] == sum(
            all(value in cell_values(row[name]) for name, value in chosen.items()) for row in rows
        )


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(["b", "a", "c", None]), max_size=8))
def test_an_axis_has_the_sorted_values_and_not_reported_last(cells: list[str | None]) -> None:
    expected = sorted({cell for cell in cells if cell is not None}) + [NOT_REPORTED] * (None in cells)
    assert axis(pl.Series(cells, dtype=pl.String), multi=False) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([["v", "u"], ["u"]], ["u", "v"]),
        ([["u"], None], ["u", "_U"]),
        ([["u"], []], ["u", "_U"]),
        ([[], None], ["_U"]),
        ([], []),
    ],
)
def test_an_axis_of_lists_has_the_values_of_all_lists(cells: list[list[str] | None], expected: list[str]) -> None:
    assert axis(pl.Series(cells, dtype=pl.List(pl.String)), multi=True) == expected


def test_places_count_from_one_because_the_total_has_place_zero() -> None:
    places = find_axis_places(pl.Series(["y", None, "x"]), ["x", "y", NOT_REPORTED], False)
    assert places.to_list() == [2, 3, 1]


def test_a_value_that_a_list_repeats_or_leaves_empty_has_one_place() -> None:
    cells = pl.Series([["v", "u", "v", ""], [], None, ["u"]], dtype=pl.List(pl.String))
    places = find_axis_places(cells, ["u", "v", NOT_REPORTED], True)
    assert [sorted(row) for row in places.to_list()] == [[1, 2], [3], [3], [1]]


def test_a_value_that_the_axis_lacks_is_an_error_and_not_a_lost_row() -> None:
    with pytest.raises(pl.exceptions.PolarsError):
        find_axis_places(pl.Series(["x", "z"]), ["x"], False)


def test_without_columns_the_count_is_the_number_of_rows() -> None:
    counts = marginals(pl.DataFrame({"a": ["x", None, "y"]}), {}, frozenset())
    assert counts.shape == ()
    assert int(counts) == 3


def test_two_multi_valued_columns_count_a_person_once_in_each_pair() -> None:
    """The total of a multi-valued axis is the number of people, not the sum of its values."""
    frame = pl.DataFrame({"m": [["u", "v"]], "n": [["p", "q"]]})
    counts = marginals(frame, {"m": ["u", "v"], "n": ["p", "q"]}, frozenset("mn"))
    assert all(counts[place] == 1 for place in product(range(3), repeat=2))
