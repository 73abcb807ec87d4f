"""Files of the UNODC questionnaire: a CSV file per table, a workbook, and T10 on sources and coverage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from kerege.publishing.exports import coverage
from kerege.publishing.exports.coverage import code_label
from kerege.publishing.exports.export_folder import open_export, write_csv
from kerege.publishing.exports.figure_finder import Finder, PublishedFigure
from kerege.publishing.exports.glotip import (
    QuestionnaireAnswer,
    QuestionnaireTable,
    answer_table,
    missing_specification,
    questionnaire,
)
from kerege.publishing.storage.published_tables import TOTAL, WITHHELD
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary import sdg

BOOK, SOURCES = "glotip.xlsx", "T10"
T10 = (
    "table",
    "title",
    "release_table",
    "source",
    "coverage",
    "figures",
    "suppressed",
    "not_in_the_releases",
    "remark",
)
FLOWS = {
    "domestic": "Exploited in the country of origin",
    "cross_border": "Exploited in another country",
    "not_reported": "Not reported",
}
GROUPS = {
    ("adult", "male"): "men",
    ("adult", "female"): "women",
    ("child", "male"): "boys",
    ("child", "female"): "girls",
}
ABOUT = f"""Tables for UNODC's questionnaire for the Global Report on Trafficking in Persons.

T1 to T9 are CSV files and sheets of {BOOK}; T10 says of each where its figures come from, whom they cover, and what the
releases of the year do not hold, with the table of a specification that would supply it. `_T` is the total; in the
column year it means all years up to the release. A suppressed figure is written as the word; it is not zero,
unless its note says that it can be.
Sources of crimes and programmes of help are shown side by side and are never added up.

{sdg.CAVEAT["en"]}
"""
Row = dict[str, object]
Sheets = dict[str, tuple[tuple[str, ...], list[Row]]]


def export(year_releases: YearReleases, out: Path, country: str) -> dict[str, object]:
    """Write T1 to T10 of a year to the folder `out` and return a summary. Raises BadInput."""
    finder = Finder(year_releases)
    answers = [answer_table(finder, table) for table in questionnaire(country)]
    sheets: Sheets = {item.asked.id: (_columns(item.asked), list(_rows(item))) for item in answers}
    sheets[SOURCES] = T10, [row for item in answers for row in _sources(year_releases, item)]
    missing = [item.asked.id for item in answers if not item.rows]
    with open_export(out, year_releases, "glotip", ABOUT, missing=missing) as directory:
        for name, (columns, rows) in sheets.items():
            write_csv(directory / f"{name}.csv", columns, rows)
        _book(sheets, year_releases).save(directory / BOOK)
    return {"tables": [item.asked.id for item in answers if item.rows], "missing": missing}


def _columns(question: QuestionnaireTable) -> tuple[str, ...]:
    labels = [f"{name}_label" for name in question.columns if name != "year"]
    group = ("group",) if {"sex", "age_group"} <= set(question.by) else ()
    return (*question.columns, *labels, *group, "count", "status", "note", "release_table")


def _rows(answered: QuestionnaireAnswer) -> Iterator[Row]:
    for keys, figure in answered.rows.items():
        codes = dict(zip(answered.asked.columns, keys, strict=True))
        labels = {
            f"{name}_label": _label(answered.asked.of, name, code) for name, code in codes.items() if name != "year"
        }
        group = GROUPS.get((codes.get("age_group", ""), codes.get("sex", "")), "")
        yield (
            codes | labels | ({"group": group} if "group" in _columns(answered.asked) else {}) | figure_columns(figure)
        )


def figure_columns(figure: PublishedFigure) -> Row:
    """Return the columns of a figure; a suppressed count is the word `suppressed`."""
    count: object = WITHHELD if figure.count is None else figure.count
    return {"count": count, "status": figure.status, "note": figure.words, "release_table": " ".join(figure.tables)}


def _label(of: str, name: str, code: str) -> str:
    return FLOWS[code] if name == "flow" and code != TOTAL else code_label(of, name, code)


def _sources(year_releases: YearReleases, answered: QuestionnaireAnswer) -> Iterator[Row]:
    """Yield the rows of T10: one per release table used, and one per part that the releases lack."""
    base: Row = {"table": answered.asked.id, "title": answered.asked.title}
    for name in answered.tables:
        figures = [figure for figure in answered.rows.values() if name in figure.tables]
        table = year_releases.tables[name]
        yield base | {
            "release_table": name,
            "source": coverage.describe_source(year_releases, table),
            "coverage": coverage.describe_coverage(year_releases, table),
            "figures": len(figures),
            "suppressed": sum(figure.status == WITHHELD for figure in figures),
            "remark": answered.asked.lacks,
        }
    for part in answered.missing:
        table_spec = missing_specification(answered.asked, part, year_releases.year)
        yield base | {
            "not_in_the_releases": f"not in the releases of this year; [[table]] {table_spec} would supply it"
        }


def _book(sheets: Mapping[str, tuple[tuple[str, ...], list[Row]]], year_releases: YearReleases) -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    created = datetime.fromisoformat(year_releases.releases[0].manifest.created).replace(tzinfo=None)
    book.properties.creator, book.properties.created, book.properties.modified = "Kerege", created, created
    for name, (columns, rows) in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(list(columns))
        for row in rows:
            sheet.append([row.get(column, "") for column in columns])
        for number, column in enumerate(columns, 1):
            sheet.cell(1, number).font = Font(bold=True)
            longest = max([len(str(row.get(column, ""))) for row in rows] + [len(column)])
            sheet.column_dimensions[get_column_letter(number)].width = min(60, longest + 2)
        sheet.freeze_panes = "A2"
    return book
