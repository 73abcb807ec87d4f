"""Places: the regions as tiles, and what the releases hold about each of them."""

from __future__ import annotations

from dataclasses import dataclass

from kerege.charts import Chart, Period, Series, Value, draw_svg
from kerege.charts.chart_words import long_text
from kerege.charts.model import Tile
from kerege.publishing.report.facts import address
from kerege.publishing.report.proof import proved_number
from kerege.publishing.site.site_state import SiteState
from kerege.publishing.site.site_words import read_words
from kerege.publishing.site.table_values import value_of
from kerege.publishing.storage.published_tables import PublishedTable
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.vocabulary import codes
from kerege.vocabulary.region_tiles import RegionTile, read_tiles

COLUMN = "region"


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


def region_tables(state: SiteState) -> list[tuple[PublishedTable, ReleaseFiles]]:
    """Return the newest table of each name that has the regions as its only column, with its release."""
    tables: dict[str, tuple[PublishedTable, ReleaseFiles]] = {}
    for release in reversed(state.releases):
        for name, table in release.tables.items():
            if table.by == (COLUMN,):
                tables[name] = (table, release)
    return list(tables.values())


def tiles_of(lang: str) -> tuple[PlaceTile, ...]:
    """Return the regions of the country with their places on the grid, north first."""
    return tuple(
        PlaceTile(tile.region, codes.label(COLUMN, tile.region, lang), tile.row, tile.column)
        for tile in sorted(read_tiles(), key=_place)
    )


def _place(tile: RegionTile) -> tuple[int, int]:
    return tile.row, tile.column


def draw_places(table: PublishedTable, lang: str, width: int) -> str:
    """Return the tile map of a table by region."""
    tiles = read_tiles()
    chart = Chart(
        kind="tiles",
        title=str(read_words(lang)["places"]["title"]),
        series=(Series("all", str(table.entry.title.get(lang, table.name))),),
        periods=tuple(Period(tile.region, codes.label(COLUMN, tile.region, lang)) for tile in tiles),
        values={("all", tile.region): _value(table, tile.region) for tile in tiles},
        tiles={tile.region: Tile(tile.row, tile.column, tile.short[lang]) for tile in tiles},
        lang=lang,
        name=f"{table.name}-{width}",
    )
    return draw_svg(chart, width)


def _value(table: PublishedTable, region: str) -> Value:
    row = next((row for row in table.rows if row.keys == (region,)), None)
    return value_of(table, row) if row else Value.absent()


def numbers_of(state: SiteState, region: str, lang: str) -> list[PlaceNumber]:
    """Return what the releases hold about one region."""
    numbers = []
    for table, release in region_tables(state):
        value = _value(table, region)
        chart = Chart(kind="tiles", title="", series=(), periods=(), values={}, lang=lang)
        words = long_text(chart, value)
        is_number = value.count is not None
        html = str(proved_number(address(table.name, region), f"{value.count:.12g}", words)) if is_number else words
        name = release.path.name
        numbers.append(PlaceNumber(str(table.entry.title.get(lang, "")), html, name, release.title.get(lang, name)))
    return numbers
