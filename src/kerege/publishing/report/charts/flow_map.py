"""Flow map: arrows from country of origin to country of exploitation, their width by number of people."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kerege.publishing.report.charts.country_outlines import MapFrame, Point, outlines, project
from kerege.publishing.report.charts.map_labels import MapLabel, draw_label, place_labels
from kerege.publishing.report.charts.sheet import COLOURS, Body
from kerege.publishing.report.context import home_country
from kerege.publishing.report.facts import CountFact
from kerege.publishing.report.figures import ReportFigure
from kerege.publishing.report.localiser import Localiser

PLACES = Path(__file__).parent / "data" / "places.csv"
SEA, LAND, TOUCHED, BORDER = "#eef4f7", "#dfe3e0", "#f3e3c3", "#ffffff"
GOLD, GOLD_EDGE = "#f2b632", "#9a6a00"
LARGEST = 40.0  # radius in pixels for a thousand people
WIDEST = 20.0  # width in pixels of the largest corridor; the others are proportional
THINNEST = 1.8
RING = 20.0  # radius of the ring of people who stayed in the country
LEAST = ((33.0, 40.0), (84.0, 46.0), (60.0, 56.0), (58.0, 27.0))  # (lon, lat) of places that the window always shows


@dataclass(frozen=True)
class MapCorridor:
    """Published corridor."""

    start: str
    end: str
    n: int
    words: str


@dataclass(frozen=True)
class MapPlace:
    """Anchor of a country's arrows, and the code of its outline in the atlas."""

    lon: float
    lat: float
    numeric: str
    side: str  # position of its name: l(eft), r(ight), t(op) or b(ottom)


@cache
def read_places() -> dict[str, MapPlace]:
    """Return the places by country code."""
    with PLACES.open(encoding="utf-8", newline="") as lines:
        return {
            row["code"]: MapPlace(float(row["lon"]), float(row["lat"]), row["numeric"], row["side"])
            for row in csv.DictReader(lines)
        }


@cache
def _frame(width: int, names: frozenset[str]) -> MapFrame:
    """Return the window around the countries of the corridors and at least Central Asia."""
    spots = [project(*spot) for spot in LEAST] + [
        project(read_places()[code].lon, read_places()[code].lat) for code in names
    ]
    xs, ys = [x for x, _ in spots], [y for _, y in spots]
    left, right = min(xs) - 0.09, max(xs) + 0.12
    top, bottom = min(ys) - 0.09, max(ys) + 0.09
    scale = width / (right - left)
    return MapFrame(width, round((bottom - top) * scale), left, top, scale)


@cache
def _land(frame: MapFrame) -> dict[str, str]:
    return outlines(frame)


def list_corridors(figure: ReportFigure, localiser: Localiser) -> list[MapCorridor]:
    """Return the published corridors whose countries are on the map, in the order of the table."""
    corridors = []
    for line in figure.grid.lines if figure.grid else ():
        start, _, end = line.code.partition(">")
        cell = line.cells[0]
        if cell is not None and cell.count and start in read_places() and end in read_places():
            corridors.append(MapCorridor(start, end, cell.count, localiser.cell(cell)))
    return corridors


def draw_map(figure: ReportFigure, localiser: Localiser, width: int) -> Body:
    """Return the map at one width."""
    corridors = list_corridors(figure, localiser)
    scale = (width / 700) ** 0.5
    names = frozenset(code for flow in corridors for code in (flow.start, flow.end))
    marks = {code: n for code, n in figure.marks if code in read_places()}
    targets = {code: n for code, n in figure.targets if code in read_places()}
    names |= frozenset(marks) | frozenset(targets)
    frame = _frame(width, names)
    most = max([*(flow.n for flow in corridors), *(n.n for n in marks.values())], default=1)
    land = _countries(frame, {read_places()[code].numeric for code in names})
    arrows = "".join(_arrow(frame, flow, most, scale) for flow in corridors)
    circles = "".join(_circle(frame, code, n, scale) for code, n in marks.items())
    circles += "".join(_target(frame, code, n, scale) for code, n in targets.items())
    names_on_map = _labels(frame, corridors, {**targets, **marks}, localiser, scale)
    boxes = place_labels(names_on_map, _obstacles(frame, corridors, most, scale), frame)
    labels = "".join(map(draw_label, names_on_map, boxes))
    content = (
        f'<svg width="{width}" height="{frame.height}" viewBox="0 0 {width} {frame.height}">'
        f'<rect width="{width}" height="{frame.height}" fill="{SEA}"/>{land}{circles}{arrows}{labels}</svg>'
    )
    return Body(content, width, frame.height)


def _countries(frame: MapFrame, touched: set[str]) -> str:
    quiet = "".join(data for code, data in _land(frame).items() if code not in touched)
    warm = "".join(data for code, data in _land(frame).items() if code in touched)
    return (
        f'<path d="{quiet}" fill="{LAND}" stroke="{BORDER}" stroke-width="0.8"/>'
        f'<path d="{warm}" fill="{TOUCHED}" stroke="{BORDER}" stroke-width="1"/>'
    )


def _at(frame: MapFrame, code: str) -> Point:
    place = read_places()[code]
    return frame.at(place.lon, place.lat)


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


def _weight(flow: MapCorridor, most: int, scale: float) -> float:
    return max(THINNEST, WIDEST * scale * flow.n / most)


