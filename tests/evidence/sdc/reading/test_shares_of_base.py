"""Shares whose number a table, title, heading or note states: they give counts away like counts."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from openpyxl import Workbook

from kerege.evidence.sdc.disclosure.intruder import report
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.reading.grid import read_csv_grid
from kerege.evidence.sdc.reading.shares_of_base import with_counts_of_shares

THRESHOLD = 10
ROW = 'Sex,Share\nMen,{men} %\nWomen,{women} %\n"Total, number of persons",{n}\n'
FORMS = [
    ROW,
    "Sex;Share, %\nMen;{men}\nWomen;{women}\nNumber of persons;{n}\n",
    "Sex,Percent\nMen,{men}\nWomen,{women}\nTotal,100\nBase,{n}\n",
    "Victims by sex (of {n} persons)\nSex,%\nMen,{men}\nWomen,{women}\nTotal,100\n",
    "Victims by sex\n\nSex,%\nMen,{men}\nWomen,{women}\n\nNote: n = {n}\n",
    "Sex,Victims (n = {n})\nMen,{men} %\nWomen,{women} %\n",
    "Group,Men,Women,Number of persons\nVictims,{men} %,{women} %,{n}\n",
    'Indicator,2024\nTotal number of victims,{n}\n"Men, %",{men}\n"Women, %",{women}\n',
    "sex,value\nMen,{men}%\nWomen,{women}%\nTotal,{n}\n",
    "Пол;Доля, %\nМужчины;{men}\nЖенщины;{women}\nВсего, человек;{n}\n",
    "Жертвы по полу (из {n} человек)\nПол;%\nМужчины;{men}\nЖенщины;{women}\n",
    "Жынысы;Үлесі, %\nЕрлер;{men}\nӘйелдер;{women}\nБарлығы, адам;{n}\n",
    "Жәбірленушілер, {n} адам\nЖынысы;Үлесі, %\nЕрлер;{men}\nӘйелдер;{women}\n",
]


def printed(count: int, number: int, digits: int) -> str:
    """Return a share in per cent as a statistical office rounds it."""
    units = (Fraction(200 * 10**digits * count, number) + 1) // 2
    return f"{units // 10**digits}.{units % 10**digits:0{digits}d}" if digits else str(units)


def fitting(number: int, men: str, women: str, digits: int) -> list[int]:
    """Return every number of men that both printed shares allow, by trying all of them."""
    half = Fraction(1, 2 * 10**digits)

    def fits(count: int, text: str) -> bool:
        return abs(Fraction(100 * count, number) - Fraction(text)) <= half

    return [count for count in range(number + 1) if fits(count, men) and fits(number - count, women)]


def is_safe(counts: list[int]) -> bool:
    low, high = min(counts), max(counts)
    return low >= THRESHOLD or (high >= THRESHOLD and high - low >= THRESHOLD - 1)


def assess(folder: Path, text: str) -> AttackReport:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return report(Publication.read(path), [], THRESHOLD)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("men", "number", "expected"),
    [(4, 125, [4]), (9, 125, [9]), (10, 125, None), (30, 125, None), (4, 4000, [2, 6]), (25, 40_000, None)],
)
def test_small_count_is_disclosed_and_its_twin_is_safe(
    tmp_path: Path, form: str, men: int, number: int, expected: list[int] | None
) -> None:
    shares = {"men": printed(men, number, 1), "women": printed(number - men, number, 1)}
    result = assess(tmp_path, form.format(n=number, **shares))
    assert not result.undecided, result.notes
    assert bool(result.disclosures) is (expected is not None)
    if expected is not None:
        assert [result.disclosures[0].lower, result.disclosures[0].upper] == [expected[0], expected[-1]]


@pytest.mark.parametrize("digits", [0, 1, 2])
@pytest.mark.parametrize("number", [11, 40, 97, 125, 250, 641, 1200])
def test_verdict_is_that_of_all_counts_that_fit(tmp_path: Path, number: int, digits: int) -> None:
    for men in {1, 2, 4, 7, 9, 10, 11, 14, 25, number // 3, number - 10, number - 9, number - 1} & {*range(1, number)}:
        shares = printed(men, number, digits), printed(number - men, number, digits)
        counts = fitting(number, *shares, digits)
        result = assess(tmp_path, ROW.format(n=number, men=shares[0], women=shares[1]))
        expected = is_safe(counts) and is_safe([number - count for count in counts])
        assert result.safe is expected, (number, men, shares, counts, result.notes)


def test_shares_of_each_column_and_row_are_of_its_own_number(tmp_path: Path) -> None:
    by_row = "Form,2023,2024\nLabour,3.2 %,40.0 %\nSexual,96.8 %,60.0 %\nNumber of persons,125,1000\n"
    by_column = "Year,Labour,Sexual,Number of persons\n2023,3.2 %,96.8 %,125\n2024,40.0 %,60.0 %,1000\n"
    for text in (by_row, by_column):
        disclosures = assess(tmp_path, text).disclosures
        assert {(finding.lower, finding.upper) for finding in disclosures} == {(4, 4)}


def test_counts_of_another_table_narrow_the_shares(tmp_path: Path) -> None:
    """2 % of 400 is 6 to 10 men; 390 women in another table leave ten, 392 leave eight."""
    (tmp_path / "shares.csv").write_text('Sex,Share\nMen,2 %\nWomen,98 %\n"Total, number of persons",400\n')
    for women, is_disclosed in ((390, False), (392, True)):
        (tmp_path / "counts.csv").write_text(f"Sex,Count\nMen,x\nWomen,{women}\nTotal,400\n")
        assert bool(report(Publication.read(tmp_path), [], THRESHOLD).disclosures) is is_disclosed


def test_workbook_with_percent_format_gives_the_four_men_away(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["Sex", "Share"], ["Men", 0.032], ["Women", 0.968], ["Total, number of persons", 125]]:
        sheet.append(row)
    for cell in ("B2", "B3"):
        sheet[cell].number_format = "0.0%"
    book.save(tmp_path / "book.xlsx")
    assert [(f.lower, f.upper) for f in report(Publication.read(tmp_path / "book.xlsx"), [], 10).disclosures] == [
        (4, 4)
    ]


def test_fractions_of_one_are_shares(tmp_path: Path) -> None:
    result = assess(tmp_path, "Sex,Share\nMen,0.032\nWomen,0.968\nNumber of persons,125\n")
    assert [(finding.lower, finding.upper) for finding in result.disclosures] == [(4, 4)]


@pytest.mark.parametrize(
    "text",
    [
        "Sex,Share\nMen,3.2 %\nWomen,96.8 %\n",  # no number
        "Sex,Share\nMen,3.3 %\nWomen,96.7 %\nNumber of persons,125\n",  # no count of 125 is 3.3 %
        "Victims (of 125 persons)\nSex,%\nMen,3.2\nWomen,96.8\nNote: 110 persons were asked\n",  # two numbers
        "Note: fewer than 5 persons are suppressed\nSex,%\nMen,3.2\nWomen,96.8\n",  # a rule
        "Region,Persons,Men %\nNorth,125,3.2 %\nSouth,300,5.0 %\n",  # a share of a row or of a column
    ],
)
def test_shares_of_no_stated_number_stay_as_they_are(text: str) -> None:
    grid = read_csv_grid(text)
    assert with_counts_of_shares(grid) is grid
