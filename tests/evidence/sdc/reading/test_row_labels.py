"""Labels of rows: columns of labels, sections, indents and codes that repeat a label."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.reading.row_labels import LabelledRows, read_row_labels
from kerege.evidence.sdc.reading.table_layout import find_layouts
from tests.evidence.sdc.reading.typed_tables import typed_grid


def labels(text: str) -> list[LabelledRows]:
    """Return the labelled rows of the only table of a typed sheet."""
    (layout,) = find_layouts(typed_grid(text))
    return read_row_labels(layout)


def one(text: str) -> LabelledRows:
    """Return the labelled rows of a table that stays whole."""
    (rows,) = labels(text)
    return rows


def test_the_labels_of_one_column_are_its_codes() -> None:
    rows = one("Area|Men|Women\nNorth|3|4\nSouth|5|6\n")
    assert (rows.rows, rows.names, rows.codes, rows.section) == ([1, 2], ["Area"], [["North", "South"]], "")


def test_an_empty_label_repeats_the_label_above_where_one_stands_beside_it() -> None:
    rows = one("Area|Town|Men\nNorth|A|3\n|B|4\nSouth|A|5\n")
    assert rows.codes == [["North", "North", "South"], ["A", "B", "A"]]


def test_an_empty_label_beside_a_label_to_the_left_is_the_total() -> None:
    rows = one("Area|Town|Men\nNorth||7\nNorth|A|3\nNorth|B|4\n")
    assert rows.codes[1] == ["_T", "A", "B"]


def test_an_empty_label_between_two_labels_repeats_the_label_above() -> None:
    rows = one("Area|Town|Street|Men\nNorth|A|a|3\nNorth||b|4\nNorth|B|a|5\n")
    assert rows.codes[1:] == [["A", "A", "B"], ["a", "b", "a"]]


def test_indented_labels_come_after_their_parents() -> None:
    rows = one("Area|Men\nNorth|9\n  A|3\n    a|1\n  B|6\nSouth|5\n")
    assert rows.codes == [["North", "North › A", "North › A › a", "North › B", "South"]]


def test_labels_below_a_total_have_no_parent() -> None:
    rows = one("Area|Men\nTotal|9\n  A|3\n  B|6\n")
    assert rows.codes == [["Total", "A", "B"]]


def test_labels_of_equal_depth_have_no_parent() -> None:
    assert one("Area|Men\n  A|3\n  B|6\n").codes == [["A", "B"]]


def test_a_label_after_words_for_parts_comes_after_its_whole() -> None:
    rows = one("Area|Men\nNorth|9\nof which: A|6\nSouth|6\nof which: B|2\nof which: C|3\n")
    assert rows.codes == [["North", "North › A", "South", "South › B", "South › C"]]
    assert rows.single_parts == {"North › A"}


def test_a_row_with_words_for_parts_alone_begins_no_section() -> None:
    rows = one("Area|Men|Women\nTotal|9|8\nof which:\nNorth|3|4\nSouth|6|4\n")
    assert (rows.codes, rows.rows) == ([["Total", "North", "South"]], [1, 3, 4])


def test_sections_with_equal_labels_are_values_of_another_dimension() -> None:
    rows = one("Area|Men|Women\nNorth|\nYoung|3|4\nOld|5|6\nSouth|\nYoung|1|2\nOld|7|8\n")
    assert rows.names == ["", "Area"]
    assert rows.codes == [["North", "North", "South", "South"], ["Young", "Old", "Young", "Old"]]


def test_rows_above_nested_sections_are_their_total() -> None:
    rows = one("Area|Men|Women\nYoung|4|6\nOld|12|14\nNorth|\nYoung|3|4\nOld|5|6\nSouth|\nYoung|1|2\nOld|7|8\n")
    assert rows.codes[0] == ["_T", "_T", "North", "North", "South", "South"]


@pytest.mark.parametrize(("second", "is_nested"), [(("a", "b"), True), (("a", "z"), True), (("y", "z"), False)])
def test_sections_are_nested_if_half_of_their_labels_are_the_same(second: tuple[str, str], is_nested: bool) -> None:
    text = f"Area|Men|Women\nNorth|\na|3|4\nb|5|6\nSouth|\n{second[0]}|1|2\n{second[1]}|7|8\n"
    assert (len(labels(text)) == 1) == is_nested


def test_sections_with_other_labels_are_tables_and_share_the_total_above() -> None:
    sex, age = labels("Group|2021|2022\nTotal|10|12\nSex|\nMen|4|5\nWomen|6|7\nBy age:|\nYoung|3|4\nOld|7|8\n")
    assert (sex.names, sex.codes) == (["Sex"], [["Total", "Men", "Women"]])
    assert (age.names, age.codes, age.section) == (["age"], [["Total", "Young", "Old"]], "By age:")
    assert age.rows[0] == sex.rows[0]


def test_a_section_with_a_total_of_its_own_does_not_share_the_total_above() -> None:
    sex, _ = labels("Group|2021|2022\nTotal|10|12\nSex|\nAll|9|9\nMen|3|3\nAge|\nYoung|3|4\nOld|7|8\n")
    assert sex.codes == [["All", "Men"]]


def test_rows_above_the_sections_that_are_more_than_totals_are_a_table() -> None:
    first, *others = labels("Group|2021|2022\nTotal|10|12\nNorth|3|4\nSex|\nMen|4|5\nWomen|6|7\nAge|\nOld|7|8\n")
    assert first.codes == [["Total", "North"]]
    assert len(others) == 2


def test_one_section_names_the_rows_if_the_heading_does_not() -> None:
    assert one("|2021|2022\nSex|\nMen|4|5\nWomen|6|7\n").names == ["Sex"]
    assert one("Year|2021|2022\nSex|\nMen|4|5\nWomen|6|7\n").names == ["Sex"]
    assert one("Group|2021|2022\nSex|\nMen|4|5\nWomen|6|7\n").names == ["Group"]


def test_numbers_of_the_rows_are_no_labels() -> None:
    rows = one("No|Area|Men\n1|North|3\n2|South|4\n")
    assert (rows.names, rows.codes) == (["Area"], [["North", "South"]])


def test_numbers_that_skip_one_are_labels() -> None:
    assert one("No|Area|Men\nA1|North|3\nA3|South|4\n").names == ["No", "Area"]


def test_codes_that_repeat_labels_are_left_out_and_finer_codes_stay() -> None:
    assert one("Area code|Area|Men\nX1|North|3\nX2|South|4\n").names == ["Area"]
    assert one("Area code|Area|Men\nX1|North|3\nX2|North|4\n").names == ["Area code", "Area"]
    assert one("Area name|Area|Men\nX1|North|3\nX2|South|4\n").names == ["Area name", "Area"]


def test_a_heading_of_eurostat_holds_several_columns() -> None:
    rows = one("freq,sex,geo\\TIME|2021|2022\nA,F,KZ|3|4\nA,M,KZ|5|6\n")
    assert (rows.names, rows.codes) == (["sex", "geo"], [["F", "M"], ["KZ", "KZ"]])


def test_cells_with_other_numbers_of_commas_are_one_column() -> None:
    rows = one("sex,geo\\TIME|2021|2022\nF,KZ|3|4\nM|5|6\n")
    assert rows.codes == [["F,KZ", "M"]]


def test_codes_beside_labels_say_which_are_parts_also_below_labels_above_groups_of_rows() -> None:
    areas = "2310|North|{}\n2311|City|{}\n2312|Country side|{}\n"
    rows = one(f"Key|Area|Registered\nMen\n{areas.format(9, 4, 5)}Women\n{areas.format(8, 2, 6)}")
    assert rows.codes[1] == ["North", "City", "Country side"] * 2
    assert rows.code_parents == (("City", "North"), ("Country side", "North"))
