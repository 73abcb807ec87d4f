"""Crosstabs with titles, nested headings and notes are read; what is not understood is reported."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from openpyxl import load_workbook

from kerege.base.errors import BadInput
from kerege.evidence.sdc.reading.options import ReadingOptions
from tests.evidence.sdc.reading import typed_tables as typed
from tests.evidence.sdc.reading.typed_tables import cells, read_sheets, read_text


def test_a_eurostat_like_file(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, typed.EUROSTAT_LIKE, suffix=".tsv")
    assert sheet.by == ("sex", "geo", "TIME_PERIOD")
    assert sheet.axes == (("_T", "F", "M"), ("_T", "Northland", "Southland"), ("_T", "2022", "2023"))
    assert cells(sheet)["_T", "Northland", "2023"] == (131, 131)
    assert cells(sheet)["M", "Southland", "2022"] == (7, 7)
    assert cells(sheet)["M", "Southland", "2023"] == (1, math.inf)
    assert sheet.incomplete >= {"TIME_PERIOD"}


def test_labels_that_are_indented_by_a_column_and_signs_beside_figures(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(typed.INDENTED, encoding="utf-8")
    sex, age = read_sheets(tmp_path / "t.csv")
    assert (sex.name, sex.by, sex.axes[0]) == (
        "Sex",
        ("Sex", "column"),
        ("_T", "Male", "Female", "Both male and female offenders"),
    )
    assert cells(sex)["_T", "Population/a"] == (272_468_480, 272_468_480)
    assert cells(sex)["Female", "Offender/b"] == (959_200, 959_200)
    assert cells(sex)["Both male and female offenders", "Victim"] == (0, math.inf)
    # shares of incidents with a known offender, a number that the table does not state
    assert sex.unread == ("Percent",)
    assert cells(age)["12–17", "Victim"] == (785_080, 785_080)


def test_headings_in_two_languages_with_children_of_both_sexes(tmp_path: Path) -> None:
    path = typed.write_bilingual_workbook(tmp_path / "t.xlsx")
    (sheet,) = read_sheets(path)
    assert sheet.by == ("Өңір / Регион", "column", "sex")
    assert sheet.axes[1:] == (
        ("_T", "Балалар саны / Число детей"),
        ("_T", "ерлер / мужчины", "әйелдер / женщины"),
    )
    assert cells(sheet)["_T", "_T", "ерлер / мужчины"] == (520, 520)
    assert cells(sheet)["Абай облысы / Область Абай", "Балалар саны / Число детей", "_T"] == (30, 30)
    assert cells(sheet)["_T", "Балалар саны / Число детей", "әйелдер / женщины"] == (80, 80)


def test_men_and_boys_side_by_side_stay_apart(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "Region,Men,Women,Boys,Girls\nNorth,30,40,12,15\nSouth,22,31,18,11\n")
    assert sheet.axes[1] == ("_T", "Men", "Women", "Boys", "Girls")


def test_thousands_in_quotes_are_counts(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, 'Region,Men,Women\nNorth,"1,234,567","2,345"\nSouth,"9,876","12,345"\n')
    assert cells(sheet)["North", "Men"] == (1_234_567, 1_234_567)
    assert cells(sheet)["South", "Women"] == (12_345, 12_345)


def test_a_wide_csv_with_a_title_and_a_source(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, typed.WIDE_CSV)
    assert sheet.by == ("Country", "year")
    assert sheet.axes == (("_T", "Northland", "Southland"), ("_T", "2021", "2022", "2023"))
    assert cells(sheet)["_T", "2021"] == (153, 153)
    assert cells(sheet)["Southland", "2023"] == (1, math.inf)


def test_a_workbook_with_merged_headings_and_notes(tmp_path: Path) -> None:
    (sheet,) = read_sheets(typed.write_uk_like_workbook(tmp_path / "referrals.xlsx"))
    assert sheet.name == "Table_1"
    assert sheet.by == ("Region", "sex", "age")
    assert sheet.axes == (
        ("_T", "North", "South"),
        ("_T", "Female", "Male"),
        ("_T", "Under 18", "18 and over"),
    )
    assert cells(sheet)["South", "Female", "Under 18"] == (1, math.inf)
    assert cells(sheet)["_T", "Female", "Under 18"] == (48, 48)
    assert cells(sheet)["North", "_T", "_T"] == (180, 180)
    assert cells(sheet)["_T", "_T", "_T"] == (257, 257)
    assert len(cells(sheet)) == 15
    (note,) = sheet.notes
    assert note.startswith("Column Region: the value England is read as the total, because it equals the sum")


def test_a_russian_table(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, typed.RUSSIAN)
    assert sheet.by == ("Регион", "sex")
    assert sheet.axes == (("_T", "Северная область", "Южная область"), ("_T", "мужчины", "женщины"))
    assert cells(sheet)["_T", "_T"] == (1250, 1250)
    assert cells(sheet)["Южная область", "мужчины"] == (60, 60)
    assert len(cells(sheet)) == 9


def test_a_kazakh_table(tmp_path: Path) -> None:
    text = "Өңір,Екі жыныс,Ерлер,Әйелдер\nБарлығы,300,120,180\nАлматы,200,x,x\nАстана,100,x,x\n"
    sheet = read_text(tmp_path, text)
    assert sheet.by == ("Өңір", "sex")
    assert sheet.axes == (("_T", "Алматы", "Астана"), ("_T", "Ерлер", "Әйелдер"))
    assert cells(sheet)["_T", "_T"] == (300, 300)


def test_persons_beside_their_parts_are_a_crosstab(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "Region,Persons,Men,Women\nTotal,300,120,180\nA,200,90,110\nB,100,30,70\n")
    assert sheet.axes[1] == ("_T", "Men", "Women")


def test_percentages_beside_counts_bound_them(tmp_path: Path) -> None:
    text = (
        "Region,Men,,Women,,Total\n,Number,%,Number,%,Number\nTotal,120,40.0,180,60.0,300\n"
        "A,c,1.2,c,98.8,249\nB,c,,c,,51\n"
    )
    sheet = read_text(tmp_path, text)
    assert sheet.by == ("Region", "sex")
    assert cells(sheet)["A", "Men"] == (3, 3)
    assert not sheet.unread


def test_a_mean_beside_counts_is_not_understood(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "Region,Men,Women,Mean age\nTotal,120,180,31.2\nA,90,110,30.9\nB,30,70,33.0\n")
    assert sheet.axes[1] == ("_T", "Men", "Women")
    assert sheet.unread == ("Mean age",)


def test_nested_groups_of_rows_are_a_dimension(tmp_path: Path) -> None:
    rows = [
        ["Table 2. Persons"],
        ["", 2022, 2023],
        ["Men"],
        ["0-17", 10, 12],
        ["18+", 30, 34],
        ["Women"],
        ["0-17", 20, 18],
        ["18+", 40, 44],
    ]
    (sheet,) = read_sheets(typed.write_workbook(tmp_path / "t.xlsx", T2=rows))
    assert sheet.by == ("sex", "age", "year")
    assert cells(sheet)["Women", "0-17", "2023"] == (18, 18)


def test_groups_of_rows_with_other_labels_are_tables(tmp_path: Path) -> None:
    rows = [
        ["Persons in 2023"],
        ["", "Number"],
        ["Total", 100],
        ["By sex"],
        ["Men", 40],
        ["Women", 60],
        ["By age"],
        ["0-17", 30],
        ["18+", 70],
    ]
    sex, age = read_sheets(typed.write_workbook(tmp_path / "t.xlsx", T=rows))
    assert (sex.by, age.by) == (("sex",), ("age",))
    assert cells(sex) == {("_T",): (100, 100), ("Men",): (40, 40), ("Women",): (60, 60)}
    assert cells(age)["_T",] == (100, 100)


def test_indented_rows_are_levels_of_a_hierarchy(tmp_path: Path) -> None:
    rows = [
        ["Area", "Men", "Women"],
        ["Total", 100, 200],
        ["North", 60, 90],
        ["  Alpha", 50, 80],
        ["  Beta", 10, 10],
        ["South", 40, 110],
    ]
    fine, wide = read_sheets(typed.write_workbook(tmp_path / "t.xlsx", T=rows))
    assert fine.by == ("Area", "sex")
    assert fine.axes[0] == ("_T", "North › Alpha", "North › Beta", "South")
    assert wide.by == ("Area [level 2]", "sex")
    assert wide.axes[0] == ("_T", "North", "South")


def test_two_tables_on_a_sheet(tmp_path: Path) -> None:
    rows = [
        ["Table 1"],
        ["Sex", "Number"],
        ["Men", 40],
        ["Women", 60],
        [None],
        ["Table 2"],
        ["Area", "Number"],
        ["North", 30],
        ["South", 70],
    ]
    first, second = read_sheets(typed.write_workbook(tmp_path / "t.xlsx", T=rows))
    assert (first.by, second.by) == (("Sex",), ("Area",))
    assert (first.name, second.name) == ("T", "T (2)")


def test_a_sheet_that_is_no_table_is_not_passed_over(tmp_path: Path) -> None:
    rows = [["Area", "Number"], ["North", 30], ["South", 70]]
    path = typed.write_workbook(tmp_path / "t.xlsx", T=rows, Loose=[["victims", 3]], Contents=[["T", "victims"]])
    table, loose = read_sheets(path)
    assert table.name == "T"
    assert (loose.name, loose.unread) == ("Loose", ("all figures of the sheet",))


def test_a_hidden_sheet_is_read(tmp_path: Path) -> None:
    path = typed.write_workbook(tmp_path / "t.xlsx", T=[["Area", "Number"], ["North", 30], ["South", 70]])
    book = load_workbook(path)
    book.create_sheet("Front")
    book["T"].sheet_state = "hidden"
    book.save(path)
    (sheet,) = read_sheets(path)
    assert sheet.notes == ["The sheet T is hidden in the workbook. It was read."]


def test_a_dash_in_a_crosstab_is_not_guessed(tmp_path: Path) -> None:
    text = "Region,Men,Women\nTotal,120,180\nA,–,180\nB,120,–\n"
    with pytest.raises(BadInput, match="row 3, column Men: a dash can be zero or a suppressed figure"):
        read_text(tmp_path, text)
    assert cells(read_text(tmp_path, text, ReadingOptions(dash="zero")))["A", "Men"] == (0, 0)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no workbook", b"sex,count\nf,3\n"])
def test_a_broken_workbook_gives_one_fault(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="cannot be read as an XLSX workbook"):
        read_sheets(path)


def test_formulas_without_values_are_refused(tmp_path: Path) -> None:
    path = typed.write_workbook(tmp_path / "t.xlsx", T=[["=1+1"]])
    with pytest.raises(BadInput, match="let it compute its formulas"):
        read_sheets(path)
