"""Columns by period, with numbers at the columns and words at the breaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from kerege.charts.alt_text import peak
from kerege.charts.chart_words import long_text, short_text
from kerege.charts.column_layout import NEWEST, ColumnLayout
from kerege.charts.document import Picture, fade, hatch
from kerege.charts.heads import series_names
from kerege.charts.marks import (
    AXIS,
    GREY,
    INK,
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
from kerege.charts.scales import Box

LARGEST_COLUMN, FILLED, FILLED_GROUP = 56, 0.76, 0.84  # pixels; parts of a slot
WITHHELD = 14  # side of the square of a withheld value


def draw_columns(chart: Chart, width: float) -> Picture:
    """Return columns by period; several series in one period stand side by side."""
    plot = _Columns(chart, width)
    frame, marks = plot.layout.frame(ticks=not plot.all_fit), plot.marks()
    content = "".join([*frame, *marks, *plot.numbers(), *plot.layout.axis()])
    return Picture(content, plot.layout.bottom + plot.layout.axis_height())


@dataclass(frozen=True)
class _Column:
    """One value at its place."""

    series: Series
    period: Period
    value: Value
    left: float
    width: float
    colour: str

    @property
    def middle(self) -> float:
        return self.left + self.width / 2

    @property
    def key(self) -> tuple[str, str]:
        return self.series.code, self.period.code


class _Columns:
    """Columns of a chart at one width, and their numbers."""

    def __init__(self, chart: Chart, width: float) -> None:
        self.chart, self.width = chart, width
        self.lanes = len(chart.series) if greatest_group(chart) > 1 else 1
        newest = [short_text(chart, value) for value in _newest_values(chart) if value.status != "withheld"]
        self.layout = ColumnLayout(
            chart, width, highest(chart), newest=newest, key=series_names(chart) if self.lanes > 1 else ()
        )
        self.bottom, self.scale = self.layout.bottom, self.layout.scale
        self.all_fit = self._fits_all()

    @cached_property
    def placed(self) -> list[_Column]:
        """Return the columns from left to right."""
        return [column for period in self.chart.periods for column in self._columns_of(period)]

    def _columns_of(self, period: Period) -> Iterator[_Column]:
        """Return the columns of a period: those of its counted series."""
        slot = self.layout.slot
        filled = slot * (FILLED_GROUP if self.lanes > 1 else FILLED)
        lane = min(filled, LARGEST_COLUMN * self.lanes) / self.lanes
        left = self.layout.lefts[period.code] + (slot - lane * self.lanes) / 2
        for place, series in enumerate(self.chart.series):
            value = self.chart.value(series.code, period.code)
            if value.status != "absent":
                x = left + lane * place if self.lanes > 1 else left
                width = lane - 1 if self.lanes > 1 else lane
                colour = GREY if period.code == "_U" else series_colour(series.code, place)
                yield _Column(series, period, value, left=x, width=width, colour=colour)

    # -- marks -------------------------------------------------------------------------------------------------------

    def marks(self) -> Iterator[str]:
        """Return the columns."""
        for column in self.placed:
            tooltip = f"{column.period.label}: {long_text(self.chart, column.value)}"
            if len(self.chart.series) > 1:
                tooltip = f"{column.series.label}, {tooltip}"
            yield mark(column.key, tooltip, self._shape(column))

    def _shape(self, column: _Column) -> str:
        """Return the drawing of one value by its status."""
        value, left, width = column.value, column.left, column.width
        if value.status == "withheld":
            side = min(width, WITHHELD)
            x = column.middle - side / 2
            return rect(x, self.bottom - side, side, side, hatch(self.chart, self.width), more=f' stroke="{AXIS}"')
        if value.status == "estimated":
            top, bottom = self.scale.at(value.upper), self.scale.at(value.lower)
            return rect(left, top, width, bottom - top, fade(self.chart, self.width, upright=True))
        top = self.scale.at(value.count or 0)
        column_mark = rect(left, top, width, self.bottom - top, column.colour) if value.count else ""
        return column_mark + (self._whisker(column) if value.status == "noise" else "")

    def _whisker(self, column: _Column) -> str:
        """Return the line from the lower to the upper limit of a count with noise."""
        low, high, x = self.scale.at(column.value.lower), self.scale.at(column.value.upper), column.middle
        return path(f"M{px(x - 3)} {px(high)}h6m-3 0V{px(low)}m-3 0h6", INK, ' stroke-width="1.5"')

    # -- numbers -----------------------------------------------------------------------------------------------------

    def numbers(self) -> Iterator[str]:
        """Return the numbers above the columns: all if they fit, else ends and peaks."""
        boxes = [self._box(column) for column in self.placed]
        chosen = self.placed if self.all_fit else self._important
        for column in sorted(chosen, key=lambda column: column.key not in self._newest):
            yield from self._number(column, boxes, column.key in self._newest)

    def _number(self, column: _Column, boxes: list[Box], newest: bool) -> Iterator[str]:
        """Return the number of a column if its place is free; the newest in any case."""
        text, y = short_text(self.chart, column.value), self._box(column).top - 5
        size = NEWEST if newest and column.value.status != "withheld" else TEXT
        half = text_width(text, size, bold=newest) / 2
        if column.value.status == "withheld" and half * 2 > self.layout.slot / self.lanes:
            yield self._upright(column, text, y)
            return
        others = [box for box in boxes if box != self._box(column)]
        middles = [column.middle, column.left + half - 1, column.left + column.width - half]
        free = [x for x in middles if not Box(x - half, y - size, x + half, y).meets(others)]
        if not free and not newest:
            return
        x = min((free or middles)[0], self.width - half)
        boxes.append(Box(x - half, y - size, x + half, y))
        yield label(x, y, text, size=size, anchor="middle", bold=newest or column in self._peaks)

    def _upright(self, column: _Column, text: str, y: float) -> str:
        x = column.middle + 4
        return f'<g transform="rotate(-90 {px(x)} {px(y)})">{label(x, y, text, size=SMALL, fill=QUIET)}</g>'

    def _box(self, column: _Column) -> Box:
        """Return the place that a column fills."""
        if column.value.status == "withheld":
            return Box(column.left, self.bottom - WITHHELD, column.left + column.width, self.bottom)
        reach = column.value.upper if column.value.status in ("noise", "estimated") else column.value.count or 0
        return Box(column.left, self.scale.at(reach), column.left + column.width, self.bottom)

    def _fits_all(self) -> bool:
        """Return whether the number of every column is narrower than its room."""
        lane = self.layout.slot / self.lanes
        shown = [column.value for column in self.placed if column.value.status != "withheld"]
        return all(text_width(short_text(self.chart, value), TEXT) <= lane for value in shown)

    @cached_property
    def _newest(self) -> set[tuple[str, str]]:
        """Return the keys of the values of the newest counted period."""
        last = self.placed[-1].period.code if self.placed else ""
        return {column.key for column in self.placed if column.period.code == last}

    @cached_property
    def _peaks(self) -> list[_Column]:
        peaks = []
        for series in self.chart.series:
            top = peak(self.chart.values_of(series.code))
            peaks += [column for column in self.placed if top and column.key == (series.code, top[0].code)]
        return peaks

    @cached_property
    def _important(self) -> Sequence[_Column]:
        """Return the newest columns, the peaks, the ends of each series and all withheld values."""
        ends = [column for column in self.placed if self._is_end(column)]
        withheld = [column for column in self.placed if column.value.status == "withheld"]
        chosen: dict[tuple[str, str], _Column] = {}
        for column in [*self._peaks, *ends, *withheld]:
            chosen.setdefault(column.key, column)
        return list(chosen.values())

    def _is_end(self, column: _Column) -> bool:
        pairs = self.chart.values_of(column.series.code)
        return column.period in (pairs[0][0], pairs[-1][0])


def highest(chart: Chart) -> float:
    """Return the largest number that a chart must hold: withheld values have no length."""
    return max((value.upper for value in chart.values.values() if value.status != "withheld"), default=0)


def greatest_group(chart: Chart) -> int:
    """Return the most series that one period has."""
    counted = [
        sum(chart.value(series.code, period.code).status != "absent" for series in chart.series)
        for period in chart.periods
    ]
    return max(counted, default=0)


def _newest_values(chart: Chart) -> list[Value]:
    return [value for series in chart.series for _, value in chart.values_of(series.code)[-1:]]
