"""Report in one language: everything that a page, a PDF or a press release prints, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kerege.publishing.report import context, prevalence_section
from kerege.publishing.report.cell_index import CellIndex
from kerege.publishing.report.facts import (
    CountFact,
    DayFact,
    Facts,
    ShareFact,
    TextFact,
    address,
    count_fact,
    share_fact,
)
from kerege.publishing.report.figure_drawing import Caption, draw_figure
from kerege.publishing.report.figure_sections import SECTIONS, build_figures, shared_facts, whole_year_facts
from kerege.publishing.report.figures import Grid, GridRow, ReportFigure
from kerege.publishing.report.localiser import Localiser, get_localiser, lower_first
from kerege.publishing.report.omissions import describe_omissions, is_incomplete
from kerege.publishing.report.prevalence_section import DetectedView
from kerege.publishing.report.proof import Sentence
from kerege.publishing.report.prose import Prose
from kerege.publishing.report.views import FigureView, TableRow, csv_name
from kerege.publishing.storage.published_tables import TOTAL
from kerege.publishing.storage.year_releases import YearReleases

MOST_KEYS = 4  # key figures that fit one printed line


@dataclass(frozen=True)
class SectionView:
    """Section of the report in one language."""

    id: str
    title: str
    intro: str
    figures: tuple[FigureView, ...]


@dataclass(frozen=True)
class ReportDocument:
    """Whole report in one language."""

    lang: str
    year: int
    text: dict[str, Any]
    prose: Prose
    facts: Facts
    invented: bool
    title: str
    subtitle: str
    lead: Sentence
    more: tuple[Sentence, ...]
    keys: tuple[tuple[Sentence, str], ...]
    sections: tuple[SectionView, ...]
    detected: DetectedView
    world: tuple[context.Quote, ...]
    method: tuple[Sentence, ...]
    omissions: tuple[str, ...]  # tables that are missing, and sentences that need a suppressed number
    caveats: tuple[str, ...]
    sources: tuple[dict[str, str], ...]
    hotline: str
    hotline_sentence: str
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def year_label(self) -> str:
        """Return the year as text, so that it is never formatted with a thousands separator."""
        return str(self.year)

    @property
    def figures(self) -> dict[str, FigureView]:
        """Return the figures by id."""
        figures = [*(figure for section in self.sections for figure in section.figures), *self.detected.figures]
        return {figure.id: figure for figure in figures}


def compose(year_releases: YearReleases, lang: str) -> ReportDocument:
    """Return the report of a year in a language."""
    localiser, figures_by_id = get_localiser(lang), build_figures(year_releases)
    prose = write_prose(localiser, year_releases)
    facts = (
        shared_facts(year_releases, figures_by_id)
        | _facts_of_year(year_releases, figures_by_id)
        | context.context_facts(year_releases.year)
    )
    facts |= prevalence_section.estimate_facts(year_releases, localiser)
    sections = tuple(_section(prose, year_releases, name, figures_by_id, facts) for name, _ in SECTIONS)
    text = localiser.text
    facts |= {"site_title": TextFact(text["site"]["title"])}
    facts |= {"site_subtitle": TextFact(localiser.fill(text["site"]["subtitle"], facts))}
    omissions = describe_omissions(prose, year_releases, figures_by_id, facts)
    return ReportDocument(
        lang=lang,
        year=year_releases.year,
        text=text,
        prose=prose,
        facts=facts,
        invented=year_releases.invented,
        title=text["site"]["title"],
        subtitle=localiser.fill(text["site"]["subtitle"], facts),
        lead=prose.first(text["lead"]["main"], facts),
        more=tuple(prose.sentences(text["lead"]["more"], facts)),
        keys=tuple(_keys(prose, facts)),
        sections=sections,
        detected=prevalence_section.build_section(prose, year_releases, facts),
        world=context.quotes(lang),
        method=(
            *prose.sentences([*text["method"]["paragraphs"], *text["method"]["withheld"]], facts),
            *omissions,
        ),
        omissions=tuple(omissions),
        caveats=tuple(prose.sentences(text["method"]["caveats"], facts)),
        sources=tuple(_source(localiser, release) for release in year_releases.releases),
        hotline=context.hotline_number(),
        hotline_sentence=localiser.fill(text["site"]["hotline"], facts),
        labels={
            name: localiser.fill(text["site"][name], facts)
            for name in ("hotline_short", "missing", "as_of", "published")
        }
        | {"cite": localiser.fill(text["method"]["cite"], facts)},
    )


def write_prose(localiser: Localiser, year_releases: YearReleases) -> Prose:
    """Return the writer of sentences about the tables of a year."""
    folders = {release.digest: release.path.name for release in year_releases.releases}
    releases = {table.name: folders.get(table.release_digest, "") for table in year_releases.tables.values()}
    return Prose(localiser, CellIndex(year_releases.tables), releases)


def _facts_of_year(year_releases: YearReleases, figures_by_id: dict[str, ReportFigure]) -> Facts:
    newest = year_releases.releases[0]
    last = figures_by_id["assisted-by-year"].facts.get("state_last")
    reference_date = newest.as_of or newest.created
    is_partial = (
        isinstance(last, TextFact)
        and last.text == str(reference_date.year)
        and (reference_date.month, reference_date.day) < (12, 31)
    )
    tables = {table.name: table for figure in figures_by_id.values() for table in figure.tables}
    cells = [row.cell for table in tables.values() for row in table.rows]
    return whole_year_facts(year_releases.table("state_assisted_by_year"), reference_date) | {
        "threshold": CountFact(newest.threshold),
        "threshold_less": CountFact(newest.threshold - 1),
        "as_of": DayFact(reference_date),
        "if_partial": TextFact("") if is_partial else None,
        "created": DayFact(newest.created),
        "cells_all": CountFact(len(cells)),
        "cells_withheld": CountFact(sum(cell.count is None for cell in cells)),
    }


def _keys(prose: Prose, facts: Facts) -> list[tuple[Sentence, str]]:
    """Return value and caption of the key figures: the first four whose facts are published."""
    key_figures = []
    nouns = {"assisted": "people", "whole_n": "people", "crimes_half": "crimes"}
    for name, caption in prose.localiser.text["key"].items():
        captions = prose.sentences([caption], facts)
        if captions and facts.get(name) is not None:
            value = Sentence.of(prose.number(facts[name], nouns.get(name)))
            key_figures.append((value, lower_first(captions[0])))
    return key_figures[:MOST_KEYS]


def _source(localiser: Localiser, release: Any) -> dict[str, str]:
    return {
        "title": release.title.get(localiser.lang, ""),
        "created": localiser.day(release.created),
        "as_of": localiser.day(release.as_of) if release.as_of else "",
        "digest": release.digest,
        "folder": release.path.name,
    }


def _section(
    prose: Prose, year_releases: YearReleases, name: str, figures_by_id: dict[str, ReportFigure], facts: Facts
) -> SectionView:
    text = prose.localiser.text["section"][name]
    ids = next(members for section, members in SECTIONS if section == name)
    views = tuple(view_figure(prose, year_releases, figures_by_id[member.id], facts) for member in ids)
    return SectionView(name, text["title"], prose.first(text.get("intro", ""), facts), views)


def view_figure(prose: Prose, year_releases: YearReleases, figure: ReportFigure, common: Facts) -> FigureView:
    """Return a figure in words, with its chart and its table."""
    localiser = prose.localiser
    text = localiser.text["figure"][figure.id]
    facts = common | figure.facts
    heading = prose.first(text["finding"], facts, is_heading=True)
    if not figure.published or figure.grid is None:
        return FigureView(figure.id, heading, False, missing=localiser.fill(localiser.text["site"]["missing"], facts))
    alt = prose.first(text["alt"], facts)
    columns = _columns(localiser, figure.grid, text["row"])
    return FigureView(
        id=figure.id,
        heading=heading,
        published=True,
        alt=alt,
        note=prose.first(text["note"], facts),
        unit=localiser.text["units"][figure.noun],
        cohort=prose.first(localiser.text["cohort"][figure.cohort], facts),
        source=_figure_source(localiser, year_releases, figure),
        sentences=tuple(prose.sentences(text["sentences"], facts)),
        columns=columns,
        rows=tuple(_row(prose, figure, figure.grid, line) for line in figure.grid.lines),
        tables=tuple(table.name for table in figure.tables),
        drawing=draw_figure(figure, localiser, Caption(heading, alt, year_releases.invented)),
        protection=tuple(_protection(prose, figure, is_incomplete(prose, text, figure, common))),
        csv=tuple((csv_name(year_releases, table.name), table.name) for table in figure.tables),
    )


def _protection(prose: Prose, figure: ReportFigure, has_omission: bool) -> list[Sentence]:
    """Return the notes on how the figure's table is protected, and on the sentences that this omits."""
    words = prose.localiser.text["words"]
    notes = [words["withheld_note"]] if figure.withheld else []
    notes += [words["together_note"]] if figure.together else []
    notes += [words["omitted_note"]] if has_omission else []
    return prose.sentences([*notes, words["rounded_note"]], figure.rounding)


