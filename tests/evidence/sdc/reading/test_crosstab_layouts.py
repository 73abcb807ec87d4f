"""Unusual layouts of crosstabs: tables side by side, sections, flags, percentages and signs."""

from __future__ import annotations

import math
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.sdc.disclosure.intruder import examine
from tests.evidence.sdc.reading import typed_tables as typed
from tests.evidence.sdc.reading.typed_tables import cells, read_sheets, read_text


def test_a_sheet_with_a_year_as_title_counts_the_people_of_that_year(tmp_path: Path) -> None:
    pages = {
        "2022": [["Area", "Number"], ["North", 30], ["South", 70]],
        "2023": [["Area", "Number"], ["North", 45], ["South", 90]],
    }
    path = typed.write_workbook(tmp_path / "t.xlsx", **pages)
    assert [sheet.where for sheet in read_sheets(path)] == [{"year": ["2022"]}, {"year": ["2023"]}]
    report = examine(path)
    assert report.safe
    assert not report.notes


def test_tables_side_by_side(tmp_path: Path) -> None:
    text = "Table A,,,,Table B,,\nSex,Number,,,Area,2021,2022\nMen,40,,,North,30,31\nWomen,60,,,South,70,72\n"
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    first, second = read_sheets(tmp_path)
    assert (first.by, second.by) == (("Sex",), ("Area", "year"))
    assert cells(second)["South", "2022"] == (72, 72)


def test_a_count_with_its_percentage_in_one_cell(tmp_path: Path) -> None:
    text = ",Men,Women\n<18,12 (10.0%),20 (11.1%)\n18+,c (90.0%),c (88.9%)\nTotal,120 (100%),180 (100%)\n"
    sheet = read_text(tmp_path, text)
    assert (sheet.by, sheet.unread) == (("age", "sex"), ())
    assert cells(sheet)["18+", "Men"] == (108, 108)


def test_headings_over_two_rows_and_numbers_of_columns(tmp_path: Path) -> None:
    text = (
        "Численность по возрасту;;;\nчеловек;;;\n;Всего;в том числе;\n;;мужчины;женщины\nА;1;2;3\nВсего;1 250;450;800\n"
        "из них в возрасте:;;;\nдо 18 лет;250;60;190\n18 лет и старше;1 000;390;610\n"
    )
    sheet = read_text(tmp_path, text)
    assert sheet.axes == (("_T", "до 18 лет", "18 лет и старше"), ("_T", "мужчины", "женщины"))


def test_marks_of_notes_are_no_part_of_a_label(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "Area [note 1],Men,Women\nNorth(1),10,20\nSouth*,30,40\nTotal [note 2],40,60\n")
    assert (sheet.by[0], sheet.axes[0]) == ("Area", ("_T", "North", "South"))


def test_labels_in_two_languages(tmp_path: Path) -> None:
    text = "Өңір / Регион,Барлығы / Всего,Ерлер / Мужчины,Әйелдер / Женщины\nАлматы,200,90,110\nАстана,100,40,60\n"
    sheet = read_text(tmp_path, text)
    assert sheet.by == ("Өңір / Регион", "sex")
    assert sheet.axes[1] == ("_T", "Ерлер / Мужчины", "Әйелдер / Женщины")


def test_other_units_in_a_file_of_eurostat_are_not_understood(tmp_path: Path) -> None:
    text = "unit,sex,geo,OBS_VALUE\nNR,T,AT,100\nNR,F,AT,60\nNR,M,AT,40\nP_HTHAB,T,AT,1.1\n"
    sheet = read_text(tmp_path, text)
    assert (sheet.by, sheet.unread) == (("sex", "geo"), ("unit P_HTHAB",))


