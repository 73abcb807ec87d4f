"""Layouts of statistics offices, police and agencies: 9 people are found, and 10 are safe.

The layouts are those in which a fourth and a fifth set of invented files had disclosures that were called safe, or safe
files that were called disclosed. All figures are invented.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.evidence.sdc.reading.options import PLAIN

Row = Sequence[object]
VERSIONS = ["Referrals by area, as first published and as revised"]
Book = Mapping[str, Sequence[Row]]  # rows of each sheet by title


def assess(folder: Path, sheets: Book) -> AttackReport:
    """Return the report on a workbook."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(list(row))
    book.save(folder / "t.xlsx")
    return assess_files(folder, [], 10, PLAIN)


def police_keys(few: int) -> Book:
    """Return offences whose keys say which are parts of which."""
    rows = [
        ["Schlüssel", "Straftat", "Opfer insgesamt", "männlich", "weiblich"],
        ["------", "Straftaten insgesamt", 165 + few, 75 + few, 90],
        ["232000", "Menschenhandel", 105 + few, 45 + few, 60],
        ["232010", "- darunter Ausbeutung", 65 + few, 25 + few, 40],
        ["232011", "sexuelle Ausbeutung", 40, 25, 15],
        ["232012", "Bettelei", "x", "x", "x"],
        ["232020", "Organhandel", 40, 20, 20],
        ["233000", "Zwangsarbeit", 60, 30, 30],
    ]
    return {"T91": rows}


def codes_with_zeros(few: int) -> Book:
    """Return regions behind codes that begin with 0."""
    head = ["Kod", "Nazwa", "ogółem", "0-17", "18 i więcej"]
    rows = [["0200000", "POLSKA", 120, 40 + few, 80 - few], ["0400000", "OPOLSKIE", 50, "#", "#"]]
    return {"BDL": [head, *rows, ["1400000", "MAZOWIECKIE", 70, 40, 30]]}


def units_below_headings(few: int) -> Book:
    """Return a table with `no.` below each heading, and indents."""
    head = [["", "Males", "Females", "Persons(a)"], ["", "no.", "no.", "no."]]
    parts = [["   Greater Sydney", "np", 38, 78], ["   Rest of NSW", "np", "np", 30]]
    return {"T1": [*head, ["New South Wales", 70 - few, 38 + few, 108], *parts, ["Victoria", 44, 53, 97]]}


def subtotals_of_quarters(few: int) -> Book:
    """Return months with subtotals that name their quarter."""
    head = ["Month 2024", "Female", "Male", "Total"]
    first = [["January", 26, 16, 42], ["February", "x", "x", "x"], ["March", 12, 30, 42]]
    second = [["April", 18, 29, 47], ["May", 17, 20, 37], ["June", 33, 14, 47], ["Q2 subtotal", 68, 63, 131]]
    return {"m": [head, *first, ["Q1 subtotal", 38 + few, 66, 104 + few], *second]}


def headings_in_two_languages(few: int) -> Book:
    """Return ages in English and in French that overlap."""
    english = [["Age group", "Female", "Male"], ["0 to 14", 27, 17], ["15 to 29", 47, 54], ["30 and above", 38, 30]]
    french = [["Groupe d'âge", "Femmes", "Hommes"], ["Moins de 18 ans", 55, 17 + few]]
    french += [["18 à 29 ans", 19, 54 - few], ["30 ans et plus", 38, 30]]
    return {"Data": english, "Données": french}


def countries_with_two_names(few: int) -> Book:
    """Return countries with their older names beside women by country."""
    everybody = [["Country of citizenship", "Victims"], ["Czech Republic", 40], ["Turkey", 43], ["Total", 83]]
    women = [["Citizenship", "Female victims"], ["Czechia", 20], ["Türkiye", 43 - few], ["Total", 63 - few]]
    return {"Citizenship": everybody, "Gender": women}


def labels_in_two_languages(few: int) -> Book:
    """Return regions in two columns, one for each language."""
    head = ["Өңір", "Регион", "Ерлер / Мужчины", "Әйелдер / Женщины", "Барлығы / Всего"]
    rows = [["Барлығы", "Всего", 60 + few, 90, 150 + few], ["Ақмола", "Акмола", 30, 40, 70]]
    return {"1": [head, *rows, ["Ақтөбе", "Актобе", "x", 20, 20 + few], ["Атырау", "Атырау", 30, 30, 60]]}


@pytest.mark.parametrize(
    "layout",
    [
        *(police_keys, codes_with_zeros, units_below_headings, subtotals_of_quarters),
        *(headings_in_two_languages, countries_with_two_names, labels_in_two_languages),
    ],
    ids=lambda layout: layout.__name__,
)
def test_nine_people_are_found_and_ten_are_safe(tmp_path: Path, layout: Callable[[int], Book]) -> None:
    assert not assess(tmp_path, layout(9)).safe
    report = assess(tmp_path, layout(10))
    assert report.safe, report.notes


