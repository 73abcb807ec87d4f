"""Published figures of a panel: no figure is below the number detected, and a rule withholds them all."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.mse.headline.headline import Headline
from kerege.evidence.mse.panels import sensitivity as estimators
from kerege.evidence.mse.panels.method_result import Method
from kerege.evidence.release.prevalence import messages
from kerege.evidence.release.prevalence.published_figures import (
    Total,
    detailed_figures,
    range_figures,
    withheld_figures,
)

TOTAL = Total("detected", 626, "ok")
METHODS = {
    "lower_bound": Method("lower_bound", 640.0),
    "stepwise": Method("stepwise", 731.4, interval80=(690.0, 781.0), interval95=(655.0, 842.0)),
    "bic": Method(
        "bic", 744.6, interval80=(700.0, 790.0), interval95=(660.0, 850.0), bca80=(705.0, 812.0), bca95=(668.0, 871.0)
    ),
    "lcmcr": Method("lcmcr", None, no_estimate="the chains disagree"),
}


HEADLINE = Headline("range", 626, floor=690, top=812, least_chance=0.1)


def panel(methods: dict[str, Method] | None = None, *, headline: Headline = HEADLINE, sensitivity: Any = None) -> Any:
    methods = METHODS if methods is None else methods
    return SimpleNamespace(methods=methods, headline=headline, sensitivity=sensitivity)


@pytest.fixture(autouse=True)
def _referrals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimators, "estimate_point", lambda lists: (lists,))


def figures(given: Any, referred: Any = 777.0, total: Total = TOTAL) -> dict[str, Any]:
    return detailed_figures(given, referred, total, 10)


# -- real people -------------------------------------------------------------------------------------------------------


def test_real_people_have_a_coarse_range_and_no_methods() -> None:
    assert range_figures(panel(), TOTAL) == {
        "detected": {"table": "detected", "count": 626, "status": "ok"},
        "no_estimate": None,
        "kind": "range",
        "lower": 626,  # 600 would be below the number detected
        "upper": 1_000,
        "least_chance": 0.1,
        "methods": {},
        "sensitivity": [],
    }
    assert range_figures(panel(), Total("detected", 550, "ok"))["lower"] == 600


@pytest.mark.parametrize("make", [range_figures, lambda given, total: detailed_figures(given, None, total, 10)])
@pytest.mark.parametrize("rule", ["few_overlaps", "no_model"])
def test_under_a_rule_only_its_reason_is_published(make: Any, rule: str) -> None:
    result = make(panel(headline=Headline("none", 626, rule)), TOTAL)
    assert result == withheld_figures(TOTAL, rule)
    assert result["no_estimate"] == {"rule": rule, "reason": messages.RULES[rule]}


@pytest.mark.parametrize("make", [range_figures, lambda given, total: detailed_figures(given, 777.0, total, 10)])
def test_a_headline_without_a_top_has_no_upper_figure(make: Any) -> None:
    wide = Headline("at_least", 626, "wide", floor=690, allowed=(690, 4_500), least_chance=0.1)
    result = make(panel(headline=wide), TOTAL)
    assert (result["kind"], result["upper"]) == ("at_least", None)
    assert "4500" not in str(result).replace("_", "").replace(",", "")
    assert "least_chance" not in result


def test_a_withheld_total_is_withheld_in_the_file_too() -> None:
    result = withheld_figures(None, "detected_withheld")
    assert result["detected"] is None
    assert (result["lower"], result["upper"], result["methods"], result["sensitivity"]) == (None, None, {}, [])


# -- invented people ---------------------------------------------------------------------------------------------------


def test_methods_are_in_the_order_of_the_panel_and_those_without_an_estimate_are_left_out() -> None:
    result = figures(panel())
    assert list(result["methods"]) == ["stepwise", "bic", "lower_bound"]
    assert (result["lower"], result["upper"]) == (690, 820)


def test_each_method_has_the_interval_of_the_headline() -> None:
    """The headline takes the BCa interval of `bic` and the percentile interval of `stepwise`."""
    methods = figures(panel())["methods"]
    assert methods["stepwise"] == {"estimate": 730, "interval80": [690, 780], "interval95": [660, 840]}
    assert methods["bic"] == {"estimate": 740, "interval80": [700, 810], "interval95": [670, 870]}
    assert methods["lower_bound"] == {"estimate": 640, "interval80": None, "interval95": None}


def test_a_method_without_bca_limits_has_its_percentile_interval() -> None:
    nan = (math.nan, math.nan)
    bic = Method("bic", 744.6, interval80=(700.0, 790.0), interval95=(660.0, 850.0), bca80=nan)
    methods = figures(panel({"bic": bic}))["methods"]
    assert methods["bic"]["interval80"] == [700, 790]
    assert methods["bic"]["interval95"] == [660, 850]


def test_no_figure_is_below_the_number_detected() -> None:
    result = figures(panel(), 600.0, Total("detected", 735, "ok"))
    assert (result["lower"], result["upper"]) == (735, 820)
    assert result["methods"]["stepwise"] == {"estimate": 735, "interval80": [735, 780], "interval95": [735, 840]}
    assert result["sensitivity"][-1]["estimate"] == 735


def sensitivity() -> SimpleNamespace:
    variants = [
        SimpleNamespace(what="without ngo", estimate=512.0),
        SimpleNamespace(what="without x", estimate=math.nan),
    ]
    return SimpleNamespace(
        odds_ratios={0.5: (680.0, None), 1.0: (731.0, None), 2.0: (math.inf, None)}, without=variants
    )


def test_other_assumptions_are_listed_with_their_labels() -> None:
    rows = figures(panel(sensitivity=sensitivity()))["sensitivity"]
    assert [(row["key"], row["estimate"]) for row in rows] == [
        ("odds_0.5", 680),
        ("odds_2", None),
        ("without_ngo", 510),  # without a list fewer people than detected can be left
        ("without_x", None),
        ("referrals", 780),
    ]
    labels = [row["label"]["en"] for row in rows]
    assert labels[0] == "Unseen interaction of all lists: 1/2"
    assert labels[3] == "Without the list “x”"
    assert all(set(row["label"]) == {"kk", "ru", "en"} for row in rows)


def test_lists_of_referrals_that_give_no_estimate_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(lists: object) -> None:
        raise BadInput([])

    monkeypatch.setattr(estimators, "estimate_point", refuse)
    assert figures(panel())["sensitivity"] == [
        {"key": "referrals", "label": messages.ROWS["referrals"], "estimate": None}
    ]
