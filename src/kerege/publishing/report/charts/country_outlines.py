"""Country outlines from a TopoJSON file: decoded, projected and clipped to the frame of the flow map."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

ATLAS = Path(str(resources.files("kerege.web"))) / "static/vendor/world-atlas-2.0.2/countries-110m.json"
CENTRE = (68.0, 38.0)  # degrees east and north: Central Asia in the middle
Point = tuple[float, float]


def project(lon: float, lat: float) -> Point:
    """Return the Lambert azimuthal equal-area projection around Central Asia.

    The unit is the sphere's radius; y grows southwards as on a screen. Snyder, Map Projections: A Working Manual (USGS
    1987), equations 24-2, 22-4 and 22-5.
    """
    lam, phi, phi1 = math.radians(lon - CENTRE[0]), math.radians(lat), math.radians(CENTRE[1])
    cosine = math.sin(phi1) * math.sin(phi) + math.cos(phi1) * math.cos(phi) * math.cos(lam)
    k = math.sqrt(2 / max(1 + cosine, 1e-9))
    x = k * math.cos(phi) * math.sin(lam)
    y = k * (math.cos(phi1) * math.sin(phi) - math.sin(phi1) * math.cos(phi) * math.cos(lam))
    return x, -y


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


@cache
def _arcs(path: Path) -> tuple[dict[str, Any], list[list[Point]]]:
    topology = json.loads(path.read_text())
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        arcs.append(points)
    return topology, arcs


def _ring(indexes: list[int], arcs: list[list[Point]]) -> list[Point]:
    points: list[Point] = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points.extend(arc[1:] if points else arc)
    return points


def rings(path: Path = ATLAS) -> dict[str, list[list[Point]]]:
    """Return the outlines by ISO numeric code, as rings of (lon, lat) in degrees."""
    topology, arcs = _arcs(path)
    by_code: dict[str, list[list[Point]]] = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        outlines = [_ring(ring, arcs) for polygon in polygons for ring in polygon]
        by_code.setdefault(str(shape.get("id", "")), []).extend(outlines)
    return by_code


def outlines(frame: MapFrame, path: Path = ATLAS) -> dict[str, str]:
    """Return SVG path data by ISO numeric code, only of rings that reach into the frame."""
    paths: dict[str, str] = {}
    for code, polygons in rings(path).items():
        data = "".join(_path(frame, ring) for ring in polygons)
        if data:
            paths[code] = paths.get(code, "") + data
    return paths


def _near(lon: float, lat: float) -> bool:
    """Return whether a place is within 110 degrees of the centre.

    Outlines farther away would fold over the map.
    """
    phi, phi1, lam = math.radians(lat), math.radians(CENTRE[1]), math.radians(lon - CENTRE[0])
    return math.sin(phi1) * math.sin(phi) + math.cos(phi1) * math.cos(phi) * math.cos(lam) > math.cos(math.radians(110))


def _path(frame: MapFrame, ring: list[Point]) -> str:
    if not all(_near(*point) for point in ring):
        return ""
    points = [frame.at(*point) for point in ring]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if max(xs) < 0 or min(xs) > frame.width or max(ys) < 0 or min(ys) > frame.height:
        return ""
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points) + "Z"
