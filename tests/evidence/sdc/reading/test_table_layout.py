"""The parts of a sheet: headings, body, label columns, figure columns, and numbers outside of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.reading.options import PLAIN
from kerege.evidence.sdc.reading.table_layout import TableLayout, figure_rows, find_layouts
from tests.evidence.sdc.reading.typed_tables import typed_grid


def layout_of(text: str) -> TableLayout:
    """Return the only table of a typed sheet."""
    (layout,) = find_layouts(typed_grid(text))
    return layout


def test_titles_and_notes_are_no_part_of_a_table() -> None:
    layout = layout_of("Table 3. People\nArea|Men|Women\nNorth|3|4\nSouth|5|6\nSource: survey\n")
    assert (layout.headings, layout.body) == ([1], [2, 3])
    assert (layout.labels, layout.figures) == ([0], [1, 2])
    assert [layout.heading(column) for column in range(3)] == ["Area", "Men", "Women"]


def test_the_heading_of_a_column_is_its_lowest() -> None:
    layout = layout_of("Area|People||Note\n|Men|Women|\nNorth|3|4|5\nSouth|5|6|7\n")
    assert [layout.heading(column) for column in range(4)] == ["Area", "Men", "Women", "Note"]


def test_numbers_of_the_columns_are_no_heading() -> None:
    layout = layout_of("Area|Men|Women\nA|1|2\nNorth|3|4\n")
    assert (layout.headings, layout.body) == ([0], [2])


def test_a_row_of_years_is_a_heading() -> None:
    layout = layout_of("Area|2021|2022|2023\nNorth|3|4|5\n")
    assert (layout.headings, layout.body, layout.figures) == ([0], [1], [1, 2, 3])


def test_an_empty_row_may_separate_headings_from_figures() -> None:
    layout = layout_of("Area|Men|Women\n||\nNorth|3|4\n")
    assert layout.grid.numbers == [1, 3]
    assert (layout.headings, layout.body) == ([0], [1])


def test_an_empty_row_may_separate_parts_of_one_table() -> None:
    layout = layout_of("Area|Men|Women\nNorth|3|4\n||\nSouth|5|6\n")
    assert [layout.grid.rows[row][0] for row in layout.body] == ["North", "South"]


def test_tables_with_headings_of_their_own_are_two() -> None:
    first, second = find_layouts(typed_grid("Area|Men|Women\nNorth|3|4\n\nAge|Men|Women\nChild|5|6\n"))
    assert (first.heading(0), second.heading(0)) == ("Area", "Age")
    assert second.grid.numbers == [4, 5]


def test_figures_without_headings_are_named_beside_the_next_table() -> None:
    (layout,) = find_layouts(typed_grid("North|3|4\n\nArea|Men|Women\nSouth|5|6\n"))
    assert layout.unread == ("row 1",)
    assert find_layouts(typed_grid("North|3|4\n")) == []


@pytest.mark.parametrize(
    ("text", "labels", "figures"),
    [
        ("Area|Town|Men|Women\nNorth|A|3|4\nSouth|B|5|6\n", [0, 1], [2, 3]),
        ("Area|Age|Men\nNorth|0-17|3\nNorth|18-24|4\n", [0, 1], [2]),  # bands below a heading
        ("Area|Group|Men\nNorth|0-17|3\nNorth|18-24|4\n", [0, 1], [2]),  # bands without a number among them
        ("Area|Year|Men\nNorth|2021|3\nNorth|2022|4\n", [0, 1], [2]),
        ("Area|Score|Men\nNorth|70|3\nNorth|80|4\n", [0], [1, 2]),
        ("Area|Town|Men\nNorth|A|3\nNorth|x|4\n", [0], [1, 2]),  # half of the texts are marks
        ("Area|Town|Men\nNorth|A|3\nNorth|B|4\nSouth|x|5\n", [0, 1], [2]),
    ],
)
def test_columns_beside_the_first_are_labels_if_most_cells_are_texts(
    text: str, labels: list[int], figures: list[int]
) -> None:
    layout = layout_of(text)
    assert (layout.labels, layout.figures) == (labels, figures)


def test_a_column_that_indents_the_first_joins_its_labels() -> None:
    layout = layout_of("Group||Men|Women\nSex||3|4\n|Young|1|2\n|Old|2|2\n")
    assert layout.labels == [0]
    assert [layout.grid.rows[row][0] for row in layout.body] == ["Sex", "Young", "Old"]


def test_columns_with_labels_in_one_row_stay_apart() -> None:
    assert layout_of("Area|Town|Men\nNorth|A|3\n|B|4\n").labels == [0, 1]


def test_a_column_with_numbers_inside_texts_is_named() -> None:
    layout = layout_of("Area|Men|Women\nNorth|3|about 12\nSouth|4|some 7\n")
    assert (layout.figures, layout.unread) == ([1], ("Women",))


def test_a_column_without_a_heading_is_named_by_its_position() -> None:
    layout = layout_of("Area|Men|\nNorth|3|about 12\nSouth|4|some 7\n")
    assert layout.unread == ("at position 3",)


def test_a_column_of_texts_without_numbers_is_not_named() -> None:
    assert layout_of("Area|Men|Remark\nNorth|3|revised\nSouth|4|final\n").unread == ()


def test_a_row_of_marks_above_the_first_count_is_a_row_of_the_body() -> None:
    layout = layout_of("Area|Men|Women\nNorth|x|:\nSouth|5|6\n")
    assert layout.body == [1, 2]


def test_a_label_above_the_first_row_of_figures_is_a_row_of_the_body() -> None:
    layout = layout_of("Area|Men|Women\nProvince\nNorth|5|6\n")
    assert (layout.headings, layout.body) == ([0], [1, 2])


def test_a_title_above_all_headings_is_no_row_of_the_body() -> None:
    layout = layout_of("Victims of the year\nPart two\nArea|Men|Women\nNorth|5|6\n")
    assert (layout.headings, layout.body) == ([2], [3])


def test_rows_with_a_label_alone_are_in_the_body_and_have_no_figures() -> None:
    layout = layout_of("Area|Men|Women\nNorth|5|6\nOf which\nTown|1|2\nNote\n")
    assert layout.body == [1, 2, 3]
    assert list(figure_rows(layout)) == [1, 3]


def test_percentages_in_the_cell_of_a_count_get_a_column_of_their_own() -> None:
    layout = layout_of("Area|Men|Women\nNorth|3 (30%)|7\nSouth|5 (50%)|5\n")
    assert [layout.heading(column) for column in layout.figures] == ["Men", "Men %", "Women"]


def test_tables_side_by_side_are_two() -> None:
    first, second = find_layouts(typed_grid("Area|Men||Town|Men\nNorth|3||A|5\nSouth|4||B|6\n"))
    assert (first.heading(0), second.heading(0)) == ("Area", "Town")


def test_figures_on_both_sides_of_the_labels_are_counts(tmp_path: Path) -> None:
    """A pyramid of ages: the men are to the left of the ages, and 105 - 60 - 40 leaves 5 of them."""
    for total, is_safe in ((105, False), (112, True)):
        text = f"Males,Age,Females\n40,0-17,50\n60,18-29,70\nc,30+,44\n{total},All ages,164\n"
        (tmp_path / "t.csv").write_text(text)
        assert assess_files(tmp_path, [], 10, PLAIN).safe is is_safe
