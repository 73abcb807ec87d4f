"""Places of the regions of a country on a grid of equal tiles, from `profiles/tiles/<country>.csv`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kerege.base.multilingual_titles import LANGUAGES
from kerege.vocabulary import codes


@dataclass(frozen=True)
class RegionTile:
    """Place of a region on the grid, from the north-west, and its short name by language."""

    region: str
    row: int
    column: int
    short: Mapping[str, str]


@cache
def read_tiles(country: str) -> tuple[RegionTile, ...]:
    """Return the tiles of a country, () without a file.

    Raises ValueError for an unknown region, and for two regions on one place.

    Examples
    --------
    >>> from kerege.vocabulary.region_tiles import read_tiles
    >>> len(read_tiles("KZ"))
    20
    """
    path = files("kerege.vocabulary") / "profiles" / "tiles" / f"{country.lower()}.csv"
    if not path.is_file():
        return ()
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    tiles = tuple(
        RegionTile(row["region"], int(row["row"]), int(row["col"]), {lang: row[lang] for lang in LANGUAGES})
        for row in rows
    )
    if unknown := sorted({tile.region for tile in tiles} - codes.code_list("region").codes.keys()):
        raise ValueError(f"{path.name}: unknown regions {', '.join(unknown)}")
    if len({(tile.row, tile.column) for tile in tiles}) < len(tiles):
        raise ValueError(f"{path.name}: two regions have one place")
    return tiles
