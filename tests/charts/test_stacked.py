"""Stacked columns and rows."""

from __future__ import annotations

import pytest

from kerege.charts import NARROW, WIDE, Chart, Period, Series, Value, draw_svg
from kerege.charts.marks import text_width
from tests.charts.given_charts import SVG, marks, read, texts

PARTS = (Series("state", "State"), Series("iom", "Programme"))


def stacked(labels: dict[str, str], values: dict[tuple[str, str], Value]) -> Chart:
    return Chart("stacked", "Who pays", PARTS, tuple(Period(code, text) for code, text in labels.items()), values)


def sizes(svg: str, side: str) -> dict[str, float]:
    rects = {key: group.find(f"{SVG}rect") for key, group in marks(svg)}
    return {key: float(rect.get(side, "")) for key, rect in rects.items() if rect is not None}


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize(("label", "side"), [("2024", "height"), ("Representation-in-court-by-lawyers", "width")])
def test_parts_are_proportional_and_the_total_is_printed(width: int, label: str, side: str) -> None:
    chart = stacked({"x": label, "y": "y"}, {("state", "x"): Value.exact(90), ("iom", "x"): Value.exact(30)})
    svg = draw_svg(chart, width)
    drawn = sizes(svg, side)
    assert drawn["state x"] / drawn["iom x"] == pytest.approx(3, abs=0.02)
    assert "120" in texts(svg)


def test_a_withheld_split_is_one_hatched_part_up_to_the_total() -> None:
    values = {("state", "x"): Value.exact(90), ("iom", "x"): Value.withheld(9), ("_T", "x"): Value.exact(100)}
    svg = draw_svg(stacked({"x": "2024"}, values))
    drawn = sizes(svg, "height")
    assert drawn["_W x"] / drawn["state x"] == pytest.approx(10 / 90, abs=0.01)
    assert "split withheld" in texts(svg)
    assert "100" in texts(svg)
    assert "10" not in texts(svg)


def test_parts_are_not_added_up_if_one_of_them_is_not_exact() -> None:
    values = {("state", "x"): Value.rounded(90, 2), ("iom", "x"): Value.exact(30)}
    assert not {"120", "≈120"} & set(texts(draw_svg(stacked({"x": "2024"}, values))))


def test_a_column_whose_parts_are_all_withheld_says_so() -> None:
    values = {(code, "x"): Value.withheld(9) for code in ("state", "iom")} | {("state", "y"): Value.exact(4)}
    assert "withheld" in texts(draw_svg(stacked({"x": "2023", "y": "2024"}, values)))


def test_more_than_four_parts_are_refused() -> None:
    series = tuple(Series(code, code) for code in "abcde")
    with pytest.raises(ValueError, match="at most 4 parts"):
        draw_svg(Chart("stacked", "", series, (Period("x", "x"),), {}))


@pytest.mark.parametrize("width", [WIDE, 510, NARROW])
def test_a_total_covers_no_higher_stack_beside_it(width: int) -> None:
    labels = {str(year): str(year) for year in range(2004, 2026)}
    values = {("state", year): Value.exact(1180 + 30 * (year == "2024") - 200 * (year == "2025")) for year in labels}
    svg = draw_svg(stacked(labels, values), width)
    newest = [element for element in read(svg).iter(f"{SVG}text") if element.text == "980"][-1]
    half = text_width("980", float(newest.get("font-size", 12)), bold=True) / 2
    x, base = float(newest.get("x", "")), float(newest.get("y", ""))
    rects = [rect for _, group in marks(svg) if (rect := group.find(f"{SVG}rect")) is not None]
    for rect in rects:
        left, top = float(rect.get("x", "")), float(rect.get("y", ""))
        if left < x + half and left + float(rect.get("width", "")) > x - half:
            assert base <= top
