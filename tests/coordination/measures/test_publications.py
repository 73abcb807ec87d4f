"""A summary becomes public by two people, stays as it was approved, and leaves by a reason."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.coordination.measures import publications
from kerege.coordination.measures.models import Measure, MeasureBody, MeasurePlan, MeasureReport, PlanPublication
from kerege.core.authorization import Denied

pytestmark = [pytest.mark.django_db, pytest.mark.db]
HALF, AFTER = "2025-H1", date(2025, 7, 17)
SECRET = "обучено 17 человек из Караганды"


def make_plan(agency: Any) -> MeasurePlan:
    """Return a plan with one measure that is done and one that is overdue."""
    days = {"starts_on": date(2025, 1, 1), "ends_on": date(2026, 12, 31)}
    plan = MeasurePlan.objects.create(agency=agency, titles={"ru": "План мер", "kk": "Шаралар"}, act="Приказ 7", **days)
    for place, state in ((1, "accepted"), (2, "draft")):
        measure = Measure.objects.create(
            plan=plan,
            number=f"{place}.",
            place=place,
            texts={"ru": f"Мера на 200 человек {place}"},
            terms={"ru": "I полугодие"},
            direction="prevention",
            term="day",
            due_on=date(2025, 6, 30),
        )
        body = MeasureBody.objects.create(measure=measure, agency=agency, leads=True)
        MeasureReport.objects.create(
            body=body,
            half=HALF,
            text=SECRET,
            figure=17,
            completes=True,
            state=state,
            submitted_on=AFTER,
            decided_on=AFTER,
            remark="Тайное замечание",
        )
    return plan


@pytest.fixture
def plan(make_agency: Any) -> MeasurePlan:
    return make_plan(make_agency("mlsp", "social_protection"))


@pytest.fixture
def keeper(make_actor: Any, plan: MeasurePlan) -> Any:
    return make_actor("secretary", agency=plan.agency)


@pytest.fixture
def publisher(make_actor: Any) -> Any:
    return make_actor("publisher")


def publish(keeper: Any, publisher: Any, plan: MeasurePlan) -> PlanPublication:
    """Return a summary that two people made public."""
    row = publications.request_publication(keeper, plan, HALF, AFTER)
    return publications.decide(publisher, row, accept=True)


def test_a_summary_is_public_only_after_a_publisher_approved_it(plan: Any, keeper: Any, publisher: Any) -> None:
    row = publications.request_publication(keeper, plan, HALF, AFTER)
    assert publications.list_public(date.max) == []
    with pytest.raises(Denied):
        publications.decide(keeper, row, accept=True)
    assert list(publications.list_waiting(publisher)) == [row]
    publications.decide(publisher, row, accept=True)
    assert [(public.half, public.state) for public in publications.list_public(date.max)] == [(HALF, "published")]


def test_nobody_approves_a_summary_that_they_asked_for(plan: Any, make_actor: Any) -> None:
    both = make_actor("secretary", "publisher", agency=plan.agency)
    row = publications.request_publication(both, plan, HALF, AFTER)
    assert not publications.list_waiting(both).exists()
    with pytest.raises(BadInput):
        publications.decide(both, row, accept=True)


def test_a_half_year_whose_reports_are_not_all_due_cannot_be_published(plan: Any, keeper: Any) -> None:
    for day in (date(2025, 6, 30), date(2025, 7, 15)):
        with pytest.raises(BadInput):
            publications.request_publication(keeper, plan, HALF, day)


def test_the_public_content_holds_the_computed_states_and_nothing_of_a_report(
    plan: Any, keeper: Any, publisher: Any
) -> None:
    content = publish(keeper, publisher, plan).content
    assert [measure["state"] for measure in content["measures"]] == ["done", "overdue"]
    assert content["states"] == {"done": 1, "under_way": 0, "overdue": 1, "not_reported": 0, "cancelled": 0}
    text = json.dumps(content, ensure_ascii=False)
    assert "17" not in text.replace("2025-07-17", "")
    assert "Караганд" not in text
    assert "замечание" not in text


def test_a_change_after_the_approval_does_not_reach_the_public_before_a_new_approval(
    plan: Any, keeper: Any, publisher: Any
) -> None:
    first = publish(keeper, publisher, plan)
    MeasureReport.objects.update(state="accepted")
    [public] = publications.list_public(date.max)
    assert public.content == first.content
    publish(keeper, publisher, plan)
    [public] = publications.list_public(date.max)
    assert public.content["states"]["done"] == 2
    first.refresh_from_db()
    assert first.state == "replaced"


def test_a_withdrawn_summary_keeps_its_reason_and_a_later_one_stands_for_it(
    plan: Any, keeper: Any, publisher: Any
) -> None:
    row = publish(keeper, publisher, plan)
    with pytest.raises(BadInput):
        publications.withdraw(publisher, row, {"ru": ""})
    with pytest.raises(Denied):
        publications.withdraw(keeper, row, {"ru": "Ошибка"})
    publications.withdraw(publisher, row, {"ru": "Ошибка"})
    assert [public.state for public in publications.list_public(date.max)] == ["withdrawn"]
    publish(keeper, publisher, plan)
    assert [public.state for public in publications.list_public(date.max)] == ["published"]


def test_a_returned_summary_never_becomes_public_and_tells_the_keeper_why(
    plan: Any, keeper: Any, publisher: Any
) -> None:
    row = publications.request_publication(keeper, plan, HALF, AFTER)
    with pytest.raises(BadInput):
        publications.decide(publisher, row, accept=False)
    publications.decide(publisher, row, accept=False, remark="Нет меры 3")
    with pytest.raises(BadInput):
        publications.decide(publisher, row, accept=True)
    assert publications.list_public(date.max) == []
    assert [returned.remark for returned in publications.list_publications(keeper)] == ["Нет меры 3"]
