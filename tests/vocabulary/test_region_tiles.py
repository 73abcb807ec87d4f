"""Tiles of regions: each region of the country once, no two on one place."""

from __future__ import annotations

from kerege.vocabulary import codes
from kerege.vocabulary.region_tiles import read_tiles


def test_every_region_of_the_country_has_a_tile_of_its_own() -> None:
    tiles = read_tiles()
    assert {tile.region for tile in tiles} == {code for code in codes.code_list("region").codes if code.isdigit()}
    assert len({(tile.row, tile.column) for tile in tiles}) == len(tiles) == 20
    for lang in ("kk", "ru", "en"):
        assert len({tile.short[lang] for tile in tiles}) == len(tiles)