def test_a_column_that_numbers_the_rows_is_no_dimension(tmp_path: Path) -> None:
    head = "REF_DATE,GEO,DGUID,Sex of victim,VECTOR,COORDINATE,VALUE,STATUS"
    figures = {"Canada": (60, 90, 150), "Ontario": (51, 60, 111), "Quebec": ("", 30, 39)}
    for few, is_safe in ((9, False), (10, True)):
        rows, number = [head], 0
        for place, (name, (men, women, both)) in enumerate(figures.items()):
            more = few - 9 if name != "Ontario" else 0
            cells = (men if men == "" else men + more, women, both + more)
            for sex, figure in zip(("Male victims", "Female victims", "Total, sex of victim"), cells, strict=True):
                number += 1
                mark = "x" if figure == "" else ""
                rows.append(f'2022,{name},2016A{place},"{sex}",v{100 + number},1.{place}.{number},{figure},{mark}')
        (tmp_path / "t.csv").write_text("\n".join(rows) + "\n")
        assert assess_files(tmp_path, [], 10, PLAIN).safe is is_safe


@pytest.mark.parametrize(
    ("sheets", "column"),
    [
        (
            {"1": [["Area", "People"], ["A", 50], ["B", 60]], "Rate": [["Area", "F"], ["A", 1.5], ["B", 2.25]]},
            "figures",
        ),
        ({"1": [VERSIONS, ["Area", "Q1 2024 [p]", "Q1 2024 [r]"], ["A", 50, 59], ["B", 60, 80]]}, "[p]"),
        ({"1": [["Year ending", "Men"], ["March 2024", 98], ["June 2024", 67]]}, "Year ending"),
        ({"1": [["Area", "2023", "Change on 2022"], ["A", 50, 12], ["B", 60, 20]]}, "Change"),
        ({"1": [["", "North", "South"], ["Victims", 50, 60], ["Mean age", 24, 27]]}, "Mean age"),
        ({"1": [["Area", "In the year", "Total to date"], ["A", "c", 162], ["B", 50, 60]]}, "Total to date"),
        ({"1": [["Area", "People", "Per million population"], ["A", "c", 21.8], ["B", 50, 2.5]]}, "Per million"),
        ({"1": [["Area", "People", "Prevalence in the population"], ["A", "c", 21.8], ["B", 50, 2.5]]}, "Prevalence"),
        ({"1": [["Year", "Found", "Met"], [2021, 30, 130], [2022, "c", 139], [2023, 25, 164], [2024, 40, 204]]}, "Met"),
    ],
    ids=(
        *("decimals alone", "versions", "rolling years", "changes", "a row of means", "a running total", "a rate"),
        *("a rate in other words", "a running total in other words"),
    ),
)
def test_numbers_that_are_not_understood_are_undecided(tmp_path: Path, sheets: Book, column: str) -> None:
    report = assess(tmp_path, sheets)
    assert not report.safe
    assert any("undecided" in note and column in note for note in report.notes)


def test_a_note_says_that_a_mark_is_a_suppressed_figure(tmp_path: Path) -> None:
    """A mark such as `nd` can mean zero; a figure from 1 to 9 is disclosed, one from 0 to 10 is not."""
    rows = [["", "Femmes", "Hommes"], ["15 à 17 ans", "nd", 40], ["18 à 20 ans", "nd", 50], ["Ensemble", 10, 90]]
    assert assess(tmp_path, {"1": rows}).safe
    report = assess(tmp_path, {"1": [*rows, ["nd : non diffusé (secret statistique)"]]})
    assert report.disclosures


def test_a_list_without_headings_is_read_beside_another_table(tmp_path: Path) -> None:
    regions = [["Region", "Women", "Men"], ["East", 57, "x"], ["West", 54, 65], ["Centre", 52, 57]]
    for men, is_safe in ((131, False), (132, True)):
        national = [["Victims by sex"], ["Women", 163], ["Men", men], ["All", 163 + men]]
        assert assess(tmp_path, {"Regions": regions, "National": national}).safe is is_safe


def test_no_list_is_lost_when_another_one_follows(tmp_path: Path) -> None:
    lists = [["By sex"], ["Men", 150], ["Women", 230], ["Total", 380], []]
    few = [["By sex, adults only"], ["Men", 141], ["Women", 130], ["Total", 271]]
    assert not assess(tmp_path, {"1": [*lists, *few]}).safe


def test_years_below_a_heading_of_another_name_are_labels(tmp_path: Path) -> None:
    """Headings such as `Form` can name the columns; figures are no labels. Two suppressed ones sum to 10."""
    for both, is_safe in ((10, False), (11, True)):
        years = [[2022, 150 + both, 150, "c", "c"], [2023, 260, 149, 84, 27], [2024, 310, 160, 90, 60]]
        rows = [["Form", "All forms", "Sexual", "Labour", "Other"], *years]
        assert assess(tmp_path, {"1": rows}).safe is is_safe