def _curve(frame: MapFrame, flow: MapCorridor, weight: float, scale: float) -> ArrowCurve:
    (x1, y1), (x2, y2) = _at(frame, flow.start), _at(frame, flow.end)
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    head = max(6.0 * scale, weight * 0.9)
    tip = (x2 - ux * 8 * scale, y2 - uy * 8 * scale)
    neck = (tip[0] - ux * head, tip[1] - uy * head)
    bend = min(0.16 * length, 46)
    middle = ((x1 + neck[0]) / 2 + uy * bend, (y1 + neck[1]) / 2 - ux * bend)
    dx, dy = tip[0] - middle[0], tip[1] - middle[1]
    turn = math.hypot(dx, dy) or 1.0
    return ArrowCurve((x1, y1), middle, (tip[0] - dx / turn * head, tip[1] - dy / turn * head), tip)


def _arrow(frame: MapFrame, flow: MapCorridor, most: int, scale: float) -> str:
    weight = _weight(flow, most, scale)
    if flow.start == flow.end:
        return _ring(*_at(frame, flow.start), weight, scale)
    arrow = _curve(frame, flow, weight, scale)
    (x1, y1), middle, neck, tip = arrow.start, arrow.control, arrow.neck, arrow.tip
    dx, dy = tip[0] - middle[0], tip[1] - middle[1]
    turn = math.hypot(dx, dy) or 1.0
    px, py = -dy / turn, dx / turn  # across the end of the curve
    half = max(weight / 2 + 2.5 * scale, 3.4 * scale)
    colour = COLOURS[1] if flow.end != home_country() else COLOURS[0]
    curve = f"M{x1:.1f},{y1:.1f}Q{middle[0]:.1f},{middle[1]:.1f} {neck[0]:.1f},{neck[1]:.1f}"
    point = (
        f"M{tip[0]:.1f},{tip[1]:.1f}L{neck[0] + px * half:.1f},{neck[1] + py * half:.1f}"
        f"L{neck[0] - px * half:.1f},{neck[1] - py * half:.1f}Z"
    )
    return (
        f'<path d="{curve}" fill="none" stroke="{colour}" stroke-width="{weight:.1f}" stroke-opacity="0.82"/>'
        f'<path d="{point}" fill="{colour}"/>'
    )


def _ring_centre(x: float, y: float, scale: float) -> Point:
    return x + 42 * scale, y - 30 * scale


def _obstacles(frame: MapFrame, corridors: list[MapCorridor], most: int, scale: float) -> list[Point]:
    """Return points of all arrows and rings, which no label may cover."""
    points: list[Point] = []
    for flow in corridors:
        weight = _weight(flow, most, scale)
        if flow.start != flow.end:
            points += _curve(frame, flow, weight, scale).points()
            continue
        x, y = _ring_centre(*_at(frame, flow.start), scale)
        radius = RING * scale + weight * 0.4
        turns = [step * math.pi / 12 for step in range(24)]
        points += [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns]
    return points


def _ring(x: float, y: float, weight: float, scale: float) -> str:
    radius = RING * scale
    x, y = _ring_centre(x, y, scale)
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="none" '
        f'stroke="{COLOURS[0]}" stroke-width="{weight * 0.8:.1f}" stroke-opacity="0.82"/>'
    )


def _circle(frame: MapFrame, code: str, n: CountFact, scale: float) -> str:
    """Return a circle whose area is proportional to the number of people from the country."""
    x, y = _at(frame, code)
    radius = _radius(n, scale)
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{GOLD}" fill-opacity="0.55" stroke="{GOLD_EDGE}"/>'
    )


def _target(frame: MapFrame, code: str, n: CountFact, scale: float) -> str:
    """Return a ring whose area grows with the number of people exploited in the country."""
    x, y = _at(frame, code)
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_radius(n, scale) + 2:.1f}" fill="none" '
        f'stroke="{COLOURS[1]}" stroke-width="2.5"/>'
    )


def _radius(n: CountFact, scale: float) -> float:
    return max(2.5, LARGEST * scale * math.sqrt(n.n / 1000))


def _labels(
    frame: MapFrame, corridors: list[MapCorridor], marks: dict[str, CountFact], localiser: Localiser, scale: float
) -> list[MapLabel]:
    """Return one label per country, with the number of people from there or exploited there."""
    size = 13.0 if frame.width > 500 else 10.0
    sums: dict[str, str] = {}
    for flow in corridors:
        if flow.start == flow.end:
            inside = (
                f"{localiser.text['words']['inside']}: " if frame.width > 500 else ""
            )  # a narrow map shows the ring only
            sums[flow.start] = inside + flow.words
        else:
            sums.setdefault(flow.end if flow.start == home_country() else flow.start, flow.words)
    rings = {flow.start for flow in corridors if flow.start == flow.end}
    sums |= {code: localiser.fact(n) for code, n in marks.items() if code not in rings}
    labels = []
    for code, words in sums.items():
        place = _at(frame, code)
        radius = 0.0
        if code in rings:
            place, radius = _ring_centre(*place, scale), RING * scale
        name, side = localiser.label("country", code), read_places()[code].side
        labels.append(MapLabel(place, name, words, side=side, size=size, radius=radius))
    return labels
