"""Headings of a crosstab: levels, spanning headings, counts, and measures beside the counts."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.reading.column_headings import LONGEST_NAME, ColumnHeadings, read_headings
from kerege.evidence.sdc.reading.table_layout import find_layouts
from tests.evidence.sdc.reading.typed_tables import typed_grid


def headings(text: str) -> ColumnHeadings:
    """Return the headings of the only table of a typed sheet."""
    (layout,) = find_layouts(typed_grid(text))
    return read_headings(layout)


def test_one_row_of_headings_is_one_level() -> None:
    result = headings("Area|Young|Old\nNorth|3|4\nSouth|5|6\n")
    assert (result.counts, result.names, result.codes) == ([1, 2], [""], [["Young", "Old"]])


def test_a_heading_holds_until_the_next_one_to_its_right() -> None:
    result = headings("Area|North||South|\n|Men|Women|Men|Women\nTown|3|4|5|6\nVillage|1|2|3|4\n")
    assert result.codes == [["North", "North", "South", "South"], ["Men", "Women", "Men", "Women"]]
    assert result.names == ["", "sex"]


def test_a_column_without_a_lower_heading_is_the_total_of_the_lower_level() -> None:
    result = headings("Area|Total|Sex|\n||Men|Women\nNorth|7|3|4\nSouth|9|4|5\n")
    assert result.codes[-1] == ["Total", "Men", "Women"]


def test_a_heading_over_all_columns_names_the_level_below_it() -> None:
    result = headings("Area|Form of abuse|\n|Labour|Other\nNorth|3|4\nSouth|5|6\n")
    assert (result.names, result.codes) == (["Form of abuse"], [["Labour", "Other"]])


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("x" * LONGEST_NAME, "x" * LONGEST_NAME),
        ("x" * (LONGEST_NAME + 1), ""),
        ("Number of people", ""),
        ("2021", ""),
    ],
)
def test_a_long_title_a_unit_or_a_year_is_no_name(title: str, name: str) -> None:
    assert headings(f"Area|{title}|\n|Labour|Other\nNorth|3|4\nSouth|5|6\n").names == [name]


def test_a_level_of_totals_alone_is_no_dimension() -> None:
    result = headings("Area|Total|\n|Labour|Other\nNorth|3|4\nSouth|5|6\n")
    assert result.codes == [["Labour", "Other"]]


def test_one_column_of_counts_has_no_level() -> None:
    result = headings("Area|Persons\nNorth|3\nSouth|5\n")
    assert (result.counts, result.names, result.codes) == ([1], [], [])


def test_a_level_that_repeats_another_is_read_once() -> None:
    result = headings("Area|Labour|Other\n|Labour|Other\nNorth|3|4\nSouth|5|6\n")
    assert result.codes == [["Labour", "Other"]]


def test_equal_rows_of_headings_are_one_level() -> None:
    """A merged heading gives two equal rows; a column without it has no heading there."""
    result = headings("Area||B|C\n||B|C\n|x|y|z\nNorth|3|4|5\nSouth|6|7|8\n")
    assert result.codes == [["_T", "B", "C"], ["x", "y", "z"]]


def test_a_backslash_in_the_corner_names_the_columns() -> None:
    assert headings("geo\\form|Labour|Other\nNorth|3|4\nSouth|5|6\n").names == ["form"]


def test_boys_and_girls_below_children_have_the_labels_of_men_and_women() -> None:
    result = headings("Area|All ages||Children|\n|Men|Women|Boys|Girls\nNorth|3|4|1|2\nSouth|5|6|2|3\n")
    assert result.codes[-1] == ["Men", "Women", "Men", "Women"]


def test_men_beside_boys_keep_their_labels() -> None:
    assert headings("Area|Men|Boys\nNorth|3|1\nSouth|5|2\n").codes == [["Men", "Boys"]]


def test_a_part_of_a_total_loses_the_words_for_parts() -> None:
    assert headings("Area|All|of which: men\nNorth|7|3\nSouth|9|5\n").codes == [["All", "men"]]


def test_percentages_beside_counts_are_measures_of_their_counts() -> None:
    result = headings("Area|Labour|Labour, %|Other|Other, %\nNorth|3|30|7|70\nSouth|5|50|5|50\n")
    assert result.counts == [1, 3]
    assert result.measures == (("%", (2, 4)),)
    assert result.unread == ()


def test_a_percentage_of_one_count_alone_leaves_the_others_without() -> None:
    result = headings("Area|Labour|Labour, %|Other\nNorth|3|30|7\nSouth|5|50|5\n")
    assert result.measures == (("%", (2, None)),)


def test_a_percentage_of_no_count_is_not_understood() -> None:
    result = headings("Area|Labour|Forced work, %|Other\nNorth|3|30|7\nSouth|5|50|5\n")
    assert (result.measures, result.unread) == ((), ("Forced work, %",))


@pytest.mark.parametrize("name", ["Mean age", "Median income", "Rate"])
def test_other_measures_are_not_understood(name: str) -> None:
    result = headings(f"Area|Labour|{name}\nNorth|3|30\nSouth|5|50\n")
    assert (result.counts, result.unread) == ([1], (name,))


def test_numbers_with_fractions_are_no_counts_whatever_their_heading() -> None:
    result = headings("Area|Labour|Other\nNorth|3|30.5\nSouth|5|50.1\n")
    assert (result.counts, result.unread) == ([1], ("Other",))


def test_a_percent_sign_in_a_cell_makes_its_column_a_measure() -> None:
    assert headings("Area|Labour|Other\nNorth|3|30%\nSouth|5|50%\n").counts == [1]


def test_decimals_that_are_zero_are_counts() -> None:
    assert headings("Area|Labour|Other\nNorth|3|30.0\nSouth|5|50.0\n").counts == [1, 2]


def test_a_table_of_percentages_alone_has_no_counts_and_names_its_columns() -> None:
    result = headings("Area|Labour %|Other %\nNorth|30|70\nSouth|50|50\n")
    assert (result.counts, result.codes, result.unread) == ([], [], ("Labour %", "Other %"))


def test_a_rate_and_its_population_are_measures_of_the_count() -> None:
    result = headings("Area|Cases|Population|Per 1,000\nNorth|3|900|3.3\nSouth|5|700|7.1\n")
    assert result.counts == [1]
    assert result.measures == (("Population", (2,)), ("Per 1,000", (3,)))


def test_a_number_of_people_below_the_heading_population_is_a_count() -> None:
    assert headings("Area|Population|\n|Number|Number of men\nNorth|9|3\nSouth|8|5\n").counts == [1, 2]


def test_percentages_below_the_heading_population_are_shares_and_no_bases() -> None:
    result = headings("Area|Population||Victim|\n|Number|Percent|Number|Percent\nNorth|30|60|4|40\nSouth|20|40|6|60\n")
    assert result.measures == (("Percent", (2, 4)),)
