"""PDF/UA-1 documents, set by Typst from a template and its data with the fonts of this package."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import typst

FONTS = Path(__file__).parent / "fonts"
NO_GLYPH = "could not be displayed with font"  # in the error of a text that the fonts cannot show


def to_pdf(
    template: Path,
    data: Mapping[str, object],
    pictures: Mapping[str, str] | None = None,
    *,
    has_typed_text: bool = False,
) -> bytes:
    """Return a PDF/UA-1 from a Typst template that reads `data.json`, and SVG pictures by name.

    Raises typst.TypstError for a text that the fonts cannot show, such as Chinese, because it is no PDF/UA. With texts
    that users typed the PDF is then an ordinary one, with empty boxes in their place.
    """
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for picture, svg in (pictures or {}).items():
            (root / f"{picture}.svg").write_text(svg, encoding="utf-8")
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        page = root / template.name
        page.write_bytes(template.read_bytes())
        try:
            return _compile(page, "ua-1")
        except typst.TypstError as error:
            if not has_typed_text or NO_GLYPH not in str(error):
                raise
            return _compile(page)


def _compile(page: Path, standard: Literal["ua-1"] | None = None) -> bytes:
    made = typst.compile(
        str(page),
        root=str(page.parent),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        pdf_standards=standard,
    )
    return bytes(made)
