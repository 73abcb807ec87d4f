"""The chart of an estimate draws published figures on one scale, and states them as text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from kerege.evidence.release.prevalence import chart, messages
from kerege.evidence.release.prevalence.chart import BAND, COLOUR, WARNING, body, described, svg

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


def elements(drawn: str, tag: str) -> list[dict[str, str]]:
    return [element.attrib for element in ET.fromstring(f"<svg>{drawn}</svg>").iter(tag)]


def texts(drawn: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(f"<svg>{drawn}</svg>").iter("text")]


def people_at(x: str | float, drawn: chart.Drawn) -> float:
    """Return the number of people at a position, by the ticks of the axis."""
    ticks = [
        (float(element.attrib["x"]), int((element.text or "").replace(",", "")))
        for element in ET.fromstring(f"<svg>{drawn.content}</svg>").iter("text")
        if element.attrib["text-anchor"] == "middle"
    ]
    (first, zero), (last, most) = ticks[0], ticks[-1]
    return zero + (float(x) - first) / (last - first) * (most - zero)


def test_the_band_reaches_from_the_lower_to_the_upper_limit() -> None:
    drawn = body(content(), "en")
    (band,) = [rect for rect in elements(drawn.content, "rect") if rect["fill"] == BAND]
    assert people_at(band["x"], drawn) == pytest.approx(700, abs=1)
    assert people_at(float(band["x"]) + float(band["width"]), drawn) == pytest.approx(800, abs=1)


def test_points_are_at_the_detected_and_the_estimates_in_the_order_of_the_panel() -> None:
    drawn = body(content(), "en")
    circles = elements(drawn.content, "circle")
    assert [people_at(circle["cx"], drawn) for circle in circles] == pytest.approx([626, 730, 740], abs=1)
    heights = [float(circle["cy"]) for circle in circles]
    assert heights == sorted(heights)


def test_lines_are_thick_for_80_and_thin_for_95_per_cent() -> None:
    drawn = body(content(), "en")
    lines = [line for line in elements(drawn.content, "line") if line["stroke"] == COLOUR]
    ends = {
        size: [
            (round(people_at(line["x1"], drawn)), round(people_at(line["x2"], drawn)))
            for line in lines
            if line["stroke-width"] == size
        ]
        for size in ("2", "8")
    }
    assert [pytest.approx(pair, abs=1) for pair in ends["2"]] == [(660, 870)]
    assert [pytest.approx(pair, abs=1) for pair in ends["8"]] == [(700, 800), (690, 780), (700, 800)]


def test_the_planted_truth_has_a_colour_of_its_own() -> None:
    drawn = body(content(planted=750), "en")
    circles = [circle for circle in elements(drawn.content, "circle") if circle["stroke"] == WARNING]
    assert [people_at(circle["cx"], drawn) for circle in circles] == pytest.approx([750], abs=1)
    assert "Planted truth" in texts(drawn.content)


def test_a_far_limit_is_cut_off_with_an_arrow() -> None:
    """The axis ends at 1.6 times the largest other figure, and a little more."""
    far = content(methods={"bic": {"estimate": 740, "interval80": [700, 800], "interval95": [660, 9_000]}})
    drawn = body(far, "en")
    assert "→" in texts(drawn.content)
    assert "→" not in texts(body(content(), "en").content)
    right = max(float(line["x2"]) for line in elements(drawn.content, "line"))
    assert people_at(right, drawn) == pytest.approx(1.6 * 800 * 1.04, abs=2)


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        (5, [0, 1, 2, 3, 4, 5]),
        (26, [0, 10, 20]),
        (905, [0, 200, 400, 600, 800]),
        (1_000, [0, 200, 400, 600, 800, 1_000]),
    ],
)
def test_ticks_are_round_numbers(most: float, ticks: list[int]) -> None:
    assert chart._ticks(most) == ticks


@pytest.mark.parametrize(("width", "anchor"), [(499, "start"), (500, "end")])
def test_labels_of_a_narrow_chart_are_above_the_lines(width: int, anchor: str) -> None:
    drawn = body(content(), "en", width)
    labels = [text for text in elements(drawn.content, "text") if text.get("font-size") == "12"]
    assert labels[0]["text-anchor"] == anchor
    assert drawn.width == width
    assert drawn.height == (4 * (46 if width < 500 else 30)) + 12 + 44


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_labels_are_in_the_language_and_numbers_in_its_format(lang: str) -> None:
    drawn = body(content(), lang, number=lambda count: f"<{count}>")
    shown = texts(drawn.content)
    for label in (messages.ROWS["detected"][lang], messages.ROWS["between"][lang], messages.AXIS[lang], "<626>"):
        assert label in shown
    assert "<700>–<800>" in shown


def test_a_range_alone_names_no_lines() -> None:
    shown = texts(body(content(methods={}), "en").content)
    assert messages.AXIS_ALONE["en"] in shown
    assert messages.AXIS["en"] not in shown


def test_everything_is_drawn_inside_the_image() -> None:
    drawn = body(content(planted=9_000, upper=8_000), "en")
    for attributes in elements(drawn.content, "circle"):
        assert 0 <= float(attributes["cx"]) <= drawn.width
    for attributes in elements(drawn.content, "text"):
        assert 0 <= float(attributes["x"]) <= drawn.width
        assert 0 <= float(attributes["y"]) <= drawn.height


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
