"""Charts as PNG."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from kerege.charts import NARROW, WIDE, draw_svg
from kerege.charts.marks import COLOURS
from kerege.publishing.report.formats.png import png_of
from tests.charts.given_charts import by_year, simple


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_picture_is_1200_pixels_wide_and_equal_charts_give_equal_bytes(width: int) -> None:
    svg = draw_svg(by_year(), width)
    assert Image.open(io.BytesIO(png_of(svg))).size[0] == 1200
    assert png_of(svg) == png_of(svg)


def test_the_coloured_pixels_are_proportional_to_the_counts() -> None:
    areas = []
    for second in (100, 50, 25):
        picture = Image.open(io.BytesIO(png_of(draw_svg(simple("columns", {"2024": 100, "2025": second}))))).convert(
            "RGB"
        )
        colours = {f"#{r:02x}{g:02x}{b:02x}": count for count, (r, g, b) in picture.getcolors(maxcolors=1 << 20) or ()}
        areas.append(colours[COLOURS[0]])
    assert areas[1] / areas[0] == pytest.approx(150 / 200, rel=0.01)
    assert areas[2] / areas[0] == pytest.approx(125 / 200, rel=0.01)


def test_an_svg_without_a_view_box_is_refused() -> None:
    with pytest.raises(ValueError, match="view box"):
        png_of("<svg></svg>")
