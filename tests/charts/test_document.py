"""Frame of every picture."""

from __future__ import annotations

import dataclasses
import re

import pytest

from kerege.charts import NARROW, WIDE, Value, draw_svg
from kerege.charts.marks import AXIS, COLOURS, GREY, HATCH, INK, QUIET, VIOLET, WARNING
from tests.charts.given_charts import SVG, by_year, read, texts

MIXED = by_year(
    iom_2010=Value.withheld(9), state_2024=Value(240, "noise", 200, 280), state_2025=Value.estimated(1, 300)
)


def contrast(colour: str) -> float:
    """Return the contrast of a colour with white by the formula of WCAG."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


@pytest.mark.parametrize("colour", [INK, QUIET, WARNING, VIOLET, *COLOURS[:3]])
def test_texts_have_a_contrast_of_at_least_4_5(colour: str) -> None:
    assert contrast(colour) >= 4.5


@pytest.mark.parametrize("colour", [AXIS, GREY, HATCH, *COLOURS])
def test_marks_have_a_contrast_of_at_least_3(colour: str) -> None:
    assert contrast(colour) >= 3


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_picture_needs_no_style_script_or_reference(width: int) -> None:
    assert not re.search(r"style|<script|href|https?://(?!www\.w3\.org/2000/svg)|\son\w+=", draw_svg(MIXED, width))


def test_ids_are_unique_on_a_page_with_both_widths_and_two_charts() -> None:
    charts = [MIXED, dataclasses.replace(MIXED, name="other")]
    page = "".join(draw_svg(chart, width) for chart in charts for width in (WIDE, NARROW))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


def test_title_is_the_finding_and_description_the_shape() -> None:
    root = read(draw_svg(by_year()))
    named = [root.find(f"{SVG}{tag}") for tag in ("title", "desc")]
    assert [element.get("id") for element in named if element is not None] == root.get("aria-labelledby", "").split()
    assert next(element.text for element in named if element is not None) == by_year().title


def test_invented_data_are_marked_in_the_picture() -> None:
    assert "Invented data" in texts(draw_svg(dataclasses.replace(by_year(), flags=frozenset({"invented"}))))


def test_the_heading_is_printed_only_in_a_picture_that_leaves_its_page() -> None:
    title = by_year().title
    assert title in texts(draw_svg(by_year(), titled=True))
    assert title not in texts(draw_svg(by_year()))


def test_equal_charts_give_equal_bytes() -> None:
    assert draw_svg(MIXED, NARROW) == draw_svg(dataclasses.replace(MIXED), NARROW)
