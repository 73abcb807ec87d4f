"""Rows of intervals with a point: counts as bars from zero, estimates as violet lines; on one axis.

The series say how a value is drawn: `count` as a bar, `point` as a circle, `inner` as a thick line, `outer` as a thin
one. A row with `inner` alone is a range whose ends fade.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from kerege.charts.chart_words import long_text, number, short_text
from kerege.charts.document import Picture, fade
from kerege.charts.heads import HEAD, draw_heads, line_heads, place_heads
from kerege.charts.marks import AXIS, COLOURS, GRID, PAPER, QUIET, SMALL, TEXT, VIOLET, label, mark, path, px, rect
from kerege.charts.marks import text_width as wide
from kerege.charts.model import Chart, Period, Value
from kerege.charts.rows import RowLabels
from kerege.charts.scales import Scale

THICK, RIGHT, FOOT = 18, 44, 26  # pixels: height of a row, room at the right, height of the axis
FARTHEST = 1.6  # limits beyond this multiple of the other numbers are cut off with an arrow
STYLES = {"outer": 2, "inner": 8}  # width of a line in pixels


def draw_intervals(chart: Chart, width: float) -> Picture:
    """Return a row for each category; numeric breaks are vertical lines with words."""
    labels = RowLabels([period.label for period in chart.periods], width, THICK)
    scale = Scale(axis_end(chart), max(labels.left, 8), width - RIGHT)
    heads = place_heads(line_heads(chart, scale, width))
    top = HEAD * len(heads) + 8
    bottom = top + labels.height
    body = [*_axis(chart, scale, top, bottom), *draw_heads(heads)]
    for place, period in enumerate(chart.periods):
        body += [labels.draw(place, top), _Row(chart, period, scale, width).draw(top + labels.tops[place])]
    if chart.axis:
        body.append(label(width, bottom + 34, chart.axis, size=SMALL, fill=QUIET, anchor="end"))
    return Picture("".join(body), bottom + FOOT + (16 if chart.axis else 0))


def axis_end(chart: Chart) -> float:
    """Return the end of the axis: a far limit is cut off to keep the rest legible."""
    near = [_known(value) for (series, _), value in chart.values.items() if series != "outer"]
    near += [float(at.after) for at in chart.breaks]
    far = [_known(value) for (series, _), value in chart.values.items() if series == "outer"]
    return min(max([*near, *far], default=1), FARTHEST * max(near, default=1)) * 1.04 or 1


def _known(value: Value) -> float:
    """Return the largest finite number of a value."""
    return value.upper if math.isfinite(value.upper) else value.lower


def _axis(chart: Chart, scale: Scale, top: float, bottom: float) -> Iterator[str]:
    for tick in (0, *scale.ticks(5)):
        x = scale.at(tick)
        yield path(f"M{px(x)} {px(top)}V{px(bottom)}", GRID if tick else AXIS)
        yield label(x, bottom + 16, number(chart, tick), size=SMALL, fill=QUIET, anchor="middle")
    for at in chart.breaks:
        yield path(f"M{px(scale.at(float(at.after)))} 4V{px(bottom)}", QUIET, ' stroke-dasharray="2 4"')


@dataclass(frozen=True)
class _Row:
    """Values of one category."""

    chart: Chart
    period: Period
    scale: Scale
    width: float

    def _value(self, series: str) -> Value:
        return self.chart.value(series, self.period.code)

    def draw(self, y: float) -> str:
        """Return the marks of the row, from the widest to the narrowest."""
        middle = y + THICK / 2
        shapes = [*self._count(y), *self._lines(middle), *self._point(middle)]
        keys = [series for series in ("count", "point", "inner") if self._value(series).status != "absent"]
        if not keys:
            return ""
        tooltip = "; ".join(long_text(self.chart, self._value(series)) for series in keys)
        return mark((keys[0], self.period.code), f"{self.period.label}: {tooltip}", "".join(shapes))

    def _count(self, y: float) -> Iterator[str]:
        value = self._value("count")
        if value.count is not None:
            end = self.scale.at(value.count)
            yield rect(self.scale.start, y, end - self.scale.start, THICK, COLOURS[1])
            yield label(end + 6, y + 13, short_text(self.chart, value), bold=True)

    def _lines(self, y: float) -> Iterator[str]:
        point = self._value("point").status != "absent"
        for series, size in STYLES.items():
            value = self._value(series)
            if value.status != "absent" and (point or series == "outer"):
                yield self._line(value, y, size)
            elif value.status != "absent":
                yield self._range(value, y)

    def _line(self, value: Value, y: float, size: int) -> str:
        start, end = self.scale.at(value.lower), self.scale.at(min(value.upper, self.scale.top))
        more = f' stroke-width="{size}"'
        if value.upper > self.scale.top:
            return path(f"M{px(start)} {px(y)}H{px(end)}m-5-5l5 5l-5 5", VIOLET, more)
        return path(f"M{px(start)} {px(y)}H{px(end)}", VIOLET, more)

    def _range(self, value: Value, y: float) -> str:
        """Return a faded bar with its number: at its right, or at its left if there is no room."""
        start, end = self.scale.at(value.lower), self.scale.at(min(value.upper, self.scale.top))
        text = short_text(self.chart, value)
        bar = rect(start, y - THICK / 2, end - start, THICK, fade(self.chart, self.width))
        if end + 6 + wide(text, TEXT, bold=True) <= self.width:
            return bar + label(end + 6, y + 4, text, bold=True)
        return bar + label(start - 6, y + 4, text, anchor="end", bold=True)

    def _point(self, y: float) -> Iterator[str]:
        value = self._value("point")
        if value.count is not None:
            x = px(self.scale.at(value.count))
            yield f'<circle cx="{x}" cy="{px(y)}" r="5" fill="{PAPER}" stroke="{VIOLET}" stroke-width="3"/>'
