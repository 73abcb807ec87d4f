"""Chart of the panel: texts, axis and legend, for all kinds of panels."""

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
    return [text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def positions(svg: str) -> list[float]:
    return [float(value) for value in re.findall(r' (?:x|cx)="([-\d.]+)"', svg)]


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_chart_has_title_description_and_legend(kosovo: Panel, lang: str) -> None:
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
    assert all(-1 <= place <= WIDTH for place in positions(svg))
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


def test_a_notice_and_the_truth_are_shown(kosovo: Panel) -> None:
    labels = texts(chart(kosovo, notice="invented lists", truth=12_000))
    assert "invented lists" in labels
    assert "planted truth: 12,000" in labels


def test_a_panel_of_some_methods_is_not_called_unpublishable() -> None:
    result = panel(table("Kosovo"), methods=["stepwise", "lower_bound"], times=200)
    labels = texts(chart(result))
    assert labels[0] == "4,400 detected; only some of the methods were asked for"
    assert any(text.startswith("No headline: only some of the methods") for text in labels)
    assert "no estimate is published" not in chart(result)


def test_a_lower_bound_does_not_look_like_an_estimate() -> None:
    bound = panel(table("Kosovo"), methods=["lower_bound"], times=200)
    both = panel(table("Kosovo"), methods=["stepwise", "lower_bound"], times=200)
    assert chart(bound).count("<circle") == 1  # only in the legend
    assert chart(both).count("<circle") == 2
    assert "at least this many" in texts(chart(bound))
    assert "at least this many" not in texts(chart(panel(table("Kosovo"), methods=["stepwise"], times=200)))


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_texts_of_the_legend_do_not_overlap_the_next_mark(kosovo: Panel, lang: str) -> None:
    """With the letter widths of DejaVu Sans, the widest substitute of Noto Sans: 0.62 to 0.95 em."""
    result = re.findall(
        r'<text x="([\d.]+)" y="([\d.]+)" font-size="12.5" fill="#1a2b3c"[^>]*>([^<]+)<', chart(kosovo, lang)
    )
    assert len(result) >= 5
    for (x, y, labels), (following, next_y, _) in pairwise(result):
        if y == next_y:
            width = 12.5 * sum(0.95 if sign == "%" else 0.6 if sign.isascii() else 0.68 for sign in labels)
            assert float(x) + width < float(following) - 30, labels


@pytest.mark.parametrize(("low", "high", "last"), [(2744, 42_000, 40_000), (8_234, 700_000, 500_000), (10, 90, 90)])
def test_the_end_of_a_logarithmic_axis_has_a_label(low: float, high: float, last: float) -> None:
    axis = _HorizontalAxis(low, high)
    ticks = axis.ticks()
    assert ticks[-1] == last
    assert all(axis.at(b) - axis.at(a) >= APART for a, b in pairwise(ticks))


def test_without_an_estimate_the_title_and_the_footer_have_the_reason() -> None:
    result = panel(Lists([1, 2, 4], [5, 6, 7], ["a<b", "c&d", "e"]), times=200, sweeps=1000)
    labels = texts(chart(result))
    assert labels[0] == "18 detected; no estimate is published"
    assert any("people on two lists or more: 0" in text for text in labels)


def test_one_list_has_a_chart() -> None:
    lists = Lists([1, 2, 4], [5, 6, 7])
    assert texts(chart(panel(unchecked(("A",), lists.histories[:1], lists.counts[:1]))))[0].startswith("5 detected")


def test_the_same_panel_has_the_same_chart(kosovo: Panel) -> None:
    assert chart(kosovo) == chart(kosovo)
