"""Frame and marks of the charts of an estimate: texts of any size, and a document with an edge."""

from __future__ import annotations

from html import escape

from kerege.charts.marks import COLOURS, FONT, PAPER

BLUE, ORANGE = COLOURS[:2]
WIDTH, EDGE = 700, 14  # pixels


def rectangle(x: float, y: float, width: float, height: float, fill: str) -> str:
    """Return a filled rectangle."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def text_element(
    x: float, y: float, content: str, size: float, colour: str, anchor: str = "start", *, bold: bool = False
) -> str:
    """Return a text element."""
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}" text-anchor="{anchor}"{weight}>'
        f"{escape(content)}</text>"
    )


def svg_document(lang: str, height: float, body: str, *, title: str, description: str, marks: str = "") -> str:
    """Return a complete SVG file with title and description; `marks` are definitions such as patterns."""
    box = f"{-EDGE} {-EDGE} {WIDTH + 2 * EDGE} {height + 2 * EDGE:g}"
    paper = f'<path d="M{-EDGE} {-EDGE}h{WIDTH + 2 * EDGE}v{height + 2 * EDGE:g}H{-EDGE}Z" fill="{PAPER}"/>'
    definitions = f"<defs>{marks}</defs>" if marks else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{WIDTH + 2 * EDGE}" '
        f'height="{height + 2 * EDGE:g}" role="img" lang="{lang}" aria-labelledby="panel-t panel-d" '
        f'font-family="{FONT}"><title id="panel-t">{escape(title)}</title>'
        f'<desc id="panel-d">{escape(description)}</desc>{definitions}'
        f'<g aria-hidden="true">{paper}{body}</g></svg>\n'
    )
