"""Headings that mix sexes and ages are a table by sex and a table by age."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.evidence.sdc.disclosure.intruder import examine
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
