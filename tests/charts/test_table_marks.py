"""Small drawings in the cells of tables."""

from __future__ import annotations

import re

import pytest

from kerege.charts.table_marks import draw_course, draw_parts, draw_spark, draw_weight, draw_whisker, whisker_top


def boxes(svg: str) -> list[tuple[str, float, float]]:
    """Return class, left and right of each rectangle."""
    rects = re.findall(r'<rect class="([\w-]*)" x="([\d.]+)" y="\d+" width="([\d.]+)"', svg)
    return [(kind, float(x), float(x) + float(width)) for kind, x, width in rects]


def test_weights_go_to_both_sides_of_the_middle_to_scale() -> None:
    assert boxes(draw_weight(6, 12, "for")) == [("for", 100, 150)]
    assert boxes(draw_weight(-12, 12, "against")) == [("against", 0, 100)]
    assert boxes(draw_weight(0, 0, "nothing")) == [("nothing", 100, 101)]


def test_parts_follow_one_another_and_fill_the_bar() -> None:
    assert boxes(draw_parts([("same", 0.5), ("unsure", 0), ("different", 0.5)])) == [
        ("same", 0, 100),
        ("different", 100, 200),
    ]
    assert draw_parts([("same", 0)]) == ""


def test_a_month_without_a_share_has_no_point_and_keeps_its_place() -> None:
    points = re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', draw_course([1, None, 0.5, 0]))
    assert [(float(x), float(y)) for x, y in points] == [(0, 0), (pytest.approx(133.3), 12), (200, 24)]


@pytest.mark.parametrize(("high", "top"), [(0.01, 0.05), (0.05, 0.05), (0.06, 0.1), (0.3, 0.5), (0.51, 1)])
def test_a_whisker_has_the_smallest_scale_that_holds_it(high: float, top: float) -> None:
    assert whisker_top(high) == top
    svg = draw_whisker(high / 2, (0, high), "5")
    assert boxes(svg) == [("kp-range", 0, pytest.approx(200 * high / top, abs=0.1))]
    assert f'cx="{100 * high / top:g}"' in svg


def test_a_level_holds_until_the_next_day() -> None:
    line = re.findall(r'points="([^"]*)"', draw_spark([(0, 4), (0.5, 0), (1, 2)], 4))
    assert line == ["8,8 100,8 100,48 192,48 192,28"]
