"""Step curves and lines: one line a series with its name at the end; withheld values leave a gap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from kerege.charts.chart_words import format_number, long_text, number, short_text
from kerege.charts.column_layout import BROAD
from kerege.charts.columns import highest
from kerege.charts.document import Picture, hatch
from kerege.charts.heads import HEAD, Head, draw_heads, head_inside, key_heads, place_heads, series_names
from kerege.charts.marks import (
    AXIS,
    GRID,
    INK,
    PAPER,
    QUIET,
    SMALL,
    TEXT,
    label,
    mark,
    path,
    px,
    rect,
    series_colour,
    text_width,
)
from kerege.charts.model import Chart, Period, Series, Value
from kerege.charts.scales import Box, Scale, round_step

TALL, LOW = 220, 170  # heights of the plot
FULL = 100  # per cent: the end of the axis of a step curve
DOT = 3.5
FEW_POINTS = 14  # lines with more points have no dots


def draw_step(chart: Chart, width: float) -> Picture:
    """Return step curves from 0 to 100% over days; a break is a line with words, such as a target."""
    return _Curves(chart, width, top=FULL, steps=True).draw()


def draw_lines(chart: Chart, width: float) -> Picture:
    """Return lines over periods from zero."""
    return _Curves(chart, width, top=highest(chart) or 1, steps=False).draw()


class _Curves:
    """Curves of a chart at one width."""

    def __init__(self, chart: Chart, width: float, *, top: float, steps: bool) -> None:
        self.chart, self.width, self.steps = chart, width, steps
        self.margin = text_width(number(chart, round(top)), SMALL) + 6
        self.heads = place_heads(self._heads())
        self.upper = HEAD * len(self.heads) + 10
        self.bottom = self.upper + (TALL if width >= BROAD else LOW)
        self.scale = Scale(top, self.bottom, self.upper)

    @cached_property
    def _right(self) -> float:
        """Return where the plot ends: numbers at the ends of lines have room beyond."""
        ends = [short_text(self.chart, values[-1][1]) for values in self._all_values() if values]
        return self.width - max((text_width(text, TEXT, bold=True) for text in ends), default=0) - 10

    def _all_values(self) -> list[list[tuple[Period, Value]]]:
        return [self.chart.values_of(series.code) for series in self.chart.series]

    @cached_property
    def numeric(self) -> bool:
        """Return whether the periods are numbers on an axis, such as days."""
        return self.steps and all(period.code.isdigit() for period in self.chart.periods)

    def at(self, code: str) -> float:
        """Return the horizontal place of a period."""
        if self.numeric:
            return Scale(self._last_day, self.margin, self._right).at(float(code))
        places = [period.code for period in self.chart.periods]
        return self.margin + (self._right - self.margin) * places.index(code) / max(len(places) - 1, 1)

    @cached_property
    def _last_day(self) -> float:
        days = [float(period.code) for period in self.chart.periods]
        marked = [float(at.after) for at in self.chart.breaks if at.after.isdigit()]
        return max([*days, *marked], default=1) or 1

    def draw(self) -> Picture:
        """Return grid, heads, breaks, curves and axis."""
        parts = [*self._grid(), *draw_heads(self.heads), *self._breaks(), *self._curves(), *self._axis()]
        return Picture("".join(parts), self.bottom + (40 if self.chart.axis else 24))

    def _grid(self) -> Iterator[str]:
        for tick in (0, *self.scale.ticks(4)):
            y = self.scale.at(tick)
            yield path(f"M{px(self.margin)} {px(y)}H{px(self._right)}", GRID if tick else AXIS)
            yield label(0, y + 4, number(self.chart, tick), size=SMALL, fill=QUIET)

    def _heads(self) -> Iterator[Head]:
        """Return the names of several series, and the words of breaks beside their lines."""
        if len(self.chart.series) > 1:
            yield from key_heads(self.width, series_names(self.chart))
        for code, words in self._shown_breaks():
            yield head_inside(self.at(code) + 6, words, QUIET, self.width)

    def _shown_breaks(self) -> list[tuple[str, str]]:
        codes = {period.code for period in self.chart.periods}
        return [(at.after, at.words) for at in self.chart.breaks if at.after in codes or self.numeric]

    def _breaks(self) -> Iterator[str]:
        for code, _ in self._shown_breaks():
            yield path(f"M{px(self.at(code))} 4V{px(self.bottom)}", QUIET, ' stroke-dasharray="2 4"')

    def _curves(self) -> Iterator[str]:
        taken: list[Box] = []
        for place, series in enumerate(self.chart.series):
            curve = _Curve(self, series, series_colour(series.code, place))
            yield from curve.draw()
            yield from curve.end(taken)

    def _axis(self) -> Iterator[str]:
        """Return the labels under the axis that have room, the first and the last in any case."""
        end = -1.0
        labels = self._axis_labels()
        for at, (x, text) in enumerate(labels):
            half = text_width(text, TEXT) / 2
            x = max(half, min(x, self.width - half))
            room = labels[-1][0] - text_width(labels[-1][1], TEXT) / 2 - 6
            if x - half > end and (at == len(labels) - 1 or x + half < room):
                end = x + half + 6
                yield label(x, self.bottom + 17, text, fill=QUIET, anchor="middle")
        if self.chart.axis:
            yield label(self.width, self.bottom + 34, self.chart.axis, size=SMALL, fill=QUIET, anchor="end")

    def _axis_labels(self) -> list[tuple[float, str]]:
        if not self.numeric:
            return [(self.at(period.code), period.label) for period in self.chart.periods]
        step = max(round_step(self._last_day, 6), 1)
        days = [step * n for n in range(int(self._last_day / step) + 1)]
        return [(self.at(str(int(day))), format_number(day, self.chart.lang)) for day in days]


@dataclass(frozen=True)
class _Curve:
    """Curve of one series."""

    plot: _Curves
    series: Series
    colour: str

    def _points(self) -> list[tuple[Period, Value]]:
        return self.plot.chart.values_of(self.series.code)

    def draw(self) -> Iterator[str]:
        """Return the line in pieces between gaps, and a mark at each point."""
        for piece in self._pieces():
            yield path(self._shape(piece), self.colour, ' stroke-width="2.5" stroke-linejoin="round"')
        dots = not self.plot.steps and len(self.plot.chart.periods) <= FEW_POINTS
        for period, value in self._points():
            tooltip = f"{self.series.label}, {period.label}: {long_text(self.plot.chart, value)}"
            yield mark((self.series.code, period.code), tooltip, self._dot(period, value, dots))

    def _pieces(self) -> list[list[tuple[float, float]]]:
        """Return the points of each piece of the line: a withheld value or a break ends a piece."""
        pieces: list[list[tuple[float, float]]] = [[]]
        breaks = {at.after for at in self.plot.chart.breaks} if not self.plot.steps else set()
        for period, value in self._points():
            if value.count is None:
                pieces.append([])
                continue
            pieces[-1].append((self.plot.at(period.code), self.plot.scale.at(value.count)))
            if period.code in breaks:
                pieces.append([])
        return [piece for piece in pieces if piece]

    def _shape(self, piece: Sequence[tuple[float, float]]) -> str:
        (x, y), *others = piece
        if self.plot.steps:
            return f"M{px(x)} {px(y)}" + "".join(f"H{px(right)}V{px(low)}" for right, low in others)
        return f"M{px(x)} {px(y)}" + "".join(f"L{px(right)} {px(low)}" for right, low in others)

    def _dot(self, period: Period, value: Value, dots: bool) -> str:
        """Return the mark of a point: a dot, a hatched square for a withheld value, a whisker for noise."""
        x = self.plot.at(period.code)
        if value.count is None:
            pattern = hatch(self.plot.chart, self.plot.width)
            return rect(x - 6, self.plot.bottom - 12, 12, 12, pattern, more=f' stroke="{AXIS}"')
        y, whisker = self.plot.scale.at(value.count), ""
        if value.status == "noise":
            low, high = self.plot.scale.at(value.lower), self.plot.scale.at(value.upper)
            whisker = path(f"M{px(x - 3)} {px(high)}h6m-3 0V{px(low)}m-3 0h6", INK)
        size, fill = (DOT, PAPER) if dots else (DOT + 1, "transparent")
        stroke = f' stroke="{self.colour}" stroke-width="2"' if dots else ""
        return f'<circle cx="{px(x)}" cy="{px(y)}" r="{px(size)}" fill="{fill}"{stroke}/>{whisker}'

    def end(self, taken: list[Box]) -> Iterator[str]:
        """Return the last number at the end of the line, lower if an earlier one is there."""
        points = [(period, value) for period, value in self._points() if value.count is not None]
        if not points:
            return
        period, value = points[-1]
        text = short_text(self.plot.chart, value)
        x, y = self.plot.at(period.code) + 8, self.plot.scale.at(value.count or 0) + 4
        while Box(x, y - TEXT, x + 1, y).meets(taken):
            y += TEXT + 2
        taken.append(Box(x, y - TEXT, x + 1, y))
        yield label(x, y, text, fill=self.colour, bold=True)
