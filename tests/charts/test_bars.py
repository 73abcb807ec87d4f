"""Bars by category."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from kerege.charts import NARROW, WIDE, Chart, Period, Series, Value, alt_text, draw_svg, ranked, table_of
from tests.charts.given_charts import SVG, marks, simple, texts


def lengths(svg: str) -> dict[str, float]:
    rects = {key: group.find(f"{SVG}rect") for key, group in marks(svg)}
    return {key: float(rect.get("width", "")) for key, rect in rects.items() if rect is not None}


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_lengths_of_bars_are_proportional_to_the_counts_which_are_printed(width: int) -> None:
    svg = draw_svg(simple("bars", {"Kazakhstan": 459, "Uzbekistan": 406, "Tajikistan": 33}), width)
    drawn = lengths(svg)
    assert drawn["a Uzbekistan"] / drawn["a Kazakhstan"] == pytest.approx(406 / 459, abs=0.003)
    assert {"459", "406", "33"} <= set(texts(svg))


def test_withheld_rows_have_a_square_of_one_size_whatever_they_hide() -> None:
    svg = draw_svg(simple("bars", {"x": 500, "y": Value.withheld(9), "z": Value.withheld(400)}))
    assert lengths(svg)["a y"] == lengths(svg)["a z"]
    assert texts(svg).count("withheld") == 2


def test_more_than_three_withheld_rows_become_one() -> None:
    svg = draw_svg(simple("bars", {"x": Value.exact(5), **{f"w{n}": Value.withheld(9) for n in range(4)}}))
    assert "4 more: withheld" in texts(svg)
    assert not {f"w{n}" for n in range(4)} & set(texts(svg))


def test_bars_beyond_twelve_are_counted_in_words() -> None:
    assert "8 more in the table." in texts(draw_svg(simple("bars", {f"row {n}": n + 1 for n in range(20)})))


def test_ranked_bars_are_largest_first_with_withheld_others_and_not_recorded_last() -> None:
    given: dict[str, Value | int] = {"_U": 90, "_O": 80, "w": Value.withheld(9), "x": 5, "y": 7}
    assert [period.code for period in ranked(simple("bars", given)).periods] == ["y", "x", "w", "_O", "_U"]


def test_columns_whose_labels_do_not_fit_become_bars_in_the_same_order() -> None:
    names = {"Legal representation in court": 3, "Psychological counselling": 9, "Transport": 5, "Shelter": 4}
    svg = draw_svg(simple("columns", names), NARROW)
    drawn = lengths(svg)
    assert list(drawn) == [f"a {name}" for name in names]
    assert drawn["a Psychological counselling"] > 2 * drawn["a Legal representation in court"]


def test_several_series_are_named_and_stand_under_one_another() -> None:
    values = {("a", "x"): Value.exact(4), ("b", "x"): Value.exact(2)}
    svg = draw_svg(Chart("bars", "", (Series("a", "Women"), Series("b", "Men")), (Period("x", "X"),), values))
    assert {"Women", "Men", "4", "2"} <= set(texts(svg))
    tops = [float(rect.get("y", "")) for _, group in marks(svg) for rect in group.iter(f"{SVG}rect")]
    assert tops == sorted(set(tops))


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_number_to_be_reached_is_a_line_at_its_place_and_in_words(width: int) -> None:
    chart = replace(simple("bars", {"x": 50, "y": 20}), goals={("a", "x"): 100, ("a", "y"): 10})
    svg = draw_svg(chart, width)
    bars = {key: group.find(f"{SVG}rect") for key, group in marks(svg)}
    lines = {key: group.findall(f"{SVG}path")[-1].get("d", "") for key, group in marks(svg)}
    for key, share in (("a x", 2.0), ("a y", 0.5)):
        bar = bars[key]
        assert bar is not None
        left, length = float(bar.get("x", "")), float(bar.get("width", ""))
        at = float(re.findall(r"M([\d.]+)", lines[key])[0])
        assert at - left == pytest.approx(share * length, abs=0.3)
    assert "| target" in texts(svg)
    assert "x: 50, target 100" in svg
    assert table_of(chart)[1][1] == "50 (target 100)"
    assert "Target: x – 100; y – 10." in alt_text(chart)
