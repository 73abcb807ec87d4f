"""Publication rules: each rule forbids publication, alone, and at its threshold."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest

from kerege.evidence.mse import Lists, stepwise_many
from kerege.evidence.mse.lists import unchecked
from kerege.evidence.mse.panels.messages import notes
from kerege.evidence.mse.panels.method_result import Method
from kerege.evidence.mse.panels.panel import Panel, panel
from kerege.evidence.mse.panels.publication_rules import applied_rules, envelope, headline, two_digits
from tests.evidence.mse.tables import table

LISTS = Lists([1, 2, 4, 3], [50, 50, 50, 20])


def make_method(key: str, low: float, high: float, **more: Any) -> Method:
    facts = {"interval80": (low, high), "recurrence": 0.5} | more
    return Method(key, facts.pop("estimate", (low + high) / 2), **facts)


def methods_by_key(*methods: Method) -> dict[str, Method]:
    """Return methods by key, with a BIC that agrees with stepwise selection if none is given."""
    return {"bic": make_method("bic", 240, 300)} | {result.key: result for result in methods}


def rule_names(lists: Lists, *methods: Method) -> list[str]:
    return [rule.rule for rule in applied_rules(lists, methods_by_key(*methods))]


@lru_cache
def published_panel(name: str) -> Panel:
    """Return the panel of a published table, with few sweeps.

    The latent classes then have no estimate on tables where they hardly agree, as in a long run.
    """
    return panel(table(name), times=1000, sweeps=1000)


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
    two = unchecked(("A", "B"), LISTS.histories[:2], LISTS.counts[:2])
    assert [(stop.rule, stop.facts) for stop in applied_rules(two, {})] == [("few_lists", {"lists": 2})]


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
    assert envelope(methods_by_key(make_method("stepwise", 240, 300), bic, *outside_headline)) == (220, 400)
    undefined = make_method("bic", 250, 500, bca80=None)
    assert envelope(methods_by_key(make_method("stepwise", 240, 300), undefined)) == (240, 500)


def test_the_envelope_includes_latent_classes_with_an_estimate() -> None:
    assert envelope(methods_by_key(make_method("stepwise", 240, 300), make_method("lcmcr", 200, 310))) == (200, 310)


def test_a_headline_has_two_digits_and_is_never_below_the_detected() -> None:
    assert [two_digits(v) for v in (7449, 15740, 99_500, 123.4, 9.96, 1e9)] == [7400, 16000, 100_000, 120, 10, 10**9]
    assert headline(123, (123.4, 328.7)) == (123, 330)


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
    assert headline(detected, limits) == rounded
