"""Publication rules: each rule forbids publication, alone, and at its threshold."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kerege.evidence.mse import Lists, stepwise_many
from kerege.evidence.mse.lists import build_unchecked_lists
from kerege.evidence.mse.panels.messages import notes
from kerege.evidence.mse.panels.method_result import Method
from kerege.evidence.mse.panels.panel import Panel, panel
from kerege.evidence.mse.panels.publication_rules import (
    compute_envelope,
    find_applied_rules,
    interval_in_headline,
    round_headline,
    round_to_two_digits,
)
from tests.evidence.mse.tables import table

LISTS = Lists([1, 2, 4, 3], [50, 50, 50, 20])


def make_method(key: str, low: float, high: float, **more: Any) -> Method:
    facts = {"interval80": (low, high), "recurrence": 0.5} | more
    return Method(key, facts.pop("estimate", (low + high) / 2), **facts)


def methods_by_key(*methods: Method) -> dict[str, Method]:
    """Return methods by key, with a BIC that agrees with stepwise selection if none is given."""
    return {"bic": make_method("bic", 240, 300)} | {result.key: result for result in methods}


def rule_names(lists: Lists, *methods: Method) -> list[str]:
    return [rule.rule for rule in find_applied_rules(lists, methods_by_key(*methods))]


@lru_cache
def published_panel(name: str) -> Panel:
    """Return the panel of a published table, with few sweeps.

    The latent classes then have no estimate on tables where they hardly agree, as in a long run. Eight lists have few
    resamples: a downhill search takes 7 ms there.
    """
    return panel(table(name), times=300 if name == "NewOrl" else 1000, sweeps=1000)


@pytest.mark.parametrize(
    ("name", "lower", "upper"),
    [("Kosovo", 7400, 15700), ("UKdat", 10_000, 22_000)],
)
def test_kosovo_and_the_uk_have_a_headline(name: str, lower: int, upper: int) -> None:
    result = published_panel(name).headline
    assert result is not None
    assert result == pytest.approx((lower, upper), rel=0.06)


@pytest.mark.parametrize(
    ("name", "rule"),
    [("Ned_5", "wide"), ("Australia", "wide"), ("NewOrl", "few_overlaps"), ("NewOrl_5", "few_overlaps")],
)
def test_ned_5_australia_and_new_orleans_have_no_headline(name: str, rule: str) -> None:
    result = published_panel(name)
    assert result.headline is None
    assert result.stops[0].rule == rule


def test_the_model_of_new_orleans_rarely_recurs() -> None:
    assert published_panel("NewOrl").stops[0].facts == {"repeated": 13}
    assert published_panel("NewOrl").methods["stepwise"].recurrence == pytest.approx(0.07, abs=0.02)


def test_two_lists_are_too_few() -> None:
    two = build_unchecked_lists(("A", "B"), LISTS.histories[:2], LISTS.counts[:2])
    assert [(stop.rule, stop.facts) for stop in find_applied_rules(two, {})] == [("few_lists", {"lists": 2})]


def test_publication_needs_twenty_people_on_two_lists() -> None:
    assert rule_names(LISTS, make_method("stepwise", 200, 300)) == []
    assert rule_names(Lists([1, 2, 4, 3], [50, 50, 50, 19]), make_method("stepwise", 200, 300)) == ["few_overlaps"]


def test_an_envelope_with_a_ratio_above_four_is_too_wide() -> None:
    assert rule_names(LISTS, make_method("stepwise", 200, 300), make_method("bic", 250, 800)) == []
    assert rule_names(LISTS, make_method("stepwise", 200, 300), make_method("bic", 250, 801)) == ["wide"]


def test_monte_carlo_errors_do_not_relax_the_width_rule() -> None:
    upper = make_method("bic", 250, 801, monte_carlo={"interval80": (50.0, 60.0)})
    assert rule_names(LISTS, make_method("stepwise", 200, 300), upper) == ["wide"]


def test_the_uk_with_five_lists_is_close_to_the_width_threshold() -> None:
    result = published_panel("UKdat_5")
    assert result.envelope is not None
    ratio = result.envelope[1] / result.envelope[0]
    assert ratio == pytest.approx(4, abs=0.4)
    assert [rule.rule for rule in result.stops] == (["wide"] if ratio > 4 else [])


def test_a_rarely_recurring_model_forbids_publication_if_the_methods_differ() -> None:
    rarely_recurring = make_method("stepwise", 200, 300, recurrence=0.09)
    assert rule_names(LISTS, rarely_recurring, make_method("bic", 250, 760)) == ["unsure"]
    assert rule_names(LISTS, rarely_recurring, make_method("bic", 250, 300)) == []
    assert rule_names(LISTS, make_method("stepwise", 200, 300, recurrence=0.1), make_method("bic", 250, 760)) == []


def test_latent_classes_at_their_bound_forbid_publication() -> None:
    at_bound = Method("lcmcr", None, no_estimate="it leans", about={"bound_share": 0.011, "bound": 3570})
    assert rule_names(LISTS, make_method("stepwise", 200, 300), at_bound) == ["bound"]


def test_publication_needs_a_stepwise_estimate() -> None:
    assert rule_names(LISTS, Method("stepwise", None, no_estimate="none"), make_method("bic", 250, 300)) == ["no_model"]
    assert rule_names(LISTS, Method("stepwise", float("inf"), interval80=(200, 300))) == ["no_model"]


def test_all_people_on_one_list_have_no_model() -> None:
    nested = Lists([1, 3, 7], [100, 50, 25])
    result = panel(nested, times=200, sweeps=1000)
    assert stepwise_many(nested.histories, nested.counts[None]) == pytest.approx(
        175
    )  # as in R, although there is no estimate
    for key in ("stepwise", "independence", "bic"):
        assert (result.methods[key].estimate, result.methods[key].no_estimate) == (None, "everybody is on list A")
    assert [rule.rule for rule in result.stops] == ["no_model"]
    assert "все люди есть в списке A" in " ".join(notes(result, "ru"))


def test_the_envelope_uses_bca_for_bic_and_only_headline_methods() -> None:
    bic = make_method("bic", 250, 500, bca80=(220.0, 400.0))
    outside_headline = (
        make_method("independence", 100, 900),
        make_method("thresholding", 100, 900),
        make_method("lower_bound", 100, 900),
    )
    assert compute_envelope(methods_by_key(make_method("stepwise", 240, 300), bic, *outside_headline)) == (220, 400)
    undefined = make_method("bic", 250, 500, bca80=None)
    assert compute_envelope(methods_by_key(make_method("stepwise", 240, 300), undefined)) == (240, 500)


def test_the_envelope_includes_latent_classes_with_an_estimate() -> None:
    assert compute_envelope(methods_by_key(make_method("stepwise", 240, 300), make_method("lcmcr", 200, 310))) == (
        200,
        310,
    )


def test_a_headline_has_two_digits_and_is_never_below_the_detected() -> None:
    assert [round_to_two_digits(v) for v in (7449, 15740, 99_500, 123.4, 9.96, 1e9)] == [
        7400,
        16000,
        100_000,
        120,
        10,
        10**9,
    ]
    assert round_headline(123, (123.4, 328.7)) == (123, 330)


@pytest.mark.parametrize(
    ("detected", "limits", "rounded"),
    [
        (900, (1075.0, 1100.0), (1080, 1100)),
        (19_423, (19_987.2, 20_121.9), (20_000, 20_100)),
        (1130, (1131.0, 1140.0), (1130, 1140)),
        (900, (1075.2, 1075.4), (1075, 1076)),
        (9, (9.2, 9.4), (9, 10)),
        (350, (350.0, 350.0), (350, 350)),
    ],
)
def test_a_range_is_never_rounded_to_a_single_number(
    detected: int, limits: tuple[float, float], rounded: tuple[int, int]
) -> None:
    assert round_headline(detected, limits) == rounded


# -- one interval of one method --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "facts", "interval"),
    [
        ("stepwise", {"bca80": (1.0, 2.0)}, (200.0, 300.0)),  # the percentile interval
        ("bic", {"bca80": (210.0, 290.0)}, (210.0, 290.0)),
        ("bic", {"bca80": None}, (200.0, 300.0)),
        ("bic", {"bca80": (float("nan"), 290.0)}, (200.0, 300.0)),
        ("decomposable", {}, (200.0, 300.0)),
        ("lcmcr", {}, (200.0, 300.0)),
        ("independence", {}, None),
        ("thresholding", {}, None),
        ("lower_bound", {}, None),
        ("chapman", {}, None),
        ("stepwise", {"estimate": None}, None),
        ("stepwise", {"interval80": None}, None),
    ],
)
def test_a_method_enters_the_headline_with_its_80_per_cent_interval(
    key: str, facts: dict[str, Any], interval: tuple[float, float] | None
) -> None:
    assert interval_in_headline(make_method(key, 200.0, 300.0, **facts)) == interval


def test_the_envelope_spans_the_lowest_and_the_highest_limit() -> None:
    methods = methods_by_key(make_method("stepwise", 200, 260), make_method("bic", 230, 310, bca80=None))
    assert compute_envelope(methods) == (200, 310)
    assert compute_envelope({}) is None
    assert compute_envelope({"independence": make_method("independence", 1, 2)}) is None


# -- thresholds ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimate", "recurrence", "rules"),
    [
        (500.0, 0.09, []),  # twice the smallest estimate: not above it
        (500.1, 0.09, ["unsure"]),
        (500.1, 0.1, []),
        (500.1, None, []),
    ],
)
def test_a_model_that_recurs_below_a_tenth_needs_estimates_within_a_factor_of_2(
    estimate: float, recurrence: float | None, rules: list[str]
) -> None:
    stepwise = make_method("stepwise", 200, 300, recurrence=recurrence)
    assert rule_names(LISTS, stepwise, make_method("bic", 250, 300, estimate=estimate)) == rules


def test_only_methods_of_the_headline_are_compared() -> None:
    stepwise = make_method("stepwise", 200, 300, recurrence=0.01)
    assert rule_names(LISTS, stepwise, make_method("independence", 900, 5000), make_method("lower_bound", 1, 2)) == []


@pytest.mark.parametrize(("share", "rules"), [(0.01, []), (0.0101, ["bound"]), (None, [])])
def test_the_posterior_may_have_one_per_cent_at_its_bound(share: float | None, rules: list[str]) -> None:
    about = {} if share is None else {"bound_share": share, "bound": 3570}
    classes = make_method("lcmcr", 220, 290, about=about)
    assert rule_names(LISTS, make_method("stepwise", 200, 300), classes) == rules


@pytest.mark.parametrize("missing", ["stepwise", "bic"])
def test_both_selections_need_a_finite_estimate(missing: str) -> None:
    methods = methods_by_key(make_method("stepwise", 200, 300))
    for estimate in (None, float("inf"), float("nan")):
        changed = methods | {missing: make_method(missing, 200, 300, estimate=estimate)}
        assert "no_model" in [rule.rule for rule in find_applied_rules(LISTS, changed)]
    without = {key: method for key, method in methods.items() if key != missing}
    assert "no_model" in [rule.rule for rule in find_applied_rules(LISTS, without)]


def test_all_rules_that_apply_are_returned_the_most_basic_first() -> None:
    few = Lists([1, 2, 4, 3], [50, 50, 50, 5])
    stepwise = make_method("stepwise", 100, 900, recurrence=0.01)
    classes = make_method("lcmcr", 300, 4000, estimate=2000.0, about={"bound_share": 0.5, "bound": 9000})
    rules = find_applied_rules(
        few, methods_by_key(stepwise, classes, make_method("bic", 300, 400, estimate=float("inf")))
    )
    assert [rule.rule for rule in rules] == ["few_overlaps", "no_model", "wide", "unsure", "bound"]
    assert rules[0].facts == {"repeated": 5}
    assert rules[2].facts == {"lower": 100, "upper": 4000, "ratio": 40}
    assert rules[4].facts == {"share": 0.5, "bound": 9000}


# -- rounding --------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 10**6), st.floats(1.0001, 3.9))
def test_a_headline_has_as_few_digits_as_keep_its_limits_apart(lower: int, ratio: float) -> None:
    limits = (float(lower), lower * ratio)
    low, high = round_headline(1, limits)
    assert low < high or limits[1] - limits[0] < 1
    assert low == pytest.approx(limits[0], rel=0.051, abs=1)
    assert high == pytest.approx(limits[1], rel=0.051, abs=1)


@settings(max_examples=40, deadline=None)
@given(st.floats(1, 1e8))
@example(1.94)
def test_two_digits_are_within_a_twentieth_and_end_in_zeros(value: float) -> None:
    rounded = round_to_two_digits(value)
    assert rounded == pytest.approx(value, rel=0.0501, abs=0.5)
    assert len(str(rounded).rstrip("0")) <= 2
