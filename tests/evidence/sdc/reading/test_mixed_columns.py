"""Headings that mix sexes and ages are a table by sex and a table by age."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kerege.evidence.counting.frequency_table import OK
from kerege.evidence.sdc.disclosure.intruder import examine
from kerege.evidence.sdc.reading.figures import PublishedCount
from kerege.evidence.sdc.reading.mixed_columns import split_mixed_columns
from kerege.evidence.sdc.reading.published_rows import NumberTexts, PublishedRows
from tests.evidence.sdc.reading.typed_tables import cells, read_sheets

WIDE = "Region,Total,Men,Women,Under 18,18 and over\nNorth,300,120,180,40,260\nSouth,200,90,110,25,175\n"
LONG = "group,count\nВсего,300\nмужчины,120\nженщины,180\nдо 18 лет,40\n18 лет и старше,260\n"


def test_headings_that_mix_sexes_and_ages_are_two_tables(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(WIDE, encoding="utf-8")
    sex, age = read_sheets(tmp_path)
    assert (sex.by, age.by) == (("Region", "sex"), ("Region", "age"))
    assert cells(age)["South", "Under 18"] == (25, 25)
    assert cells(sex)["South", "_T"] == cells(age)["South", "_T"] == (200, 200)
    assert not sex.multi | age.multi


def test_rows_that_mix_sexes_and_ages_are_two_tables(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(LONG, encoding="utf-8")
    sex, age = read_sheets(tmp_path)
    assert (sex.by, age.by) == (("sex",), ("age",))
    assert sex.axes == (("_T", "мужчины", "женщины"),)


def test_a_suppressed_age_follows_from_the_total_of_both_tables(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(LONG.replace("до 18 лет,40", "до 18 лет,x").replace("260", "296"), encoding="utf-8")
    report = examine(tmp_path)
    assert {(finding.cell["age"], finding.lower, finding.upper) for finding in report.disclosures} == {
        ("до 18 лет", 4, 4)
    }


@pytest.mark.parametrize("values", [("Men", "Women", "Unknown"), ("Under 18", "18+", "Unknown")])
def test_one_kind_of_values_is_one_table(tmp_path: Path, values: tuple[str, ...]) -> None:
    text = "group,count\nTotal,90\n" + "".join(f"{value},30\n" for value in values)
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    (sheet,) = read_sheets(tmp_path)
    assert sheet.axes == (("_T", *values),)


def test_values_below_their_total_are_noted(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("area,count\nTotal,100\nNorth,50\nSouth,30\n", encoding="utf-8")
    (sheet,) = read_sheets(tmp_path)
    assert sheet.incomplete == {"area"}
    (note,) = sheet.notes
    assert note.startswith("Column area: its values do not reach their total, so people have other values too.")


def rows(values: str, column: str = "group") -> PublishedRows:
    """Return rows by one column, with the percentage `value%` of each."""
    codes = values.split("|")
    counts = [PublishedCount(number, OK, number, number) for number in range(len(codes))]
    measures = (NumberTexts("percent", tuple(f"{code}%" for code in codes)),)
    return PublishedRows((column,), [codes], counts, list(range(len(codes))), measures=measures)


def test_every_part_keeps_the_totals_and_the_texts_of_its_rows() -> None:
    sex, age = split_mixed_columns(rows("Total|Men|Women|0-17|18+"))
    assert (sex.by, sex.codes, sex.numbers) == (("sex",), [["Total", "Men", "Women"]], [0, 1, 2])
    assert (age.by, age.codes, age.numbers) == (("age",), [["Total", "0-17", "18+"]], [0, 3, 4])
    assert age.measures[0].texts == ("Total%", "0-17%", "18+%")
    assert [figure.count for figure in age.counts] == [0, 3, 4]


def test_other_values_are_a_part_under_the_name_of_the_column() -> None:
    *_, others = split_mixed_columns(rows("Total|Men|Women|0-17|18+|Local|Foreign"))
    assert (others.by, others.codes) == (("group",), [["Total", "Local", "Foreign"]])


def test_one_other_value_without_a_total_is_shared_by_all_parts() -> None:
    sex, age = split_mixed_columns(rows("Victims|Men|Women|0-17|18+"))
    assert (sex.codes, age.codes) == ([["Victims", "Men", "Women"]], [["Victims", "0-17", "18+"]])


def test_two_other_values_without_a_total_are_a_part() -> None:
    assert len(list(split_mixed_columns(rows("Here|There|Men|Women|0-17|18+")))) == 3


@pytest.mark.parametrize("values", ["Men|Women|18+", "Men|0-17|18+", "Total|Men|Women|Local"])
def test_a_column_with_one_value_of_a_kind_stays_whole(values: str) -> None:
    (whole,) = split_mixed_columns(rows(values))
    assert whole.by == ("group",)


def test_a_name_that_the_table_has_already_is_not_given_again() -> None:
    codes = [["Total", "Men", "Women", "0-17", "18+"], [*"abcde"]]
    table = replace(rows("|".join(codes[0])), by=("group", "sex"), codes=codes)
    assert [part.by for part in split_mixed_columns(table)] == [("group", "sex"), ("age", "sex")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Region,Men,Women,Children,Total\nNorth,60,40,35,100\nSouth,90,90,50,180\n", {"sex", "age"}),
        ("Region,Total,of which women,of which children\nNorth,100,60,45\nSouth,180,90,50\n", {"sex", "age"}),
        (
            "Region,Total,of which foreigners,of which pregnant\nNorth,100,80,45\nSouth,180,90,50\n",
            {"foreigners", "pregnant"},
        ),
        ("Region,Total,of which labour,of which sexual\nNorth,100,40,45\nSouth,180,90,50\n", {"column"}),
        ("Region,Adults,of which women,Minors,of which girls\nNorth,100,40,60,30\nSouth,180,90,50,20\n", {"age"}),
    ],
)
def test_parts_that_overlap_are_tables_of_their_own(tmp_path: Path, text: str, names: set[str]) -> None:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    sheets = read_sheets(tmp_path)
    assert {sheet.by[1] for sheet in sheets} == names
    assert not any(sheet.multi for sheet in sheets)
    assert not any(sheet.unread for sheet in sheets)


def test_a_subtotal_behind_its_sexes_is_no_total_of_the_table(tmp_path: Path) -> None:
    text = "Region,Boys,Girls,Total minors,Adults,Total\nNorth,{},30,60,110,170\nSouth,20,30,50,110,160\n"
    (tmp_path / "t.csv").write_text(text.format("x"), encoding="utf-8")
    assert not examine(tmp_path).undecided
    (tmp_path / "t.csv").write_text(text.format("x").replace("60,110,170", "39,110,149"), encoding="utf-8")
    assert examine(tmp_path).disclosures
