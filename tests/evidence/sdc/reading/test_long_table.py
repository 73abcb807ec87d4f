"""Long tables: the role of each column, and rows that cannot be read."""

from __future__ import annotations

import csv

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.sdc.reading.long_table import (
    LONGEST,
    FileReading,
    LongRecords,
    check_records,
    has_count,
    read_long,
)
from kerege.evidence.sdc.reading.options import ReadingOptions
from kerege.evidence.sdc.reading.published_rows import PublishedRows, keys_of_rows


def records(text: str) -> LongRecords:
    """Return the records of lines with commas between their cells."""
    header, *rows = [line.split(",") for line in text.strip("\n").splitlines()]
    return LongRecords(header, rows, list(range(2, 2 + len(rows))))


def read(text: str, half: float = 0, dash: str = "") -> PublishedRows:
    """Return the rows of a long table."""
    return read_long(records(text), FileReading("t.csv", half, ReadingOptions(dash=dash)))


@pytest.mark.parametrize("name", ["count", "N", "OBS_VALUE", "Количество", "саны", "Persons", "Count (1)", " number "])
def test_a_usual_name_is_a_column_of_counts(name: str) -> None:
    assert has_count(["sex", name])


@pytest.mark.parametrize("name", ["counts of men", "total", "rate", ""])
def test_another_name_is_no_column_of_counts(name: str) -> None:
    assert not has_count(["sex", name])


def test_each_row_has_its_codes_its_figure_and_its_line() -> None:
    rows = read("sex,age,count\nf,0-17,3\nm, 18+ ,x\n")
    assert rows.by == ("sex", "age")
    assert list(keys_of_rows(rows)) == [("f", "0-17"), ("m", "18+")]
    assert [(figure.lower, figure.mark) for figure in rows.counts] == [(3, ""), (0, "x")]
    assert rows.numbers == [2, 3]


def test_a_table_without_dimensions_has_one_empty_key_for_each_row() -> None:
    rows = read("count\n3\n")
    assert list(keys_of_rows(rows)) == [()]


def test_a_column_that_is_named_twice_is_refused() -> None:
    with pytest.raises(BadInput) as refusal:
        read("sex,sex,count\nf,f,3\n")
    assert str(refusal.value) == "t.csv: row 1: names a column twice, name each column once"


