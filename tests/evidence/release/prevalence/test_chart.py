"""The chart of an estimate draws published figures on one scale, and states them as text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest

from kerege.charts import Chart, draw_svg
from kerege.evidence.release.prevalence import messages
from kerege.evidence.release.prevalence.chart import BOTH, answer_chart, described, methods_chart, svg

NS = "{http://www.w3.org/2000/svg}"
TITLE = {"kk": "Тақырып", "ru": "Заголовок", "en": "Undetected <victims>"}


def content(**changes: Any) -> dict[str, Any]:
    return {
        "title": TITLE,
        "lower": 700,
        "upper": 800,
        "sensitivity": [],
        "no_estimate": None,
        "detected": {"count": 626, "status": "ok"},
        "methods": {
            "bic": {"estimate": 740, "interval80": [700, 800], "interval95": [660, 870]},
            "stepwise": {"estimate": 730, "interval80": [690, 780], "interval95": None},
        },
    } | changes


def marks(chart: Chart) -> dict[str, ET.Element]:
    """Return the marks of the drawn chart by key."""
    root = ET.fromstring(draw_svg(chart))
    return {key: group for group in root.iter(f"{NS}g") if (key := group.get("data-mark"))}


def texts(chart: Chart) -> list[str]:
    return [element.text or "" for element in ET.fromstring(draw_svg(chart)).iter(f"{NS}text")]


def people_at(x: str | float, chart: Chart) -> float:
    """Return the number of people at a position, by the ticks of the axis."""
    root = ET.fromstring(draw_svg(chart))
    ticks = [
        (float(element.attrib["x"]), int((element.text or "").replace(",", "")))
        for element in root.iter(f"{NS}text")
        if element.get("text-anchor") == "middle"
    ]
    (first, zero), (last, most) = ticks[1], ticks[-1]
    return zero + (float(x) - first) / (last - first) * (most - zero)


def ends(shape: str, chart: Chart) -> tuple[float, float]:
    """Return the people at both ends of a horizontal line."""
    start, end = re.findall(r"^M([\d.]+) [\d.]+H([\d.]+)", shape)[0]
    return people_at(start, chart), people_at(end, chart)


@pytest.mark.parametrize("build", [lambda: answer_chart(content(), "en"), lambda: methods_chart(content(), "en", BOTH)])
def test_the_range_reaches_from_the_lower_to_the_upper_limit_and_fades(build: Callable[[], Chart]) -> None:
    chart = build()
    (bar,) = [
        rect for group in marks(chart).values() for rect in group.iter(f"{NS}rect") if "-fade)" in rect.get("fill", "")
    ]
    assert people_at(bar.attrib["x"], chart) == pytest.approx(700, abs=1)
    assert people_at(float(bar.attrib["x"]) + float(bar.attrib["width"]), chart) == pytest.approx(800, abs=1)


def test_the_detected_are_a_bar_from_zero() -> None:
    chart = answer_chart(content(), "en")
    bar = marks(chart)["detected people"].find(f"{NS}rect")
    assert bar is not None
    assert people_at(bar.attrib["x"], chart) == pytest.approx(0, abs=1)
    assert people_at(float(bar.attrib["x"]) + float(bar.attrib["width"]), chart) == pytest.approx(626, abs=1)


def test_points_are_at_the_estimates_in_the_order_of_the_panel() -> None:
    chart = methods_chart(content(), "en")
    circles = [circle for group in marks(chart).values() for circle in group.iter(f"{NS}circle")]
    assert [people_at(circle.attrib["cx"], chart) for circle in circles] == pytest.approx([730, 740], abs=1)
    heights = [float(circle.attrib["cy"]) for circle in circles]
    assert heights == sorted(heights)


def test_lines_are_thick_for_80_and_thin_for_95_per_cent() -> None:
    chart = methods_chart(content(), "en")
    lines = [line for group in marks(chart).values() for line in group.iter(f"{NS}path")]
    drawn = {
        size: [ends(line.attrib["d"], chart) for line in lines if line.get("stroke-width") == size] for size in "28"
    }
    assert drawn["2"] == [pytest.approx((660, 870), abs=1)]
    assert drawn["8"] == [pytest.approx((690, 780), abs=1), pytest.approx((700, 800), abs=1)]


@pytest.mark.parametrize("build", [answer_chart, methods_chart])
def test_the_planted_truth_is_a_line_with_its_number(build: Callable[..., Chart]) -> None:
    assert "Planted truth: 750" in texts(build(content(planted=750), "en"))


def test_a_far_limit_is_cut_off_with_an_arrow() -> None:
    """The axis ends at 1.6 times the largest other figure, and a little more."""
    far = content(methods={"bic": {"estimate": 740, "interval80": [700, 800], "interval95": [660, 9_000]}})
    chart = methods_chart(far, "en")
    (line,) = [path for path in marks(chart)["point bic"].iter(f"{NS}path") if path.get("stroke-width") == "2"]
    assert line.attrib["d"].endswith("m-5-5l5 5l-5 5")
    assert ends(line.attrib["d"], chart)[1] == pytest.approx(1.6 * 800 * 1.04, abs=2)


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_labels_are_in_the_language_and_numbers_in_its_format(lang: str) -> None:
    chart = answer_chart(content(upper=1800), lang)
    shown = texts(chart)
    thousand = "1,800" if lang == "en" else "1\u00a0800"
    assert f"{messages.ROWS['detected'][lang]}: 626" in shown
    assert f"{messages.ROWS['between'][lang]}: 700–{thousand}" in shown


def test_an_estimate_without_an_upper_limit_says_at_least_once() -> None:
    assert "Estimated in all, at least: 700" in texts(answer_chart(content(upper=None), "en"))


def test_a_range_alone_names_no_lines() -> None:
    shown = texts(methods_chart(content(methods={}), "en", BOTH))
    assert messages.AXIS_ALONE["en"] in shown
    assert messages.AXIS["en"] not in shown


def test_everything_is_drawn_inside_the_image() -> None:
    root = ET.fromstring(draw_svg(methods_chart(content(planted=9_000, upper=8_000), "en", BOTH)))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for circle in root.iter(f"{NS}circle"):
        assert 0 <= float(circle.attrib["cx"]) <= width
    for text in root.iter(f"{NS}text"):
        assert 0 <= float(text.attrib["x"]) <= width
        assert 0 <= float(text.attrib["y"]) <= height


# -- the file ----------------------------------------------------------------------------------------------------------


def test_the_file_is_one_image_with_title_and_description() -> None:
    root = ET.fromstring(svg(content()))
    assert root.tag == f"{NS}svg"
    assert root.attrib["viewBox"] == f"0 0 {root.attrib['width']} {root.attrib['height']}"
    title, description = root.find(f"{NS}title"), root.find(f"{NS}desc")
    assert title is not None
    assert description is not None
    assert title.text == "Undetected <victims>"
    assert description.text == described(content())


def test_invented_people_have_their_notice_in_three_languages() -> None:
    image = svg(content(notice=messages.INVENTED))
    assert all(text in image for text in messages.INVENTED.values())
    assert described(content(notice=messages.INVENTED)).endswith(messages.INVENTED["en"])


def test_without_an_estimate_the_image_holds_the_reason_and_no_figure() -> None:
    withheld = content(no_estimate={"rule": "no_model", "reason": messages.RULES["no_model"]}, lower=None, upper=None)
    image = svg(withheld)
    assert all(text in image for text in messages.RULES["no_model"].values())
    assert "<circle" not in image
    assert "626" not in image
    assert described(withheld) == f"No estimate is published. {messages.RULES['no_model']['en']}"


def test_the_description_holds_every_drawn_figure() -> None:
    words = described(content(planted=1_750))
    assert words == (
        "Detected: 626. Estimated in all by several methods: between 700 and 800. "
        "Detected: 626; Estimated in all, between: 700 to 800; Planted truth: 1,750; "
        f"{messages.NAMES['stepwise']['en']}: 730 (690 to 780); {messages.NAMES['bic']['en']}: 740 (700 to 800)."
    )
    assert re.findall(r"\d[\d,]*", words)
