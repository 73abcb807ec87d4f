"""Flow map: arrows from country to country, as wide as their numbers, cropped to them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from kerege.charts.atlas import MapFrame, Point, frame_around, outlines, read_places
from kerege.charts.chart_words import long_text, short_text, word
from kerege.charts.column_layout import BROAD
from kerege.charts.document import Picture
from kerege.charts.map_labels import MapLabel, draw_label, place_labels
from kerege.charts.marks import COLOURS, mark, px
from kerege.charts.model import Chart, Period, Value

SEA, LAND, TOUCHED, BORDER = "#eef4f7", "#dfe3e0", "#f3e3c3", "#ffffff"
GOLD, GOLD_EDGE = "#f2b632", "#9a6a00"
ORIGIN, TARGET = "origin", "target"  # series of the circles and of the rings
MOST_ARROWS = 12
LARGEST = 40.0  # radius in pixels for a thousand people
WIDEST = 20.0  # width in pixels of the largest corridor; the others are proportional
THINNEST = 1.8
RING = 20.0  # radius of the ring of people who stayed in the country
Mark = tuple[str, Period, Value]  # series, period, value


def draw_flow(chart: Chart, width: float) -> Picture:
    """Return the map: circles by origin, rings by country of exploitation, arrows."""
    plan = _Map(chart, width)
    frame = plan.frame
    content = (
        f'<svg width="{px(width)}" height="{px(frame.height)}" viewBox="0 0 {px(width)} {px(frame.height)}">'
        f'<path d="M0 0H{px(width)}V{px(frame.height)}H0z" fill="{SEA}"/>{plan.land()}{"".join(plan.circles())}'
        f"{''.join(plan.arrows())}{''.join(plan.labels())}</svg>"
    )
    return Picture(content, frame.height + 8)


@dataclass(frozen=True)
class ArrowCurve:
    """Quadratic curve of an arrow: its start, its control point, its end before the head, and its tip."""

    start: Point
    control: Point
    neck: Point
    tip: Point

    def points(self) -> list[Point]:
        """Return points of the curve, about four pixels apart, and the tip."""
        (x0, y0), (x1, y1), (x2, y2) = self.start, self.control, self.neck
        steps = max(2, round(math.hypot(x2 - x0, y2 - y0) / 4))
        weights = [((1 - t) ** 2, 2 * t * (1 - t), t**2) for t in (step / steps for step in range(steps + 1))]
        return [*((a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2) for a, b, c in weights), self.tip]

    def head(self, half: float) -> str:
        """Return the head of the arrow as path data."""
        dx, dy = self.tip[0] - self.control[0], self.tip[1] - self.control[1]
        turn = math.hypot(dx, dy) or 1.0
        across, down = -dy / turn * half, dx / turn * half
        (tx, ty), (nx, ny) = self.tip, self.neck
        return f"M{px(tx)} {px(ty)}L{px(nx + across)} {px(ny + down)}L{px(nx - across)} {px(ny - down)}z"


class _Map:
    """Places, arrows and labels of a flow map at one width."""

    def __init__(self, chart: Chart, width: float) -> None:
        self.chart, self.width = chart, width
        self.scale = math.sqrt(width / 700)
        self.corridors = self._corridors()
        self.places = self._places()
        self.frame: MapFrame = frame_around(sorted(self._codes()), width)
        counts = [value.count or 0 for _, _, value in [*self.corridors, *self.places]]
        self.most = max(counts, default=1) or 1

    def _corridors(self) -> list[Mark]:
        """Return the corridors with a number between countries of the map, the largest twelve."""
        pairs = [
            (series.code, period, self.chart.value(series.code, period.code))
            for series in self.chart.series
            for period in self.chart.periods
            if ">" in period.code and set(period.code.split(">")) <= set(read_places())
        ]
        numbered = [pair for pair in pairs if pair[2].count]
        return sorted(numbered, key=lambda pair: -(pair[2].count or 0))[:MOST_ARROWS]

    def _places(self) -> list[Mark]:
        """Return the countries with a number."""
        return [
            (series, period, value)
            for series in (ORIGIN, TARGET)
            for period in self.chart.periods
            if period.code in read_places() and (value := self.chart.value(series, period.code)).count
        ]

    def _codes(self) -> set[str]:
        ends = {code for _, period, _ in self.corridors for code in period.code.split(">")}
        return ends | {period.code for _, period, _ in self.places}

    def land(self) -> str:
        """Return the countries; those of the marks are warmer."""
        touched = {read_places()[code].numeric for code in self._codes()}
        paths = outlines(self.frame)
        quiet = "".join(data for code, data in paths.items() if code not in touched)
        warm = "".join(data for code, data in paths.items() if code in touched)
        return (
            f'<path d="{quiet}" fill="{LAND}" stroke="{BORDER}" stroke-width="0.8"/>'
            f'<path d="{warm}" fill="{TOUCHED}" stroke="{BORDER}"/>'
        )

    def circles(self) -> Iterator[str]:
        """Return a circle for each origin and a ring for each target, their areas proportional to the numbers."""
        for series, period, value in self.places:
            (x, y), radius = self._at(period.code), self._radius(value)
            if series == ORIGIN:
                style = f'r="{px(radius)}" fill="{GOLD}" fill-opacity="0.55" stroke="{GOLD_EDGE}"'
            else:
                style = f'r="{px(radius + 2)}" fill="none" stroke="{COLOURS[1]}" stroke-width="2.5"'
            yield self._mark(series, period, value, f'<circle cx="{px(x)}" cy="{px(y)}" {style}/>')

    def _mark(self, series: str, period: Period, value: Value, shape: str) -> str:
        return mark((series, period.code), f"{period.label}: {long_text(self.chart, value)}", shape)

    def _radius(self, value: Value) -> float:
        return max(2.5, LARGEST * self.scale * math.sqrt((value.count or 0) / 1000))

    def _at(self, code: str) -> Point:
        return self.frame.at(read_places()[code].lon, read_places()[code].lat)

    def _weight(self, value: Value) -> float:
        return max(THINNEST, WIDEST * self.scale * (value.count or 0) / self.most)

    def arrows(self) -> Iterator[str]:
        """Return an arrow for each corridor; a ring for people who stayed in their country."""
        for series, period, value in self.corridors:
            start, end = period.code.split(">")
            shape = self._ring(start, value) if start == end else self._arrow(start, end, value)
            yield self._mark(series, period, value, shape)

    def _arrow(self, start: str, end: str, value: Value) -> str:
        weight = self._weight(value)
        curve = self._curve(start, end, weight)
        (x, y), (cx, cy), (nx, ny) = curve.start, curve.control, curve.neck
        colour = COLOURS[0] if end == self.chart.home else COLOURS[1]
        half = max(weight / 2 + 2.5 * self.scale, 3.4 * self.scale)
        line = f"M{px(x)} {px(y)}Q{px(cx)} {px(cy)} {px(nx)} {px(ny)}"
        return (
            f'<path d="{line}" fill="none" stroke="{colour}" stroke-width="{px(weight)}" stroke-opacity="0.82"/>'
            f'<path d="{curve.head(half)}" fill="{colour}"/>'
        )

    def _curve(self, start: str, end: str, weight: float) -> ArrowCurve:
        (x1, y1), (x2, y2) = self._at(start), self._at(end)
        length = math.hypot(x2 - x1, y2 - y1) or 1.0
        ux, uy = (x2 - x1) / length, (y2 - y1) / length
        head = max(6.0 * self.scale, weight * 0.9)
        tip = (x2 - ux * 8 * self.scale, y2 - uy * 8 * self.scale)
        neck = (tip[0] - ux * head, tip[1] - uy * head)
        bend = min(0.16 * length, 46)
        middle = ((x1 + neck[0]) / 2 + uy * bend, (y1 + neck[1]) / 2 - ux * bend)
        dx, dy = tip[0] - middle[0], tip[1] - middle[1]
        turn = math.hypot(dx, dy) or 1.0
        return ArrowCurve((x1, y1), middle, (tip[0] - dx / turn * head, tip[1] - dy / turn * head), tip)

    def _ring(self, code: str, value: Value) -> str:
        (x, y), weight = self._ring_centre(code), self._weight(value)
        return (
            f'<circle cx="{px(x)}" cy="{px(y)}" r="{px(RING * self.scale)}" fill="none" stroke="{COLOURS[0]}" '
            f'stroke-width="{px(weight * 0.8)}" stroke-opacity="0.82"/>'
        )

    def _ring_centre(self, code: str) -> Point:
        x, y = self._at(code)
        return x + 42 * self.scale, y - 30 * self.scale

    # -- labels ------------------------------------------------------------------------------------------------------

    def labels(self) -> Iterator[str]:
        """Return one label a country, apart from arrows, circles and other labels."""
        labels = [self._label(code, text) for code, text in self._texts().items()]
        boxes = place_labels(labels, [*self._arrow_points(), *self._circle_points()], self.frame)
        yield from (draw_label(label, box) for label, box in zip(labels, boxes, strict=True))

    def _texts(self) -> dict[str, str]:
        """Return the text of each country: of its circle or ring, else of its corridor, else none."""
        texts: dict[str, str] = {}
        for _, period, value in self.corridors:
            start, end = period.code.split(">")
            text = short_text(self.chart, value)
            if start == end:  # a narrow map shows the ring only
                texts[start] = f"{word(self.chart, 'inside')}: {text}" if self.width > BROAD else text
            else:
                texts.setdefault(start if end == self.chart.home else end, text)
        rings = {period.code.split(">")[0] for _, period, _ in self.corridors if _stays(period)}
        for _, period, value in self.places[::-1]:
            if period.code not in rings:
                texts[period.code] = short_text(self.chart, value)
        return dict.fromkeys(sorted(self._codes()), "") | texts

    def _label(self, code: str, text: str) -> MapLabel:
        stays = any(_stays(period) and period.code.startswith(code) for _, period, _ in self.corridors)
        place = self._ring_centre(code) if stays else self._at(code)
        size = 12.0 if self.width > BROAD else 10.0
        radius = RING * self.scale if stays else 0.0
        return MapLabel(place, self._names[code], text, side=read_places()[code].side, size=size, radius=radius)

    @cached_property
    def _names(self) -> dict[str, str]:
        """Return the names of the countries: of their own marks, else from the labels of the corridors."""
        names: dict[str, str] = {}
        for period in self.chart.periods:
            names |= dict(zip(period.code.split(">"), period.label.split(" → "), strict=False))
        return names

    def _arrow_points(self) -> Iterator[Point]:
        for _, period, value in self.corridors:
            start, end = period.code.split(">")
            if start != end:
                yield from self._curve(start, end, self._weight(value)).points()
            else:
                yield from _circle(self._ring_centre(start), RING * self.scale + self._weight(value) * 0.4)

    def _circle_points(self) -> Iterator[Point]:
        for _, period, value in self.places:
            yield from _circle(self._at(period.code), self._radius(value))
            yield self._at(period.code)


def _stays(period: Period) -> bool:
    start, _, end = period.code.partition(">")
    return start == end


def _circle(centre: Point, radius: float) -> list[Point]:
    turns = [step * math.pi / 12 for step in range(24)]
    return [(centre[0] + radius * math.cos(turn), centre[1] + radius * math.sin(turn)) for turn in turns]
