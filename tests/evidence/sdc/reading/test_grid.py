"""Cells of a sheet: separators, blocks, tables side by side, flags and headings of numbers."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.reading.grid import (
    as_grid,
    blocks,
    has_figures,
    is_count,
    is_figure,
    is_heading,
    is_heading_of_numbers,
    is_number,
    is_plain_mark,
    read_csv_grid,
    side_by_side,
    with_flags_joined,
    with_percentages_apart,
)
from tests.evidence.sdc.reading.typed_tables import typed_grid


def test_rows_of_a_grid_are_equally_long_and_keep_their_numbers() -> None:
    grid = as_grid([["a ", "b"], [], ["  c", "d", "e"]], first=3)
    assert grid.rows == [["a", "b", ""], ["", "", ""], ["  c", "d", "e"]]
    assert grid.numbers == [3, 4, 5]
    assert grid.column(1, [2, 0]) == ["d", "b"]
    assert as_grid([]).rows == []


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_of_most_lines_separates_the_cells(separator: str) -> None:
    text = f"Table 1\na{separator}b\nc{separator}3\nd{separator}4\n"
    assert read_csv_grid(text).rows[1:] == [["a", "b"], ["c", "3"], ["d", "4"]]


def test_a_semicolon_in_three_of_five_lines_goes_before_decimal_commas() -> None:
    text = "One, two\nThree, four\nArea;Men\nNorth;3,0\nSouth;4,0\n"
    assert read_csv_grid(text).rows[3] == ["North", "3,0"]
    with_one_line_more = "Five, six\n" + text  # 3 of 6 lines are fewer than the usual share
    assert read_csv_grid(with_one_line_more).rows[4] == ["North;3", "0"]


def test_an_escaped_formula_is_read_as_its_text() -> None:
    assert read_csv_grid("a,b\n'=x,3\n").rows[1] == ["=x", "3"]


def test_a_csv_text_without_lines_has_no_rows() -> None:
    assert read_csv_grid("").rows == []


def test_empty_rows_separate_blocks() -> None:
    parts = list(blocks(typed_grid("Title\n|\nArea|Men\nNorth|3\n|\n|\nSource|x\n")))
    assert [part.numbers for part in parts] == [[1], [3, 4], [7]]
    assert parts[1].rows == [["Area", "Men"], ["North", "3"]]


def test_headings_below_figures_begin_another_block() -> None:
    grid = typed_grid("Area|Men|Women\nNorth|3|4\nSex and age\nAge|Young|Old\nNorth|1|6\nAge|A|B\nEast|7|8\n")
    assert [part.numbers for part in blocks(grid)] == [[1, 2], [3, 4, 5], [6, 7]]


def test_years_below_headings_begin_no_block_of_their_own() -> None:
    grid = typed_grid("Area|Men|Women\n|2021|2022\nNorth|3|4\n")
    assert [part.numbers for part in blocks(grid)] == [[1, 2, 3]]


def test_empty_columns_separate_tables_with_labels_and_figures() -> None:
    parts = list(side_by_side(typed_grid("Area|Men||Age|All\nNorth|3||0-17|5\nSouth|4||18+|6\n")))
    assert [part.rows[1] for part in parts] == [["North", "3", ""], ["0-17", "5"]]


def test_bands_beside_numbers_are_figures_and_no_labels() -> None:
    """A publisher prints `5-9` in place of a small figure."""
    grid = typed_grid("Area|Men||Women|All\nNorth|3||5-9|8\nSouth|4||12|16\n")
    assert [part.rows for part in side_by_side(grid)] == [grid.rows]


def test_columns_of_figures_beyond_an_empty_column_stay_in_their_table() -> None:
    grid = typed_grid("Area|Men||Women\nNorth|3||5\nSouth|4||6\n")
    assert [part.rows for part in side_by_side(grid)] == [grid.rows]


def test_labels_in_half_of_the_rows_make_no_table() -> None:
    """Most rows with a whole number need a label, so one of two is too few."""
    half = typed_grid("Area|Men||Age|All\nNorth|3||0-17|5\nSouth|4|||6\n")
    assert len(list(side_by_side(half))) == 1
    most = typed_grid("Area|Men||Age|All\nNorth|3||0-17|5\nSouth|4|||6\nEast|4||18-24|6\n")
    assert len(list(side_by_side(most))) == 2


def test_an_empty_grid_has_no_parts() -> None:
    assert list(side_by_side(as_grid([]))) == []
    assert with_flags_joined(as_grid([])).rows == with_percentages_apart(as_grid([])).rows == []


def test_a_column_of_flags_is_joined_to_the_figures_on_its_left() -> None:
    grid = with_flags_joined(typed_grid("Area|2021|\nNorth|12|b\nSouth|7|\nEast|:|c\n"))
    assert grid.rows == [["Area", "2021", ""], ["North", "12 b", ""], ["South", "7", ""], ["East", ": c", ""]]


@pytest.mark.parametrize(
    "text", ["Area|Men|Note\nNorth|12|see below\n", "Area|Town|Men\nNorth|A|12\n", "Area|b\nNorth|c\n"]
)
def test_other_columns_are_not_joined(text: str) -> None:
    assert with_flags_joined(typed_grid(text)).rows == typed_grid(text).rows


def test_signs_of_reliability_are_dropped() -> None:
    assert with_flags_joined(typed_grid("Area|Men\nNorth|12 †\nSouth|7!\n")).column(1, [1, 2]) == ["12", "7"]
    assert with_flags_joined(typed_grid("Area|2021|\nNorth|12|%\nSouth|7|†\n")).column(1, [1, 2]) == ["12 %", "7"]


def test_a_count_and_its_percentage_become_two_cells() -> None:
    grid = with_percentages_apart(typed_grid("Area|Men|Women\nNorth|12 (3.4%)|5\nSouth|<5 [0,5 %]|6\n"))
    assert grid.rows == [
        ["Area", "Men", "Men %", "Women"],
        ["North", "12", "3.4%", "5"],
        ["South", "<5", "0,5%", "6"],
    ]


def test_a_mark_beside_a_percentage_is_split_and_other_cells_stay() -> None:
    grid = with_percentages_apart(typed_grid("Area|Men\nNorth|x (3%)\nSouth|1 200 (97%)\nEast|none\n"))
    assert grid.column(1, [1, 2, 3]) == ["x", "1 200", "none"]
    assert grid.column(2, [1, 2, 3]) == ["3%", "97%", ""]


def test_one_cell_with_a_percentage_splits_no_column() -> None:
    text = "Area|Men\nNorth|12 (3%)\nSouth|7\n"
    assert with_percentages_apart(typed_grid(text)).rows == typed_grid(text).rows


def test_percentages_in_the_first_row_have_no_heading() -> None:
    assert with_percentages_apart(typed_grid("North|12 (3%)\nSouth|7 (2%)\n")).rows == [
        ["North", "12", "3%"],
        ["South", "7", "2%"],
    ]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        *(("12", "count number figure"), (" 1,234 b ", "count number figure"), ("3.4", "number figure")),
        *(("3,4%", "number figure"), ("x", "mark figure"), ("-", "mark figure"), ("<5", "figure")),
        *(("5-9", "figure"), ("", ""), ("North", ""), ("under 18", "figure")),
    ],
)
def test_a_cell_is_a_count_a_number_a_mark_or_a_figure(text: str, kinds: str) -> None:
    judges = {"count": is_count, "number": is_number, "mark": is_plain_mark, "figure": is_figure}
    assert [name for name, judge in judges.items() if judge(text)] == kinds.split()


@pytest.mark.parametrize(
    ("row", "free", "below"),
    [
        ("|2021|2022|2023", True, True),
        ("Area|2021|2022|2023", True, True),
        ("Area|2023|2022|2021", True, True),
        ("Area|2021|2026", True, True),  # two years that are near
        ("Area|2010|2016", True, False),  # two counts that look like years
        ("|2010|2016", True, True),  # no label beside them
        ("Area|2010|2016|2018", True, True),  # a series of three
        ("Area|2021|2022|2021|2022", True, True),  # each twice
        ("Area|2021|2022|2021", False, False),
        ("Area|2021|2021", False, False),
        ("Area|2021", True, False),
        ("|1|2|3", True, True),
        ("А|1|2|3", True, True),
        ("1|2|3|4", True, True),
        ("North|1|2|3", False, False),  # counts of a region
        ("|1|3|4", False, False),
        ("|3|4|5", False, False),
        ("|1", False, False),
        ("North|2021|12", False, False),
        ("Area|Men|Women", False, False),
    ],
)
def test_numbers_are_headings_if_they_are_years_or_number_the_columns(row: str, free: bool, below: bool) -> None:
    cells = row.split("|")
    assert is_heading_of_numbers(cells) == free
    assert is_heading_of_numbers(cells, below_headings=True) == below


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        *(("Area|Men|Women", True), ("|Men|Women", True), ("Area|Men|Men", False), ("Area|Men|", False)),
        *(("North|Men|3", False), ("Area|2021|2022", True), ("North|x|c", False), ("Area||", False)),
    ],
)
def test_a_row_of_different_texts_or_of_years_begins_a_table(row: str, expected: bool) -> None:
    assert is_heading(row.split("|")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("Area|Men\nNorth|3\n", True), ("Area|Men\nNorth|x\n", False), ("Area|2021\n", False)),
        *(("|3\n", False), ("North|2021|7", True), ("Updated|3.5\n", False)),
    ],
)
def test_a_sheet_has_figures_if_a_count_is_beside_a_label(text: str, expected: bool) -> None:
    assert has_figures(typed_grid(text)) == expected
