"""Places of the regions of a country on a grid of equal tiles, from `tiles.csv` of its pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from kerege.vocabulary import codes
from kerege.vocabulary.code_files import read_pack_csv
from kerege.vocabulary.pack import Pack, active_pack

FILE_NAME = "tiles.csv"


@dataclass(frozen=True)
class RegionTile:
    """Place of a region on the grid, from the north-west, and its short name by language."""

    region: str
    row: int
    column: int
    short: Mapping[str, str]


def read_tiles() -> tuple[RegionTile, ...]:
    """Return the tiles of the country, () if its pack has none.

    Raises ValueError for an unknown region, and for two regions on one place.

    Examples
    --------
    >>> from kerege.vocabulary.region_tiles import read_tiles
    >>> len(read_tiles())
    20
    """
    return _tiles_of(active_pack())


@cache
def _tiles_of(pack: Pack) -> tuple[RegionTile, ...]:
    """Return the tiles of a pack, which is the active one."""
    tiles = tuple(
        RegionTile(row["region"], int(row["row"]), int(row["col"]), codes.labels_of_row(row))
        for row in read_pack_csv(FILE_NAME)
    )
    if unknown := sorted({tile.region for tile in tiles} - codes.code_list("region").codes.keys()):
        raise ValueError(f"{FILE_NAME}: unknown regions {', '.join(unknown)}")
    if len({(tile.row, tile.column) for tile in tiles}) < len(tiles):
        raise ValueError(f"{FILE_NAME}: two regions have one place")
    return tiles
