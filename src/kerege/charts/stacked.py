"""Columns or rows of at most four parts with their total; a split that is withheld is one grey part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from kerege.charts.chart_words import long_text, number, short_text, word
from kerege.charts.column_layout import NEWEST, ColumnLayout, columns_fit
from kerege.charts.columns import FILLED, LARGEST_COLUMN
from kerege.charts.document import Picture, hatch
from kerege.charts.heads import HEAD, draw_heads, key_heads, place_heads, series_names
from kerege.charts.marks import (
    AXIS,
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
from kerege.charts.model import Chart, Period, Value
from kerege.charts.rows import RowLabels
from kerege.charts.scales import Box, Scale

TOTAL, REST = "_T", "_W"  # series of the published total; key of the part whose split is withheld
MOST_PARTS = 4
PAD, LINE = 4, 15
THICK = 18  # height of a row in pixels


@dataclass(frozen=True)
class StackPart:
    """Part of a stack from `start` to `end`, in counts."""

    code: str
    name: str
    start: float
    end: float
    fill: str
    tooltip: str

    @property
    def length(self) -> float:
        """Return the count of the part."""
        return self.end - self.start


class Stacks:
    """Parts and totals of a chart."""

    def __init__(self, chart: Chart, width: float) -> None:
        if len(chart.series) > MOST_PARTS:
            raise ValueError(f"a stack has at most {MOST_PARTS} parts")
        self.chart, self.width = chart, width
        self.parts = {period.code: list(self._parts(period)) for period in chart.periods}
        self.totals = {period.code: self._total(period.code) for period in chart.periods}

    def _total(self, period: str) -> Value:
        """Return the published total; without one, the sum of parts that are all exact."""
        total = self.chart.value(TOTAL, period)
        if total.status != "absent":
            return total
        parts = [self.chart.value(series.code, period) for series in self.chart.series]
        if all(part.status in ("exact", "absent") for part in parts):
            return Value.exact(sum(part.count or 0 for part in parts))
        return Value.absent()

    def _parts(self, period: Period) -> Iterator[StackPart]:
        """Return the parts of a period, then what the total has beyond them."""
        end = 0.0
        for place, series in enumerate(self.chart.series):
            value = self.chart.value(series.code, period.code)
            if value.count:
                tooltip = f"{series.label}, {period.label}: {long_text(self.chart, value)}"
                start, end = end, end + value.count
                yield StackPart(
                    series.code, series.label, start, end, fill=series_colour(series.code, place), tooltip=tooltip
                )
        total = self.chart.value(TOTAL, period.code).count or 0
        if total > end and self._splits_withheld(period.code):
            name = word(self.chart, "split_withheld")
            fill = hatch(self.chart, self.width)
            yield StackPart(REST, name, end, total, fill=fill, tooltip=f"{period.label}: {name}")

    def _splits_withheld(self, period: str) -> bool:
        return any(self.chart.value(series.code, period).status == "withheld" for series in self.chart.series)

    def highest(self) -> float:
        """Return the largest stack or total."""
        ends = [part.end for parts in self.parts.values() for part in parts]
        return max([*ends, *(total.count or 0 for total in self.totals.values())], default=0)

    def key(self) -> list[tuple[str, str]]:
        """Return the names of the parts with their fills."""
        rest = {(part.name, part.fill) for parts in self.parts.values() for part in parts if part.code == REST}
        return series_names(self.chart) + sorted(rest)

    def total_text(self, period: str) -> str:
        """Return the label of a total: the word for a withheld one, nothing without one."""
        total = self.totals[period]
        if total.status == "absent":
            withheld = not self.parts[period] and self._splits_withheld(period)
            return word(self.chart, "withheld") if withheld else ""
        return short_text(self.chart, total)


def draw_stacked(chart: Chart, width: float) -> Picture:
    """Return stacked columns; stacked rows if the labels do not fit under columns."""
    if columns_fit(chart, width):
        return _StackedColumns(chart, width).draw()
    return _draw_rows(chart, width)


class _StackedColumns:
    """Stacked columns at one width."""

    def __init__(self, chart: Chart, width: float) -> None:
        self.chart, self.stacks = chart, Stacks(chart, width)
        newest = [self.stacks.total_text(period.code) for period in chart.periods[-1:]]
        self.layout = ColumnLayout(chart, width, self.stacks.highest(), newest=newest, key=self.stacks.key())

    def draw(self) -> Picture:
        fits = all(text_width(self.stacks.total_text(code), TEXT) <= self.layout.slot for code in self.layout.codes)
        marks = [self._stack(period) for period in self.chart.periods]
        parts = [*self.layout.frame(ticks=not fits), *marks, *self._totals(fits), *self.layout.axis()]
        return Picture("".join(parts), self.layout.bottom + self.layout.axis_height())

    @cached_property
    def _column(self) -> float:
        return min(self.layout.slot * FILLED, LARGEST_COLUMN)

    def _left(self, code: str) -> float:
        return self.layout.lefts[code] + (self.layout.slot - self._column) / 2

    def _stack(self, period: Period) -> str:
        """Return the parts of a stack from the bottom, with their numbers where they fit."""
        shapes, left, scale = [], self._left(period.code), self.layout.scale
        for part in self.stacks.parts[period.code]:
            top, height = scale.at(part.end), scale.at(part.start) - scale.at(part.end)
            stroke = f' stroke="{AXIS if part.code == REST else PAPER}" stroke-width="1"'
            shape = rect(left, top, self._column, height, part.fill, more=stroke)
            shapes.append(mark((part.code, period.code), part.tooltip, shape + self._inside(part, left, top, height)))
        return "".join(shapes)

    def _inside(self, part: StackPart, left: float, top: float, height: float) -> str:
        text = number(self.chart, part.length)
        if part.code == REST or height < LINE or text_width(text, SMALL) > self._column - PAD:
            return ""
        return label(left + self._column / 2, top + height / 2 + 4, text, size=SMALL, fill=PAPER, anchor="middle")

    def _totals(self, fits: bool) -> Iterator[str]:
        """Return the totals above the stacks: all if they fit, else the ends."""
        codes = self.layout.codes
        boxes: list[Box] = []
        for code in [codes[-1], *(codes[:-1] if fits else codes[:1])] if codes else ():
            text, newest = self.stacks.total_text(code), code == codes[-1]
            size = NEWEST if newest else TEXT
            middle, half = self._left(code) + self._column / 2, text_width(text, size, bold=newest) / 2
            x = min(middle, self.layout.width - half)
            top, y = self._top(middle, middle), self._top(x - half, x + half) - 5
            box = Box(x - half, y - size, x + half, y)
            if text and not box.meets(boxes):
                boxes.append(box)
                yield label(x, y, text, size=size, anchor="middle", bold=newest)
                if y < top - 5:  # above a higher stack beside it: a line leads down to its own
                    yield path(f"M{px(middle)} {px(y + 2)}V{px(top - 1)}", stroke=INK)

    def _top(self, left: float, right: float) -> float:
        """Return where the highest stack between two places ends."""
        over = [
            code for code in self.layout.codes if self._left(code) - right < 0 < self._left(code) + self._column - left
        ]
        return self.layout.scale.at(max((part.end for code in over for part in self.stacks.parts[code]), default=0))


def _draw_rows(chart: Chart, width: float) -> Picture:
    """Return stacked rows: a label, the parts from left to right, the total."""
    stacks = Stacks(chart, width)
    totals = [stacks.total_text(period.code) for period in chart.periods]
    heads = place_heads(key_heads(width, stacks.key()))
    rows = RowLabels([period.label for period in chart.periods], width, THICK)
    room = max((text_width(text, TEXT, bold=True) for text in totals), default=0) + 8
    scale = Scale(stacks.highest() or 1, rows.left, width - room)
    top = 8 + HEAD * len(heads)
    body = list(draw_heads(heads))
    for place, (period, total) in enumerate(zip(chart.periods, totals, strict=True)):
        y = top + rows.tops[place]
        body += [
            rows.draw(place, top),
            *(_row_part(chart, scale, period, part, y) for part in stacks.parts[period.code]),
        ]
        end = max((part.end for part in stacks.parts[period.code]), default=0)
        body.append(label(scale.at(end) + 6, y + THICK - 5, total, fill=INK if end else QUIET, bold=bool(end)))
    return Picture("".join(body), top + rows.height)


def _row_part(chart: Chart, scale: Scale, period: Period, part: StackPart, y: float) -> str:
    left, length = scale.at(part.start), scale.at(part.end) - scale.at(part.start)
    stroke = f' stroke="{AXIS if part.code == REST else PAPER}" stroke-width="1"'
    text, shape = number(chart, part.length), rect(left, y, length, THICK, part.fill, more=stroke)
    if part.code != REST and text_width(text, SMALL) <= length - PAD:
        shape += label(left + length / 2, y + THICK - 5, text, size=SMALL, fill=PAPER, anchor="middle")
    return mark((part.code, period.code), part.tooltip, shape)
