"""Country outlines from a TopoJSON file, projected and clipped to the window of a map."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

CENTRE = (68.0, 38.0)  # degrees east and north: Central Asia in the middle
FARTHEST = math.cos(math.radians(110))  # outlines farther from the centre would fold over the map
TALLEST = 0.8  # largest height of a map in widths
EDGE = 8  # pixels that outlines reach beyond the window
Point = tuple[float, float]


@dataclass(frozen=True)
class MapPlace:
    """Anchor of a country's arrows, code of its outline, and side of its name: l, r, t or b."""

    lon: float
    lat: float
    numeric: str
    side: str


@cache
def read_places() -> Mapping[str, MapPlace]:
    """Return the places by country code."""
    text = (resources.files(__package__) / "data" / "places.csv").read_text("utf-8")
    return {
        row["code"]: MapPlace(float(row["lon"]), float(row["lat"]), row["numeric"], row["side"])
        for row in csv.DictReader(text.splitlines())
    }


def project(lon: float, lat: float) -> Point:
    """Return the Lambert azimuthal equal-area projection around Central Asia.

    The unit is the sphere's radius; y grows southwards as on a screen. Snyder, Map Projections: A Working Manual (USGS
    1987), equations 24-2, 22-4 and 22-5.
    """
    lam, phi, phi1 = math.radians(lon - CENTRE[0]), math.radians(lat), math.radians(CENTRE[1])
    k = math.sqrt(2 / max(1 + _nearness(lon, lat), 1e-9))
    x = k * math.cos(phi) * math.sin(lam)
    y = k * (math.cos(phi1) * math.sin(phi) - math.sin(phi1) * math.cos(phi) * math.cos(lam))
    return x, -y


def _nearness(lon: float, lat: float) -> float:
    """Return the cosine of the angle between a place and the centre."""
    lam, phi, phi1 = math.radians(lon - CENTRE[0]), math.radians(lat), math.radians(CENTRE[1])
    return math.sin(phi1) * math.sin(phi) + math.cos(phi1) * math.cos(phi) * math.cos(lam)


@dataclass(frozen=True)
class MapFrame:
    """Window of the map: its size in pixels and the projected rectangle that it shows."""

    width: float
    height: float
    left: float
    top: float
    scale: float

    def at(self, lon: float, lat: float) -> Point:
        """Return the pixel position of a place."""
        x, y = project(lon, lat)
        return (x - self.left) * self.scale, (y - self.top) * self.scale


def frame_around(codes: Iterable[str], width: float) -> MapFrame:
    """Return the window around the anchors of countries, with room for labels; not smaller than a region."""
    spots = [project(read_places()[code].lon, read_places()[code].lat) for code in codes] or [project(*CENTRE)]
    xs, ys = [x for x, _ in spots], [y for _, y in spots]
    across, down = max(max(xs) - min(xs), 0.35), max(max(ys) - min(ys), 0.22)
    middle_x, middle_y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    tall = max(down * 1.34, across * 0.55)
    wide = max(across * 1.3, tall / TALLEST)
    scale = width / wide
    return MapFrame(width, round(tall * scale), middle_x - wide / 2, middle_y - tall / 2, scale)


@cache
def read_rings() -> Mapping[str, Sequence[Sequence[Point]]]:
    """Return the outlines by ISO numeric code, as rings of (lon, lat) in degrees."""
    atlas = resources.files("kerege") / "web/static/vendor/world-atlas-2.0.2/countries-110m.json"
    topology = json.loads(atlas.read_text("utf-8"))
    arcs = [_decode(arc, topology["transform"]) for arc in topology["arcs"]]
    by_code: dict[str, list[list[Point]]] = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        rings = [_ring(ring, arcs) for polygon in polygons for ring in polygon]
        by_code.setdefault(str(shape.get("id", "")), []).extend(rings)
    return by_code


def _decode(arc: Sequence[Sequence[int]], transform: Mapping[str, Sequence[float]]) -> list[Point]:
    """Return the points of an arc in degrees: the file holds differences in whole numbers."""
    (sx, sy), (tx, ty) = transform["scale"], transform["translate"]
    points, x, y = [], 0, 0
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((x * sx + tx, y * sy + ty))
    return points


def _ring(indexes: Sequence[int], arcs: Sequence[list[Point]]) -> list[Point]:
    points: list[Point] = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points.extend(arc[1:] if points else arc)
    return points


@cache
def outlines(frame: MapFrame) -> Mapping[str, str]:
    """Return SVG path data by ISO numeric code, clipped to the window, in whole pixels."""
    paths = {code: "".join(_path(frame, ring) for ring in rings) for code, rings in read_rings().items()}
    return {code: data for code, data in paths.items() if data}


def _path(frame: MapFrame, ring: Sequence[Point]) -> str:
    """Return the path of a ring: its first point, then steps."""
    if any(_nearness(*point) <= FARTHEST for point in ring):
        return ""
    clipped = clip([frame.at(*point) for point in ring], frame.width, frame.height)
    spots = [(round(x), round(y)) for x, y in clipped]
    spots = [spot for at, spot in enumerate(spots) if at == 0 or spot != spots[at - 1]]
    if len(spots) < 3:
        return ""
    steps = [f"{x - u} {y - v}" for (u, v), (x, y) in pairwise(spots)]
    return f"M{spots[0][0]} {spots[0][1]}l{' '.join(steps)}z".replace(" -", "-")


def clip(ring: Sequence[Point], width: float, height: float) -> list[Point]:
    """Return a ring cut to the window and its edge.

    Sutherland and Hodgman 1974, "Reentrant polygon clipping", Communications of the ACM 17.
    """
    sides: tuple[Callable[[Point], float], ...] = (
        lambda point: point[0] + EDGE,
        lambda point: width + EDGE - point[0],
        lambda point: point[1] + EDGE,
        lambda point: height + EDGE - point[1],
    )
    points = list(ring)
    for inside in sides:
        points = _cut(points, inside)
    return points


def _cut(points: Sequence[Point], inside: Callable[[Point], float]) -> list[Point]:
    """Return the part of a ring on the side where `inside` is not negative."""
    kept: list[Point] = []
    for before, point in zip([*points[-1:], *points[:-1]], points, strict=True):
        a, b = inside(before), inside(point)
        if (a < 0) != (b < 0):
            share = a / (a - b)
            kept.append((before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1])))
        if b >= 0:
            kept.append(point)
    return kept
