"""Picture of an indicator for other sites."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest
from PIL import Image

from kerege.charts import Chart, Tile, Value
from kerege.publishing.site.files import image
from kerege.publishing.site.files.figure_bundle import FigureBundle
from tests.charts.given_charts import by_year, read, simple
from tests.publishing.site.files.hand_made import CHART, ESTIMATED


def test_the_picture_is_1200_px_wide_small_and_says_title_source_day_and_marks() -> None:
    svg = image.write_svg(ESTIMATED, CHART).decode()
    for words in (
        "Estimated: 2,700 to 3,800",
        "Estimated, not counted",
        "Invented data",
        "Ministry of Labour",
        "30 July 2026",
    ):
        assert words in svg
    sizes = [int(size) for size in re.findall(r'<text[^>]*font-size="(\d+)"', svg)]
    assert min(sizes) >= 24
    png = image.write_png(svg.encode())
    assert Image.open(io.BytesIO(png)).width == 1200
    assert len(png) <= 60_000
    assert png == image.write_png(svg.encode())


def sizes_of(svg: bytes) -> list[float]:
    """Return the height of each printed text in pixels of the whole picture."""

    def walk(element: Element, scale: float, size: float) -> Iterator[float]:
        box = element.get("viewBox")
        if box and element.get("width"):
            scale *= float(element.get("width", "")) / float(box.split()[2])
        size = float(element.get("font-size", size))
        if element.tag.endswith("}text"):
            yield size * scale
        for child in element:
            yield from walk(child, scale, size)

    return list(walk(read(svg.decode()), 1, 16))


@pytest.mark.parametrize(
    "chart",
    [
        by_year(iom_2010=Value.withheld(9), iom_2011=Value.rounded(120, 5)),
        simple("bars", {"Uzbekistan": 944, "Kazakhstan": Value.withheld(9), "Kyrgyzstan": 72}),
        simple("stacked", {str(year): 100 + year % 7 for year in range(2004, 2026)}),
        simple("lines", {str(year): 100 + year % 7 for year in range(2004, 2026)}),
        simple("tiles", {"Aq": 14, "Qa": Value.withheld(9)}, tiles={"Aq": Tile(0, 0, "Aq"), "Qa": Tile(1, 6, "Qa")}),
    ],
    ids=lambda chart: chart.kind,
)
def test_every_text_of_a_shared_picture_is_at_least_24_px_high(chart: Chart) -> None:
    bundle = FigureBundle(view=None, state=None, lang="en", base="")  # type: ignore[arg-type]  # given below
    vars(bundle).update(chart=chart, figure=ESTIMATED)
    sizes = sizes_of(bundle.svg())
    assert len(sizes) > 8
    assert min(sizes) >= 24
