"""Labels of the flow map cover no arrow, no other label and no edge."""

from __future__ import annotations

from itertools import combinations

import pytest

from kerege.charts.atlas import MapFrame, Point
from kerege.charts.map_labels import LabelBox, MapLabel, place_labels

FRAME = MapFrame(700, 400, 0.0, 0.0, 1.0)
PLACE = (300.0, 200.0)


def label(place: Point = PLACE, side: str = "r", radius: float = 0.0) -> MapLabel:
    return MapLabel(place, "United Arab Emirates", "14", side, 13.0, radius)


def line(first: Point, last: Point) -> list[Point]:
    """Return points of an arrow, four pixels apart."""
    steps = 60
    (x, y), (right, bottom) = first, last
    return [(x + (right - x) * step / steps, y + (bottom - y) * step / steps) for step in range(steps + 1)]


def covered(box: LabelBox, points: list[Point]) -> list[Point]:
    return [(x, y) for x, y in points if box.left <= x <= box.right and box.top <= y <= box.bottom]


def test_without_an_obstacle_a_label_is_on_its_preferred_side() -> None:
    [right], [left] = place_labels([label()], [], FRAME), place_labels([label(side="l")], [], FRAME)
    assert right.left > PLACE[0] > left.right


@pytest.mark.parametrize("end", [(540.0, 200.0), (540.0, 130.0), (60.0, 200.0), (300.0, 20.0)])
def test_no_label_covers_an_arrow_that_begins_or_ends_at_its_place(end: Point) -> None:
    arrow = line(PLACE, end)
    for side in "rltb":
        [box] = place_labels([label(side=side)], arrow, FRAME)
        assert covered(box, arrow) == []


def test_labels_of_neighbours_do_not_overlap() -> None:
    boxes = place_labels([label(), label((310.0, 206.0)), label((318.0, 195.0), "l")], [], FRAME)
    assert all(one.shared(other) == 0 for one, other in combinations(boxes, 2))


@pytest.mark.parametrize(("place", "side"), [((690.0, 200.0), "r"), ((5.0, 5.0), "t"), ((350.0, 395.0), "b")])
def test_no_label_is_cut_off_at_the_edge(place: Point, side: str) -> None:
    [box] = place_labels([label(place, side)], [], FRAME)
    assert (box.left >= 0, box.top >= 0, box.right <= 700, box.bottom <= 400) == (True, True, True, True)


def test_a_label_stays_outside_the_ring_of_its_place() -> None:
    [box] = place_labels([label(radius=28.0)], [], FRAME)
    assert box.left >= PLACE[0] + 28.0
