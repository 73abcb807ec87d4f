"""The picture of a panel says in words what it shows, and stays whole on every kind of panel."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from kerege.evidence.prevalence import Lists
from kerege.evidence.prevalence.drawing import WIDTH, chart
from kerege.evidence.prevalence.panel import Panel, panel
from tests.evidence.prevalence.tables import table

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def kosovo() -> Panel:
    return panel(table("Kosovo"), times=500, sweeps=1000)


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def places(svg: str) -> list[float]:
    return [float(value) for value in re.findall(r' (?:x|cx)="([-\d.]+)"', svg)]


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_title_description_and_legend_in_words(kosovo: Panel, lang: str) -> None:
    svg = chart(kosovo, lang)
    root = ElementTree.fromstring(svg)
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert title.text
    assert description.text
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert root.get("lang") == lang
    assert "14,342" in description.text or "14 342" in description.text.replace("\u00a0", " ")
    assert len(texts(svg)) > 15
    assert all(-1 <= place <= WIDTH for place in places(svg))
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_the_detected_are_a_line_and_the_headline_is_the_title(kosovo: Panel) -> None:
    svg = chart(kosovo)
    assert kosovo.headline is not None
    lower, upper = kosovo.headline
    assert texts(svg)[0] == f"4,400 detected; in all between {lower:,} and {upper:,}"
    assert "detected: 4,400" in texts(svg)


def test_large_ratios_have_a_logarithmic_axis(kosovo: Panel) -> None:
    assert "people, detected or not (logarithmic)" in texts(chart(kosovo))
    assert "people, detected or not" in texts(chart(panel(table("Korea"), times=200, sweeps=1000)))


def test_a_notice_and_the_truth_stand_on_it(kosovo: Panel) -> None:
    told = texts(chart(kosovo, notice="invented lists", truth=12_000))
    assert "invented lists" in told
    assert "planted truth: 12,000" in told


def test_no_estimate_is_the_title_and_its_reason_beneath() -> None:
    found = panel(Lists.of([1, 2, 4], [5, 6, 7], ["a<b", "c&d", "e"]), times=200, sweeps=1000)
    told = texts(chart(found))
    assert told[0] == "18 detected; no estimate is published"
    assert any("people on two lists or more: 0" in each for each in told)


def test_one_list_makes_a_picture() -> None:
    made = Lists.of([1, 2, 4], [5, 6, 7])
    assert texts(chart(panel(Lists(("A",), made.histories[:1], made.counts[:1]))))[0].startswith("5 detected")


def test_the_same_picture_for_the_same_panel(kosovo: Panel) -> None:
    assert chart(kosovo) == chart(kosovo)
