"""CSV files: tables of Kerege, long tables of others, and titles above them."""

from __future__ import annotations

import csv

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.sdc.published_tables.published_csv import read, read_tables
from kerege.evidence.sdc.reading.long_table import FileReading
from kerege.evidence.sdc.reading.published_rows import PublishedRows, keys_of_rows

READING = FileReading("t.csv", 0)


def ours(text: str, half: float = 0) -> PublishedRows:
    """Return the rows of a table of Kerege."""
    return read(text, "t.csv", half, ours=True)


def test_a_table_of_kerege_has_its_codes_and_its_status() -> None:
    rows = ours("sex,count,status\n_T,70,ok\n'=f,,suppressed\nm,8,perturbed\n", half=2)
    assert rows.by == ("sex",)
    assert list(keys_of_rows(rows)) == [("_T",), ("=f",), ("m",)]
    assert [(figure.lower, figure.upper) for figure in rows.counts] == [(70, 70), (0, float("inf")), (6, 10)]
    assert rows.numbers == [2, 3, 4]


def test_a_label_of_kerege_is_taken_as_it_is() -> None:
    """Total is a code like any other; only `_T` is the total."""
    assert list(keys_of_rows(ours("sex,count\nTotal,70\n"))) == [("Total",)]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_first_line_says_how_cells_are_separated(separator: str) -> None:
    text = "sex,area,count\nf,x,3\n".replace(",", separator)
    assert ours(text).by == ("sex", "area")
    (rows,) = read_tables(text, READING)
    assert rows.by == ("sex", "area")


def test_empty_lines_keep_the_numbers_of_the_others() -> None:
    assert ours("sex,count\n\nf,3\n\nm,4\n").numbers == [3, 5]


def test_a_table_of_kerege_without_a_count_is_refused() -> None:
    with pytest.raises(BadInput) as refusal:
        ours("sex,total\nf,3\n")
    assert str(refusal.value) == (
        "t.csv: row 1: has no column called count, give one column per dimension, then count and status"
    )


def test_a_foreign_file_without_a_table_is_refused() -> None:
    with pytest.raises(BadInput) as refusal:
        read_tables("nothing,here\n", READING)
    assert str(refusal.value) == (
        "t.csv: row 1: has no column called count, give one column per dimension, then count and status, or a "
        "crosstab with headings"
    )


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_cell_without_end_is_refused(is_ours: bool) -> None:
    text = 'sex,count\nf,3\n"m,4\n' + "x" * (csv.field_size_limit() + 1)
    with pytest.raises(BadInput, match=r"t\.csv: is not a CSV file \(.*\), correct it"):
        read(text, "t.csv", 0, ours=is_ours)


def test_a_figure_of_kerege_that_is_no_count_is_refused_with_its_row() -> None:
    with pytest.raises(BadInput, match=r"t\.csv: row 3, column count: '1\.5' is not a count"):
        ours("sex,count,status\nf,3,ok\nm,1.5,ok\n")


def test_a_long_table_below_titles_is_read_without_its_notes() -> None:
    text = "Table 1\nVictims by sex\n\nsex,area,count\nf,x,3\nm,x,4\nSource: survey\n"
    (rows,) = read_tables(text, READING)
    assert (rows.by, rows.numbers) == (("sex", "area"), [5, 6])
    assert [figure.count for figure in rows.counts] == [3, 4]


def test_a_crosstab_with_a_column_of_people_is_no_long_table() -> None:
    (rows,) = read_tables("Region,Persons,Men,Women\nNorth,7,3,4\nSouth,9,5,4\n", READING)
    assert rows.by == ("Region", "sex")
    assert len(rows.counts) == 6


def test_of_several_tables_the_first_is_read_unless_all_are_asked_for() -> None:
    text = "Area,Men,Women\nNorth,3,4\n\nAge,Men,Women\nChild,5,6\n"
    assert [rows.by[0] for rows in read_tables(text, READING)] == ["Area", "Age"]
    assert read(text, "t.csv", 0, ours=False).by[0] == "Area"


