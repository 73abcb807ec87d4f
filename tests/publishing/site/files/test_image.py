"""Picture of an indicator for other sites."""

from __future__ import annotations

import io
import re

from PIL import Image

from kerege.publishing.site.files import image
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
