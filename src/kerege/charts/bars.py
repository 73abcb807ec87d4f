"""Bars by category: the number after each bar; withheld rows have a hatched square and no bar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kerege.charts.chart_words import goal_text, long_text, number, short_text, word
from kerege.charts.columns import highest
from kerege.charts.document import Picture, fade, hatch
from kerege.charts.heads import HEAD, SWATCH, Head, draw_heads, head_inside, key_heads, place_heads, series_names
from kerege.charts.marks import AXIS, GREY, INK, QUIET, TEXT, label, mark, path, px, rect, series_colour, text_width
from kerege.charts.model import Chart, Period, Series, Value
from kerege.charts.rows import RowLabels
from kerege.charts.scales import Scale

THICK, LANE, SQUARE = 16, 15, 14  # pixels
MOST_BARS, MOST_WITHHELD = 12, 3  # rows with a number; withheld rows that are named one by one
LAST = ("_O", "_U")  # codes of "others" and "not recorded"


def ranked(chart: Chart) -> Chart:
    """Return a chart with its largest category first, then withheld ones, then others and not recorded.

    Parameters
    ----------
    chart : Chart
        Chart of bars. The first series ranks.

    Returns
    -------
    Chart
        The same values in another order.

    Examples
    --------
    >>> from kerege.charts import Chart, Period, Series, Value
    >>> values = {("a", "x"): Value.exact(1), ("a", "y"): Value.exact(2)}
    >>> chart = Chart("bars", "", (Series("a", ""),), (Period("x", "X"), Period("y", "Y")), values)
    >>> [period.code for period in ranked(chart).periods]
    ['y', 'x']
    """

    def rank(period: Period) -> tuple[int, bool, float]:
        value = chart.value(chart.series[0].code, period.code)
        last = LAST.index(period.code) + 1 if period.code in LAST else 0
        return last, value.status == "withheld", -(value.count or value.upper)

    return replace(chart, periods=tuple(sorted(chart.periods, key=rank)))


def draw_bars(chart: Chart, width: float) -> Picture:
    """Return bars in the order of the chart; several series of one category stand one under another."""
    rows, left_out = _shown_rows(chart)
    several = len(chart.series) > 1
    heads = place_heads(_heads(chart, width, several=several))
    top = HEAD * len(heads) + 6
    labels = RowLabels([row.label for row in rows], width, LANE * len(chart.series) if several else THICK)
    room = max((text_width(text, TEXT, bold=True) for row in rows for text in row.texts), default=0) + SQUARE + 12
    plot = _Bars(chart, width, Scale(_greatest(chart) or 1, labels.left, max(width - room, labels.left + 20)))
    body = list(draw_heads(heads))
    for place, row in enumerate(rows):
        body.append(labels.draw(place, top, fill=QUIET if row.quiet else INK))
        body += plot.row(row, top + labels.tops[place])
    height = top + labels.height
    if left_out:
        body.append(label(0, height + 10, word(chart, "more").format(n=number(chart, left_out)), fill=QUIET))
        height += 20
    return Picture("".join(body), height)


def _heads(chart: Chart, width: float, *, several: bool) -> Iterator[Head]:
    """Return the names of several series, and the sign of the numbers to be reached."""
    heads = list(key_heads(width, series_names(chart))) if several else []
    yield from heads
    if chart.goals:
        yield head_inside(heads[-1].right + SWATCH if heads else 0.0, f"| {word(chart, 'goal')}", INK, width)


def _greatest(chart: Chart) -> float:
    return max(highest(chart), *chart.goals.values()) if chart.goals else highest(chart)


@dataclass(frozen=True)
class _Row:
    """Category with the value of each series; or several withheld categories in one row."""

    code: str
    label: str
    values: tuple[Value, ...]
    texts: tuple[str, ...]
    quiet: bool = False


def _shown_rows(chart: Chart) -> tuple[list[_Row], int]:
    """Return at most 12 rows with a number and the withheld ones, and how many more there are.

    More than three withheld categories become one row.
    """
    rows = [_row(chart, period) for period in chart.periods]
    withheld = [row for row in rows if all(value.status == "withheld" for value in row.values)]
    known = [row for row in rows if row not in withheld]
    shown = known[:MOST_BARS]
    if len(withheld) <= MOST_WITHHELD:
        return [row for row in rows if row in shown or row in withheld], len(known) - len(shown)
    together = word(chart, "further").format(n=number(chart, len(withheld)))
    row = _Row("", together, (withheld[0].values[0],), ("",), quiet=True)
    return [*shown, row], len(known) - len(shown)


def _row(chart: Chart, period: Period) -> _Row:
    values = tuple(chart.value(series.code, period.code) for series in chart.series)
    quiet = period.code in LAST or all(value.status == "withheld" for value in values)
    return _Row(period.code, period.label, values, tuple(short_text(chart, value) for value in values), quiet)


@dataclass(frozen=True)
class _Bars:
    """Bars at one width."""

    chart: Chart
    width: float
    scale: Scale

    def row(self, row: _Row, y: float) -> Iterator[str]:
        """Return the bars of a category, one a series, each with its number."""
        for lane, (series, value, text) in enumerate(zip(self.chart.series, row.values, row.texts, strict=False)):
            colour = GREY if row.code == "_U" else series_colour(series.code, lane)
            height = THICK if len(self.chart.series) == 1 else LANE - 2
            yield self._bar(row, series, value, text=text, y=y + LANE * lane, height=height, colour=colour)

    def _bar(self, row: _Row, series: Series, value: Value, *, text: str, y: float, height: float, colour: str) -> str:
        shape, end = self._shape(value, y, height, colour)
        goal = self.chart.goals.get((series.code, row.code))
        if goal is not None:
            at = self.scale.at(goal)
            shape += path(f"M{px(at)} {px(y - 2)}v{px(height + 4)}", INK, ' stroke-width="2"')
            end = max(end, at)
        quiet = value.status in ("withheld", "absent")
        shape += label(end + 6, y + height - 3.5, text, fill=QUIET if quiet else INK, bold=not quiet) if text else ""
        if not row.code:
            return shape
        texts = [long_text(self.chart, value), goal_text(self.chart, (series.code, row.code))]
        tooltip = f"{row.label}: {', '.join(filter(None, texts))}"
        several = len(self.chart.series) > 1
        return mark((series.code, row.code), f"{series.label}, {tooltip}" if several else tooltip, shape)

    def _shape(self, value: Value, y: float, height: float, colour: str) -> tuple[str, float]:
        """Return the drawing of one value by its status, and where it ends."""
        left = self.scale.start
        if value.status == "absent":
            return "", left - 6
        if value.status == "withheld":
            pattern = hatch(self.chart, self.width)
            return rect(left, y, SQUARE, height, pattern, more=f' stroke="{AXIS}"'), left + SQUARE
        if value.status == "estimated":
            start, end = self.scale.at(value.lower), self.scale.at(value.upper)
            return rect(start, y, end - start, height, fade(self.chart, self.width)), end
        end = self.scale.at(value.count or 0)
        shape = rect(left, y, end - left, height, colour) if value.count else ""
        if value.status != "noise":
            return shape, end
        low, high, middle = self.scale.at(value.lower), self.scale.at(value.upper), y + height / 2
        whisker = path(f"M{px(low)} {px(middle - 3)}v6m0-3H{px(high)}m0-3v6", INK, ' stroke-width="1.5"')
        return shape + whisker, high