@pytest.mark.parametrize("title", ["", "Table 1. Persons by region\n\n"])
@pytest.mark.parametrize("heading", ["Count", "Persons", "Количество"])
def test_a_heading_over_several_columns_is_no_column_of_counts(title: str, heading: str) -> None:
    """Read as a long table, it lost the women."""
    text = f"{title}Region,{heading},\n,Men,Women\nA,26,c\nB,40,50\nTotal,66,54\n"
    (rows,) = read_tables(text, READING)
    assert len(rows.by) == 2
    assert len(rows.counts) == 6


MERGED = "Region,Number,,Per cent,\n"
BODY = "North,30,40,43,57\nSouth,50,3,94,6\n"


@pytest.mark.parametrize(
    "heading",
    [
        MERGED + ",Men,Women,Men,Women\n",
        MERGED + "Region,Men,Women,Men,Women\n",
        "Region,Number,Number,Per cent,Per cent\n,Men,Women,Men,Women\n",
        "Victims by region\n" + MERGED + ",Men,Women,Men,Women\n",
    ],
)
@pytest.mark.parametrize(
    "first",
    [
        "",
        "A,1,2,3,4\n",
        "West,x,x,x,x\n",
        "West,c,c,88.2,11.8\n",
        "West,suppressed,suppressed,,\n",
        "Persons,80,43,65,35\n",
    ],
)
def test_a_heading_over_several_columns_swallows_no_row(heading: str, first: str) -> None:
    body = BODY.replace("North", "B") if first.startswith("A") else BODY
    (rows,) = read_tables(heading + first + body, READING)
    assert rows.by == ("Region", "sex")
    labels = [line.partition(",")[0] for line in (first + body).splitlines()]
    assert list(keys_of_rows(rows)) == [(label, sex) for label in labels for sex in ("Men", "Women")]
    assert [measure.name for measure in rows.measures] == ["Per cent"]


def test_columns_without_a_name_and_without_a_cell_are_no_columns() -> None:
    (rows,) = read_tables(MERGED + "Men,30,,43,\nWomen,40,,57,\nTotal,70,,100,\n", READING)
    assert rows.by == ("Region",)
    assert [figure.lower for figure in rows.counts] == [30, 40, 70]


@pytest.mark.parametrize("heading", [MERGED, "Region,Number,Number,Per cent,Share\n"])
def test_several_columns_with_one_heading_are_refused(heading: str) -> None:
    with pytest.raises(BadInput, match=r"row 1: gives several columns the same heading.*name each column"):
        read_tables(heading + BODY, READING)


def test_a_second_row_of_names_is_a_heading_and_words_for_suppressed_figures_are_none() -> None:
    (rows,) = read_tables("Region,Number,Number of others\n,Men,Women\nNorth,30,40\nSouth,50,3\n", READING)
    assert ("North", "Women") in {key[::2] if len(key) > 2 else key for key in keys_of_rows(rows)}
    (rows,) = read_tables("Region,Number\nNorth,withheld\nSouth,50\n", READING)
    assert [(key, figure.mark) for key, figure in zip(keys_of_rows(rows), rows.counts, strict=True)] == [
        (("North",), "withheld"),
        (("South",), ""),
    ]


def test_a_row_of_unknown_words_below_the_headings_is_undecided() -> None:
    """It can be a row of figures that nobody can read, or a heading."""
    (rows,) = read_tables("Region,Men,Women\nWest,secret,secret\nNorth,30,40\nSouth,50,3\n", READING)
    assert rows.unread == ("row 2",)
    (rows,) = read_tables("Region,Men,Women\nRegion,Number,Number\nNorth,30,40\nSouth,50,3\n", READING)
    assert rows.unread == ()


def test_bands_of_ages_below_other_headings_are_no_bounds_of_figures() -> None:
    (rows,) = read_tables(",Men,,Women,\nAge,<18,<25,<18,<25\nNorth,30,40,43,57\nSouth,50,63,94,96\n", READING)
    assert len(rows.counts) == 8
