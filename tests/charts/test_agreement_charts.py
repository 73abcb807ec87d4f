"""Charts place what they show at the stated length, on the stated scale."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET

import pytest

from kerege.charts.agreement_charts import (
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    agreement,
    draw_bars,
    draw_interval,
    draw_shares,
    draw_text,
    format_count,
    svg,
)

NAMES = ("true", "synthetic")
SIDE = WIDTH - LEFT - RIGHT


def of_class(picture: str, kind: str) -> list[ET.Element]:
    return [element for element in ET.fromstring(picture) if element.attrib.get("class") == kind]


def words(picture: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(picture) if element.tag == "text"]


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0"), (999, "999"), (1_000, "1k"), (1_500, "1.5k"), (100_000, "100k"), (0.5, "0.5")]
)
def test_counts_of_an_axis_are_short(count: float, shown: str) -> None:
    assert format_count(count) == shown


def test_text_of_a_picture_is_escaped() -> None:
    picture = svg([draw_text(1, 2, "<b>&", "axis")], 40, 'a "quoted" <name>')
    root = ET.fromstring(picture)
    assert root.attrib["aria-label"] == 'a "quoted" <name>'
    assert root[0].text == "<b>&"


# -- synthetic against true counts -------------------------------------------------------------------------------------


def test_the_line_has_the_medians_on_a_scale_of_log_count_plus_one() -> None:
    steps = [(9.0, 4.0, 9.0, 19.0), (99.0, 49.0, 79.0, 99.0)]
    picture = agreement(steps, "what", NAMES)
    (line,) = of_class(picture, "line")
    reach = math.log10(100)  # the largest count is 99
    expected = [
        (LEFT + SIDE * math.log10(1 + true) / reach, TOP + SIDE * 0.75 * (1 - math.log10(1 + middle) / reach))
        for true, _, middle, _ in steps
    ]
    assert [pytest.approx(point, abs=0.06) for point in points(line.attrib["d"])] == expected


def test_the_band_goes_along_the_upper_limits_and_back_along_the_lower_ones() -> None:
    steps = [(1.0, 0.0, 1.0, 3.0), (9.0, 5.0, 9.0, 20.0), (30.0, 25.0, 30.0, 60.0)]
    (band,) = of_class(agreement(steps, "what", NAMES), "band")
    reach = math.log10(61)  # the largest count is 60
    upper, lower = (
        [
            (LEFT + SIDE * math.log10(1 + step[0]) / reach, TOP + SIDE * 0.75 * (1 - math.log10(1 + step[end]) / reach))
            for step in steps
        ]
        for end in (3, 1)
    )
    corners = points(band.attrib["d"])
    assert [pytest.approx(corner, abs=0.06) for corner in corners] == [*upper, *reversed(lower)]


def test_the_ideal_line_joins_equal_counts() -> None:
    (ideal,) = of_class(agreement([(50.0, 40.0, 50.0, 60.0)], "what", NAMES), "ideal")
    (start, end) = points(ideal.attrib["d"])
    assert start == pytest.approx((LEFT, TOP + 0.75 * SIDE))
    assert end == pytest.approx((LEFT + SIDE, TOP))


def test_ticks_end_at_the_largest_count() -> None:
    picture = agreement([(1_200.0, 900.0, 1_100.0, 1_300.0)], "what", NAMES)
    assert [word for word in words(picture) if word not in NAMES] == [
        label for tick in ("0", "1", "10", "100", "1k") for label in (tick, tick)
    ]
    assert [word for word in words(picture) if word in NAMES] == list(NAMES)


# -- bars, strips and intervals ----------------------------------------------------------------------------------------


def test_bars_are_in_proportion_and_the_longest_fills_the_width() -> None:
    picture = draw_bars([("a", 0.2, "20%"), ("b", 0.4, "40%"), ("c", 0.0, "0%")], "what")
    widths = [float(bar.attrib["width"]) for bar in of_class(picture, "bar")]
    assert widths[1] == pytest.approx(2 * widths[0], abs=0.11)
    assert widths[2] == 0
    label, value = 1 * 7.4 + 8, 3 * 9.0 + 8
    assert widths[1] == pytest.approx(WIDTH - label - value, abs=0.06)


def test_a_given_length_fills_the_width_in_place_of_the_longest_bar() -> None:
    whole = of_class(draw_bars([("a", 1.0, "x")], "what"), "bar")[0].attrib["width"]
    half = of_class(draw_bars([("a", 1.0, "x")], "what", most=2.0), "bar")[0].attrib["width"]
    assert float(half) == pytest.approx(float(whole) / 2, abs=0.06)


def test_the_text_stands_behind_its_bar() -> None:
    picture = draw_bars([("long label", 1.0, "100%"), ("b", 0.1, "10%")], "what", kind="risk")
    bar_ends = [float(bar.attrib["x"]) + float(bar.attrib["width"]) for bar in of_class(picture, "risk")]
    text_starts = [float(value.attrib["x"]) for value in of_class(picture, "value")]
    assert text_starts == [pytest.approx(end + 6, abs=0.11) for end in bar_ends]


@pytest.mark.parametrize("rest", [0.0, 0.25, 1.0])
def test_a_strip_is_divided_by_the_share(rest: float) -> None:
    picture = draw_shares([("pairs", rest, "x")], "what")
    (good,), (bad,) = of_class(picture, "good"), of_class(picture, "bad")
    assert float(bad.attrib["width"]) == pytest.approx(WIDTH * rest, abs=0.06)
    assert float(good.attrib["width"]) + float(bad.attrib["width"]) == pytest.approx(WIDTH, abs=0.11)
    assert float(bad.attrib["x"]) == pytest.approx(float(good.attrib["width"]))


def reach_of(picture: str) -> tuple[float, float, float]:
    """Return both ends of the line and the centre of the point, as shares."""
    (line,), (point,) = of_class(picture, "reach"), of_class(picture, "point")
    [(start, end)] = re.findall(r"^M([\d.]+) 14H([\d.]+)", line.attrib["d"])
    low, high, value = ((float(x) - 8) / (WIDTH - 16) for x in (start, end, point.attrib["cx"]))
    return low, value, high


@pytest.mark.parametrize(
    ("given", "drawn"),
    [
        ((0.1, 0.2, 0.4), (0.1, 0.2, 0.4)),
        ((-0.3, -0.1, 0.2), (0.0, 0.0, 0.2)),
        ((0.9, 1.2, 1.5), (0.9, 1.0, 1.0)),
        ((0.5, 0.5, 0.5), (0.5, 0.5, 0.504)),  # an interval of no length is still seen
    ],
)
def test_an_interval_is_clipped_to_the_line(given: tuple[float, ...], drawn: tuple[float, ...]) -> None:
    assert reach_of(draw_interval(*given, "what")) == pytest.approx(drawn, abs=2e-4)


def test_ticks_of_an_interval_are_quarters() -> None:
    assert words(draw_interval(0.1, 0.2, 0.3, "what")) == ["0%", "25%", "50%", "75%", "100%"]
