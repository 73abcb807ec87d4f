"""The figures of an evaluation equal slow counts, and its sentences follow its numbers."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.charts import agreement_charts
from kerege.evidence.counting import all_marginals
from kerege.evidence.synthesis.evaluation import evaluate
from kerege.evidence.synthesis.evaluation.attacks import Privacy, Rate, Risk
from kerege.evidence.synthesis.evaluation.attacks.membership_inference import Bound, MembershipInference
from kerege.evidence.synthesis.evaluation.count_spread import pair_counts, spread
from kerege.evidence.synthesis.evaluation.risk_ratings import (
    HIGH,
    NONE,
    OPEN,
    SOME,
    UNTRIED,
    rate_interval,
    rate_risks,
)

Rows = list[list[str]]
rows = st.lists(st.lists(st.sampled_from(["", "x", "y", "zz"]), min_size=3, max_size=3), min_size=1, max_size=25)


def slow(table: Rows, length: int) -> Counter[tuple[tuple[int, str], ...]]:
    """Return counts of combinations of reported values, by a plain loop."""
    counts: Counter[tuple[tuple[int, str], ...]] = Counter()
    for row in table:
        counts.update(combinations([(column, value) for column, value in enumerate(row) if value], length))
    return counts


@given(rows, rows, st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_true_and_synthetic_counts_are_paired(original: Rows, synthetic: Rows, length: int) -> None:
    counted = [
        all_marginals(pl.DataFrame(table, schema=["a", "b", "c"], orient="row"), 3) for table in (original, synthetic)
    ]
    true, made = slow(original, length), slow(synthetic, length)
    pairs = Counter(zip(*(column.tolist() for column in pair_counts(*counted, length)), strict=True))
    assert pairs == Counter((count, made[cell]) for cell, count in true.items())
    steps = spread(*counted, length)
    assert sum(step.combinations for step in steps) == len(true)
    for step in steps:
        here = [(count, made[cell]) for cell, count in true.items() if step.least <= count <= step.most]
        assert step.true == pytest.approx(np.mean([count for count, _ in here]))
        assert (step.low, step.middle, step.high) == pytest.approx(
            tuple(np.quantile([count for _, count in here], [0.1, 0.5, 0.9]))
        )


def test_bins_cover_every_count() -> None:
    frame = pl.DataFrame({"a": [str(k) for k in range(1, 400) for _ in range(k)]})
    counted = all_marginals(frame, 1)
    steps = spread(counted, counted, 1)
    assert sum(step.combinations for step in steps) == 399
    assert all(one.most + 1 == next_one.least for one, next_one in pairwise(steps))
    assert all(step.low <= step.true <= step.high for step in steps)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(-0.1, 0.05, NONE), (0.0, 0.09, NONE), (-0.2, 0.3, OPEN), (0.01, 0.12, SOME), (0.02, 0.4, SOME), (0.1, 0.4, HIGH)],
)
def test_the_level_follows_from_the_interval(low: float, high: float, expected: str) -> None:
    assert rate_interval(low, high) == expected


def membership(low: float) -> MembershipInference:
    chance = Rate(100, 0.1, 0.05, 0.2)
    nothing = Risk(chance, chance, 0.0, -0.05, 0.05)
    return MembershipInference(100, 0.2, "", 0.5, 0.4, 0.6, {0.01: nothing, 0.1: nothing}, Bound(2.0, low, None, 9, 10))


@pytest.mark.parametrize(
    ("claim", "low", "expected"), [(4.0, 1.0, NONE), (1.0, 1.2, HIGH), (None, 1.0, SOME), (None, 0.0, UNTRIED)]
)
def test_an_attack_can_refute_a_claim(claim: float | None, low: float, expected: str) -> None:
    last = rate_risks(Privacy(100, 20, True, {}, None, membership(low)), claim)[-1]
    assert last.level == expected
    assert ("do not publish" in last.sentence) == (expected == HIGH)


def test_ranking_members_better_than_chance_is_a_risk() -> None:
    result = replace(membership(0.0), auc=0.58, low=0.53, high=0.63)
    assert rate_risks(Privacy(100, 20, True, {}, None, result))[-2].level == SOME
    assert rate_risks(Privacy(100, 20, True, {}, None, membership(0.0)))[-2].level == NONE


AXES = ("people", "records")


def test_sentences_are_complete_if_nothing_could_be_attacked() -> None:
    ratings = rate_risks(Privacy(100, 20, False, {1: None, 4: None, 9: None}, None, None))
    assert [rating.level for rating in ratings] == [UNTRIED] * 5
    assert all(rating.sentence.endswith(".") and rating.value is None for rating in ratings)


@pytest.mark.parametrize(
    "picture",
    [
        agreement_charts.agreement([], "none", AXES),
        agreement_charts.agreement([(1, 0, 0, 0)], "one", AXES),
        agreement_charts.agreement([(3, 0, 2, 9), (5e4, 4e4, 5e4, 2e5)], "wide", AXES),
        agreement_charts.draw_bars([], "none"),
        agreement_charts.draw_bars([("1–9", 0.0, "0%")], "nothing"),
        agreement_charts.draw_bars([("<&>", 2.0, "200%"), ("b", 1.0, "100%")], "two"),
        agreement_charts.draw_shares([("a", 0.0, "0%"), ("b", 1.0, "100%")], "ends"),
        agreement_charts.draw_interval(-2.0, -0.1, 0.3, "wide"),
        agreement_charts.draw_interval(1.0, 1.0, 1.0, "end"),
    ],
)
def test_pictures_are_well_formed_and_stay_inside(picture: str) -> None:
    root = ET.fromstring(picture)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert root.attrib["aria-label"]
    assert not re.search("nan|inf", picture)
    for element in root:
        if element.tag == "rect":
            assert (
                0
                <= float(element.attrib["x"])
                <= float(element.attrib["x"]) + float(element.attrib["width"])
                <= width + 0.1
            )
        if element.tag == "text":
            assert 0 <= float(element.attrib["x"]) <= width
            assert 0 <= float(element.attrib["y"]) <= height
        for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", element.attrib.get("d", "")):
            assert -0.1 <= float(x) <= width + 0.1
            assert -0.1 <= float(y) <= height + 0.1


@pytest.mark.parametrize("name", ["people.csv.certificate.json", "people.certificate.json"])
def test_a_certificate_is_found_under_both_file_names(tmp_path: Path, name: str) -> None:
    assert evaluate.certificate(tmp_path / "people.csv") is None
    (tmp_path / name).write_text('{"rows": 3}')
    assert evaluate.certificate(tmp_path / "people.csv") == {"rows": 3}
