"""Assistance in the demo: the caseworker's tasks of the day are those of the tour, whatever the day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

import pytest

from kerege.casework.assistance.models.plans import Plan
from kerege.core.authorization import Actor
from kerege.demo.loading import care
from kerege.vocabulary.dates import add_months

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize("number", range(8))
def test_no_review_of_a_plan_is_due_on_the_day_of_the_demo(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    held = []

    def review(actor: Actor, row: Any, done: Any, text: str) -> None:
        held.append(done.on)
        row.review_on = add_months(done.on, 3)

    monkeypatch.setattr("kerege.demo.loading.care.plans.review", review)
    next_reviews = set()
    for days in range(1, 200):
        plan = Plan(review_on=add_months(TODAY - timedelta(days=days), 3))
        care.record_plan_reviews(cast(Actor, None), plan, number, TODAY)
        next_reviews.add(plan.review_on)
    assert TODAY not in next_reviews
    assert max(held) == TODAY
    assert min(next_reviews) < TODAY or number % 4 == 0  # some are late
