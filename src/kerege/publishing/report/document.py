"""Report in one language: everything that a page, a PDF or a press release prints, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kerege.publishing.report import context, prevalence_section
from kerege.publishing.report.cell_index import CellIndex
from kerege.publishing.report.chapters import CHAPTERS, build_figures, crime_facts, shared_facts, whole_year_facts
from kerege.publishing.report.facts import CountFact, DayFact, Facts, TextFact
from kerege.publishing.report.figure_view import view_figure
from kerege.publishing.report.figures import ReportFigure
from kerege.publishing.report.front import EstimateBox, FrontTile, PressQuote, build_estimate, build_quotes, build_tiles
from kerege.publishing.report.localiser import Localiser, get_localiser
from kerege.publishing.report.omissions import describe_omissions
from kerege.publishing.report.proof import Sentence
from kerege.publishing.report.prose import Prose
from kerege.publishing.report.views import FigureView
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary import profile

SERIES = {"contacts": "contacts_by_year", "campaigns": "campaigns_by_year"}


@dataclass(frozen=True)
class ChapterView:
    """Chapter of the report in one language: its finding, three points, figures and limits."""

    id: str
    title: str
    finding: Sentence
    bullets: tuple[Sentence, ...]
    figures: tuple[FigureView, ...]
    limits: tuple[Sentence, ...]


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
    tiles: tuple[FrontTile, ...]
    estimate: EstimateBox
    quotes: tuple[PressQuote, ...]
    chapters: tuple[ChapterView, ...]
    undetected: tuple[Sentence, ...]  # how the estimate was made and what it says, at length
    world: tuple[context.Quote, ...]
    method: tuple[Sentence, ...]
    omissions: tuple[str, ...]  # tables that are missing, and sentences that need a suppressed number
    caveats: tuple[Sentence, ...]
    sources: tuple[dict[str, str], ...]
    release: str  # folder of the newest release
    embargo: str  # its end in words with the time zone, '' without one
    hotline: str
    hotline_sentence: str
    further_phones: str
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def year_label(self) -> str:
        """Return the year as text, so that it is never formatted with a thousands separator."""
        return str(self.year)

    @property
    def figures(self) -> dict[str, FigureView]:
        """Return the figures by id."""
        return {figure.id: figure for chapter in self.chapters for figure in chapter.figures}


def compose(year_releases: YearReleases, lang: str) -> ReportDocument:
    """Return the report of a year in a language, with the labels that its releases keep."""
    with year_releases.kept_labels():
        return _compose(year_releases, lang)


def _compose(year_releases: YearReleases, lang: str) -> ReportDocument:
    localiser, figures_by_id = get_localiser(lang), build_figures(year_releases)
    prose, text = write_prose(localiser, year_releases), localiser.text
    facts = compose_facts(year_releases, localiser, figures_by_id)
    omissions = describe_omissions(prose, year_releases, figures_by_id, facts)
    newest = year_releases.releases[0]
    return ReportDocument(
        lang=lang,
        year=year_releases.year,
        text=text,
        prose=prose,
        facts=facts,
        invented=year_releases.invented,
        title=text["site"]["title"],
        subtitle=localiser.fill(text["site"]["subtitle"], facts),
        lead=prose.first(text["front"]["lead"], facts),
        tiles=build_tiles(prose, facts),
        estimate=build_estimate(prose, facts),
        quotes=build_quotes(prose, year_releases, facts),
        chapters=tuple(_chapter(prose, year_releases, name, figures_by_id, facts) for name, _ in CHAPTERS),
        undetected=prevalence_section.build_paragraphs(prose, facts),
        world=context.quotes(lang),
        method=(
            *prose.sentences([*text["method"]["paragraphs"], *text["method"]["withheld"]], facts),
            *omissions,
        ),
        omissions=tuple(omissions),
        caveats=tuple(prose.sentences(text["method"]["caveats"], facts)),
        sources=tuple(_source(localiser, release) for release in year_releases.releases),
        release=newest.path.name,
        embargo=embargo_words(localiser, newest.manifest.embargo),
        hotline=context.hotline_number(),
        hotline_sentence=localiser.fill(text["site"]["hotline"], facts) + context.hotline_mark(text["site"]),
        further_phones=context.further_phones(lang, text["site"]),
        labels={
            name: localiser.fill(text["site"][name], facts)
            for name in ("hotline_short", "missing", "as_of", "published")
        }
        | {"cite": localiser.fill(text["method"]["cite"], facts), "hotline_mark": context.hotline_mark(text["site"])},
    )


def embargo_words(localiser: Localiser, embargo: str | None) -> str:
    """Return the end of an embargo in the time zone of the country, '' without an embargo."""
    if not embargo:
        return ""
    zone = profile.active().time_zone
    moment = datetime.fromisoformat(embargo).astimezone(ZoneInfo(zone))
    return f"{localiser.day(moment.date())}, {moment.time().isoformat('minutes')} ({zone})"


def write_prose(localiser: Localiser, year_releases: YearReleases) -> Prose:
    """Return the writer of sentences about the tables of a year."""
    folders = {release.digest: release.path.name for release in year_releases.releases}
    releases = {table.name: folders.get(table.release_digest, "") for table in year_releases.tables.values()}
    return Prose(localiser, CellIndex(year_releases.tables), releases)


def compose_facts(year_releases: YearReleases, localiser: Localiser, figures_by_id: dict[str, ReportFigure]) -> Facts:
    """Return the facts that every sentence of the report may use."""
    text = localiser.text
    facts = (
        shared_facts(year_releases, figures_by_id)
        | _facts_of_year(year_releases, figures_by_id)
        | context.context_facts(year_releases.year)
        | prevalence_section.estimate_facts(year_releases, localiser)
    )
    facts |= {"site_title": TextFact(text["site"]["title"])}
    return facts | {"site_subtitle": TextFact(localiser.fill(text["site"]["subtitle"], facts))}


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
    return series_facts(year_releases, reference_date) | {
        "threshold": CountFact(newest.threshold),
        "threshold_less": CountFact(newest.threshold - 1),
        "as_of": DayFact(reference_date),
        "if_partial": TextFact("") if is_partial else None,
        "created": DayFact(newest.created),
        "cells_all": CountFact(len(cells)),
        "cells_withheld": CountFact(sum(cell.count is None for cell in cells)),
    }


def series_facts(year_releases: YearReleases, reference_date: date) -> Facts:
    """Return the facts of the newest whole year of each series that the report compares."""
    facts = whole_year_facts(year_releases.table("state_assisted_by_year"), reference_date)
    for name, table in SERIES.items():
        facts |= whole_year_facts(year_releases.table(table), reference_date, name)
    return facts | crime_facts(year_releases, reference_date)


def _source(localiser: Localiser, release: Any) -> dict[str, str]:
    return {
        "title": release.title.get(localiser.lang, ""),
        "created": localiser.day(release.created),
        "as_of": localiser.day(release.as_of) if release.as_of else "",
        "digest": release.digest,
        "folder": release.path.name,
    }


def _chapter(
    prose: Prose,
    year_releases: YearReleases,
    name: str,
    figures_by_id: dict[str, ReportFigure],
    facts: Facts,
) -> ChapterView:
    text = prose.localiser.text["chapter"][name]
    members = next(builders for chapter, builders in CHAPTERS if chapter == name)
    views = tuple(view_figure(prose, year_releases, figures_by_id[member.id], facts) for member in members)
    if name == prevalence_section.CHAPTER:
        views = prevalence_section.build_figures(prose, year_releases, facts)
    return ChapterView(
        id=name,
        title=text["title"],
        finding=prose.first(text["finding"], facts, is_heading=True),
        bullets=tuple(prose.sentences(text["bullets"], facts)),
        figures=views,
        limits=tuple(prose.sentences(text["limits"], facts)),
    )
