"""The picture of a panel says in words what it shows, and stays whole on every kind of panel."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from kerege.evidence.mse import Lists
from kerege.evidence.mse.lists import unchecked
from kerege.evidence.mse.panels.chart import APART, WIDTH, _HorizontalAxis, chart
from kerege.evidence.mse.panels.panel import Panel, panel
from tests.evidence.mse.tables import table

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


def test_only_some_methods_are_no_refusal() -> None:
    found = panel(table("Kosovo"), methods=["stepwise", "lower_bound"], times=200)
    told = texts(chart(found))
    assert told[0] == "4,400 detected; only some of the methods were asked for"
    assert any(each.startswith("No headline: only some of the methods") for each in told)
    assert "no estimate is published" not in chart(found)


def test_a_lower_bound_does_not_look_like_an_estimate() -> None:
    bound = panel(table("Kosovo"), methods=["lower_bound"], times=200)
    both = panel(table("Kosovo"), methods=["stepwise", "lower_bound"], times=200)
    assert chart(bound).count("<circle") == 1  # the one of the legend
    assert chart(both).count("<circle") == 2
    assert "at least this many" in texts(chart(bound))
    assert "at least this many" not in texts(chart(panel(table("Kosovo"), methods=["stepwise"], times=200)))


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_words_of_the_legend_end_before_the_next_mark(kosovo: Panel, lang: str) -> None:
    """As wide as DejaVu Sans sets them, the widest of the fonts that stand in for Noto Sans: 0.62 to 0.95 em."""
    found = re.findall(
        r'<text x="([\d.]+)" y="([\d.]+)" font-size="12.5" fill="#1a2b3c"[^>]*>([^<]+)<', chart(kosovo, lang)
    )
    assert len(found) >= 5
    for (x, y, told), (following, below, _) in pairwise(found):
        if y == below:
            wide = 12.5 * sum(0.95 if sign == "%" else 0.6 if sign.isascii() else 0.68 for sign in told)
            assert float(x) + wide < float(following) - 30, told


@pytest.mark.parametrize(("low", "high", "last"), [(2744, 42_000, 40_000), (8_234, 700_000, 500_000), (10, 90, 90)])
def test_the_end_of_a_logarithmic_axis_has_a_number(low: float, high: float, last: float) -> None:
    axis = _HorizontalAxis(low, high)
    ticks = axis.ticks()
    assert ticks[-1] == last
    assert all(axis.at(b) - axis.at(a) >= APART for a, b in pairwise(ticks))


def test_no_estimate_is_the_title_and_its_reason_beneath() -> None:
    found = panel(Lists([1, 2, 4], [5, 6, 7], ["a<b", "c&d", "e"]), times=200, sweeps=1000)
    told = texts(chart(found))
    assert told[0] == "18 detected; no estimate is published"
    assert any("people on two lists or more: 0" in each for each in told)


def test_one_list_makes_a_picture() -> None:
    made = Lists([1, 2, 4], [5, 6, 7])
    assert texts(chart(panel(unchecked(("A",), made.histories[:1], made.counts[:1]))))[0].startswith("5 detected")


def test_the_same_picture_for_the_same_panel(kosovo: Panel) -> None:
    assert chart(kosovo) == chart(kosovo)
