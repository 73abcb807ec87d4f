"""Map of regions as tiles."""

from __future__ import annotations

import pytest

from kerege.charts import NARROW, WIDE, Tile, Value, draw_svg
from tests.charts.given_charts import SVG, marks, simple, texts

TILES = {"Akmola": Tile(0, 0, "AKM"), "Almaty": Tile(1, 6, "ALM"), "Astana": Tile(0, 1, "AST")}
REGIONS = simple("tiles", {"Akmola": 14, "Almaty": Value.withheld(9), "Astana": 1133}, tiles=TILES)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_each_region_stands_in_its_place_with_its_number_or_the_word(width: int) -> None:
    svg = draw_svg(REGIONS, width)
    assert {"14", "1,133", "withheld"} <= set(texts(svg))
    corners = {key: next(group.iter(f"{SVG}rect")) for key, group in marks(svg)}
    places = {
        key: (float(rect.get("x", "")), float(rect.get("y", ""))) for key, rect in corners.items() if rect is not None
    }
    assert places["a Akmola"][1] == places["a Astana"][1] < places["a Almaty"][1]
    assert places["a Akmola"][0] < places["a Astana"][0] < places["a Almaty"][0]


def test_small_tiles_have_short_names() -> None:
    assert "Akmola" in texts(draw_svg(REGIONS, WIDE))
    assert "AKM" in texts(draw_svg(REGIONS, NARROW))


def test_a_name_that_would_be_cut_within_a_word_is_short() -> None:
    names = {"Актюбинская область": 1, "Абайская область": 2}
    tiles = {name: Tile(0, 6 * place, name[:3].upper()) for place, name in enumerate(names)}
    shown = texts(draw_svg(simple("tiles", names, tiles=tiles), 520))
    assert {"АКТ", "Абайская", "область"} <= set(shown)
    assert not any(text.startswith("Актюб") for text in shown)


def test_a_withheld_region_is_hatched_and_as_light_as_paper_whatever_it_hides() -> None:
    fills = [rect.get("fill", "") for rect in dict(marks(draw_svg(REGIONS)))["a Almaty"].iter(f"{SVG}rect")]
    assert fills[0] == "#ffffff"
    assert fills[1].endswith("-hatch)")


def test_the_largest_number_has_the_darkest_tile() -> None:
    fills = {key: next(group.iter(f"{SVG}rect")).get("fill", "") for key, group in marks(draw_svg(REGIONS))}
    assert int(fills["a Astana"][1:3], 16) < int(fills["a Akmola"][1:3], 16)
