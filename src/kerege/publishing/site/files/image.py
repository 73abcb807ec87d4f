"""Picture of an indicator for other sites: chart, title, source, day and marks, as SVG and PNG."""

from __future__ import annotations

import io
import re
from html import escape

from PIL import Image

from kerege.publishing.report.formats.png import png_of
from kerege.publishing.site.files.figure_file import LICENCE_NAME, FigureFile, clean
from kerege.publishing.site.files.file_words import get_words

SVG_KIND, PNG_KIND = "image/svg+xml", "image/png"
WIDTH, MARGIN, COLOURS = 1200, 40, 64
TITLE, TEXT, MOST_LINES = 40, 26, 3
INK, QUIET, WARNING, VIOLET = "#0b0c0c", "#505a5f", "#a4262c", "#5b2d8e"
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def write_svg(figure: FigureFile, chart: str) -> bytes:
    """Return the picture as SVG; `chart` is the drawing of the chart without its title."""
    match = _SIZE.search(chart)
    width, height = (float(match[1]), float(match[2])) if match else (1000.0, 400.0)
    inner = WIDTH - 2 * MARGIN
    drawn = round(height * inner / width)
    heading = _texts(_heading(figure), MARGIN, TITLE, "bold", INK)
    top = MARGIN + TITLE * 1.25 * len(_heading(figure))
    marks = _texts(_marks(figure), top, TEXT, "bold", VIOLET if figure.kind == "estimated" else WARNING)
    top += TEXT * 1.35 * len(_marks(figure)) + 20
    foot = _texts(_foot(figure), top + drawn + 20, TEXT, "normal", QUIET)
    total = round(top + drawn + 20 + TEXT * 1.35 * len(_foot(figure)) + MARGIN)
    body = _placed(chart, {"x": MARGIN, "y": round(top), "width": inner, "height": drawn})
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}" width="{WIDTH}" height="{total}" '
        f'lang="{figure.lang}" font-family="Noto Sans, sans-serif">'
        f'<rect width="{WIDTH}" height="{total}" fill="#fff"/>{heading}{marks}{body}{foot}</svg>'
    )
    return text.encode()


def _placed(chart: str, place: dict[str, int]) -> str:
    """Return a drawing as an inner element at a place; its viewBox scales it."""
    tag, _, rest = chart.partition(">")
    kept = re.sub(r'\s(?:x|y|width|height|xmlns)="[^"]*"', "", tag)
    return kept + "".join(f' {name}="{value}"' for name, value in place.items()) + f">{rest}"


def _heading(figure: FigureFile) -> list[str]:
    return wrap(figure.finding or figure.title, TITLE)[:MOST_LINES]


def _marks(figure: FigureFile) -> list[str]:
    words = get_words(figure.lang)["marks"]
    marks = [words["estimated_mark"]] if figure.kind == "estimated" else []
    return [line for mark in [*marks, *([words["invented"]] if figure.invented else [])] for line in wrap(mark, TEXT)]


def _foot(figure: FigureFile) -> list[str]:
    words = get_words(figure.lang)
    source = figure.publisher
    if figure.releases and figure.day:
        source += f". {figure.releases[0].title}, {words.day(figure.day)}"
    address = figure.address.partition("://")[2]
    return [
        line for text in (f"{words['marks']['source']} {source}. {LICENCE_NAME}", address) for line in wrap(text, TEXT)
    ]


def wrap(text: str, size: int) -> list[str]:
    """Return a text as lines that fit; a word that does not fit is cut."""
    most = int((WIDTH - 2 * MARGIN) / (size * 0.56))
    lines: list[str] = []
    for word in clean(text).split():
        piece = word[: most - 1]
        if lines and len(lines[-1]) + len(piece) < most:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return lines


def _texts(lines: list[str], top: float, size: int, weight: str, fill: str) -> str:
    step = size * (1.25 if size == TITLE else 1.35)
    return "".join(
        f'<text x="{MARGIN}" y="{round(top + size + step * at)}" font-size="{size}" font-weight="{weight}" '
        f'fill="{fill}">{escape(line)}</text>'
        for at, line in enumerate(lines)
    )


def write_png(svg: bytes) -> bytes:
    """Return a picture as PNG of 1200 px with 64 colours."""
    picture = (
        Image.open(io.BytesIO(png_of(svg.decode(), WIDTH))).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    )
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
