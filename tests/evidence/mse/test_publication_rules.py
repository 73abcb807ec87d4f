"""A range is published only where the methods carry it: every rule stops, alone, and at its threshold."""

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

MANY = Lists([1, 2, 4, 3], [50, 50, 50, 20])


def method(key: str, low: float, high: float, **more: Any) -> Method:
    facts = {"interval80": (low, high), "recurrence": 0.5} | more
    return Method(key, facts.pop("estimate", (low + high) / 2), **facts)


def panel_of(*methods: Method) -> dict[str, Method]:
    """With a BIC that agrees with stepwise, where none is given."""
    return {"bic": method("bic", 240, 300)} | {each.key: each for each in methods}


def rules(lists: Lists, *methods: Method) -> list[str]:
    return [stop.rule for stop in applied_rules(lists, panel_of(*methods))]


@lru_cache
def published(name: str) -> Panel:
    """Few sweeps: the latent classes then say nothing of tables where they hardly agree, as in a long run."""
    return panel(table(name), times=1000, sweeps=1000)


@pytest.mark.parametrize(
    ("name", "lower", "upper"),
    [("Kosovo", 7400, 15700), ("UKdat", 10_000, 22_000)],
)
def test_kosovo_and_the_uk_have_a_range(name: str, lower: int, upper: int) -> None:
    found = published(name).headline
    assert found is not None
    assert found == pytest.approx((lower, upper), rel=0.06)


@pytest.mark.parametrize(
    ("name", "rule"),
    [("Ned_5", "wide"), ("Australia", "wide"), ("NewOrl", "few_overlaps"), ("NewOrl_5", "few_overlaps")],
)
def test_ned_5_australia_and_new_orleans_have_none(name: str, rule: str) -> None:
    found = published(name)
    assert found.headline is None
    assert found.stops[0].rule == rule


def test_new_orleans_would_be_stopped_by_its_models_as_well() -> None:
    assert published("NewOrl").stops[0].facts == {"repeated": 13}
    assert published("NewOrl").methods["stepwise"].recurrence == pytest.approx(0.07, abs=0.02)


def test_two_lists_are_too_few() -> None:
    two = unchecked(("A", "B"), MANY.histories[:2], MANY.counts[:2])
    assert [(stop.rule, stop.facts) for stop in applied_rules(two, {})] == [("few_lists", {"lists": 2})]


def test_twenty_people_on_two_lists_are_enough() -> None:
    assert rules(MANY, method("stepwise", 200, 300)) == []
    assert rules(Lists([1, 2, 4, 3], [50, 50, 50, 19]), method("stepwise", 200, 300)) == ["few_overlaps"]


def test_a_ratio_of_four_is_the_most() -> None:
    assert rules(MANY, method("stepwise", 200, 300), method("bic", 250, 800)) == []
    assert rules(MANY, method("stepwise", 200, 300), method("bic", 250, 801)) == ["wide"]


def test_a_range_of_few_resamples_is_not_let_through_for_its_error() -> None:
    upper = method("bic", 250, 801, monte_carlo={"interval80": (50.0, 60.0)})
    assert rules(MANY, method("stepwise", 200, 300), upper) == ["wide"]


def test_the_uk_of_five_lists_is_at_the_edge_of_the_rule() -> None:
    found = published("UKdat_5")
    assert found.envelope is not None
    ratio = found.envelope[1] / found.envelope[0]
    assert ratio == pytest.approx(4, abs=0.4)
    assert [stop.rule for stop in found.stops] == (["wide"] if ratio > 4 else [])


def test_a_model_that_hardly_recurs_stops_where_the_methods_differ() -> None:
    unsure = method("stepwise", 200, 300, recurrence=0.09)
    assert rules(MANY, unsure, method("bic", 250, 760)) == ["unsure"]
    assert rules(MANY, unsure, method("bic", 250, 300)) == []
    assert rules(MANY, method("stepwise", 200, 300, recurrence=0.1), method("bic", 250, 760)) == []


def test_latent_classes_that_lean_on_their_bound_stop_though_they_are_not_in_the_panel() -> None:
    leaning = Method("lcmcr", None, no_estimate="it leans", about={"bound_share": 0.011, "bound": 3570})
    assert rules(MANY, method("stepwise", 200, 300), leaning) == ["bound"]


def test_without_a_stepwise_estimate_there_is_no_model() -> None:
    assert rules(MANY, Method("stepwise", None, no_estimate="none"), method("bic", 250, 300)) == ["no_model"]
    assert rules(MANY, Method("stepwise", float("inf"), interval80=(200, 300))) == ["no_model"]


def test_everybody_on_one_list_is_no_model() -> None:
    nested = Lists([1, 3, 7], [100, 50, 25])
    found = panel(nested, times=200, sweeps=1000)
    assert stepwise_many(nested.histories, nested.counts[None]) == pytest.approx(175)  # as R, but it is no estimate
    for key in ("stepwise", "independence", "bic"):
        assert (found.methods[key].estimate, found.methods[key].no_estimate) == (None, "everybody is on list A")
    assert [stop.rule for stop in found.stops] == ["no_model"]
    assert "все люди есть в списке A" in " ".join(notes(found, "ru"))


def test_the_envelope_takes_the_published_interval_of_bic_and_leaves_out_what_is_beside_the_panel() -> None:
    bic = method("bic", 250, 500, bca80=(220.0, 400.0))
    beside = method("independence", 100, 900), method("thresholding", 100, 900), method("lower_bound", 100, 900)
    assert envelope(panel_of(method("stepwise", 240, 300), bic, *beside)) == (220, 400)
    undefined = method("bic", 250, 500, bca80=None)
    assert envelope(panel_of(method("stepwise", 240, 300), undefined)) == (240, 500)


def test_latent_classes_count_where_they_have_an_estimate() -> None:
    assert envelope(panel_of(method("stepwise", 240, 300), method("lcmcr", 200, 310))) == (200, 310)


def test_two_significant_digits_and_never_fewer_than_detected() -> None:
    assert [two_digits(v) for v in (7449, 15740, 99_500, 123.4, 9.96, 1e9)] == [7400, 16000, 100_000, 120, 10, 10**9]
    assert headline(123, (123.4, 328.7)) == (123, 330)


@pytest.mark.parametrize(
    ("detected", "reach", "told"),
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
    detected: int, reach: tuple[float, float], told: tuple[int, int]
) -> None:
    assert headline(detected, reach) == told
