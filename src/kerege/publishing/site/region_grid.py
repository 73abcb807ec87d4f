"""Grid of the regions of the country: the tiles of a chart in one language."""

from __future__ import annotations

from kerege.charts.model import Tile
from kerege.vocabulary.region_tiles import RegionTile, read_tiles


def read_region_tiles(lang: str) -> dict[str, Tile]:
    """Return the tile of each region of the country, north first."""
    tiles = sorted(read_tiles(), key=_place)
    return {tile.region: Tile(tile.row, tile.column, tile.short[lang]) for tile in tiles}


def _place(tile: RegionTile) -> tuple[int, int]:
    return tile.row, tile.column
