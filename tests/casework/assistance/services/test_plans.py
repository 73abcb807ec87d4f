"""Plans, goals, deliveries and reviews: one plan runs at a time, and a refusal stops no service."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.plans import Plan, PlanReview
from kerege.casework.assistance.models.provision import Service, ServiceDelivery
from kerege.casework.assistance.services import plans, provision
from kerege.casework.cases.models.case import Task
from kerege.casework.cases.services.approvals import ask_approval, decide_approval
from kerege.vocabulary.profile import active

pytestmark = pytest.mark.db
DAY = date(2025, 3, 10)
AGREEMENT = {"agreed_on": DAY, "agreement_language": "uz", "agreement_manner": "oral"}


@pytest.fixture
def actor(make_actor: Any, make_agency: Any) -> Any:
    return make_actor("caseworker", agency=make_agency())


def begin_plan(actor: Any, case: Any) -> Plan:
    return plans.begin_plan(actor, case, Plan(starts_on=DAY))


def make_delivery(service: Service, on: date, units: int = 1) -> ServiceDelivery:
    return ServiceDelivery(kind="session", on=on, units=units)


def test_one_plan_runs_at_a_time(make_case: Any, actor: Any) -> None:
    case = make_case()
    plan = begin_plan(actor, case)
    with pytest.raises(BadInput):
        begin_plan(actor, case)
    plans.end_plan(actor, plan, DAY)
    assert begin_plan(actor, case).pk != plan.pk


def test_a_refused_plan_stops_no_service(make_case: Any, actor: Any) -> None:
    case = make_case()
    plan = begin_plan(actor, case)
    plans.agree(actor, plan, AGREEMENT | {"agreement": "disagreed"})
    plans.add_goal(actor, plan, "housing", "A safe place")
    provision.add_services(actor, [Service(case=case, kind="shelter", started_on=DAY)])
    assert plan.goals.count() == case.services.count() == 1


def test_the_profile_sets_the_next_review_and_its_task(make_case: Any, actor: Any) -> None:
    case = make_case()
    plan = begin_plan(actor, case)
    assert plan.review_on == active().due("plan_review", DAY)
    plans.review(actor, plan, PlanReview(on=DAY + timedelta(days=20), result="changed"), "new room")
    plan.refresh_from_db()
    assert plan.review_on == active().due("plan_review", DAY + timedelta(days=20))
    tasks = Task.objects.filter(case=case, kind="review_plan")
    assert [bool(task.done_at) for task in tasks.order_by("due_on")] == [True, False]
    plans.end_plan(actor, plan, DAY + timedelta(days=30))
    assert not tasks.filter(done_at=None).exists()


def test_a_goal_is_closed_once(make_case: Any, actor: Any) -> None:
    goal = plans.add_goal(actor, begin_plan(actor, make_case()), "work", "")
    plans.end_goal(actor, goal, "reached", DAY)
    with pytest.raises(BadInput):
        plans.end_goal(actor, goal, "not_reached", DAY)


def test_an_ended_plan_accepts_no_goals(make_case: Any, actor: Any) -> None:
    plan = begin_plan(actor, make_case())
    plans.end_plan(actor, plan, DAY)
    with pytest.raises(BadInput):
        plans.add_goal(actor, plan, "work", "")


def test_the_first_delivery_begins_a_requested_service(make_case: Any, actor: Any) -> None:
    [row] = provision.add_services(actor, [Service(case=make_case(), kind="legal_aid", status="requested")])
    provision.deliver(actor, row, make_delivery(row, DAY, 2))
    row.refresh_from_db()
    assert (row.status, row.started_on, row.deliveries.get().units) == ("ongoing", DAY, 2)


def test_a_delivery_outside_the_service_period_is_refused(make_case: Any, actor: Any) -> None:
    [row] = provision.add_services(actor, [Service(case=make_case(), kind="legal_aid", started_on=DAY)])
    with pytest.raises(BadInput):
        provision.deliver(actor, row, make_delivery(row, DAY - timedelta(days=1)))
    provision.end_service(actor, row, "completed", DAY, "achieved")
    with pytest.raises(BadInput):
        provision.deliver(actor, row, make_delivery(row, DAY + timedelta(days=1)))
    provision.deliver(actor, row, make_delivery(row, DAY))


def test_a_resumed_service_records_its_interruption(make_case: Any, actor: Any) -> None:
    [row] = provision.add_services(actor, [Service(case=make_case(), kind="legal_aid", started_on=DAY)])
    provision.end_service(actor, row, "interrupted", DAY + timedelta(days=5), reason="in_hospital")
    with pytest.raises(BadInput):
        provision.begin_service(actor, row, DAY)
    provision.begin_service(actor, row, DAY + timedelta(days=9))
    row.refresh_from_db()
    gap = row.interruptions.get()
    assert (row.status, row.started_on, row.ended_on, row.end_reason) == ("ongoing", DAY, None, "")
    assert (gap.reason, (gap.ended_on - gap.began_on).days) == ("in_hospital", 4)


@pytest.mark.parametrize(
    ("kind", "payer"), [("crisis_centre", "state"), ("international_organisation", "iom"), ("ngo", "unknown")]
)
def test_the_providers_kind_proposes_the_payer(kind: str, payer: str, make_agency: Any) -> None:
    assert provision.get_usual_payer(make_agency(kind.replace("_", "-"), kind)) == payer


def test_only_a_running_plan_can_be_approved(make_case: Any, make_actor: Any, actor: Any) -> None:
    case, supervisor = make_case(), make_actor("supervisor")
    with pytest.raises(BadInput):
        ask_approval(actor, case, "plan", "there is none")
    plan = begin_plan(actor, case)
    other_plan = begin_plan(actor, make_case())
    with pytest.raises(BadInput):
        ask_approval(actor, case, "plan", subject=other_plan.pk)
    approval = plans.ask_for_approval(actor, plan)
    plans.end_plan(actor, plan, DAY)
    with pytest.raises(BadInput):
        decide_approval(supervisor, approval, "approved")
    assert decide_approval(supervisor, approval, "returned", "it has ended").outcome == "returned"


def test_the_supervisor_reads_the_plan_to_approve(
    make_case: Any, make_user: Any, make_actor: Any, actor: Any, sign_in: Any
) -> None:
    case, supervisor = make_case(), make_user("supervisor")
    plan = begin_plan(actor, case)
    plans.add_goal(actor, plan, "housing", "a room of her own")
    with translation.override("en"):
        page, ask = (reverse(f"assistance:{name}", args=[case.pk, plan.pk]) for name in ("plan", "ask-approval"))
    worker = sign_in(make_user("caseworker"))
    assert ask in worker.get(page).content.decode()
    assert worker.post(ask, {"comment": "please"}).status_code == 302
    approval = case.approvals.get()
    assert ask not in worker.get(page).content.decode()
    with translation.override("en"):
        address = reverse("cases:approval", args=[approval.pk])
    assert "a room of her own" in sign_in(supervisor).get(address).content.decode()
