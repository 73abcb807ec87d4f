"""Panels of given results: headline, JSON, progress and the limits of the envelope."""

from __future__ import annotations

import math
from typing import Any

import pytest

from kerege.evidence.mse import BadLists, Lists
from kerege.evidence.mse.headline.headline import Headline
from kerege.evidence.mse.panels.method_result import Method
from kerege.evidence.mse.panels.methods import Options
from kerege.evidence.mse.panels.panel import Panel, Sensitivity, panel, sensitivity
from kerege.evidence.mse.panels.publication_rules import AppliedRule
from kerege.evidence.mse.panels.sensitivity import Variant, leave_one_out
from tests.evidence.mse.tables import table

LISTS = Lists([1, 2, 3, 4], [50, 60, 20, 1])
HEADLINE = Headline("range", LISTS.people, floor=810, top=1100, least_chance=0.1, panel=(812.0, 1049.0))


def given_panel(**more: Any) -> Panel:
    """Return a panel of the four methods of the headline, with the same interval."""
    keys = ("stepwise", "bic", "decomposable", "lcmcr")
    methods = {key: Method(key, 900.0, interval80=(812.0, 1049.0)) for key in keys}
    facts: dict[str, Any] = {
        "given": LISTS,
        "lists": LISTS,
        "methods": methods,
        "sensitivity": None,
        "headline": HEADLINE,
        "stops": [],
        "options": Options(times=500, seed=3),
    } | more
    return Panel(**facts)


def test_the_json_has_the_headline_and_the_intervals_that_bound_it() -> None:
    result = given_panel().as_dict("", ["an assumption"])
    assert result["headline"] == HEADLINE.as_dict() | {
        "intervals": {"stepwise": "interval80", "bic": "bca80", "decomposable": "interval80", "lcmcr": "interval80"},
    }
    assert (result["bootstrap"], result["seed"], result["assumptions"]) == (500, 3, ["an assumption"])
    assert (result["no_estimate"], result["sensitivity"], result["lists"]) == (None, None, list(LISTS.names))
    assert (result["stop_rules"], result["remarks"]) == ([], [])


def test_the_json_without_a_headline_has_its_kind_and_the_reason() -> None:
    stopped = given_panel(
        headline=Headline("none", LISTS.people, "few_overlaps"),
        stops=[AppliedRule("few_overlaps", {})],
        remarks=[AppliedRule("unsure", {})],
    ).as_dict("too few", [])
    headline = stopped["headline"]
    assert (headline["kind"], headline["reason"], headline["floor"]) == ("none", "few_overlaps", None)
    assert (stopped["no_estimate"], stopped["stop_rules"], stopped["remarks"]) == (
        "too few",
        ["few_overlaps"],
        ["unsure"],
    )


def test_the_envelope_is_that_of_the_methods() -> None:
    assert given_panel().envelope == (812.0, 1049.0)
    assert given_panel(methods={}).envelope is None
    more_people = Lists(LISTS.histories, LISTS.counts * 7)
    assert given_panel(lists=more_people).detected == LISTS.people


def test_the_analysis_as_json_has_null_for_what_does_not_exist() -> None:
    analysis = Sensitivity(
        odds_ratios={0.5: (450.0, (400.0, math.inf)), 1.0: (math.inf, None)},
        without=[Variant("without A", 3, 90, 500.0, "B:C"), Variant("without B", 2, 0, math.nan, "", "2 lists")],
        merged=[],
        recurrence=None,
        models=None,
        coverage=0.4,
        repeated_share=0.1,
    )
    assert analysis.as_dict() == {
        "odds_ratios": [
            {"odds_ratio": 0.5, "stepwise": 450.0, "envelope": [400.0, None]},
            {"odds_ratio": 1.0, "stepwise": None, "envelope": None},
        ],
        "leave_one_out": [
            {"what": "without A", "detected": 90, "estimate": 500.0, "model": "B:C", "no_estimate": None},
            {"what": "without B", "detected": None, "estimate": None, "model": None, "no_estimate": "2 lists"},
        ],
        "merged_pairs": [],
        "recurrence": None,
        "models_in_resamples": None,
        "coverage": 0.4,
        "repeated_share": 0.1,
    }


def test_progress_rises_from_0_to_the_sensitivity_analysis() -> None:
    reports: list[tuple[float, str]] = []
    panel(
        table("Kosovo"),
        methods=["independence", "lower_bound", "stepwise"],
        times=100,
        progress=lambda share, what: reports.append((share, what)),
    )
    assert [what for _, what in reports] == ["stepwise", "independence", "lower_bound", "sensitivity"]
    shares = [share for share, _ in reports]
    assert shares == sorted(shares)
    assert shares == pytest.approx([0, 2 / (1.06 * 4), 3 / (1.06 * 4), 0.95])


def test_sensitivity_alone_has_no_recurrence_and_the_same_variants() -> None:
    lists = table("Kosovo")
    analysis = sensitivity(lists)
    assert (analysis.recurrence, analysis.models) == (None, None)
    assert {ratio: estimate for ratio, (estimate, _) in analysis.odds_ratios.items()} == pytest.approx(
        {0.5: 4400 + 9941.6638 / 2, 1.0: 14341.6638, 2.0: 4400 + 2 * 9941.6638}
    )
    assert all(limits is None for _, limits in analysis.odds_ratios.values())
    assert analysis.without == leave_one_out(lists)
    with pytest.raises(BadLists, match="the stepwise search has no estimate on these lists, join lists until they"):
        sensitivity(Lists([1, 2, 4], [5, 6, 7]))


def test_limits_of_the_envelope_are_multiplied_as_the_estimate_is() -> None:
    result = panel(table("Kosovo"), methods=["stepwise"], times=100)
    assert result.sensitivity is not None
    assert result.envelope is not None
    for ratio, (_, limits) in result.sensitivity.odds_ratios.items():
        expected = tuple(4400 + ratio * (limit - 4400) for limit in result.envelope)
        assert limits == pytest.approx(expected)
