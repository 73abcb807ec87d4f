"""Published tables: groups of cells, sums that exceed or miss their total, and renamed columns."""

from __future__ import annotations

import math

import pytest

from kerege.evidence.sdc.published_tables.sheet import (
    exceeds_total,
    incomplete_columns,
    is_multi_valued,
    renamed_columns,
)
from tests.evidence import made_sheets
from tests.evidence.made_sheets import Figure

INF = math.inf
TWO_WAY: dict[tuple[str, ...], Figure] = {
    ("_T", "_T"): 9,
    ("f", "_T"): 5,
    ("f", "x"): None,
    ("m", "x"): (2, 4),
}


def test_a_group_has_the_codes_of_its_cell_without_totals() -> None:
    sheet = made_sheets.sheet(("sex", "area"), TWO_WAY)
    assert set(sheet.groups) == {
        frozenset(),
        frozenset({("sex", "f")}),
        frozenset({("sex", "f"), ("area", "x")}),
        frozenset({("sex", "m"), ("area", "x")}),
    }
    assert all(sheet.group(flat) == group for group, flat in sheet.groups.items())


def test_only_figures_with_an_upper_bound_are_bounded() -> None:
    sheet = made_sheets.sheet(("sex", "area"), TWO_WAY)
    assert sheet.bounded == {
        frozenset(): (9, 9),
        frozenset({("sex", "f")}): (5, 5),
        frozenset({("sex", "m"), ("area", "x")}): (2, 4),
    }


def test_a_filter_is_equal_whatever_the_order_of_its_values() -> None:
    first = made_sheets.sheet((), {(): 3}, where={"sex": ["f", "m"], "area": ["x"]})
    second = made_sheets.sheet((), {(): 3}, where={"area": ["x"], "sex": ["m", "f"]})
    assert first.filter == second.filter
    assert first != second, "two tables are compared by identity"
    assert len({first, second}) == 2


@pytest.mark.parametrize(
    ("total", "values", "exceeds", "is_incomplete"),
    [
        (9, (5, 4), False, False),
        (9, (5, 5), True, False),
        (9, (5, 3), False, True),
        ((7, 9), (5, 4), False, False),
        ((7, 9), (5, (5, 6)), True, False),
        ((9, 12), (5, (1, 3)), False, True),
        ((8, 12), (5, (1, 3)), False, False),
        (9, (12, None), True, False),
        (9, (9, None), False, False),  # a suppressed value without bound proves no excess
        (None, (9, 9), False, False),
    ],
)
def test_values_exceed_or_miss_their_total_only_if_all_bounds_prove_it(
    total: Figure, values: tuple[Figure, Figure], exceeds: bool, is_incomplete: bool
) -> None:
    sheet = made_sheets.sheet(("sex",), {("_T",): total, ("f",): values[0], ("m",): values[1]}, stated=False)
    assert exceeds_total(sheet, 0) == exceeds
    assert incomplete_columns(sheet) == ({"sex"} if is_incomplete else set())


def test_one_line_is_enough_to_exceed_and_the_column_is_the_right_one() -> None:
    cells: dict[tuple[str, ...], Figure] = {
        ("_T", "_T"): 9,
        ("f", "_T"): 5,
        ("m", "_T"): 4,
        ("_T", "x"): 9,
        ("_T", "y"): 9,
        ("f", "x"): 5,
        ("f", "y"): 5,
        ("m", "x"): 4,
        ("m", "y"): 4,
    }
    sheet = made_sheets.sheet(("sex", "means"), cells)
    assert [exceeds_total(sheet, d) for d in (0, 1)] == [False, True]


def test_a_stated_table_is_incomplete_in_a_multi_valued_column_alone() -> None:
    cells: dict[tuple[str, ...], Figure] = {("_T",): 9, ("f",): 5}
    assert incomplete_columns(made_sheets.sheet(("sex",), cells)) == set()
    for stated in (False, True):
        several = made_sheets.sheet(("sex",), cells, stated=stated, multi=frozenset({"sex"}))
        assert incomplete_columns(several) == {"sex"}


def test_renamed_columns_keep_what_is_known_of_them() -> None:
    names = {"multi": frozenset({"a", "filter"}), "incomplete": frozenset({"b"}), "sensitive": frozenset({"a"})}
    sheet = made_sheets.sheet(("a", "b"), {("_T", "_T"): 3}, **names)
    renamed = renamed_columns(sheet, ("x", "b"))
    assert renamed.by == ("x", "b")
    assert (renamed.multi, renamed.incomplete, renamed.sensitive) == ({"x", "filter"}, {"b"}, {"x"})
    assert sheet.by == ("a", "b")


def test_the_standard_says_which_columns_have_several_values() -> None:
    assert is_multi_valued("victims", "means")
    assert not is_multi_valued("victims", "sex")
    assert not is_multi_valued("no such unit", "means")
    assert not is_multi_valued("victims", "no such column")
