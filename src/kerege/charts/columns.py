"""Columns by period, with numbers at the columns and words at the breaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from kerege.charts.alt_text import peak
from kerege.charts.chart_words import long_text, number, short_text
from kerege.charts.document import Picture, fade, hatch
from kerege.charts.marks import (
    AXIS,
    COLOURS,
    GRID,
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
    wrap_text,
)
from kerege.charts.model import Chart, Period, Series, Value
from kerege.charts.scales import Box, Scale

NEWEST = 16  # size of the newest number
TALL, LOW, BROAD = 280, 190, 500  # heights of the plot on wide and narrow pictures; a wide picture begins at BROAD
WIDEST_SLOT, LARGEST_COLUMN, FILLED = 110, 56, 0.76
BREAK_GAP = 0.4  # slots
ROW, BARE = 16, 8  # height of a line of labels; free space above the plot
FEW, MOST_LINES = 8, 3


def columns_fit(chart: Chart, width: float) -> bool:
    """Return whether the labels of the periods fit under columns."""
    slot = min(width / max(len(chart.periods), 1), WIDEST_SLOT)
    if len(chart.periods) > FEW and all(text_width(period.label, TEXT) < 60 for period in chart.periods):
        return True
    wrapped = [_wrapped(period, slot) for period in chart.periods]
    return all(len(lines) <= MOST_LINES and _longest(lines) <= slot for lines in wrapped)


def draw_columns(chart: Chart, width: float) -> Picture:
    """Return columns by period; with several series in one period they stand side by side."""
    plot = _Plot(chart, width)
    columns = "".join(plot.columns())
    content = "".join([*plot.grid(), *plot.heads(), *plot.breaks(), columns, *plot.numbers(), *plot.axis()])
    return Picture(content, plot.bottom + plot.axis_height)


def _wrapped(period: Period, slot: float) -> list[str]:
    return wrap_text(period.label, TEXT, max(slot - 4, 8))


def _longest(lines: Sequence[str]) -> float:
    return max(text_width(line, TEXT) for line in lines)


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


class _Plot:
    """Places of the columns of a chart at one width."""

    def __init__(self, chart: Chart, width: float) -> None:
        self.chart, self.width = chart, width
        self.height = TALL if width >= BROAD else LOW
        self.side_by_side = _greatest_group(chart) > 1
        self.head_rows = self._place_heads()
        self.upper = BARE + ROW * len(self.head_rows)
        self.bottom = self.upper + NEWEST + self.height
        top = max((value.upper for value in chart.values.values() if value.status != "withheld"), default=0) or 1
        self.scale = Scale(top, self.bottom, self.upper + NEWEST)
        self.all_fit = self._fits_all()

    # -- places ------------------------------------------------------------------------------------------------------

    @cached_property
    def margin(self) -> float:
        """Return the room for numbers of the axis on narrow pictures, where not every column has its number."""
        if self.width >= BROAD:
            return 0
        top = max((value.upper for value in self.chart.values.values() if value.status != "withheld"), default=0)
        return text_width(number(self.chart, round(top)), SMALL) + 4

    @cached_property
    def slot(self) -> float:
        """Return the width of a period."""
        gaps = sum(line_break.after in self._codes[:-1] for line_break in self.chart.breaks)
        room = self.width - self.margin - self._overhang
        return min(room / (max(len(self._codes), 1) + BREAK_GAP * gaps), WIDEST_SLOT)

    @cached_property
    def _overhang(self) -> float:
        """Return the room at the right for the newest number, which may be wider than its column."""
        pairs = [value for series in self.chart.series for _, value in self.chart.values_of(series.code)[-1:]]
        widest = max((text_width(short_text(self.chart, value), NEWEST, bold=True) for value in pairs), default=0)
        slot = self.width / max(len(self.chart.periods), 1)
        return max(0.0, min(widest, 70) - slot)

    @cached_property
    def _codes(self) -> list[str]:
        return [period.code for period in self.chart.periods]

    @cached_property
    def lefts(self) -> dict[str, float]:
        """Return where each period begins."""
        after = {line_break.after for line_break in self.chart.breaks}
        places, x = {}, self.margin
        for code in self._codes:
            places[code] = x
            x += self.slot * (1 + BREAK_GAP * (code in after))
        return places

    @cached_property
    def placed(self) -> list[_Column]:
        """Return the columns from left to right."""
        return [column for period in self.chart.periods for column in self._columns_of(period)]

    def _columns_of(self, period: Period) -> Iterator[_Column]:
        """Return the columns of a period: those of its counted series, or of all series side by side."""
        chart = self.chart
        shown = [
            (place, series)
            for place, series in enumerate(chart.series)
            if chart.value(series.code, period.code).status != "absent"
        ]
        lanes = len(chart.series) if self.side_by_side else 1
        total = min(self.slot * (0.84 if self.side_by_side else FILLED), LARGEST_COLUMN * lanes)
        left = self.lefts[period.code] + (self.slot - total) / 2
        for place, series in shown:
            value = chart.value(series.code, period.code)
            x = left + total / lanes * (place if self.side_by_side else 0)
            gap = 1 if self.side_by_side else 0
            colour = series_colour(series.code, place)
            yield _Column(series, period, value, left=x, width=total / lanes - gap, colour=colour)

    # -- parts of the picture ----------------------------------------------------------------------------------------

    def grid(self) -> Iterator[str]:
        """Return the base line; lines of round numbers where not every column has its number."""
        right = self.lefts[self._codes[-1]] + self.slot if self._codes else self.width
        if not self.all_fit:
            for tick in self.scale.ticks(3):
                y = self.scale.at(tick)
                yield path(f"M{px(self.margin)} {px(y)}H{px(right)}", GRID)
                yield label(0, y + 4, number(self.chart, tick), size=SMALL, fill=QUIET)
        yield path(f"M{px(self.margin)} {px(self.bottom)}H{px(right)}", AXIS)

    def heads(self) -> Iterator[str]:
        """Return the names of the series and the words of the breaks, above the columns that they are about."""
        for row, texts in enumerate(self.head_rows):
            for head in texts:
                yield label(head.x, 12 + ROW * row, head.text, fill=head.colour, bold=head.colour != QUIET)
                if head.swatch:
                    yield rect(head.x - 15, 2 + ROW * row, 11, 11, head.swatch)

    def breaks(self) -> Iterator[str]:
        """Return a dotted line at each break."""
        for x in self._break_places().values():
            yield path(f"M{px(x)} 2V{px(self.bottom + 6)}", QUIET, ' stroke-dasharray="2 4"')

    def columns(self) -> Iterator[str]:
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
            side = min(width, 14)
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

    def numbers(self) -> Iterator[str]:
        """Return the numbers above the columns: all if they fit, else ends and peaks."""
        chosen = self.placed if self.all_fit else self._important()
        boxes = [self._box(column) for column in self.placed]
        newest = self._newest()
        for column in sorted(chosen, key=lambda column: column.key not in newest):
            yield from self._number(column, boxes, column.key in newest)

    def _number(self, column: _Column, boxes: list[Box], newest: bool) -> Iterator[str]:
        """Return the number of a column if its place is free; the newest in any case."""
        text, y = short_text(self.chart, column.value), self._box(column).top - 5
        size = NEWEST if newest and column.value.status != "withheld" else TEXT
        half = text_width(text, size, bold=newest) / 2
        if column.value.status == "withheld" and half * 2 > self.slot:
            yield self._upright(column, text, y)
            return
        others = [box for box in boxes if box != self._box(column)]
        middles = [column.middle, column.left + half - 1, column.left + column.width - half]
        free = [x for x in middles if not Box(x - half, y - size, x + half, y).meets(others)]
        if not free and not newest:
            return
        x = min((free or middles)[0], self.width - half)
        boxes.append(Box(x - half, y - size, x + half, y))
        bold = newest or column in self._peaks()
        yield label(x, y, text, size=size, anchor="middle", bold=bold)

    def _upright(self, column: _Column, text: str, y: float) -> str:
        x = column.middle + 4
        return f'<g transform="rotate(-90 {px(x)} {px(y)})">{label(x, y, text, size=SMALL, fill=QUIET)}</g>'

    def _box(self, column: _Column) -> Box:
        """Return the place that a column fills."""
        if column.value.status == "withheld":
            return Box(column.left, self.bottom - 14, column.left + column.width, self.bottom)
        reach = column.value.upper if column.value.status in ("noise", "estimated") else column.value.count or 0
        return Box(column.left, self.scale.at(reach), column.left + column.width, self.bottom)

    # -- which numbers and labels ------------------------------------------------------------------------------------

    def _fits_all(self) -> bool:
        """Return whether the number of every column is narrower than its room."""
        lane = self.slot / (len(self.chart.series) if self.side_by_side else 1)
        shown = [column.value for column in self.placed if column.value.status != "withheld"]
        return all(text_width(short_text(self.chart, value), TEXT) <= lane for value in shown)

    def _newest(self) -> set[tuple[str, str]]:
        """Return the keys of the values of the newest counted period."""
        last = self.placed[-1].period.code if self.placed else ""
        return {column.key for column in self.placed if column.period.code == last}

    def _peaks(self) -> list[_Column]:
        peaks = []
        for series in self.chart.series:
            top = peak(self.chart.values_of(series.code))
            peaks += [column for column in self.placed if top and column.key == (series.code, top[0].code)]
        return peaks

    def _important(self) -> list[_Column]:
        """Return the newest columns, the peaks, the ends of each series and all withheld values."""
        ends = [column for column in self.placed if self._is_end(column)]
        withheld = [column for column in self.placed if column.value.status == "withheld"]
        chosen: dict[tuple[str, str], _Column] = {}
        for column in [*self._peaks(), *ends, *withheld]:
            chosen.setdefault(column.key, column)
        return list(chosen.values())

    def _is_end(self, column: _Column) -> bool:
        pairs = self.chart.values_of(column.series.code)
        return column.period in (pairs[0][0], pairs[-1][0])

    def _break_places(self) -> dict[str, float]:
        """Return where each break is drawn."""
        shown = [line_break.after for line_break in self.chart.breaks if line_break.after in self._codes[:-1]]
        return {code: self.lefts[code] + self.slot * (1 + BREAK_GAP / 2) for code in shown}

    def _place_heads(self) -> list[list[_Head]]:
        """Return rows of heads without overlap."""
        rows: list[list[_Head]] = []
        for head in self._heads():
            row = next((row for row in rows if all(not head.near(other) for other in row)), None)
            if row is None:
                rows.append(row := [])
            row.append(head)
        return rows

    def _heads(self) -> Iterator[_Head]:
        """Return the name of each series, if there are several, and the words of each break."""
        several = len(self.chart.series) > 1
        x = 15.0
        for place, series in enumerate(self.chart.series if several else ()):
            colour = series_colour(series.code, place)
            if self.side_by_side:
                swatched = _Head(x, series.label, INK, colour)
                x = swatched.right + 28 if swatched.right < self.width else 15.0
                yield _Head(x, series.label, INK, colour) if x == 15.0 else swatched
            elif own := self.chart.values_of(series.code):
                yield self._above(own, series.label, colour)
        for line_break in self.chart.breaks:
            if line_break.words and line_break.after in self._break_places():
                yield self._inside(self._break_places()[line_break.after] + 6, line_break.words, QUIET)

    def _above(self, own: Sequence[tuple[Period, Value]], text: str, colour: str) -> _Head:
        """Return the name of a series above its columns, beside the break that ends or begins it."""
        first, last = own[0][0].code, own[-1][0].code
        if last in self._break_places():
            x = self._break_places()[last] - 8 - text_width(text, TEXT, bold=True)
            return self._inside(max(x, 0), text, colour)
        before = [place for place in self._break_places().values() if place < self.lefts[first]]
        return self._inside(max(before) + 8 if before else self.lefts[first], text, colour)

    def _inside(self, x: float, text: str, colour: str) -> _Head:
        ink = colour if colour != COLOURS[3] else INK
        return _Head(max(0.0, min(x, self.width - text_width(text, TEXT, bold=True))), text, ink)

    # -- axis --------------------------------------------------------------------------------------------------------

    @cached_property
    def axis_height(self) -> float:
        """Return the height of the labels of the periods."""
        return 8 + 15 * max((len(lines) for _, lines in self._axis_labels()), default=1)

    def axis(self) -> Iterator[str]:
        """Return the labels of the periods; the newest is bold."""
        for period, lines in self._axis_labels():
            newest = period.code == self._codes[-1]
            for at, line in enumerate(lines):
                x, half = self.lefts[period.code] + self.slot / 2, text_width(line, TEXT, bold=newest) / 2
                x = min(max(x, half), self.width - half)
                fill = INK if newest else QUIET
                yield label(x, self.bottom + 17 + 15 * at, line, fill=fill, anchor="middle", bold=newest)

    def _axis_labels(self) -> list[tuple[Period, list[str]]]:
        wrapped = [(period, _wrapped(period, self.slot)) for period in self.chart.periods]
        if len(wrapped) <= FEW or all(len(lines) == 1 and _longest(lines) < self.slot for _, lines in wrapped):
            return wrapped
        taken: list[Box] = []
        return [(period, [period.label]) for period in self._by_rank() if self._takes(period, taken)]

    def _takes(self, period: Period, taken: list[Box]) -> bool:
        """Return whether the label of a period has room beside those already placed; it is placed then."""
        half = text_width(period.label, TEXT, bold=True) / 2 + 3
        middle = min(max(self.lefts[period.code] + self.slot / 2, half), self.width - half)
        box = Box(middle - half, 0, middle + half, 1)
        if box.meets(taken):
            return False
        taken.append(box)
        return True

    def _by_rank(self) -> list[Period]:
        """Return the newest period, the first, those beside breaks, then round years."""
        edges = {self._codes[-1], self._codes[0]}
        for code in self._break_places():
            edges |= {self._codes[self._codes.index(code) + 1]}
        ranked = [period for period in self.chart.periods if period.code in edges]
        ranked.sort(key=lambda period: period.code != self._codes[-1])
        return ranked + [period for period in self.chart.periods if period.code not in edges and _is_round(period)]


def _is_round(period: Period) -> bool:
    return period.code[-1:] in "05" or not period.code.isdigit()


@dataclass(frozen=True)
class _Head:
    """Text above the columns."""

    x: float
    text: str
    colour: str
    swatch: str = ""

    @property
    def right(self) -> float:
        return self.x + text_width(self.text, TEXT, bold=True)

    def near(self, other: _Head) -> bool:
        return self.x - 10 < other.right and other.x - 10 < self.right


def _greatest_group(chart: Chart) -> int:
    """Return the most series that one period has."""
    counted = [
        sum(chart.value(series.code, period.code).status != "absent" for series in chart.series)
        for period in chart.periods
    ]
    return max(counted, default=0)
