"""Omissions of a report: tables that no release holds, and sentences with suppressed numbers.

A report leaves out a sentence whose numbers are not published. It must say so, and name the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kerege.publishing.report.chapters import CHAPTERS
from kerege.publishing.report.facts import Facts, TextFact
from kerege.publishing.report.figures import ReportFigure, SeriesFigure
from kerege.publishing.report.proof import Sentence
from kerege.publishing.report.prose import Prose
from kerege.publishing.report.templates import Entries
from kerege.publishing.storage.published_tables import OTHERS, PublishedTable
from kerege.publishing.storage.year_releases import YearReleases


def is_incomplete(prose: Prose, text: Mapping[str, Entries], figure: ReportFigure, common: Facts) -> bool:
    """Return whether a figure lacks its first heading or a sentence, because a number is suppressed.

    `text` holds the wordings of the figure; those of the heading are in order of preference.
    """
    finding = text["finding"]
    heading = finding[:1] if isinstance(finding, list) else [finding]
    facts = common | figure.facts
    is_shortened = any(prose.omits(entry, facts) for entry in [*heading, *text["sentences"]])
    return is_shortened and has_suppressed_cells(figure.tables)


def has_suppressed_cells(tables: Iterable[PublishedTable]) -> bool:
    """Return whether a table suppresses a number, or shows small categories only together."""
    return any(row.cell.count is None or OTHERS in row.keys for table in tables for row in table.rows)


def missing_tables(year_releases: YearReleases) -> list[str]:
    """Return the names of the tables of the report that no release of the year holds."""
    builders = [builder for _, figures in CHAPTERS for builder in figures]
    names = [
        name
        for builder in builders
        for name in ([table for _, table in builder.tables] if isinstance(builder, SeriesFigure) else [builder.table])
    ]
    return [name for name in dict.fromkeys(["assisted", *names]) if year_releases.table(name) is None]


def tables_without_sentences(prose: Prose, figures: Mapping[str, ReportFigure], common: Facts) -> list[str]:
    """Return the names of the tables that suppress a number which a sentence of their figure needs."""
    names = [
        table.name
        for figure in figures.values()
        if is_incomplete(prose, prose.localiser.text["figure"][figure.id], figure, common)
        for table in figure.tables
    ]
    return list(dict.fromkeys(names))


def describe_omissions(
    prose: Prose, year_releases: YearReleases, figures: Mapping[str, ReportFigure], common: Facts
) -> list[Sentence]:
    """Return a sentence on missing tables and one on omitted sentences, [] when nothing is omitted."""
    text = prose.localiser.text["method"]
    omissions = (
        ("missing_tables", missing_tables(year_releases)),
        ("omitted_sentences", tables_without_sentences(prose, figures, common)),
    )
    return [
        prose.first(text[name], common | {"tables": TextFact(", ".join(tables))})
        for name, tables in omissions
        if tables
    ]
