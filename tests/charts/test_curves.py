"""Step curves and lines."""

from __future__ import annotations

import dataclasses
import re

import pytest

from kerege.charts import NARROW, WIDE, Break, Value, draw_svg
from tests.charts.given_charts import SVG, by_year, marks, read, simple, texts


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_step_curve_stays_level_until_the_next_day_and_has_its_target(width: int) -> None:
    days = {"0": 0, "10": 20, "31": 50, "60": 70}
    svg = draw_svg(simple("step", days, unit="%", breaks=(Break("45", "target 45 days"),)), width)
    assert {"target 45 days", "70%", "100%"} <= set(texts(svg))
    (curve,) = [path.get("d", "") for path in read(svg).iter(f"{SVG}path") if path.get("stroke-width") == "2.5"]
    steps = [(float(x), float(y)) for x, y in re.findall(r"H([\d.]+)V([\d.]+)", curve)]
    start = re.findall(r"M([\d.]+) ([\d.]+)", curve)[0]
    across = [(x - float(start[0])) / (steps[-1][0] - float(start[0])) * 60 for x, _ in steps]
    up = [(float(start[1]) - y) / (float(start[1]) - steps[-1][1]) * 70 for _, y in steps]
    assert across == pytest.approx([10, 31, 60], abs=0.5)
    assert up == pytest.approx([20, 50, 70], abs=0.5)


def test_a_withheld_value_and_a_break_leave_a_gap_in_a_line() -> None:
    svg = draw_svg(dataclasses.replace(by_year(iom_2010=Value.withheld(9)), kind="lines"))
    curves = [path.get("d", "") for path in read(svg).iter(f"{SVG}path") if path.get("stroke-width") == "2.5"]
    assert [curve.count("L") + 1 for curve in curves] == [6, 10, 5]
    fill = dict(marks(svg))["iom 2010"].find(f"{SVG}rect")
    assert fill is not None
    assert fill.get("fill", "").endswith("-hatch)")


def test_a_line_ends_with_its_newest_number() -> None:
    assert "7" in texts(draw_svg(simple("lines", {"2024": 9, "2025": 7})))
