"""Charts as PNG, rendered by Typst from their SVG with the fonts of the report."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from kerege.web.pdf import FONTS

POINTS = 72.0  # points of an inch
PAGE = '#set page(width: auto, height: auto, margin: 0pt)\n#image("chart.svg", width: {width}pt)'
_WIDTH = re.compile(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ')


def png_of(svg: str, width: int = 1200) -> bytes:
    """Return an SVG as PNG of a width in pixels. Equal SVGs give equal bytes.

    The fonts have no ≈; a text with it would be set in another font. The picture has ~ instead.

    Raises ValueError for an SVG without a view box.
    """
    match = _WIDTH.search(svg)
    if match is None:
        raise ValueError("not an SVG with a view box")
    points = float(match[1])
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "chart.svg").write_text(svg.replace("≈", "~"), encoding="utf-8")
        (root / "page.typ").write_text(PAGE.format(width=f"{points:g}"), encoding="utf-8")
        picture: bytes = typst.compile(
            root / "page.typ",
            root=root,
            format="png",
            ppi=POINTS * width / points,
            font_paths=[FONTS],
            ignore_system_fonts=True,
        )
    return picture
