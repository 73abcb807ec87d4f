"""Clocks create tasks: each once, before its deadline, and completed when the work is done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from kerege.casework.assistance.models.needs import Assessment
from kerege.casework.assistance.services import referrals
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.services.tasks import finish_task
from kerege.casework.desk import reminders
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def days_ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def open_task_kinds() -> list[str]:
    return sorted(Task.objects.filter(done_at=None).values_list("kind", flat=True))


def test_a_clock_creates_one_task_for_the_caseworker(
    make_case: Callable[..., Any], make_user: Callable[..., Any], operator: Actor
) -> None:
    worker, on = make_user("caseworker"), days_ago(20)
    make_case(caseworker=worker, on=on)
    Case.objects.update(social_status="presumed")
    assert reminders.plan(operator, timezone.localdate()) == 2
    assert reminders.plan(operator, timezone.localdate()) == 0
    assert open_task_kinds() == ["assess_needs", "request_decision"]
    assert {task.assignee for task in Task.objects.all()} == {worker}
    assert Task.objects.get(kind="assess_needs").due_on == active().due("first_needs_assessment", on)


def test_a_task_completed_by_hand_is_not_created_again(make_case: Callable[..., Any], operator: Actor) -> None:
    make_case(on=days_ago(5))
    reminders.plan(operator, timezone.localdate())
    finish_task(operator, Task.objects.get())
    assert reminders.plan(operator, timezone.localdate()) == 0


def test_a_task_is_completed_when_its_work_is_done(make_case: Callable[..., Any], operator: Actor) -> None:
    case = make_case(on=days_ago(5))
    reminders.plan(operator, timezone.localdate())
    assert open_task_kinds() == ["assess_needs"]
    Assessment.objects.create(case=case, on=days_ago(0), assessed_by="x", created_at=timezone.now())
    reminders.plan(operator, timezone.localdate())
    assert open_task_kinds() == []


def test_old_and_closed_cases_create_no_tasks(make_case: Callable[..., Any], operator: Actor) -> None:
    make_case(on=days_ago(400))
    make_case(on=days_ago(5))
    Case.objects.filter(registered_on=days_ago(5)).update(status="closed", closed_on=days_ago(1))
    assert reminders.plan(operator, timezone.localdate()) == 0
    assert not AuditEvent.objects.filter(action="tasks.plan").exists()


def test_closing_a_case_withdraws_referrals_and_notifies_the_other_agency(
    make_case: Callable[..., Any], make_agency: Callable[..., Any], operator: Actor
) -> None:
    from kerege.casework.cases.models.notices import Notice
    from kerege.casework.cases.services import closing, lifecycle, shares

    case, partner = make_case(), make_agency("partner", "ngo")
    draft = referrals.ReferralDraft(case, partner, ["shelter"], days_ago(-3), legal_basis="x")
    referral = referrals.refer(operator, draft)
    with translation.override("en"):
        assert "Referrals that are not completed" in {str(concern.what) for concern in closing.concerns(case)}
    lifecycle.move(operator, case, "closed", days_ago(0), "completed")
    referral.refresh_from_db()
    assert referral.status == "withdrawn"
    assert Notice.objects.filter(agency=partner, kind="referral_withdrawn").exists()
    assert not shares.running_shares().filter(case=case).exists()
