"""Page of an indicator in words: finding, chart, table, source, query, versions, citation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString

from kerege.publishing.report.claims import Claim
from kerege.publishing.report.proof import Sentence, proof_of
from kerege.publishing.site import indicator_chart as drawing
from kerege.publishing.site.indicator_chart import PageTable
from kerege.publishing.site.indicator_facts import write_finding, write_level
from kerege.publishing.site.indicator_versions import Version, map_notes, versions_of, withdrawal_notes
from kerege.publishing.site.indicators import SiteIndicator
from kerege.publishing.site.kept_results import KeptResults
from kerege.publishing.site.series import View
from kerege.publishing.site.site_state import SiteState
from kerege.publishing.site.site_words import fill, list_name, mark_label, read_words, site_localiser
from kerege.publishing.storage.published_tables import PublishedTable
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.publishing.storage.release_labels import labels_of
from kerege.vocabulary import snapshot_columns

NO_PROOF = SafeString()


@dataclass(frozen=True)
class Chip:
    """Short word on how sure the values are, its kind, and the withheld cells that it counts."""

    kind: str
    words: str
    proof: SafeString = NO_PROOF


@dataclass(frozen=True)
class Query:
    """Way in which a table was counted, in words and as a command."""

    words: str
    command: str


@dataclass(frozen=True)
class IndicatorCard:
    """Indicator as other pages show it: name, finding, small chart."""

    id: str
    name: str
    finding: Sentence
    scope: str
    picture: str
    chip: Chip
    kind: str
    level: Sentence


@dataclass(frozen=True)
class IndicatorPage:
    """Everything that the page of an indicator prints."""

    indicator: SiteIndicator
    lang: str
    name: str
    theme: str
    finding: Sentence
    scope: str
    level: Sentence
    chip: Chip
    wide: str
    narrow: str
    table: PageTable
    know: tuple[str, ...]
    unit: str
    covers: str
    as_of: str
    source: str
    notes: tuple[str, ...]
    versions: tuple[Version, ...]
    queries: tuple[Query, ...]
    check: str
    invented: bool
    release: ReleaseFiles | None = None
    facets: tuple[tuple[str, str], ...] = ()


_pages = KeptResults[IndicatorPage](most=400)
_cards = KeptResults[IndicatorCard](most=600)


def compose_page(view: View, state: SiteState, lang: str, *, pinned: bool = False) -> IndicatorPage:
    """Return the page of a view in a language; a pinned page says nothing of other releases.

    The page is kept while the releases are the same.
    """
    with labels_of(view.releases):
        if view.identity is None or state.identity is None:
            return _compose_page(view, state, lang, pinned=pinned)
        key = (view.identity, state.identity, lang, pinned)
        return _pages.get(key, lambda: _compose_page(view, state, lang, pinned=pinned))


def _compose_page(view: View, state: SiteState, lang: str, *, pinned: bool) -> IndicatorPage:
    indicator, words = view.indicator, read_words(lang)
    text, finding = words["indicator"][indicator.id], write_finding(view, lang)
    chart = drawing.chart_of(view, lang, str(finding), name="w")
    most = drawing.MOST_NARROW.get(indicator.chart, 0)
    narrow = drawing.chart_of(view, lang, str(finding), name="n", most=most)
    newest = next(iter(view.releases), None)
    day = (newest.as_of or newest.created) if newest else None
    notes = [*map_notes(view, state, lang), *([] if pinned else withdrawal_notes(view, state, lang))]
    return IndicatorPage(
        indicator=indicator,
        lang=lang,
        name=text["name"],
        theme=words["theme"][indicator.theme]["name"],
        finding=finding,
        scope=text["scope"],
        level=write_level(view, lang),
        chip=chip_of(view, lang),
        wide=drawing.draw(chart, drawing.PAGE_WIDE),
        narrow=drawing.draw(narrow, drawing.PAGE_NARROW),
        table=drawing.table_of_view(view, chart),
        know=tuple(words["know"][name] for name in indicator.know if name in known_points(view)),
        unit=words["unit"][indicator.noun],
        covers=covers(view, lang),
        as_of=site_localiser(lang).day(day) if day else "",
        source=source_line(view, state, lang),
        notes=tuple(notes),
        versions=() if pinned else versions_of(view, state, lang),
        queries=tuple(query_of(table, lang, newest) for table in view.tables.values()),
        check=f"kerege verify {newest.path.name}" if newest else "",
        invented=drawing.is_invented(view),
        release=newest,
        facets=() if pinned else facets_of(view, lang),
    )


def compose_card(view: View, lang: str, *, picture: bool = True) -> IndicatorCard:
    """Return an indicator as a card, which is kept while the releases are the same."""
    with labels_of(view.releases):
        if view.identity is None:
            return _compose_card(view, lang, picture=picture)
        return _cards.get((view.identity, lang, picture), lambda: _compose_card(view, lang, picture=picture))


def _compose_card(view: View, lang: str, *, picture: bool) -> IndicatorCard:
    text, finding = read_words(lang)["indicator"][view.indicator.id], write_finding(view, lang)
    most = drawing.MOST_NARROW.get(view.indicator.chart, 0)
    chart = drawing.chart_of(view, lang, str(finding), name=f"c-{view.indicator.id}", most=most)
    return IndicatorCard(
        id=view.indicator.id,
        name=text["name"],
        finding=finding,
        scope=text["scope"],
        picture=drawing.draw(chart, drawing.CARD) if picture else "",
        chip=chip_of(view, lang),
        kind=view.indicator.kind,
        level=write_level(view, lang),
    )


def known_points(view: View) -> set[str]:
    """Return the points that hold of this view: those on invented or withheld numbers need such numbers."""
    points = set(view.indicator.know)
    if not drawing.is_invented(view):
        points -= {"simulated", "est_invented"}
    if not drawing.withheld_of(view)[0]:
        points -= {"withheld"}
    return points


def chip_of(view: View, lang: str) -> Chip:
    """Return the chip of a view: estimated, withheld, with noise, rounded or exact."""
    words = read_words(lang)["chip"]
    localiser, numbers = site_localiser(lang), view.numbers()
    kinds = {value.status for value in numbers}
    if view.indicator.kind == "estimated":
        return Chip("estimated", words["estimated"])
    if not kinds - {"absent"}:
        return Chip("none", words["none"])
    withheld, count = drawing.withheld_of(view)
    if withheld:
        numbers_in_words = {"n": localiser.number(withheld), "all": localiser.number(count)}
        return Chip("withheld", fill(words["withheld"], numbers_in_words), _withheld_proof(view))
    if "noise" in kinds:
        return Chip("rounded", words["noise"])
    if "rounded" in kinds:
        return Chip("rounded", fill(words["rounded"], {"half": localiser.number(int(drawing.half_width(view)))}))
    return Chip("exact", words["exact"])


def _withheld_proof(view: View) -> SafeString:
    """Return the attributes that name the withheld cells of the chart."""
    marks = [(code, mark) for code in view.parts for mark in view.marks]
    withheld = [pair for pair in marks if view.value(*pair).status == "withheld"]
    return proof_of(Claim("withheld_some", "", tuple(drawing.cell_address(view, *pair) for pair in withheld), ""))


def covers(view: View, lang: str) -> str:
    """Return the periods that the figure covers, and the place; '' where no release holds it."""
    if not view.values:
        return ""
    words = read_words(lang)["page"]
    periods = list(view.marks) if view.indicator.is_timed else _years(view)
    ends = dict.fromkeys([min(periods), max(periods)]) if periods else []
    table = drawing.newest_table(view)
    labels = [mark_label(lang, table, view.indicator.axis, end) if view.indicator.is_timed else end for end in ends]
    return f"{'–'.join(labels) or _all_years(view, lang)}, {words['place']}"


def _all_years(view: View, lang: str) -> str:
    """Return the words for a table that covers the whole register up to a day."""
    newest = next(iter(view.releases), None)
    day = site_localiser(lang).day(newest.as_of or newest.created) if newest else ""
    return fill(read_words(lang)["page"]["all_years"], {"day": day})


def _years(view: View) -> list[str]:
    """Return the years that a table without periods names in its filter."""
    return [str(year) for table in view.tables.values() for year in table.entry.where.get("year", [])]


def source_line(view: View, state: SiteState, lang: str) -> str:
    """Return which signed releases and tables the numbers come from."""
    words, localiser = read_words(lang)["page"], site_localiser(lang)
    releases = [
        fill(
            words["source_one"],
            {"title": release.title.get(lang, release.path.name), "day": localiser.day(state.published_on(release))},
        )
        for release in view.releases
    ]
    if not releases:
        return ""
    template = words["source_estimate" if view.indicator.kind == "estimated" else "source"]
    return fill(template, {"releases": "; ".join(releases), "tables": ", ".join(view.sources)})


def query_of(table: PublishedTable, lang: str, release: ReleaseFiles | None) -> Query:
    """Return how a table was counted, in words and as a command on a snapshot."""
    entry, words = table.entry, read_words(lang)["page"]
    columns = ", ".join(column_title(entry.of, name, lang) for name in table.by) or words["total"].lower()
    filters = [
        f"{column_title(entry.of, name, lang)} = {_labels(entry.of, name, values, lang)}"
        for name, values in entry.where.items()
    ]
    described = {
        "unit": snapshot_columns.unit(entry.of).titles[lang],
        "columns": columns,
        "filter": "; ".join(filters) or words["no_filter"],
        "threshold": release.threshold if release else "",
    }
    where = "".join(f" --where {name}={','.join(map(str, values))}" for name, values in entry.where.items())
    by = ",".join(table.by) or "''"
    command = f"kerege table {entry.of}.parquet --by {by}{where} --protect {entry.method}"
    return Query(fill(words["query_words"], described), command)


def _labels(unit: str, column: str, values: Iterable[object], lang: str) -> str:
    return ", ".join(value_label(unit, column, str(value), lang) for value in values)


def column_title(unit: str, column: str, lang: str) -> str:
    """Return the title of a column of a snapshot."""
    return snapshot_columns.column(unit, column).title(lang)


def value_label(unit: str, column: str, value: str, lang: str) -> str:
    """Return the label of a value of a column."""
    return site_localiser(lang).label(list_name(unit, column), value)


def facets_of(view: View, lang: str) -> tuple[tuple[str, str], ...]:
    """Return the values of the indicator that have a page of their own: address and label, at most 40."""
    table, indicator = drawing.newest_table(view), view.indicator
    if indicator.is_timed or table is None or len(indicator.axis) != 1:
        return ()
    shown = [mark for mark in view.marks if not mark.startswith("_")]
    return tuple((mark, mark_label(lang, table, indicator.axis, mark)) for mark in shown[:40])


def empty_card(indicator: SiteIndicator, lang: str, scope: str) -> IndicatorCard:
    """Return a card without a picture."""
    name = read_words(lang)["indicator"][indicator.id]["name"]
    return IndicatorCard(
        id=indicator.id,
        name=name,
        finding=Sentence.of([name]),
        scope=scope,
        picture="",
        chip=Chip("none", ""),
        kind=indicator.kind,
        level=Sentence.of([]),
    )
