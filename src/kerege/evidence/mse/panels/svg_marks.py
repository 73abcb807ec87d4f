"""Marks of the charts as SVG: font and colours of the report's charts, rectangles and texts."""

from __future__ import annotations

from html import escape

FONT = "Noto Sans, sans-serif"
INK, QUIET, PAPER, GRID = "#1a2b3c", "#5a6672", "#ffffff", "#dfe5e8"
BLUE, ORANGE, WARNING = "#0b6e99", "#c46a00", "#8f1d1d"
WIDTH, EDGE = 700, 14  # pixels
LATIN, CYRILLIC, PER_CENT, BOLD = 0.62, 0.68, 0.95, 1.12  # widths of letters in em, of the widest substitute font


def text_width(content: str, size: float, *, bold: bool = False) -> float:
    """Return the most pixels that a text takes, in any font that may replace Noto Sans."""
    widths = (PER_CENT if letter == "%" else LATIN if letter.isascii() else CYRILLIC for letter in content)
    return sum(widths) * size * (BOLD if bold else 1)


def wrap_text(content: str, size: float, width: float = WIDTH, *, bold: bool = False) -> list[str]:
    """Return a text in lines of at most `width` pixels; a no-break space stays in its line."""
    longest = max(int(width / (CYRILLIC * size * (BOLD if bold else 1))), 1)  # letters of a word in one line
    words = [word[start : start + longest] for word in content.split(" ") for start in range(0, len(word), longest)]
    lines: list[str] = []
    for word in words:
        if lines and text_width(f"{lines[-1]} {word}", size, bold=bold) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


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
