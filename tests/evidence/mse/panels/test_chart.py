"""Chart of the panel: texts, axis and legend, for all kinds of panels."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.charts.marks import text_width
from kerege.charts.panel_marks import BLUE, ORANGE, WIDTH
from kerege.evidence.mse import Lists
from kerege.evidence.mse.headline.headline import Headline, HeadlineSettings
from kerege.evidence.mse.lists import build_unchecked_lists
from kerege.evidence.mse.panels.chart import APART, LABEL, RIGHT, _HorizontalAxis, chart
from kerege.evidence.mse.panels.method_result import Method
from kerege.evidence.mse.panels.methods import Options
from kerege.evidence.mse.panels.panel import Panel, panel
from kerege.evidence.mse.panels.publication_rules import AppliedRule
from tests.evidence.mse.tables import table

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def kosovo() -> Panel:
    return panel(table("Kosovo"), times=500, sweeps=1000, settings=HeadlineSettings(True, True))


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
    assert texts(svg)[0] + " " + texts(svg)[1] == "Estimated: at least 7,000 people; 4,400 of them are on the lists."
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
    assert labels[0] == "4,400 people are on the lists."
    assert any(text.startswith("No headline: only some of the methods") for text in labels)
    assert "do not show how many" not in chart(result)


def test_a_lower_bound_does_not_look_like_an_estimate() -> None:
    bound = panel(table("Kosovo"), methods=["lower_bound"], times=200)
    both = panel(table("Kosovo"), methods=["stepwise", "lower_bound"], times=200)
    assert chart(bound).count("<circle") == 1  # only in the legend
    assert chart(both).count("<circle") == 2
    assert "if people differ on one scale" in texts(chart(bound))
    assert "if people differ on one scale" not in texts(chart(panel(table("Kosovo"), methods=["stepwise"], times=200)))


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_texts_of_the_legend_do_not_overlap_the_next_mark(kosovo: Panel, lang: str) -> None:
    """With the letter widths of DejaVu Sans, the widest substitute of Noto Sans: 0.62 to 0.95 em."""
    result = re.findall(
        r'<text x="([\d.]+)" y="([\d.]+)" font-size="12.5" fill="#1a2b3c"[^>]*>([^<]+)<', chart(kosovo, lang)
    )
    assert len(result) >= 5
    for (x, y, labels), (following, next_y, _) in pairwise(result):
        if y == next_y:
            assert float(x) + text_width(labels, 12.5) < float(following) - 30, labels


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_names_of_methods_end_inside_the_picture(kosovo: Panel, lang: str) -> None:
    names = re.findall(
        r'<text x="166.0" y="[\d.]+" font-size="12" fill="#1a2b3c" text-anchor="end">([^<]+)<', chart(kosovo, lang)
    )
    assert len(names) > len(kosovo.methods)  # a long name has two lines
    assert all(text_width(name, 12) < LABEL for name in names)


@pytest.mark.parametrize(("low", "high", "last"), [(2744, 42_000, 40_000), (8_234, 700_000, 500_000), (10, 90, 90)])
def test_the_end_of_a_logarithmic_axis_has_a_label(low: float, high: float, last: float) -> None:
    axis = _HorizontalAxis(low, high)
    ticks = axis.ticks()
    assert ticks[-1] == last
    assert all(axis.at(b) - axis.at(a) >= APART for a, b in pairwise(ticks))


def test_without_an_estimate_the_title_and_the_footer_have_the_reason() -> None:
    result = panel(Lists([1, 2, 4], [5, 6, 7], ["a<b", "c&d", "e"]), times=200, sweeps=1000)
    labels = texts(chart(result))
    assert labels[0] == "18 people are on the lists."
    assert "too few people are on two lists or more (0 of the 20 needed)" in " ".join(labels)


def test_one_list_has_a_chart() -> None:
    lists = Lists([1, 2, 4], [5, 6, 7])
    assert texts(chart(panel(build_unchecked_lists(("A",), lists.histories[:1], lists.counts[:1]))))[0].startswith(
        "5 people are on the lists"
    )


def test_the_same_panel_has_the_same_chart(kosovo: Panel) -> None:
    assert chart(kosovo) == chart(kosovo)


# -- axis ------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.floats(1, 1e7), st.floats(1.01, 900))
def test_an_axis_maps_its_range_to_the_width_in_order(low: float, ratio: float) -> None:
    axis = _HorizontalAxis(low, low * ratio)
    people = np.linspace(low, low * ratio, 9)
    places = [axis.at(number) for number in people]
    assert places == sorted(places)
    assert LABEL <= places[0] < places[-1] <= WIDTH - RIGHT
    assert axis.at(axis.low) == pytest.approx(LABEL)
    assert axis.at(axis.high) == pytest.approx(WIDTH - RIGHT)
    assert axis.at(-5) == axis.at(axis.low)  # what lies outside is drawn at the edge
    assert axis.at(1e12) == axis.at(axis.high)
    assert axis.log is (low * ratio > 5 * low)


@settings(max_examples=60, deadline=None)
@given(st.floats(1, 1e7), st.floats(1.05, 900))
def test_ticks_are_round_numbers_inside_the_axis_and_apart(low: float, ratio: float) -> None:
    axis = _HorizontalAxis(low, low * ratio)
    ticks = axis.ticks()
    assert len(ticks) >= 2
    assert all(axis.low * (1 - 1e-9) <= tick <= axis.high * (1 + 1e-9) for tick in ticks)
    assert ticks == sorted(ticks)
    assert all(axis.at(b) - axis.at(a) >= 40 for a, b in pairwise(ticks[:-1]))
    if not axis.log:
        steps = np.diff(ticks)
        assert steps == pytest.approx(np.full(len(steps), steps[0]))
        assert f"{steps[0]:.0e}"[0] in "125"


def test_a_logarithmic_axis_has_equal_distances_for_equal_ratios() -> None:
    axis = _HorizontalAxis(100, 10_000)
    assert axis.log
    distances = [axis.at(b) - axis.at(a) for a, b in ((100, 200), (1000, 2000), (5000, 10_000))]
    assert distances == pytest.approx([distances[0]] * 3)


# -- charts of given results -----------------------------------------------------------------------------------------


def given_panel(*methods: Method, **more: Any) -> Panel:
    lists = Lists([1, 2, 4, 3, 5], [1000, 900, 800, 40, 30], ["police", "shelter", "hotline"])
    facts: dict[str, Any] = {
        "given": lists,
        "lists": lists,
        "sensitivity": None,
        "headline": Headline("range", 2770, floor=7000, top=28_000, least_chance=0.1),
        "stops": [],
        "options": Options(times=500, seed=3),
    } | more
    return Panel(methods={method.key: method for method in methods}, **facts)


STEPWISE = Method("stepwise", 9000.0, interval80=(8000.0, 10_000.0), interval95=(7000.0, 12_000.0))


def bars(svg: str, colour: str) -> list[tuple[float, float]]:
    """Return the left and the right end of the bars of a colour."""
    matches = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="[\d.]+" fill="' + colour, svg)
    return [(float(x), float(x) + float(width)) for x, width in matches]


def test_the_bars_of_a_method_end_at_its_limits() -> None:
    panel_of_one = given_panel(STEPWISE)
    axis = _HorizontalAxis(2770, 12_000)  # from the detected people to the largest limit
    drawn = bars(chart(panel_of_one), BLUE)[2:]  # two are in the legend
    for (left, right), limits in zip(drawn, (STEPWISE.interval95, STEPWISE.interval80), strict=True):
        assert limits is not None
        assert (left, right) == pytest.approx((axis.at(limits[0]), axis.at(limits[1])), abs=0.11)
    assert f'cx="{axis.at(9000):.1f}"' in chart(panel_of_one)


def test_bca_of_the_headline_has_a_bar_and_a_legend_of_its_own() -> None:
    bic = Method("bic", 9000.0, interval80=(8000.0, 10_000.0), interval95=(7000.0, 12_000.0), bca80=(7500.0, 9500.0))
    svg = chart(given_panel(STEPWISE, bic))
    assert len(bars(svg, ORANGE)) == 2
    assert "80% by BCa, as published: counts for BIC" in texts(svg)
    same = Method("bic", 9000.0, interval80=(8000.0, 10_000.0), interval95=(7000.0, 12_000.0))
    assert bars(chart(given_panel(STEPWISE, same)), ORANGE) == []


def test_an_interval_beyond_the_chart_ends_in_an_arrow() -> None:
    """Limits above 20 times the largest estimate are cut off, so that the other methods stay visible."""
    wide = Method("independence", 9000.0, interval80=(8000.0, 10_000.0), interval95=(7000.0, math.inf))
    svg = chart(given_panel(STEPWISE, wide))
    assert svg.count("l9 6l-9 6Z") == 1
    assert chart(given_panel(STEPWISE)).count("l9 6l-9 6Z") == 0
    assert all(place <= WIDTH for place in positions(svg))


def test_a_method_without_an_estimate_has_a_row_that_says_none() -> None:
    svg = chart(given_panel(STEPWISE, Method("bic", None, no_estimate="nobody is on two lists")))
    assert texts(svg).count("none") == 1
    assert "smallest BIC: no estimate." in svg


def test_the_description_reads_the_rows_for_a_screen_reader() -> None:
    bound = Method("lower_bound", 4321.0)
    svg = chart(given_panel(STEPWISE, bound), notice="invented lists")
    description = ElementTree.fromstring(svg).find(f"{SVG}desc")
    assert description is not None
    text = description.text or ""
    assert text.startswith(
        "invented lists Estimated: at least 7,000 people; 2,770 of them are on the lists. At most an"
    )
    assert "stepwise, p < 0.02: 9,000, 80% from 8,000 to 10,000, 95% from 7,000 to 12,000." in text
    assert "if people differ on one scale: 4,321." in text


def test_names_of_lists_are_escaped() -> None:
    lists = Lists([1, 2, 4], [5, 6, 7], ["a<b", "c&d", "e"])
    stopped = given_panel(
        Method("stepwise", None, no_estimate="everybody is on list a<b"),
        given=lists,
        lists=lists,
        headline=Headline("none", 18, "no_model"),
        stops=[AppliedRule("no_model", {})],
    )
    svg = chart(stopped, notice="<script>")
    assert "<script>" not in svg
    ElementTree.fromstring(svg)


def test_a_single_number_still_has_an_axis() -> None:
    """All people are detected and nothing else is known: the axis has a width of one person."""
    lists = Lists([1, 2, 4], [5, 6, 7])
    none = Headline("none", 18, "no_model")
    svg = chart(given_panel(given=lists, lists=lists, headline=none, stops=[AppliedRule("no_model", {})]))
    assert "detected: 18" in texts(svg)
    assert "nan" not in svg
