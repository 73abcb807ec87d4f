"""Detected beside estimated people, on one axis from zero; the estimate is a bar whose ends fade."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from kerege.charts.chart_words import long_text, number, short_text
from kerege.charts.document import Picture, fade
from kerege.charts.heads import HEAD, draw_heads, line_heads, place_heads
from kerege.charts.marks import AXIS, COLOURS, QUIET, SMALL, TEXT, label, mark, path, px, rect, text_width
from kerege.charts.model import Chart, Period, Series, Value
from kerege.charts.scales import Box, Scale

THICK, LINE, EDGE = 20, 18, 4  # pixels
BEYOND = 1.25  # an estimate without an upper limit ends here, in multiples of its lower limit


def draw_estimate(chart: Chart, width: float) -> Picture:
    """Return a row for each period: counts as solid bars from zero, estimates as faded bars."""
    ends = [_end(value) for value in chart.values.values() if value.status != "withheld"]
    top = max([*ends, *(float(at.after) for at in chart.breaks)], default=1) or 1
    scale = Scale(top, EDGE, width - EDGE - 26)
    body, y = [], 0.0
    for period in chart.periods:
        row = _Row(chart, period, scale, width)
        body.append(row.draw(y))
        y += row.height
    for at in chart.breaks:
        body.append(path(f"M{px(scale.at(float(at.after)))} {LINE}V{px(y)}", QUIET, ' stroke-dasharray="2 4"'))
    heads = place_heads(line_heads(chart, scale, width))
    moved = f'<g transform="translate(0,{px(HEAD * len(heads))})">' if heads else "<g>"
    content = "".join([*draw_heads(heads), moved, *body, *_axis(chart, scale, y), "</g>"])
    return Picture(content, y + 26 + HEAD * len(heads))


def _end(value: Value) -> float:
    return value.upper if math.isfinite(value.upper) else value.lower * BEYOND


def _axis(chart: Chart, scale: Scale, y: float) -> Iterator[str]:
    """Return the axis from zero with round numbers."""
    yield path(f"M{px(scale.start)} {px(y)}H{px(scale.at(scale.top))}", AXIS)
    for tick in (0, *scale.ticks(4)):
        x, text = scale.at(tick), number(chart, tick)
        yield path(f"M{px(x)} {px(y)}v5", AXIS)
        yield label(max(x, text_width(text, SMALL) / 2), y + 18, text, size=SMALL, fill=QUIET, anchor="middle")


@dataclass(frozen=True)
class _Row:
    """Values of one period."""

    chart: Chart
    period: Period
    scale: Scale
    width: float

    @property
    def _values(self) -> list[tuple[Series, Value]]:
        pairs = [(series, self.chart.value(series.code, self.period.code)) for series in self.chart.series]
        return [(series, value) for series, value in pairs if value.status not in ("absent", "withheld")]

    @property
    def _several(self) -> bool:
        return len(self.chart.periods) > 1

    def _labels(self) -> list[tuple[float, int, str]]:
        """Return place, line and text of each label; a label that meets an earlier one goes a line lower."""
        taken: list[Box] = []
        labels = []
        for series, value in self._values:
            text = f"{series.label}: {short_text(self.chart, value)}"
            wide = text_width(text, TEXT, bold=True)
            start = self.scale.at(value.lower) if value.status == "estimated" else self.scale.start
            x = max(0.0, min(start, self.width - wide))
            line = next(n for n in range(9) if not Box(x, n, x + wide + 10, n + 1).meets(taken))
            taken.append(Box(x, line, x + wide, line + 1))
            labels.append((x, line, text))
        return labels

    @property
    def _head(self) -> float:
        lines = max((line for _, line, _ in self._labels()), default=0) + 1
        return LINE * (lines + self._several)

    @property
    def height(self) -> float:
        """Return the height of the row."""
        return self._head + 4 + THICK + 10

    def draw(self, y: float) -> str:
        """Return the period if there are several, the names with numbers, and the bars."""
        offset = y + LINE * self._several + 13
        parts = [label(0, y + 13, self.period.label, fill=QUIET)] if self._several else []
        parts += [label(x, offset + LINE * line, text, bold=True) for x, line, text in self._labels()]
        parts += [self._bar(series, value, y + self._head + 4) for series, value in self._values]
        return "".join(parts)

    def _bar(self, series: Series, value: Value, y: float) -> str:
        tooltip = f"{series.label}, {self.period.label}: {long_text(self.chart, value)}"
        if value.status == "estimated":
            start, end, fill = self.scale.at(value.lower), self.scale.at(_end(value)), fade(self.chart, self.width)
        else:
            start, end, fill = self.scale.start, self.scale.at(value.count or 0), COLOURS[1]
        return mark((series.code, self.period.code), tooltip, rect(start, y, end - start, THICK, fill))