@pytest.mark.parametrize("row", ["f", "f,3,4"])
def test_a_row_of_another_length_is_refused(row: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(f"sex,count\nm,4\n{row}\n")
    assert str(refusal.value) == f"t.csv: row 3: has {len(row.split(','))} cells, not 2, correct the row"


def test_a_cell_may_have_ten_thousand_characters_and_no_more() -> None:
    check_records(LongRecords(["a"], [["x" * LONGEST]], [2]), "t.csv")
    with pytest.raises(csv.Error, match="a cell of row 2 is longer than 10,000 characters"):
        check_records(LongRecords(["a"], [["x" * (LONGEST + 1)]], [2]), "t.csv")


def test_a_figure_that_is_no_count_is_refused_with_its_row() -> None:
    with pytest.raises(BadInput) as refusal:
        read("sex,count\nf,3\nm,-4\n")
    assert str(refusal.value) == "t.csv: row 3, column count: '-4' is not a count, give a whole number of at least 0"


def test_the_first_usual_name_is_the_count_and_the_others_are_not() -> None:
    rows = read("sex,number,count\nf,70,3\nm,80,4\n")
    assert [figure.count for figure in rows.counts] == [3, 4]
    assert rows.by == ("sex",)
    assert rows.unread == ("number",)


def test_columns_of_flags_and_comments_are_no_dimensions() -> None:
    rows = read("sex,count,OBS_STATUS,comment\nf,3,,estimate\nm,,c,none\nx,,m,other\n")
    assert rows.by == ("sex",)
    assert [figure.mark for figure in rows.counts] == ["", "suppressed", ""]
    assert rows.unread == ()


@pytest.mark.parametrize(
    ("values", "is_status"),
    [(("ok", "suppressed"), True), (("A", "c"), True), (("married", "single"), False), (("ok", "married"), True)],
)
def test_a_column_status_is_a_dimension_if_its_words_are_of_another_kind(
    values: tuple[str, str], is_status: bool
) -> None:
    counts = ("3", "") if values[1] == "suppressed" else ("3", "4")
    rows = read("sex,status,count\n" + "".join(f"f{i},{values[i]},{counts[i]}\n" for i in (0, 1)))
    assert ("status" not in rows.by) == is_status


def test_words_of_kerege_are_noted_only_where_a_row_has_one() -> None:
    assert read("sex,count,status\nf,3,ok\n").has_own_words
    assert not read("sex,count,status\nf,3,A\n").has_own_words


def test_a_perturbed_figure_has_the_bounds_of_the_largest_change() -> None:
    (figure,) = read("sex,count,status\nf,5,perturbed\n", half=2).counts
    assert (figure.lower, figure.upper) == (3, 7)


def test_a_technical_column_with_one_value_is_left_out_and_with_two_is_a_dimension() -> None:
    assert read("freq,sex,count\nA,f,3\nA,m,4\n").by == ("sex",)
    assert read("freq,sex,count\nA,f,3\nM,f,4\n").by == ("freq", "sex")


@pytest.mark.parametrize(("power", "unread"), [("3", ("UNIT_MULT",)), ("0", ()), ("", ())])
def test_counts_in_thousands_are_not_understood(power: str, unread: tuple[str, ...]) -> None:
    assert read(f"sex,UNIT_MULT,count\nf,{power},3\nm,{power},4\n").unread == unread


def test_other_units_are_left_out_and_named() -> None:
    rows = read("sex,unit,count\nf,NR,3\nf,PC,43\nm,NR,4\nm,PC,57\n")
    assert [figure.count for figure in rows.counts] == [3, 4]
    assert rows.numbers == [2, 4]
    assert rows.unread == ("unit PC",)


def test_units_that_are_all_unknown_stay_a_dimension() -> None:
    rows = read("sex,unit,count\nf,AB,3\nf,PC,43\n")
    assert (rows.by, rows.unread) == (("sex", "unit"), ())


def test_a_percentage_beside_a_count_is_a_measure() -> None:
    rows = read("sex,count,percent\nf,3,75\nm,1,25\n")
    (measure,) = rows.measures
    assert (measure.name, measure.texts) == ("percent", ("75", "25"))
    assert rows.by == ("sex",)


def test_a_column_with_fractions_is_no_dimension() -> None:
    rows = read("sex,score,count\nf,1.5,3\nm,2,4\n")
    assert (rows.by, rows.unread, rows.measures) == (("sex",), ("score",), ())


@pytest.mark.parametrize(("values", "is_dimension"), [(("x", "x", "1.5"), True), (("x", "1.5"), False)])
def test_a_column_is_a_measure_if_half_of_its_values_are_numbers(values: tuple[str, ...], is_dimension: bool) -> None:
    rows = read("sex,score,count\n" + "".join(f"{sex},{value},3\n" for sex, value in zip("fmd", values, strict=False)))
    assert ("score" in rows.by) == is_dimension


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("sex,days,count\nf,10,3\nm,20,4\n", ("sex",)),  # the sexes identify the rows
        ("sex,days,count\nf,10,3\nf,20,4\n", ("sex", "days")),  # only the days tell the rows apart
        ("sex,days,count\nf,10,3\nm,10,4\n", ("sex", "days")),  # one value alone
        ("days,count\n10,3\n20,4\n", ("days",)),
        ("sex,group,count\nf,10,3\nm,20,4\n", ("sex", "group")),  # by its name a dimension
    ],
)
def test_whole_numbers_are_a_dimension_unless_the_other_columns_identify_the_rows(
    text: str, by: tuple[str, ...]
) -> None:
    assert read(text).by == by


def test_codes_that_repeat_labels_are_left_out_with_a_note() -> None:
    rows = read("district,district code,count\nA,01,3\nB,02,4\n")
    assert rows.by == ("district",)
    assert rows.notes == ("Column district code repeats column district as codes, so it was left out.",)


def test_codes_that_are_finer_than_the_labels_stay() -> None:
    assert read("district,area code,count\nA,x1,3\nA,x2,4\nB,x3,4\n").by == ("district", "area code")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Region,Persons,Men,Women\nNorth,7,3,4\n", True),
        ("Region,Persons,Men,Women\nNorth,7,3,8\n", False),  # a part exceeds the persons
        ("Region,Persons,Men,Women\nNorth,7,7,0\n", True),
        ("Region,Persons,Men,Women\nNorth,7,x,4\nSouth,9,5,4\n", True),
        ("Region,Persons,Men\nNorth,7,3\n", False),  # one part alone
        ("Region,Count,Men,Women\nNorth,7,3,4\n", False),  # no column of people
        ("Region,Persons,Men,percent\nNorth,7,3,4\n", False),
        ("Year,Persons,Men,Age\n2021,2030,3,4\n", False),
        ("Region,Persons,Men,Women\nNorth,7,3\n", False),
        ("Region,Persons,Men,Women\n", False),
    ],
)
def test_people_beside_their_parts_make_a_crosstab(text: str, expected: bool) -> None:
    assert records(text).is_crosstab() == expected


def test_a_dash_has_the_meaning_of_the_options() -> None:
    assert read("sex,count\nf,-\n", dash="zero").counts[0].upper == 0
