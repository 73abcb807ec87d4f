"""Places of columns: periods, breaks, the heads above them and the axis under them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from kerege.charts.chart_words import number
from kerege.charts.heads import HEAD, Head, draw_heads, head_inside, key_heads, place_heads
from kerege.charts.marks import (
    AXIS,
    GRID,
    INK,
    QUIET,
    SMALL,
    TEXT,
    label,
    path,
    px,
    series_colour,
    text_width,
    wrap_text,
)
from kerege.charts.model import Chart, Period, Value
from kerege.charts.scales import Box, Scale

NEWEST = 16  # size of the newest number
TALL, LOW, BROAD = 280, 190, 500  # heights of the plot on wide and narrow pictures; a wide picture begins at BROAD
WIDEST_SLOT = 110
BREAK_GAP = 0.4  # slots
BARE = 8  # free space above the plot
FEW, MOST_LINES = 8, 3


def columns_fit(chart: Chart, width: float) -> bool:
    """Return whether the labels of the periods fit under columns."""
    slot = min(width / max(len(chart.periods), 1), WIDEST_SLOT)
    if len(chart.periods) > FEW and all(text_width(period.label, TEXT) < 60 for period in chart.periods):
        return slot >= 10
    whole = all(text_width(part, TEXT) <= slot - 4 for period in chart.periods for part in period.label.split())
    return whole and all(len(_wrapped(period, slot)) <= MOST_LINES for period in chart.periods)


def _wrapped(period: Period, slot: float) -> list[str]:
    return wrap_text(period.label, TEXT, max(slot - 4, 8))


def _longest(lines: Sequence[str]) -> float:
    return max(text_width(line, TEXT) for line in lines)


class ColumnLayout:
    """Places of the columns of a chart at one width; `key` names series by swatches instead of places."""

    def __init__(self, chart: Chart, width: float, top: float, newest: Sequence[str], key: Sequence[tuple[str, str]]):
        self.chart, self.width, self.key = chart, width, key
        self.codes = [period.code for period in chart.periods]
        self.overhang = self._overhang(newest)
        self.margin = text_width(number(chart, round(top)), SMALL) + 4 if width < BROAD else 0
        self.head_rows = place_heads(self._heads())
        self.upper = BARE + HEAD * len(self.head_rows)
        self.bottom = self.upper + NEWEST + (TALL if width >= BROAD else LOW)
        self.scale = Scale(top or 1, self.bottom, self.upper + NEWEST)

    def _overhang(self, newest: Sequence[str]) -> float:
        """Return the room at the right for the newest number, which may be wider than its column."""
        widest = max((text_width(text, NEWEST, bold=True) for text in newest), default=0)
        return max(0.0, min(widest, 70) - self.width / max(len(self.codes), 1))

    @cached_property
    def slot(self) -> float:
        """Return the width of a period."""
        gaps = sum(at.after in self.codes[:-1] for at in self.chart.breaks)
        room = self.width - self.margin - self.overhang
        return min(room / (max(len(self.codes), 1) + BREAK_GAP * gaps), WIDEST_SLOT)

    @cached_property
    def lefts(self) -> dict[str, float]:
        """Return where each period begins."""
        after = {at.after for at in self.chart.breaks}
        places, x = {}, self.margin
        for code in self.codes:
            places[code] = x
            x += self.slot * (1 + BREAK_GAP * (code in after))
        return places

    @cached_property
    def break_places(self) -> dict[str, float]:
        """Return where each break is drawn."""
        shown = [at.after for at in self.chart.breaks if at.after in self.codes[:-1]]
        return {code: self.lefts[code] + self.slot * (1 + BREAK_GAP / 2) for code in shown}

    def frame(self, *, ticks: bool) -> Iterator[str]:
        """Return base line, heads and breaks; lines of round numbers if not every column has its number."""
        right = self.lefts[self.codes[-1]] + self.slot if self.codes else self.width
        for tick in self.scale.ticks(3) if ticks else ():
            y = self.scale.at(tick)
            yield path(f"M{px(self.margin)} {px(y)}H{px(right)}", GRID)
            yield label(0, y + 4, number(self.chart, tick), size=SMALL, fill=QUIET)
        yield path(f"M{px(self.margin)} {px(self.bottom)}H{px(right)}", AXIS)
        yield from draw_heads(self.head_rows)
        for x in self.break_places.values():
            yield path(f"M{px(x)} {px(self._break_top(x))}V{px(self.bottom + 6)}", QUIET, ' stroke-dasharray="2 4"')

    def _break_top(self, x: float) -> float:
        """Return where the line of a break begins: below the heads that reach over it."""
        rows = [at for at, row in enumerate(self.head_rows) if any(head.x <= x <= head.right for head in row)]
        return 2 + HEAD * (max(rows, default=-1) + 1)

    # -- heads -------------------------------------------------------------------------------------------------------

    def _heads(self) -> Iterator[Head]:
        """Return the name of each series, if there are several, and the words of each break."""
        yield from key_heads(self.width, self.key)
        if not self.key and len(self.chart.series) > 1:
            for place, series in enumerate(self.chart.series):
                if own := self.chart.values_of(series.code):
                    yield self._above(own, series.label, series_colour(series.code, place))
        for at in self.chart.breaks:
            if at.words and at.after in self.break_places:
                yield head_inside(self.break_places[at.after] + 6, at.words, QUIET, self.width)

    def _above(self, own: Sequence[tuple[Period, Value]], text: str, colour: str) -> Head:
        """Return the name of a series above its columns, beside the break that ends or begins it."""
        first, last = own[0][0].code, own[-1][0].code
        if last in self.break_places:
            x = self.break_places[last] - 8 - text_width(text, TEXT, bold=True)
            return head_inside(x, text, colour, self.width)
        before = [place for place in self.break_places.values() if place < self.lefts[first]]
        return head_inside(max(before) + 8 if before else self.lefts[first], text, colour, self.width)

    # -- axis --------------------------------------------------------------------------------------------------------

    def axis_height(self) -> float:
        """Return the height of the labels of the periods."""
        return 8 + 15 * max((len(lines) for _, lines in self._axis_labels()), default=1)

    def axis(self) -> Iterator[str]:
        """Return the labels of the periods; the newest is bold."""
        for period, lines in self._axis_labels():
            newest = period.code == self.codes[-1]
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
        """Return the newest period, the first, those after breaks, then round years."""
        edges = {self.codes[-1], self.codes[0]}
        edges |= {self.codes[self.codes.index(code) + 1] for code in self.break_places}
        ranked = sorted(self._among(edges), key=lambda period: period.code != self.codes[-1])
        return ranked + [period for period in self.chart.periods if period.code not in edges and _is_round(period)]

    def _among(self, codes: set[str]) -> list[Period]:
        return [period for period in self.chart.periods if period.code in codes]


def _is_round(period: Period) -> bool:
    return period.code[-1:] in "05" or not period.code.isdigit()
