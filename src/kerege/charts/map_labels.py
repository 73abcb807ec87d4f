"""Placement of the labels of a map, so that no label covers an arrow, another label or the edge.

Each label tries positions around its place, nearer ones first, and takes the one with the least cost. Christensen,
Marks and Shieber 1995, "An empirical study of algorithms for point-feature label placement", ACM Transactions on
Graphics 14.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from kerege.charts.atlas import MapFrame, Point
from kerege.charts.marks import TEXT, px, text_width

DIRECTIONS = {"r": (1, 0), "l": (-1, 0), "t": (0, -1), "b": (0, 1)}
DIAGONALS = ((1, -1), (1, 1), (-1, -1), (-1, 1))
DISTANCES = (0.9, 1.6, 2.4, 3.4, 4.5)  # from the place to the box, in text sizes
LINES = 2.3  # height of both lines, in text sizes
COVERED, HIDDEN, CUT = 2.0, 100.0, 200.0  # costs: a covered point of an arrow, a hidden label, one beyond the edge
FARTHER = 0.4  # cost of the next position


@dataclass(frozen=True)
class MapLabel:
    """A name with a number under it, at a place; `side` is the preferred position: l, r, t or b.

    `radius` is that of a ring around the place, in pixels: the label stays outside.
    """

    place: Point
    name: str
    words: str
    side: str
    size: float
    radius: float = 0.0


@dataclass(frozen=True)
class LabelBox:
    """The rectangle of a label."""

    left: float
    top: float
    right: float
    bottom: float

    def count_inside(self, points: Sequence[Point]) -> int:
        """Return how many points the box covers."""
        return sum(self.left <= x <= self.right and self.top <= y <= self.bottom for x, y in points)

    def shared(self, other: LabelBox) -> float:
        """Return the area that two boxes share, as a part of this one."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0) * max(height, 0) / ((self.right - self.left) * (self.bottom - self.top))


def place_labels(labels: Sequence[MapLabel], obstacles: Sequence[Point], frame: MapFrame) -> list[LabelBox]:
    """Return a box for each label, in order; `obstacles` are points of the arrows and rings."""
    edge = LabelBox(2, 2, frame.width - 2, frame.height - 2)
    boxes: list[LabelBox] = []
    for label in labels:
        costs = []
        for rank, box in enumerate(_candidates(label)):
            crowded = sum(box.shared(other) for other in boxes)
            cost = (
                COVERED * box.count_inside(obstacles) + HIDDEN * crowded + CUT * (1 - box.shared(edge)) + FARTHER * rank
            )
            costs.append((cost, rank, box))
        boxes.append(min(costs)[2])
    return boxes


def _candidates(label: MapLabel) -> Iterator[LabelBox]:
    """Yield the boxes around a place: by distance, the preferred side first."""
    (x, y), size = label.place, label.size
    width = max(text_width(label.name, size, bold=True), text_width(label.words, size))
    height = LINES * size
    sides = [DIRECTIONS[label.side], *(step for side, step in DIRECTIONS.items() if side != label.side), *DIAGONALS]
    for distance in DISTANCES:
        for across, down in sides:
            gap = (label.radius + distance * size) / math.hypot(across, down)
            left = x + across * (gap + width / 2) - width / 2
            top = y + down * (gap + height / 2) - height / 2
            yield LabelBox(left, top, left + width, top + height)


def draw_label(label: MapLabel, box: LabelBox) -> str:
    """Return the lines of a label as SVG text, centred in its box."""
    x, y = (box.left + box.right) / 2, box.top + label.size
    size = "" if label.size == TEXT else f' font-size="{label.size:g}"'
    style = 'text-anchor="middle" stroke="#ffffff" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'
    words = f'<tspan x="{px(x)}" dy="{px(label.size * 1.15)}">{escape(label.words)}</tspan>' if label.words else ""
    name = f'<tspan font-weight="700">{escape(label.name)}</tspan>'
    return f'<text x="{px(x)}" y="{px(y)}"{size} {style}>{name}{words}</text>'
