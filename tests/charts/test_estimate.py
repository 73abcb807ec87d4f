"""Detected beside estimated people."""

from __future__ import annotations

import math

import pytest

from kerege.charts import NARROW, WIDE, Break, Chart, Period, Series, Value, draw_svg
from kerege.charts.marks import COLOURS, VIOLET
from tests.charts.given_charts import SVG, marks, texts

SERIES = (Series("detected", "Detected"), Series("estimated", "Estimated"))


def estimate(upper: float, *breaks: Break) -> Chart:
    values = {("detected", "x"): Value.exact(1343), ("estimated", "x"): Value.estimated(2700, upper)}
    return Chart("estimate", "", SERIES, (Period("x", "2021–2025"),), values, breaks=breaks)


def bar(svg: str, key: str) -> dict[str, str]:
    group = dict(marks(svg))[key].find(f"{SVG}rect")
    assert group is not None
    return group.attrib


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_both_are_on_one_axis_from_zero(width: int) -> None:
    svg = draw_svg(estimate(3800), width)
    detected, estimated = (
        [float(bar(svg, key)[name]) for name in ("x", "width")] for key in ("detected x", "estimated x")
    )
    pixels = detected[1] / 1343
    assert (estimated[0] - detected[0]) / pixels == pytest.approx(2700, abs=5)
    assert (estimated[0] + estimated[1] - detected[0]) / pixels == pytest.approx(3800, abs=5)


def test_the_estimate_has_a_colour_and_ends_that_no_count_has() -> None:
    svg = draw_svg(estimate(3800))
    assert bar(svg, "estimated x")["fill"].endswith("-fade)")
    assert bar(svg, "detected x")["fill"] in COLOURS
    assert VIOLET not in COLOURS


def test_numbers_and_names_are_printed() -> None:
    assert {"Detected: 1,343", "Estimated: 2,700–3,800"} <= set(texts(draw_svg(estimate(3800))))


def test_without_an_upper_limit_it_says_at_least() -> None:
    assert "Estimated: at least 2,700" in texts(draw_svg(estimate(math.inf)))


def test_a_known_truth_is_a_line_with_words() -> None:
    assert "Planted truth" in texts(draw_svg(estimate(3800, Break("3000", "Planted truth"))))
