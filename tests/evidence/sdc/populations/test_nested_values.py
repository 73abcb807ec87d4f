"""Values of one column, and sheets of years, that can be nested although nothing says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.evidence.sdc.reading.options import PLAIN, ReadingOptions


def assessed(folder: Path, text: str, options: ReadingOptions = PLAIN) -> AttackReport:
    """Return the report on one CSV file."""
    (folder / "t.csv").write_text(text, encoding="utf-8")
    return assess_files(folder, [], 10, options)


NESTED = [
    "District,Registered,Solved\nA,60,{}\nB,80,33\n",
    ",Persons\nWith disability,60\nWithout disability,200\nWomen with disability,{}\nWomen without disability,120\n",
    "Region,Victims (exact),Victims of which foreigners\nNorth,60,{}\nSouth,110,40\n",
    "Outcome,Adult,Child\nPositive reasonable grounds,60,71\nPositive conclusive,{},40\n",
    "Area,Persons\nEngland and Wales,60\nEngland,{}\nScotland,91\n",
]


@pytest.mark.parametrize("text", NESTED)
@pytest.mark.parametrize(("part", "is_safe"), [(55, False), (50, True)])
def test_values_that_can_be_nested_with_few_people_between_them_are_undecided(
    tmp_path: Path, text: str, part: int, is_safe: bool
) -> None:
    report = assessed(tmp_path, text.format(part))
    assert report.safe is is_safe
    assert any("undecided: column" in note and "differ by 5 people" in note for note in report.notes) is not is_safe


def test_the_statement_that_nobody_has_two_values_makes_a_column_safe(tmp_path: Path) -> None:
    text = "Outcome,Adult,Child\nReasonable grounds,60,71\nConclusive,55,40\n"
    assert not assessed(tmp_path, text).safe
    assert assessed(tmp_path, text, ReadingOptions(single=frozenset({"Outcome"}))).safe


@pytest.mark.parametrize(
    "text",
    [
        "Outcome,Persons\nPositive,60\nNegative,55\nWithdrawn,70\nTotal,185\n",  # they sum to the total
        "Region,Persons\nNorth,60\nSouth,55\n",  # a classification by its name
        ",Persons\nUzbekistan,60\nTajikistan,55\n",  # countries
        "Persons by recruiter and helper\nRecruiter,Police,Doctors\nFriend,60,55\nAgency,80,33\n",  # by the title
    ],
)
def test_groups_without_common_people_are_safe(tmp_path: Path, text: str) -> None:
    assert assessed(tmp_path, text).safe


def years(folder: Path, *columns: tuple[int, int]) -> Path:
    """Write a workbook with a sheet for each year."""
    book = Workbook()
    book.remove(book.active)
    for year, column in enumerate(columns, 2022):
        for row in (("Region", "Assisted"), *zip(("North", "South"), column, strict=True)):
            (book[str(year)] if str(year) in book.sheetnames else book.create_sheet(str(year))).append(row)
    book.save(folder / "t.xlsx")
    return folder


@pytest.mark.parametrize(
    ("columns", "is_safe"),
    [
        (((40, 55), (45, 77)), False),
        (((40, 55), (60, 77)), True),
        (((40, 55), (45, 50)), True),  # South falls: no register
        (((40, 55), (45, 77), (44, 99)), True),
    ],
)
def test_sheets_of_years_in_which_no_figure_falls_can_be_a_register(
    tmp_path: Path, columns: tuple[tuple[int, int], ...], is_safe: bool
) -> None:
    """Five people came to North if each sheet counts everybody so far."""
    assert assess_files(years(tmp_path, *columns), [], 10, PLAIN).safe is is_safe


def test_a_statement_of_what_years_count_decides_sheets_and_columns_of_years(tmp_path: Path) -> None:
    one, whole = (ReadingOptions(is_cumulative=answer) for answer in (False, True))
    folder = years(tmp_path, (40, 55), (45, 77))
    assert assess_files(folder, [], 10, one).safe
    (folder / "t.xlsx").unlink()
    text = "Region,2023,2024\nNorth,40,45\nSouth,55,77\n"
    assert assessed(tmp_path, text, one).safe
    assert "say --cumulative, otherwise --one-period" in " ".join(assessed(tmp_path, text).notes)
    assert assessed(tmp_path, text, whole).disclosures


def test_values_that_sum_to_the_people_of_another_table_are_groups(tmp_path: Path) -> None:
    text = "Outcome,Persons\nPositive,60\nNegative,55\n"
    for women, is_safe in ((45, True), (46, False)):
        (tmp_path / "sex.csv").write_text(f"Sex,Persons\nMen,70\nWomen,{women}\n")
        assert assessed(tmp_path, text).safe is is_safe
