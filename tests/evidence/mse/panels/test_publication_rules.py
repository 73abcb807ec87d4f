"""Each rule and remark applies alone and at its threshold; published lists have the design's headline."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest

from kerege.evidence.mse import Lists, stepwise_many
from kerege.evidence.mse.headline.headline import HeadlineSettings
from kerege.evidence.mse.lists import build_unchecked_lists
from kerege.evidence.mse.panels.messages import notes
from kerege.evidence.mse.panels.method_result import Method
from kerege.evidence.mse.panels.panel import Panel, panel
from kerege.evidence.mse.panels.publication_rules import (
    compute_envelope,
    find_applied_rules,
    find_remarks,
    interval_in_headline,
)
from tests.evidence.mse.tables import table

LISTS = Lists([1, 2, 4, 3], [50, 50, 50, 20])
ANSWERED = HeadlineSettings(referrals_out=True, linkage_reviewed=True)


def make_method(key: str, low: float, high: float, **more: Any) -> Method:
    facts = {"interval80": (low, high), "recurrence": 0.5} | more
    return Method(key, facts.pop("estimate", (low + high) / 2), **facts)


def methods_by_key(*methods: Method) -> dict[str, Method]:
    """Return methods by key, with a BIC that agrees with stepwise selection if none is given."""
    return {"bic": make_method("bic", 240, 300)} | {result.key: result for result in methods}


def remark_names(*methods: Method) -> list[str]:
    return [remark.rule for remark in find_remarks(methods_by_key(*methods))]


def rule_names(lists: Lists, *methods: Method) -> list[str]:
    return [rule.rule for rule in find_applied_rules(lists, methods_by_key(*methods))]


@lru_cache
def published_panel(name: str) -> Panel:
    """Return the panel of a published table, with few sweeps.

    The latent classes then have no estimate on tables where they hardly agree, as in a long run. Eight lists have few
    resamples: a downhill search takes 7 ms there.
    """
    return panel(table(name), times=100 if name == "NewOrl" else 500, sweeps=1000, settings=ANSWERED)


@pytest.mark.parametrize(
    ("name", "kind", "reason", "floor", "top"),
    [
        ("Kosovo", "range", "", 7000, 28_000),
        ("UKdat", "range", "", 5200, 22_000),
        ("UKdat_4", "range", "", 4900, 27_000),
        ("UKdat_5", "at_least", "wide", 5400, None),
        ("Ned_5", "at_least", "wide", 28_000, None),
        ("Australia", "at_least", "wide", 460, None),
        ("NewOrl", "none", "few_overlaps", None, None),
        ("Korea", "range", "", 124, 350),
    ],
)
def test_published_lists_have_the_headline_of_the_design(
    name: str, kind: str, reason: str, floor: int | None, top: int | None
) -> None:
    """The figures are those of HIDDEN.md with 300 resamples; limits of resamples differ by a few per cent."""
    headline = published_panel(name).headline
    assert (headline.kind, headline.reason) == (kind, reason)
    for figure, expected in ((headline.floor, floor), (headline.top, top)):
        assert figure == (None if expected is None else pytest.approx(expected, rel=0.05))


def test_the_headline_spans_at_least_the_methods() -> None:
    for name in ("Kosovo", "UKdat_4", "Korea"):
        result = published_panel(name)
        limits = result.envelope
        assert limits is not None
        assert result.headline.panel == limits
        assert result.headline.floor is not None
        assert result.headline.top is not None
        assert result.headline.floor <= max(limits[0], result.detected)
        assert limits[1] <= result.headline.top


def test_the_model_of_new_orleans_rarely_recurs() -> None:
    assert published_panel("NewOrl").stops[0].facts == {"repeated": 13}
    stepwise = panel(table("NewOrl"), ["stepwise"], times=1000).methods["stepwise"]
    assert stepwise.recurrence == pytest.approx(0.07, abs=0.02)


def test_the_five_lists_of_new_orleans_overlap_too_little() -> None:
    assert rule_names(table("NewOrl_5"), make_method("stepwise", 900, 1200)) == ["few_overlaps"]


def test_two_lists_are_too_few() -> None:
    two = build_unchecked_lists(("A", "B"), LISTS.histories[:2], LISTS.counts[:2])
    assert [(stop.rule, stop.facts) for stop in find_applied_rules(two, {})] == [("few_lists", {"lists": 2})]


def test_a_headline_needs_twenty_people_on_two_lists() -> None:
    assert rule_names(LISTS, make_method("stepwise", 200, 300)) == []
    assert rule_names(Lists([1, 2, 4, 3], [50, 50, 50, 19]), make_method("stepwise", 200, 300)) == ["few_overlaps"]


def test_a_rarely_recurring_model_is_a_remark_if_the_methods_differ() -> None:
    rarely_recurring = make_method("stepwise", 200, 300, recurrence=0.09)
    assert remark_names(rarely_recurring, make_method("bic", 250, 760)) == ["unsure"]
    assert rule_names(LISTS, rarely_recurring, make_method("bic", 250, 760)) == []
    assert remark_names(rarely_recurring, make_method("bic", 250, 300)) == []
    assert remark_names(make_method("stepwise", 200, 300, recurrence=0.1), make_method("bic", 250, 760)) == []


def test_methods_that_differ_widely_are_no_rule() -> None:
    """The width of the headline counts, not that of the methods."""
    assert rule_names(LISTS, make_method("stepwise", 200, 300), make_method("bic", 250, 8010)) == []


def test_latent_classes_at_their_bound_are_a_remark() -> None:
    at_bound = Method("lcmcr", None, no_estimate="it leans", about={"bound_share": 0.011, "bound": 3570})
    assert remark_names(make_method("stepwise", 200, 300), at_bound) == ["bound"]
    assert rule_names(LISTS, make_method("stepwise", 200, 300), at_bound) == []


def test_a_headline_needs_a_stepwise_estimate() -> None:
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
    ("estimate", "recurrence", "remarks"),
    [
        (500.0, 0.09, []),  # twice the smallest estimate: not above it
        (500.1, 0.09, ["unsure"]),
        (500.1, 0.1, []),
        (500.1, None, []),
    ],
)
def test_a_model_that_recurs_below_a_tenth_needs_estimates_within_a_factor_of_2(
    estimate: float, recurrence: float | None, remarks: list[str]
) -> None:
    stepwise = make_method("stepwise", 200, 300, recurrence=recurrence)
    assert remark_names(stepwise, make_method("bic", 250, 300, estimate=estimate)) == remarks


def test_only_methods_of_the_headline_are_compared() -> None:
    stepwise = make_method("stepwise", 200, 300, recurrence=0.01)
    assert remark_names(stepwise, make_method("independence", 900, 5000), make_method("lower_bound", 1, 2)) == []


@pytest.mark.parametrize(("share", "remarks"), [(0.01, []), (0.0101, ["bound"]), (None, [])])
def test_the_posterior_may_have_one_per_cent_at_its_bound(share: float | None, remarks: list[str]) -> None:
    about = {} if share is None else {"bound_share": share, "bound": 3570}
    classes = make_method("lcmcr", 220, 290, about=about)
    assert remark_names(make_method("stepwise", 200, 300), classes) == remarks


@pytest.mark.parametrize("missing", ["stepwise", "bic"])
def test_both_selections_need_a_finite_estimate(missing: str) -> None:
    methods = methods_by_key(make_method("stepwise", 200, 300))
    for estimate in (None, float("inf"), float("nan")):
        changed = methods | {missing: make_method(missing, 200, 300, estimate=estimate)}
        assert "no_model" in [rule.rule for rule in find_applied_rules(LISTS, changed)]
    without = {key: method for key, method in methods.items() if key != missing}
    assert "no_model" in [rule.rule for rule in find_applied_rules(LISTS, without)]


def test_all_rules_and_remarks_that_apply_are_returned_the_most_basic_first() -> None:
    few = Lists([1, 2, 4, 3], [50, 50, 50, 5])
    stepwise = make_method("stepwise", 100, 900, recurrence=0.01)
    classes = make_method("lcmcr", 300, 4000, estimate=2000.0, about={"bound_share": 0.5, "bound": 9000})
    methods = methods_by_key(stepwise, classes, make_method("bic", 300, 400, estimate=float("inf")))
    rules, remarks = find_applied_rules(few, methods), find_remarks(methods)
    assert [rule.rule for rule in rules] == ["few_overlaps", "no_model"]
    assert rules[0].facts == {"repeated": 5}
    assert [remark.rule for remark in remarks] == ["unsure", "bound"]
    assert remarks[1].facts == {"share": 0.5, "bound": 9000}
