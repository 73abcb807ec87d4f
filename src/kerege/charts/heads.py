"""Heads of a chart: names of series and words of breaks, in rows without overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kerege.charts.marks import INK, QUIET, TEXT, label, rect, series_colour, text_width
from kerege.charts.model import Chart
from kerege.charts.scales import Scale

HEAD = 16  # height of a row
SWATCH = 15  # room of the square before a head


@dataclass(frozen=True)
class Head:
    """Text above the columns; a swatch before it is a colour or a pattern."""

    x: float
    text: str
    colour: str
    swatch: str = ""

    @property
    def right(self) -> float:
        """Return where the text ends."""
        return self.x + text_width(self.text, TEXT, bold=True)

    def near(self, other: Head) -> bool:
        """Return whether two heads in one row would touch."""
        return self.x - 10 < other.right and other.x - 10 < self.right

    def draw(self, row: int) -> str:
        """Return the head in its row."""
        text = label(self.x, 12 + HEAD * row, self.text, fill=self.colour, bold=self.colour != QUIET)
        return text + (rect(self.x - SWATCH, 2 + HEAD * row, 11, 11, self.swatch) if self.swatch else "")


def series_names(chart: Chart) -> list[tuple[str, str]]:
    """Return the names of the series with their colours."""
    return [(series.label, series_colour(series.code, place)) for place, series in enumerate(chart.series)]


def head_inside(x: float, text: str, colour: str, width: float) -> Head:
    """Return a head at a place, moved as far as it needs to stay in the picture."""
    return Head(max(0.0, min(x, width - text_width(text, TEXT, bold=True))), text, colour)


def line_heads(chart: Chart, scale: Scale, width: float) -> Iterator[Head]:
    """Return the words of the vertical lines at known numbers, the numeric breaks of a chart."""
    for at in chart.breaks:
        yield head_inside(scale.at(float(at.after)) + 6, at.words, QUIET, width)


def key_heads(width: float, names: Sequence[tuple[str, str]]) -> Iterator[Head]:
    """Return names with swatches from left to right, in as many rows as they need."""
    x = float(SWATCH)
    for name, swatch in names:
        head = Head(x, name, INK, swatch)
        if head.right > width and x > SWATCH:
            head = Head(SWATCH, name, INK, swatch)
        x = head.right + SWATCH + 14
        yield head


def place_heads(heads: Iterable[Head]) -> list[list[Head]]:
    """Return heads in rows, each in the first row where it touches no other."""
    rows: list[list[Head]] = []
    for head in heads:
        row = next((row for row in rows if all(not head.near(other) for other in row)), None)
        if row is None:
            rows.append(row := [])
        row.append(head)
    return rows


def draw_heads(rows: Sequence[Sequence[Head]]) -> Iterator[str]:
    """Return the heads of all rows."""
    for at, row in enumerate(rows):
        yield from (head.draw(at) for head in row)
