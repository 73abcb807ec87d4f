"""Places: the regions as tiles, and what the releases hold about each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kerege.charts import Chart, Period, Series, Value, draw_svg
from kerege.publishing.report.facts import address
from kerege.publishing.site.indicator_chart import PAGE_NARROW, PAGE_WIDE, prove_value
from kerege.publishing.site.region_grid import read_region_tiles
from kerege.publishing.site.site_state import SiteState
from kerege.publishing.site.site_words import read_words
from kerege.publishing.site.table_values import value_of
from kerege.publishing.storage.published_tables import NOT_REPORTED, OTHERS, TOTAL, PublishedTable
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.publishing.storage.release_labels import labels_of
from kerege.vocabulary import codes
from kerege.vocabulary.languages import nearest

COLUMN = "region"
ALL = "all"  # series of a chart with one


@dataclass(frozen=True)
class PlaceTile:
    """Region on the grid of the page."""

    code: str
    label: str
    row: int
    column: int


@dataclass(frozen=True)
class PlaceNumber:
    """One published value about a region: title of its table, words, release."""

    title: str
    html: str
    release: str
    release_title: str


@dataclass(frozen=True)
class PlaceSeries:
    """Published values about a region by year: title of the table, pictures, a line for each year."""

    title: str
    wide: str
    narrow: str
    lines: tuple[tuple[str, str], ...]
    release: str
    release_title: str


@dataclass(frozen=True)
class PlaceTable:
    """Newest table of a name, and the release that holds it."""

    table: PublishedTable
    release: ReleaseFiles

    def value(self, *keys: str) -> Value:
        """Return the value of a cell; an absent one where the table has no such row."""
        row = next((row for row in self.table.rows if row.keys == keys), None)
        return value_of(self.table, row) if row else Value.absent()

    def title(self, lang: str) -> str:
        """Return the title of the table."""
        return str(self.table.entry.title.get(lang, self.table.name))


def tables_by(state: SiteState, *columns: str) -> list[PlaceTable]:
    """Return the newest table of each name with exactly these columns, newest release first.

    A table that a release without a valid signature may hold in a newer state is left out.
    """
    tables: dict[str, PlaceTable] = {}
    for release in state.releases:
        for name, table in release.tables.items():
            if table.by == columns and not _is_hidden(state, name, release):
                tables.setdefault(name, PlaceTable(table, release))
    return list(tables.values())


def _is_hidden(state: SiteState, table: str, release: ReleaseFiles) -> bool:
    return any(faulty.hides(table, release.manifest.period) for faulty in state.faulty)


def label_of(state: SiteState, region: str, lang: str) -> str:
    """Return the name of a region as the releases that stand keep it, the newest first."""
    with labels_of(state.releases):
        return codes.label(COLUMN, region, lang)


def tiles_of(state: SiteState, lang: str) -> tuple[PlaceTile, ...]:
    """Return the regions of the country with their places on the grid, north first."""
    return tuple(
        PlaceTile(region, label_of(state, region, lang), tile.row, tile.column)
        for region, tile in read_region_tiles(lang).items()
    )


def draw_places(shown: PlaceTable, lang: str, width: int) -> str:
    """Return the tile map of a table by region."""
    with labels_of([shown.release]):
        return _draw_places(shown, lang, width)


def _draw_places(shown: PlaceTable, lang: str, width: int) -> str:
    tiles = read_region_tiles(lang)
    chart = Chart(
        kind="tiles",
        title=str(read_words(lang)["places"]["title"]),
        series=(Series(ALL, shown.title(lang)),),
        periods=tuple(Period(region, codes.label(COLUMN, region, lang)) for region in tiles),
        values={(ALL, region): shown.value(region) for region in tiles},
        tiles=tiles,
        lang=nearest(lang),
        name=f"{shown.table.name}-{width}",
    )
    return draw_svg(chart, width)


def numbers_of(state: SiteState, region: str, lang: str) -> list[PlaceNumber]:
    """Return what the releases hold about one region."""
    chart = Chart(kind="tiles", title="", series=(), periods=(), values={}, lang=nearest(lang))
    numbers = []
    for shown in tables_by(state, COLUMN):
        html = prove_value(chart, shown.value(region), address(shown.table.name, region))
        numbers.append(PlaceNumber(shown.title(lang), html, *_release_of(shown, lang)))
    return numbers


def _release_of(shown: PlaceTable, lang: str) -> tuple[str, str]:
    name = shown.release.path.name
    return name, shown.release.title.get(lang, name)


def series_of(state: SiteState, region: str, lang: str) -> list[PlaceSeries]:
    """Return what the releases hold about one region by year."""
    with labels_of(state.releases):
        return [_series(shown, region, lang) for shown in tables_by(state, "year", COLUMN)]


def _series(shown: PlaceTable, region: str, lang: str) -> PlaceSeries:
    years = sorted(set(shown.table.codes(0)) - {TOTAL, NOT_REPORTED, OTHERS})
    chart = _columns(shown, region, years, lang)
    lines = tuple(
        (year, prove_value(chart, chart.value(ALL, year), address(shown.table.name, year, region))) for year in years
    )
    wide, narrow = draw_svg(chart, PAGE_WIDE), draw_svg(chart, PAGE_NARROW)
    return PlaceSeries(shown.title(lang), wide, narrow, lines, *_release_of(shown, lang))


def _columns(shown: PlaceTable, region: str, years: Sequence[str], lang: str) -> Chart:
    """Return the chart of one region by year."""
    label = codes.label(COLUMN, region, lang)
    return Chart(
        kind="columns",
        title=f"{shown.title(lang)}: {label}",
        series=(Series(ALL, label),),
        periods=tuple(Period(year, year) for year in years),
        values={(ALL, year): shown.value(year, region) for year in years},
        lang=nearest(lang),
        name=shown.table.name,
    )
