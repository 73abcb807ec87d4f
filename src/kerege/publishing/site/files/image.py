"""Picture of an indicator for other sites: chart, title, source, day and marks, as SVG and PNG."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from html import escape

from PIL import Image

from kerege.charts.marks import wrap_text
from kerege.publishing.report.formats.png import png_of
from kerege.publishing.site.files.figure_file import LICENCE_NAME, FigureFile, clean
from kerege.publishing.site.files.file_words import get_words

SVG_KIND, PNG_KIND = "image/svg+xml", "image/png"
WIDTH, MARGIN = 1200, 40
COLOURS, MOST_PLAIN = (160, 64, 32, 24, 16, 8), 64  # only the faded ends of an estimate need more
TITLE, TEXT, GAP = 40, 26, 20
INNER = WIDTH - 2 * MARGIN
INK, QUIET, WARNING, VIOLET = "#0b0c0c", "#505a5f", "#a4262c", "#5b2d8e"
MOST_BYTES = 60_000
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


@dataclass(frozen=True)
class TextLine:
    """One line of text in the picture."""

    text: str
    size: int
    fill: str
    bold: bool = False

    @property
    def height(self) -> float:
        """Return the height of the line in pixels."""
        return self.size * (1.25 if self.size == TITLE else 1.4)


def write_svg(figure: FigureFile, chart: str) -> bytes:
    """Return the picture as SVG; `chart` is the drawing of the chart without its title."""
    match = _SIZE.search(chart)
    width, height = (float(match[1]), float(match[2])) if match else (1000.0, 400.0)
    drawn = round(height * INNER / width)
    head, foot = [*_heading(figure), *_marks(figure)], _foot(figure)
    top = MARGIN + sum(line.height for line in head) + GAP
    below = top + drawn + GAP
    total = round(below + sum(line.height for line in foot) + MARGIN)
    body = _placed(chart, {"x": MARGIN, "y": round(top), "width": INNER, "height": drawn})
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}" width="{WIDTH}" height="{total}" '
        f'lang="{figure.lang}" font-family="Noto Sans, sans-serif">'
        f'<rect width="{WIDTH}" height="{total}" fill="#fff"/>{_texts(head, MARGIN)}{body}{_texts(foot, below)}</svg>'
    )
    return text.encode()


def _placed(chart: str, place: dict[str, int]) -> str:
    """Return a drawing as an inner element at a place; its viewBox scales it."""
    tag, _, rest = chart.partition(">")
    kept = re.sub(r'\s(?:x|y|width|height|xmlns)="[^"]*"', "", tag)
    return kept + "".join(f' {name}="{value}"' for name, value in place.items()) + f">{rest}"


def _heading(figure: FigureFile) -> list[TextLine]:
    return _wrapped(figure.finding or figure.title, TITLE, INK, bold=True)


def _marks(figure: FigureFile) -> list[TextLine]:
    words = get_words(figure.lang)["marks"]
    marks = [(words["estimated_mark"], VIOLET)] if figure.kind == "estimated" else []
    marks += [(words["invented"], WARNING)] if figure.invented else []
    return [line for text, fill in marks for line in _wrapped(text, TEXT, fill, bold=True)]


def _foot(figure: FigureFile) -> list[TextLine]:
    words = get_words(figure.lang)
    source = f"{words['marks']['source']} {figure.publisher}"
    if figure.releases and figure.day:
        source += f". {figure.releases[0].title}, {words.day(figure.day)}"
    address = figure.address.partition("://")[2]
    return [line for text in (f"{source.rstrip('.')}. {LICENCE_NAME}", address) for line in _wrapped(text, TEXT, QUIET)]


def _wrapped(text: str, size: int, fill: str, *, bold: bool = False) -> list[TextLine]:
    return [TextLine(line, size, fill, bold) for line in wrap_text(clean(text), size, INNER, bold=bold)]


def _texts(lines: list[TextLine], top: float) -> str:
    parts = []
    for line in lines:
        weight = ' font-weight="bold"' if line.bold else ""
        parts.append(
            f'<text x="{MARGIN}" y="{round(top + line.size)}" font-size="{line.size}"{weight} fill="{line.fill}">'
            f"{escape(line.text)}</text>"
        )
        top += line.height
    return "".join(parts)


def write_png(svg: bytes) -> bytes:
    """Return a picture as PNG of 1200 px, with as many colours as its size allows."""
    picture = Image.open(io.BytesIO(png_of(svg.decode(), WIDTH))).convert("RGB")
    packed = (_packed(picture, colours) for colours in COLOURS if colours <= MOST_PLAIN or b"Gradient" in svg)
    content = b""
    for content in packed:
        if len(content) <= MOST_BYTES:
            break
    return content


def _packed(picture: Image.Image, colours: int) -> bytes:
    buffer = io.BytesIO()
    # few colours of an octree blend the paper with the pale colours of a map; the other method keeps them apart
    method, steps = (Image.Quantize.FASTOCTREE, 0) if colours >= MOST_PLAIN else (Image.Quantize.MAXCOVERAGE, 2)
    picture.quantize(colours, method, kmeans=steps, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
