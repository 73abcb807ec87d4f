"""SVG sheet of every chart: text alternative, the mark "invented data", no external reference."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from html import escape

WIDE, NARROW = 700, 340
FONT = "Noto Sans, sans-serif"
INK, QUIET, PAPER = "#1a2b3c", "#5a6672", "#ffffff"
COLOURS = ("#0b6e99", "#c46a00", "#6d5a91", "#5a6672")  # distinct in every colour vision; contrast 3:1 on white
CODE_COLOURS = {"iom": COLOURS[0], "state": COLOURS[1], "other": COLOURS[2], "mia": COLOURS[0], "pgo": COLOURS[2]}
GREY = "#c3ced3"
WARNING = "#8f1d1d"


@dataclass(frozen=True)
class Caption:
    """Text of a chart: its finding, its text alternative, and whether its data are invented."""

    heading: str
    alt: str
    invented: bool


@dataclass(frozen=True)
class Drawing:
    """Chart for wide and narrow screens, and for download with its heading."""

    wide: str
    narrow: str
    titled: str
    share: float = 1.0  # width relative to the widest chart, so that a small chart stays small in print


@dataclass(frozen=True)
class Body:
    """Inside of a picture and its size in pixels."""

    content: str
    width: float
    height: float


def svg_body(svg: str, prefix: str) -> Body:
    """Return the inside of a finished SVG, with `prefix` before its ids so that they are unique on a page.

    Raises ValueError for an SVG without a view box.
    """
    opening = re.match(r"<svg[^>]*?viewBox=\"0 0 ([\d.]+) ([\d.]+)\"[^>]*>", svg)
    if opening is None:
        raise ValueError("not an SVG with a view box")
    content = svg[opening.end() : svg.rindex("</svg>")]
    content = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}\1"', content).replace("url(#", f"url(#{prefix}")
    # Vega labels every mark for assistive technology; the title and description of the sheet replace these labels.
    content = re.sub(r' (role|aria-[a-z]+|class)="[^"]*"', "", content)
    return Body(content, float(opening[1]), float(opening[2]))


def draw_sheet(body: Body, caption: Caption, *, name: str, lang: str, footer: list[str], titled: bool = False) -> str:
    """Return a complete SVG: heading if `titled`, the body, and the lines under it."""
    heading = textwrap.wrap(caption.heading, int(body.width / 9)) if titled else []
    top = 26 * len(heading) + (14 if heading else 0)
    lines = [line for text in footer for line in textwrap.wrap(text, int(body.width / 6.9))]
    height = round(top + body.height + 18 * len(lines) + (10 if lines else 0))
    width = round(body.width)
    texts = [_text(line, 0, 20 + 26 * i, 18, INK, bold=True) for i, line in enumerate(heading)]
    base = top + body.height + 16
    texts += [
        _text(line, 0, base + 18 * i, 12, WARNING if caption.invented and i == 0 else QUIET)
        for i, line in enumerate(lines)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" lang="{lang}" aria-labelledby="{name}-t {name}-d" font-family="{FONT}">'
        f'<title id="{name}-t">{escape(caption.heading)}</title><desc id="{name}-d">{escape(caption.alt)}</desc>'
        f'<g aria-hidden="true"><rect width="{width}" height="{height}" fill="{PAPER}"/>'
        f'<g transform="translate(0,{top})">{body.content}</g>{"".join(texts)}</g></svg>'
    )


def _text(words: str, x: float, y: float, size: int, fill: str, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{fill}"{weight}>{escape(words)}</text>'
