"""Rows, notes and sentences on sensitivity that the messages make of given results."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from kerege.evidence.mse.panels import messages
from kerege.evidence.mse.panels.method_result import Method
from kerege.evidence.mse.panels.sensitivity import Variant
from tests.evidence.mse.panels.given_results import GAP, LISTS, analysis, method, panel_of


def test_rows_have_the_estimate_and_mark_the_intervals_of_the_headline() -> None:
    bic = method("bic", bca80=(7500.0, 9500.0), bca95=(7000.0, 9900.0), warnings=("BCa 80%: shifted",))
    rows = messages.method_rows(panel_of(method("stepwise"), bic, method("lower_bound", interval80=None)), "en")
    assert rows == [
        ["stepwise, p < 0.02", "9,000", "8,000–10,000* ", "7,000–12,000  "],
        ["smallest BIC", "9,000", "8,000–10,000  ", "7,000–12,000  "],
        ["  BCa, as published", "", "7,500–9,500!*", "7,000–9,900  "],
        ["if people differ on one scale", "9,000", "", "7,000–12,000  "],
    ]


def test_bca_has_a_row_only_for_the_methods_that_publish_it() -> None:
    results = [method(key, bca80=(1.0, 2.0), bca95=(1.0, 3.0)) for key in ("stepwise", "independence")]
    rows = messages.method_rows(panel_of(*results), "en")
    assert [row[0].strip() for row in rows] == ["stepwise, p < 0.02", "BCa, as published", "independence"]
    assert rows[1][2].strip() == "1–2"  # for stepwise the percentile interval is in the headline


def test_a_method_without_an_estimate_has_none_in_its_row_and_the_reason_in_a_note() -> None:
    result = panel_of(method("stepwise", estimate=None, no_estimate="nobody is on two lists"))
    assert messages.method_rows(result, "en") == [["stepwise, p < 0.02", "none", "", ""]]
    assert messages.notes(result, "en") == ["stepwise, p < 0.02: no estimate, nobody is on two lists"]


def test_models_are_named_except_independence_itself() -> None:
    result = panel_of(
        method("stepwise"), method("bic", model="independence"), method("independence"), method("lcmcr", model="")
    )
    assert messages.models(result, "en") == ["stepwise, p < 0.02: police:shelter", "smallest BIC: none"]


def test_monte_carlo_errors_have_one_decimal_below_10() -> None:
    errors = {"interval80": (9.94, 10.0), "interval95": (0.05, math.inf), "bca80": (1.0, 2.0), "bca95": (3.0, 400.4)}
    result = panel_of(method("stepwise", monte_carlo=errors, bca80=(1.0, 2.0), bca95=(1.0, 2.0)), method("bic"))
    assert messages.errors(result, "en") == [
        "stepwise, p < 0.02: 80% ±9.9 and ±10, 95% ±0.1 and ±∞",
        "  BCa, as published: 80% ±1.0 and ±2.0, 95% ±3.0 and ±400",
    ]


# -- notes -----------------------------------------------------------------------------------------------------------

TWO_LISTS = "two lists cannot show whether one sends people to the other: the number holds only if neither does"
COUNTED = "* these intervals bound the headline, if there is one"
WARNED = "! BCa reads its limits far from the requested level, or among too few resamples: see --json"


@pytest.mark.parametrize(
    ("result", "notes"),
    [
        (method("independence"), []),
        (method("stepwise"), [COUNTED]),
        (method("stepwise", warnings=("BCa 95%: shifted",)), [COUNTED, WARNED]),
        (method("independence", warnings=("BCa 95%: shifted",)), []),
        (
            method("stepwise", interval80=(9100.0, 10_000.0)),
            [COUNTED, "stepwise, p < 0.02: its interval that counts does not contain its own estimate"],
        ),
        (method("stepwise", interval80=(9000.0, 9000.0)), [COUNTED]),
        (
            method("bic", bca80=(8500.0, 9500.0), warnings=("BCa 80%: shifted",)),
            [COUNTED, WARNED, "smallest BIC: its interval that counts is marked !"],
        ),
        (method("bic", bca80=(8500.0, 9500.0), warnings=("BCa 95%: shifted",)), [COUNTED, WARNED]),
        (
            method("stepwise", about={"resamples_without_estimate": 12}),
            [COUNTED, "stepwise, p < 0.02: resamples without an estimate are left out: 12"],
        ),
        (
            method("thresholding", about={"by_a_hair": {"police:shelter": 8123.4}}),
            [
                (
                    "Bayesian threshold: police:shelter is close to the threshold; "
                    "under the opposite decision the estimate is 8,123"
                ),
            ],
        ),
        (
            method("decomposable", warnings=("it leans",), about={"largest_tried": 85_090_400}),
            [
                COUNTED,
                "decomposable graphs: much of the posterior is at the largest number tried, 85,090,400 undetected",
            ],
        ),
        (
            method("lower_bound", estimate=7500.0, interval80=None, about={"limit10": 7234.5}),
            ["if people differ on one scale: 10% quantile of the resamples: 7,234"],
        ),
        (
            method("chapman"),
            [f"Chapman, two lists: {TWO_LISTS}"],
        ),
    ],
)
def test_a_result_has_the_notes_that_its_facts_require(result: Method, notes: list[str]) -> None:
    assert messages.notes(panel_of(result), "en") == notes


@pytest.mark.parametrize(("bound", "is_noted"), [(7999.0, False), (8000.0, False), (8001.0, True)])
def test_a_bound_above_the_low_end_of_the_methods_is_noted(bound: float, is_noted: bool) -> None:
    result = panel_of(method("stepwise"), method("lower_bound", estimate=bound, interval80=None))
    noted = [note for note in messages.notes(result, "en") if note.startswith("if people differ on one scale: ")]
    assert bool(noted) is is_noted
    if is_noted:
        assert noted[0].startswith(
            "if people differ on one scale: 8,001 is above the lowest limit of the methods, 8,000"
        )


@pytest.mark.parametrize(("removed", "is_noted"), [(0.9, False), (1.0, True), (12.4, True)])
def test_people_in_overlaps_below_nobody_are_noted_from_one_person_on(removed: float, is_noted: bool) -> None:
    result = panel_of(method("stepwise"), linkage={"miss": {}, "false_link": 0.02, "removed": removed})
    sentence = f"Correction: overlaps that came out below nobody are set to 0, {removed:.0f} people in all"
    assert (sentence in messages.notes(result, "en")) is is_noted


@pytest.mark.parametrize("key", ["decomposable", "lcmcr", "thresholding", "bic"])
def test_methods_that_take_corrected_lists_as_counted_are_noted(key: str) -> None:
    linkage = {"miss": {"": 0.1}, "false_link": 0.0, "removed": 0.0}
    notes = messages.notes(panel_of(method(key), linkage=linkage), "en")
    assert any("as if it had been counted" in note for note in notes) is (key != "bic")
    assert not any("as if it had been counted" in note for note in messages.notes(panel_of(method(key)), "en"))
    without_interval = panel_of(method(key, interval80=None), linkage=linkage)
    assert not any("as if it had been counted" in note for note in messages.notes(without_interval, "en"))


def test_noise_is_noted_with_its_deviation() -> None:
    noisy = replace(LISTS, noise=2.7991)
    notes = messages.notes(panel_of(given=noisy), "en")
    assert notes[-1].startswith("The counts have noise (standard deviation 2.8 people)")
    assert not any("noise" in note for note in messages.notes(panel_of(), "en"))


# -- sensitivity -----------------------------------------------------------------------------------------------------


def test_odds_ratios_have_the_estimate_and_the_range() -> None:
    assert messages.odds_rows(panel_of(sensitivity=analysis()), "en") == [
        ["1/2", "5,885", "5,385–6,385"],
        ["1", "9,000", "8,000–10,000"],
        ["2", "15,230", ""],
    ]


def test_variants_have_the_name_of_the_list_and_no_row_without_people() -> None:
    merged = [
        Variant("police + shelter as one list", 3, 2700, 8123.4, "independence"),
        Variant("police + hotline as one list", 3, 2600, math.nan, "independence"),
        Variant("shelter + hotline as one list", 2, 0, math.nan, "", "2 lists"),
    ]
    result = panel_of(sensitivity=analysis(merged=merged))
    assert messages.variant_rows(result, "en", "merged") == [
        ["police + shelter", "2,700", "8,123"],
        ["police + hotline", "2,600", "none"],
    ]
    assert messages.variant_rows(result, "en", "without") == []  # nobody is left
    assert messages.merged_range(result, "en") == "Two lists joined, in 1 ways: stepwise estimates from 8,123 to 8,123."


def test_the_range_of_merged_lists_has_the_smallest_and_the_largest_estimate() -> None:
    merged = [Variant(f"{k}", 3, 10, estimate, "m") for k, estimate in enumerate([700.0, math.inf, 500.0])]
    sentence = messages.merged_range(panel_of(sensitivity=analysis(merged=merged)), "en")
    assert sentence == "Two lists joined, in 3 ways: stepwise estimates from 500 to ∞."
    none = messages.merged_range(panel_of(sensitivity=analysis(merged=[])), "en")
    assert none == "With three lists, none can be left out or joined with another."


@pytest.mark.parametrize(
    ("more", "sentences"),
    [
        (
            {},
            [
                "The stepwise model of these lists recurs in 12% of the resamples; different models in them: 45.",
                "Sample coverage 0.40; people on two lists or more: 70 (2.5%).",
            ],
        ),
        ({"models": None}, ["Sample coverage 0.40; people on two lists or more: 70 (2.5%)."]),
        (
            {"recurrence": None, "coverage": 0.5},
            ["Sample coverage 0.50; people on two lists or more: 70 (2.5%)."],
        ),
    ],
)
def test_the_footing_has_recurrence_coverage_and_overlap(more: dict[str, Any], sentences: Sequence[str]) -> None:
    assert messages.describe_stability(panel_of(sensitivity=analysis(**more)), "en") == sentences


def test_without_an_analysis_there_are_no_sentences_on_it() -> None:
    result = panel_of()
    assert messages.odds_rows(result, "en") == messages.variant_rows(result, "en", "merged") == []
    assert messages.describe_stability(result, "en") == []
    assert messages.merged_range(result, "en") == ""


def test_the_last_line_has_version_resamples_and_seed() -> None:
    assert re.fullmatch(r"Kerege \S+, 20,000 resamples, seed 7\.", messages.describe_run(panel_of(), "en"))
    assert f"20{GAP}000" in messages.describe_run(panel_of(), "ru")
