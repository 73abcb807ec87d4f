"""Counts of releases in the variables and codes of the Counter-Trafficking Data Collaborative (CTDC).

CTDC publishes microdata and counts. This export gives counts only: one row per combination, in CTDC's variables and
values. The command `kerege export ctdc --records` exports microdata.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from kerege.publishing.exports import coverage
from kerege.publishing.exports.export_folder import open_export, write_csv
from kerege.publishing.exports.figure_finder import PublishedFigure, Slice, add_figures, table_filter
from kerege.publishing.storage.published_tables import TOTAL, WITHHELD, PublishedTable
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary import ctdc, sdg

FILE, NOTES = "ctdc_aggregates.csv", "coverage.csv"
COLUMNS = ("variables", "values", "count", "status", "lower", "upper", "note", "release_table")
ABOUT = f"""Counts of detected victims in the variables of the Counter-Trafficking Data Collaborative (CTDC).

{FILE}: `variables` and `values` have the same order, separated by semicolons; no variable is the total. {NOTES}
says of each table of the releases whom it covers, or why it was left out: the counts of two tables are not comparable
without it. Age bands of adults are written as they were counted, in CTDC's notation; a form of exploitation is the main
one of a person.

CTDC redacts sets of fewer than k = {ctdc.K}, so that no query returns fewer than {ctdc.LEAST}. Counts from 1 to
{ctdc.LEAST - 1} are therefore not shown here, whatever the threshold of a release was. A suppressed count is the word
*suppressed*; it is not zero, unless its note says that it can be. Shares are to be taken of the persons of whom
anything is reported in a group of variables.

{sdg.CAVEAT["en"]}
"""
Row = dict[str, object]
Pairs = tuple[tuple[str, str], ...]


def export(year_releases: YearReleases, out: Path) -> dict[str, object]:
    """Write the counts of a year to the folder `out` and return a summary. Raises BadInput."""
    tables = [table for table in year_releases.tables.values() if table.entry.of == "victims"]
    rows_by_table = {table.name: list(_rows(table)) for table in tables if not _unknown(table)}
    with open_export(out, year_releases, "ctdc", ABOUT) as directory:
        write_csv(directory / FILE, COLUMNS, (row for rows in rows_by_table.values() for row in rows))
        write_csv(
            directory / NOTES,
            ("release_table", "source", "coverage", "rows", "remark"),
            (_note(year_releases, table, rows_by_table.get(table.name)) for table in tables),
        )
    return {
        "file": str(out / FILE),
        "rows": sum(map(len, rows_by_table.values())),
        "tables": list(rows_by_table),
        "left_out": [table.name for table in tables if table.name not in rows_by_table],
    }


def _unknown(table: PublishedTable) -> list[str]:
    """Return the dimensions of a table that CTDC has no variable for."""
    known = {"year", *ctdc.COUNTRIES, *ctdc.AGGREGATES}
    return [name for name in table.by if name not in known]


def _rows(table: PublishedTable) -> Iterator[Row]:
    """Yield the rows whose every code has a CTDC value; codes with the same CTDC value are added."""
    by_pairs: dict[Pairs, list[PublishedFigure]] = {}
    for codes, figure in Slice(table, table.by, {}).rows():
        translated = [ctdc.aggregate(name, code) for name, code in zip(table.by, codes, strict=True) if code != TOTAL]
        pairs = _pairs(_filter(table) + translated)
        if pairs is not None:
            by_pairs.setdefault(pairs, []).append(figure)
    for pairs, figures in by_pairs.items():
        yield _row(pairs, add_figures(figures))


def _pairs(translated: Sequence[tuple[str, str] | None]) -> Pairs | None:
    """Return the pairs, or None when one code has no CTDC value."""
    known = tuple(pair for pair in translated if pair is not None)
    return known if len(known) == len(translated) else None


def _filter(table: PublishedTable) -> list[tuple[str, str] | None]:
    """Return the filter conditions that CTDC can express; the coverage file states the others."""
    single = [(name, next(iter(values))) for name, values in sorted(table_filter(table).items()) if len(values) == 1]
    return [pair for name, code in single if (pair := ctdc.aggregate(name, code))]


def _row(pairs: Pairs, figure: PublishedFigure) -> Row:
    is_suppressed = figure.count is None or 0 < figure.count < ctdc.LEAST
    low, high = ("", "") if is_suppressed or figure.bounds is None else figure.bounds
    words = PublishedFigure(None, WITHHELD, (), can_be_zero=figure.can_be_zero).words if is_suppressed else figure.words
    return {
        "variables": ";".join(name for name, _ in pairs),
        "values": ";".join(value for _, value in pairs),
        "count": WITHHELD if is_suppressed else figure.count,
        "status": WITHHELD if is_suppressed else figure.status,
        "lower": low,
        "upper": high,
        "note": words,
        "release_table": " ".join(figure.tables),
    }


def _note(year_releases: YearReleases, table: PublishedTable, rows: list[Row] | None) -> Row:
    columns = ", ".join(coverage.column_title("victims", name) for name in _unknown(table))
    return {
        "release_table": table.name,
        "source": coverage.describe_source(year_releases, table),
        "coverage": coverage.describe_coverage(year_releases, table),
        "rows": len(rows or []),
        "remark": f"left out: CTDC has no variable for {columns}" if columns else "",
    }