def _figure_source(localiser: Localiser, year_releases: YearReleases, figure: ReportFigure) -> str:
    releases = {year_releases.release_of(table).digest: year_releases.release_of(table) for table in figure.tables}
    titles = "; ".join(
        f"{release.title.get(localiser.lang, '')}, {localiser.day(release.created)}" for release in releases.values()
    )
    names = ", ".join(table.name for table in figure.tables)
    return f"{titles} ({localiser.text['words']['table'].lower()}: {names})"


def _columns(localiser: Localiser, grid: Grid, row_head: str) -> tuple[str, ...]:
    words = localiser.text["words"]
    if grid.columns:
        return (row_head, *(localiser.head(grid.column_list, code) for code in grid.columns))
    return (row_head, words["count"], *([words["share"]] if grid.whole else []))


def _row(prose: Prose, figure: ReportFigure, grid: Grid, line: GridRow) -> TableRow:
    cells = [prose.cell(cell, _address(figure, grid, line, place)) for place, cell in enumerate(line.cells)]
    if grid.whole and not grid.columns:
        cells.append(_share(prose, figure, grid, line))
    return TableRow(prose.localiser.head(line.list, line.code), tuple(cells), line.code == TOTAL)


def _address(figure: ReportFigure, grid: Grid, line: GridRow, place: int) -> str:
    """Return the address of a cell of the figure's table."""
    codes = line.code.split(">")
    if grid.column_list == "series":
        return address(figure.tables[place].name, *codes)
    return address(figure.tables[0].name, *codes, *grid.columns[place : place + 1])


def _share(prose: Prose, figure: ReportFigure, grid: Grid, line: GridRow) -> Sentence:
    cell = line.cells[0]
    if cell is None or cell.count is None:
        return prose.cell(cell, "")
    part = share_fact(count_fact(cell, _address(figure, grid, line, 0)), grid.whole)
    return Sentence.of(prose.number(part) if isinstance(part, ShareFact) else [])
