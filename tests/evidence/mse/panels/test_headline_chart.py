"""Chart of the headline: its bars, its texts and their place, for the three kinds of headline."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from kerege.charts.marks import INK, text_width
from kerege.charts.panel_marks import EDGE, WIDTH
from kerege.evidence.mse.headline.headline import Headline
from kerege.evidence.mse.headline.known_lists import KnownList
from kerege.evidence.mse.panels.answer import explain_no_estimate, headline_lines
from kerege.evidence.mse.panels.headline_chart import LEFT, _axis, headline_chart
from kerege.evidence.mse.panels.outside_estimate import OutsideEstimate
from kerege.evidence.mse.panels.panel import Panel
from kerege.evidence.mse.panels.publication_rules import AppliedRule
from tests.evidence.mse.panels.given_results import HEADLINE, LANGUAGES, LISTS, method, panel_of

SVG = "{http://www.w3.org/2000/svg}"
RANGE = panel_of()
AT_LEAST = panel_of(headline=replace(HEADLINE, kind="at_least", reason="wide", top=None, allowed=(7000, 54_000)))
NONE = panel_of(headline=Headline("none", 2770, "few_overlaps"), stops=[AppliedRule("few_overlaps", {"repeated": 13})])
KINDS = {"range": RANGE, "at_least": AT_LEAST, "none": NONE}
# figures at the ends of what may occur: near each other, far from each other, and very large
EXTREMES = {
    "all found": panel_of(headline=replace(HEADLINE, detected=123, floor=123, top=350, panel=(123.0, 268.0))),
    "six times": panel_of(headline=replace(HEADLINE, floor=2800, top=16_000, least_chance=0.02)),
    "many": panel_of(headline=replace(HEADLINE, detected=92_000_000, floor=130_000_000, top=730_000_000, known=())),
    "wide methods": panel_of(headline=replace(AT_LEAST.headline, panel=(8000.0, 700_000.0), allowed=(7000, 730_000))),
}
SURVEY = OutsideEstimate("A survey by respondent-driven sampling in the three largest cities " * 3, 8000, 900, 90_000)


def tree(panel: Panel, lang: str = "en", **more: Any) -> ElementTree.Element:
    return ElementTree.fromstring(headline_chart(panel, lang, **more))


def texts(root: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in root.iter(f"{SVG}text")]


def fills(root: ElementTree.Element) -> list[str]:
    return [str(rectangle.get("fill")) for rectangle in root.iter(f"{SVG}rect")]


def test_a_range_has_detected_floor_and_a_band_with_its_condition() -> None:
    root = tree(RANGE)
    assert fills(root) == [INK, "url(#panel-hatch)", "url(#panel-fade)"]
    labels = texts(root)
    assert {"on the lists: 2,770", "at least 7,000", "beyond reach: no list can count them"} <= set(labels)
    assert "at most 28,000, if nobody had less than a 1 in 10 chance of coming onto a list" in " ".join(labels)


def test_without_an_upper_figure_the_hatched_bar_ends_in_the_arrow() -> None:
    root = tree(AT_LEAST)
    assert fills(root) == [INK, "url(#panel-hatch)"]
    assert "at least 7,000" in texts(root)
    assert not any("at most" in label or "beyond" in label for label in texts(root))
    (arrow,) = [path.get("d") or "" for path in root.iter(f"{SVG}path") if path.get("fill") == "none"]
    floor = _axis(AT_LEAST.headline, ()).at(7000)
    assert float(arrow[1:].split()[0]) == pytest.approx(floor + 4, abs=0.1)


def test_without_an_answer_only_the_detected_people_are_drawn() -> None:
    root = tree(NONE)
    assert fills(root) == [INK]
    assert not list(root.iter(f"{SVG}circle"))
    assert "methods, 80% intervals" not in texts(root)
    assert "too few people are on two lists or more (13 of the 20 needed)" in " ".join(texts(root))


def test_the_bars_end_at_their_figures() -> None:
    axis = _axis(HEADLINE, ())
    ends = [
        (float(rectangle.get("x", "")), float(rectangle.get("x", "")) + float(rectangle.get("width", "")))
        for rectangle in tree(RANGE).iter(f"{SVG}rect")
    ]
    figures = [axis.at(people) for people in (2770, 7000, 28_000)]
    assert [left for left, _ in ends] == pytest.approx([LEFT, *figures[:2]], abs=0.11)
    assert [right for _, right in ends] == pytest.approx(figures, abs=0.11)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_text_alternative_is_the_headline(kind: str, lang: str) -> None:
    panel = KINDS[kind]
    root = tree(panel, lang)
    title, description = (root.findtext(f"{SVG}{name}") for name in ("title", "desc"))
    lines = headline_lines(panel.headline, lang)
    assert title == lines[0]
    assert description == " ".join([*lines, explain_no_estimate(panel, lang)]).strip()
    assert root.get("lang") == lang


@pytest.mark.parametrize("panel", [*KINDS.values(), *EXTREMES.values()], ids=[*KINDS, *EXTREMES])
def test_no_point_estimate_is_drawn_in_the_headline(panel: Panel) -> None:
    """The only marks are those of the known lists, below the axis in people."""
    root = tree(replace(panel, headline=replace(panel.headline, known=())))
    assert not list(root.iter(f"{SVG}circle"))
    assert "9,000" not in " ".join(texts(root))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("panel", [*KINDS.values(), *EXTREMES.values()], ids=[*KINDS, *EXTREMES])
def test_texts_are_inside_the_picture_and_apart(panel: Panel, lang: str) -> None:
    """With the letter widths of DejaVu Sans, the widest substitute of Noto Sans."""
    svg = headline_chart(panel, lang, notice="invented lists", outside=[SURVEY])
    height = float(re.findall(r'height="([\d.]+)"', svg)[0]) - 2 * EDGE
    boxes = []
    for text in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        width = text_width(text.text or "", float(text.get("font-size", "")), bold=text.get("font-weight") == "bold")
        shift = {"start": 0.0, "middle": width / 2, "end": width}[text.get("text-anchor", "")]
        left, baseline = float(text.get("x", "")) - shift, float(text.get("y", ""))
        assert left >= -EDGE, text.text
        assert left + width <= WIDTH + EDGE, text.text
        assert 0 < baseline <= height
        boxes.append((baseline, left, left + width, text.text))
    boxes.sort(key=lambda box: (box[0], box[1]))
    for first, second in pairwise(boxes):
        if second[0] - first[0] < 8:  # on one line
            assert first[2] <= second[1], (first[3], second[3])


def test_a_condition_without_room_is_only_in_the_text_below() -> None:
    narrow = panel_of(headline=replace(HEADLINE, detected=10, floor=25_000, top=28_000))
    labels = texts(tree(narrow))
    assert not any(label.startswith("at most") for label in labels)
    assert any(label.startswith("At most an estimated 28,000, if nobody had") for label in labels)


def test_methods_are_thin_lines_without_points_and_infinite_limits_end_at_the_edge() -> None:
    results = [method("stepwise"), method("bic", interval80=(8500.0, math.inf)), method("independence")]
    svg = headline_chart(panel_of(*results))
    lines = re.findall(r'<path d="M([\d.]+) [\d.]+H([\d.]+)" stroke="#53606c" stroke-width="2"/>', svg)
    axis = _axis(HEADLINE, ())
    assert [(float(left), float(right)) for left, right in lines] == [
        pytest.approx((axis.at(8000), axis.at(10_000)), abs=0.1),
        pytest.approx((axis.at(8500), axis.at(math.inf)), abs=0.1),
    ]


def test_the_upper_axis_says_which_share_would_be_on_a_list() -> None:
    ticks = [label for label in texts(tree(RANGE)) if re.fullmatch(r"1 in \d+", label)]
    assert ticks == ["1 in 1", "1 in 2", "1 in 5", "1 in 10"]


def test_known_lists_have_their_known_and_their_estimated_size() -> None:
    known = (*HEADLINE.known, KnownList("shelter", math.inf, 840))
    root = tree(panel_of(headline=replace(HEADLINE, known=known)))
    assert "shelter" not in texts(root)  # it has no estimate
    assert {"1,070 / 900", "830 / 501"} <= set(texts(root))
    circles = [(float(c.get("cx", "")), float(c.get("cy", "")), c.get("fill")) for c in root.iter(f"{SVG}circle")]
    rows = [row for row in circles if row[0] > 150 and row[1] > circles[0][1]]
    assert [fill == "none" for _, _, fill in rows] == [True, False, True, False]
    assert rows[0][0] < rows[1][0]  # 900 of 1,070
    assert (rows[1][0] - 150) / (rows[3][0] - 150) == pytest.approx(1070 / 830, rel=0.01)


def test_an_outside_estimate_is_drawn_beside_and_changes_no_bar() -> None:
    outside = OutsideEstimate("RDS 2027", 8000, 5000, 14_000)
    with_it, without = tree(RANGE, outside=[outside]), tree(RANGE)
    assert "RDS 2027: 8,000, 5,000 to 14,000" in texts(with_it)
    assert fills(with_it) == fills(without)
    axis = _axis(HEADLINE, [outside])
    assert f'cx="{axis.at(8000):.1f}"' in headline_chart(RANGE, outside=[outside])
    lower = OutsideEstimate("RDS", 500, 400, 600)
    assert _axis(HEADLINE, [lower]).at(400) > LEFT


def test_names_and_notices_are_escaped() -> None:
    known = (KnownList("a<b", 90.0, 100), KnownList("c&d", 80.0, 90))
    svg = headline_chart(
        panel_of(headline=replace(HEADLINE, known=known)),
        notice="<script>",
        outside=[OutsideEstimate("<b>", 9000, 8000, 9500)],
    )
    assert "<script>" not in svg
    assert "<b>" not in svg
    ElementTree.fromstring(svg)
    assert LISTS.people == HEADLINE.detected


def test_the_same_panel_has_the_same_chart() -> None:
    assert headline_chart(RANGE) == headline_chart(RANGE)