CELLS = st.sampled_from(
    ["", "12", "3", "c", ":", "<5", "5-9", "12 (3%)", "4.5", "40%", "North", "  Alpha", "Total", "2022", "x"]
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=8))
@example(rows=[["12"], ["", "", "", "12"]])
def test_no_sheet_of_cells_crashes_the_reading(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "t.csv"
    path.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    with suppress(BadInput):
        for sheet in read_sheets(path):
            assert (sheet.lower <= sheet.upper).all()


def test_numbers_and_codes_of_rows_are_no_dimensions(tmp_path: Path) -> None:
    text = "No.,Area code,Area,Men,Women\n1,E1,North,10,20\n2,E2,South,30,40\n,,Total,40,60\n"
    sheet = read_text(tmp_path, text)
    assert sheet.by == ("Area", "sex")
    assert cells(sheet)["_T", "Women"] == (60, 60)


def test_an_empty_label_beside_another_is_a_total(tmp_path: Path) -> None:
    text = "Area,Age,Men,Women\nNorth,0-17,10,20\n,18+,30,40\n,Total,40,60\nSouth,,7,9\nTotal,,47,69\n"
    sheet = read_text(tmp_path, text)
    assert sheet.by == ("Area", "Age", "sex")
    assert cells(sheet)["South", "_T", "Men"] == (7, 7)
    assert cells(sheet)["North", "_T", "Men"] == (40, 40)
    assert cells(sheet)["_T", "_T", "Women"] == (69, 69)


def test_a_rate_beside_its_population_bounds_the_count(tmp_path: Path) -> None:
    text = "Area,Cases,Population,Rate per 100 000\nNorth,c,500 000,0.80\nSouth,86,1 000 000,8.60\nTotal,90,,\n"
    sheet = read_text(tmp_path, text)
    assert (sheet.by, sheet.unread) == (("Area",), ())
    assert cells(sheet)["North",] == (4, 4)


def test_figures_without_a_heading_are_not_passed_over(tmp_path: Path) -> None:
    rows = [["victims", 3], [None], ["Area", "Number"], ["North", 30], ["South", 70]]
    (sheet,) = read_sheets(typed.write_workbook(tmp_path / "t.xlsx", T=rows))
    assert (sheet.by, sheet.unread) == (("Area",), ("row 1",))


def test_numbers_inside_texts_are_not_passed_over(tmp_path: Path) -> None:
    text = "Area,Men,Women,Of them in shelters\nNorth,30,40,about 12\nSouth,70,60,no figure\n"
    assert read_text(tmp_path, text).unread == ("Of them in shelters",)
    assert not read_text(tmp_path, text.replace("about 12", "see text")).unread


def test_a_workbook_of_eurostat_with_columns_of_flags(tmp_path: Path) -> None:
    rows = [
        ["Data extracted on 01/02/2024"],
        ["Unit", "Number"],
        [None],
        ["TIME", "2020", None, "2021", None],
        ["GEO (Labels)"],
        ["Northland", 121, "b", 130, None],
        ["Southland", ":", "c", 45, None],
        ["Total", 300, None, ":", "c"],
        [None],
        ["Special value"],
        [":", "not available"],
    ]
    (sheet,) = read_sheets(typed.write_workbook(tmp_path / "t.xlsx", Sheet_1=rows))
    assert sheet.by == ("GEO (Labels)", "year")
    assert cells(sheet)["Northland", "2020"] == (121, 121)
    assert cells(sheet)["Southland", "2020"] == cells(sheet)["_T", "2021"] == (1, math.inf)
    assert not sheet.unread


def test_groups_of_rows_with_a_label_in_their_first_row(tmp_path: Path) -> None:
    rows = [
        ["Table 5: Referrals by quarter, type and age group"],
        ["Quarter", "Type", "Adult", "Child", "Total"],
        ["2023 Q1", "Labour", 500, 200, 700],
        [None, "Sexual", 100, "[c]", "[c]"],
        [None, "Total", 600, 260, 860],
        ["2023 Q2", "Labour", 510, 210, 720],
        [None, "Total", 610, 280, 890],
    ]
    (sheet,) = read_sheets(typed.write_workbook(tmp_path / "t.xlsx", T5=rows))
    assert sheet.by == ("Quarter", "Type", "column")
    assert cells(sheet)["2023 Q1", "Sexual", "_T"] == (1, math.inf)
    assert cells(sheet)["2023 Q2", "_T", "Child"] == (280, 280)


def test_sections_of_one_column_with_percentages(tmp_path: Path) -> None:
    rows = [
        ["", "Number", "Percent"],
        ["Total", 1000, "100.0"],
        ["Sex"],
        ["  Male", "c", "30.0"],
        ["  Female", 700, "70.0"],
        ["Age"],
        ["  0–17", 400, "40.0"],
        ["  18 or older", 600, "60.0"],
    ]
    sex, age = read_sheets(typed.write_workbook(tmp_path / "t.xlsx", T=rows))
    assert (sex.name, sex.by, age.by) == ("T: Sex", ("Sex",), ("Age",))
    assert cells(sex)["Male",] == (300, 300)


def test_a_change_in_percent_is_not_understood(tmp_path: Path) -> None:
    text = "Area,2021,2022,% change\nNorth,10,20,100.0%\nSouth,40,30,-25.0%\n"
    sheet = read_text(tmp_path, text)
    assert (sheet.axes[1], sheet.unread) == (("_T", "2021", "2022"), ("% change",))


def test_a_fault_names_the_sheet(tmp_path: Path) -> None:
    path = typed.write_workbook(
        tmp_path / "t.xlsx", Two=[["Area", "Men", "Women"], ["North", 10, "-"], ["South", 1, 2]]
    )
    with pytest.raises(BadInput, match="sheet Two: row 2, column Women: a dash can be zero"):
        read_sheets(path)


def test_tables_one_below_another_without_an_empty_row(tmp_path: Path) -> None:
    text = "Table 1,,\nSex,2021,2022\nMen,10,20\nWomen,30,40\nTable 2,,\nAge,2021,2022\n0-17,5,6\n18+,35,54\n"
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    first, second = read_sheets(tmp_path)
    assert (first.by, second.by) == (("Sex", "year"), ("Age", "year"))
    assert cells(second)["18+", "2022"] == (54, 54)


def test_a_count_that_looks_like_a_year_is_a_count(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "Area,Number of victims\nNorth,2013\nSouth,1990\nEast,12\n")
    assert cells(sheet) == {("North",): (2013, 2013), ("South",): (1990, 1990), ("East",): (12, 12)}
    two = read_text(tmp_path, "Area,Men,Women\nNorth,2013,1990\nSouth,12,2001\n")
    assert cells(two)["North", "Women"] == (1990, 1990)


def test_a_part_of_a_total_in_the_headings(tmp_path: Path) -> None:
    rows = [
        ["Таблица 1. Выявленные жертвы"],
        ["Регион", "2022", None, None, "2023", None, None],
        [None, "всего", "из них женщин", "%", "всего", "из них женщин", "%"],
        ["Север", 100, 60, "60.0", 110, 70, "63.6"],
        ["Юг", 50, "x", "x", 60, "x", "x"],
    ]
    (sheet,) = read_sheets(typed.write_workbook(tmp_path / "t.xlsx", T=rows))
    assert sheet.axes == (("_T", "Север", "Юг"), ("_T", "2022", "2023"), ("_T", "женщин"))
    assert cells(sheet)["Север", "2023", "_T"] == (110, 110)


def test_a_decimal_comma_is_no_separator(tmp_path: Path) -> None:
    text = "Область;Число потерпевших;Доля, %\nВсего;241;100,0\nСевер;180;74,7\nЮг;x;24,1\nЗапад;x;1,2\n"
    sheet = read_text(tmp_path, text)
    assert (sheet.by, sheet.unread) == (("Область",), ())
    assert cells(sheet)["Запад",] == (3, 3)
