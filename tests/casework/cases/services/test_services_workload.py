"""Workload: tasks, approvals by another user, covers of absent users, reassignment of many cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Case, Share, Task
from kerege.casework.cases.models.workload import Approval, Cover
from kerege.casework.cases.queries import cases as case_queries
from kerege.casework.cases.queries import workload
from kerege.casework.cases.services import approvals, assignment, delegation, lifecycle, notifications, shares, tasks
from kerege.casework.cases.services import closing as closing_services
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization
from kerege.core.accounts.actors import actor_for
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied
from tests.queued import run_queued_tasks

pytestmark = [pytest.mark.django_db, pytest.mark.db]
TODAY = timezone.localdate
Make = Callable[..., Any]


@pytest.fixture
def worker(make_user: Make) -> Any:
    return make_user("caseworker", username="worker")


@pytest.fixture
def supervisor(make_actor: Make) -> Actor:
    return make_actor("supervisor")  # type: ignore[no-any-return]


def task_of(case: Any, user: Any = None, days: int = 0, **more: Any) -> Task:
    return Task(
        agency=case.agency, case=case, assignee=user, kind="follow_up", due_on=TODAY() + timedelta(days), **more
    )


def last(action: str) -> AuditEvent:
    return AuditEvent.objects.filter(action=action).latest("seq")


def test_a_remark_is_encrypted_under_the_persons_key_or_without_a_case_under_its_own(
    make_case: Make, operator: Actor, make_agency: Make
) -> None:
    case = make_case()
    task = tasks.add_task(operator, task_of(case), "call her sister")
    assert task.remark is not None
    assert task.remark.data_key_id == case.record.data_key_id
    task_without_case = Task(agency=make_agency(), kind="other", due_on=TODAY())
    task_without_case = tasks.add_task(operator, task_without_case, "buy bed linen")
    assert open_text(task_without_case.remark) == "buy bed linen"
    assert b"linen" not in bytes(task_without_case.remark.ciphertext)  # type: ignore[union-attr]


def test_a_task_finished_twice_adds_one_event_and_can_be_reopened(make_case: Make, operator: Actor) -> None:
    case = make_case()
    task = tasks.add_task(operator, task_of(case))
    tasks.finish_task(operator, task)
    tasks.finish_task(operator, Task.objects.get(pk=task.pk))
    assert case.events.filter(kind="task_done").count() == 1
    tasks.reopen_task(operator, task)
    assert (task.done_at, task.done_by) == (None, "")
    with pytest.raises(BadInput):
        tasks.reopen_task(operator, task)


def test_a_task_is_assigned_to_colleagues_only(
    make_case: Make, operator: Actor, make_user: Make, make_agency: Make
) -> None:
    stranger = make_user("caseworker", agency=make_agency("elsewhere", "ngo"))
    with pytest.raises(BadInput):
        tasks.add_task(operator, task_of(make_case(), stranger))
    task = tasks.add_task(operator, task_of(make_case()))
    with pytest.raises(BadInput):
        tasks.change_task(operator, task, {"assignee": stranger})


def test_a_clock_that_requests_a_task_twice_creates_one(make_case: Make, operator: Actor) -> None:
    case = make_case()
    assert tasks.plan_tasks(operator, [task_of(case, source="a"), task_of(case, source="b")]) == 2
    assert tasks.plan_tasks(operator, [task_of(case, source="a")]) == 0
    tasks.finish_task(operator, Task.objects.get(source="a"))
    assert tasks.plan_tasks(operator, [task_of(case, source="a")]) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        task_of(case, source="b", created_at=timezone.now()).save()


def test_requesters_cannot_approve_their_own_request_in_service_or_database(
    make_case: Make, make_actor: Make, supervisor: Actor
) -> None:
    case = make_case()
    approval = approvals.ask_approval(supervisor, case, "return", "please look")
    with pytest.raises(BadInput):
        approvals.decide_approval(supervisor, approval, "approved")
    approval.refresh_from_db()
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(
            outcome="approved", decided_by=supervisor.label, decided_at=timezone.now()
        )
    approvals.decide_approval(make_actor("supervisor"), approval, "approved")
    assert approval.outcome == "approved"


def test_supervisors_except_the_requester_are_notified_until_one_decides(
    make_case: Make, make_actor: Make, supervisor: Actor
) -> None:
    case, second, third = make_case(), make_actor("supervisor"), make_actor("supervisor")

    def notice_kinds(actor: Actor) -> list[str]:
        return [notice.kind for notice in case_queries.notices(actor)]

    approval = approvals.ask_approval(supervisor, case, "return")
    assert [notice_kinds(actor) for actor in (supervisor, second, third)] == [
        [],
        ["approval_asked"],
        ["approval_asked"],
    ]
    waiting = [workload.approvals_to_decide(actor).count() for actor in (supervisor, second)]
    assert waiting == [0, 1]
    approvals.decide_approval(second, approval, "approved")
    assert [notice_kinds(actor) for actor in (supervisor, second, third)] == [["approval_answered"], [], []]


def test_a_caseworker_cannot_approve(make_case: Make, make_actor: Make, supervisor: Actor) -> None:
    approval = approvals.ask_approval(supervisor, make_case(), "return")
    with pytest.raises(Denied):
        approvals.decide_approval(make_actor("caseworker"), approval, "approved")


def test_a_returned_request_needs_a_comment_and_can_be_requested_again(
    make_case: Make, make_actor: Make, supervisor: Actor
) -> None:
    case, requester = make_case(), make_actor("caseworker")
    approval = approvals.ask_approval(requester, case, "return")
    with pytest.raises(BadInput):  # one waiting request per kind
        approvals.ask_approval(requester, case, "return")
    with pytest.raises(BadInput):
        approvals.decide_approval(supervisor, approval, "returned", " ")
    approvals.decide_approval(supervisor, approval, "returned", "add the return date")
    assert open_text(approval.answer) == "add the return date"
    with pytest.raises(BadInput):  # decided only once
        approvals.decide_approval(supervisor, Approval.objects.get(pk=approval.pk), "approved")
    approvals.ask_approval(requester, case, "return")
    assert case.approvals.count() == 2


def test_a_covering_colleague_sees_the_tasks_of_the_absent_one_until_the_last_day(
    make_case: Make, operator: Actor, worker: Any, make_user: Make, supervisor: Actor, make_agency: Make
) -> None:
    stand_in = make_user("caseworker")
    task = tasks.add_task(operator, task_of(make_case(caseworker=worker), worker))
    actor = actor_for(stand_in)
    assert case_queries.open_tasks(actor)["today"] == []
    row = delegation.set_cover(supervisor, make_agency(), worker, stand_in, TODAY(), TODAY() + timedelta(days=2))
    assert case_queries.open_tasks(actor)["today"] == [task]
    assert len(case_queries.case_list(actor, case_queries.Filters(mine=True))) == 1
    assert list(case_queries.covered_colleagues(stand_in.pk)) == [worker.pk]
    assert list(case_queries.covered_colleagues(stand_in.pk, TODAY() + timedelta(days=3))) == []
    delegation.end_cover(supervisor, row)
    assert case_queries.open_tasks(actor)["today"] == []


def test_a_message_to_an_absent_user_also_goes_to_todays_cover(
    worker: Any,
    make_user: Make,
    supervisor: Actor,
    make_agency: Make,
    settings: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.MESSAGE_SENDERS = ["kerege.core.outgoing_messages.by_email"]
    here, today = make_agency(), TODAY()
    stand_in, later, back, gone = [make_user("caseworker") for _ in range(4)]
    for user in (worker, stand_in, later, back, gone):
        user.email = f"{user.username}@here.example"
        user.save()
    delegation.set_cover(supervisor, here, worker, stand_in, today, today)
    delegation.set_cover(supervisor, here, worker, later, today + timedelta(days=1), today + timedelta(days=2))
    delegation.end_cover(supervisor, delegation.set_cover(supervisor, here, worker, back, today, today))
    delegation.set_cover(supervisor, here, worker, gone, today, today)
    gone.assignments.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        notifications.notify(here, "cases_given", user=worker, url_name="cases:tasks")
    assert mail.outbox == []  # the worker sends: a slow mail server slows no save
    run_queued_tasks()
    assert [letter.to for letter in mail.outbox] == [["worker@here.example"], [stand_in.email]]


def test_users_set_their_own_cover_and_only_supervisors_set_that_of_others(
    make_user: Make, make_actor: Make, make_agency: Make, worker: Any
) -> None:
    colleague = make_user("caseworker")
    day = TODAY()
    delegation.set_cover(actor_for(worker), make_agency(), worker, colleague, day, day)
    with pytest.raises(Denied):
        delegation.set_cover(actor_for(worker), make_agency(), colleague, worker, day, day)
    with pytest.raises(BadInput):
        delegation.set_cover(actor_for(worker), make_agency(), worker, worker, day, day)
    assert Cover.objects.count() == 1


def test_reassigning_many_cases_is_one_act_and_its_undo_returns_their_tasks(
    make_case: Make, operator: Actor, worker: Any, make_user: Make, supervisor: Actor, make_agency: Make
) -> None:
    to, third = make_user("caseworker"), make_user("caseworker")
    cases = [make_case(caseworker=worker) for _ in range(3)] + [make_case()]
    task = tasks.add_task(operator, task_of(cases[0], worker))
    row = delegation.reassign(supervisor, make_agency(), [case.pk for case in cases], to, "she leaves on Friday")
    assert Case.objects.filter(caseworker=to).count() == 4
    assert Task.objects.get(pk=task.pk).assignee == to
    assert AuditEvent.objects.filter(action="cases.reassign").count() == 1
    assert "Friday" not in str(last("cases.reassign").details)
    assert open_text(cases[0].notes.get().text) == "she leaves on Friday"
    moved_on = Case.objects.get(pk=cases[1].pk)
    assignment.assign(operator, moved_on, third)
    assert delegation.undo_reassignment(supervisor, row) == 3
    assert {case.caseworker_id for case in Case.objects.all()} == {worker.pk, third.pk, None}
    assert Task.objects.get(pk=task.pk).assignee == worker
    with pytest.raises(BadInput):
        delegation.undo_reassignment(supervisor, row)


def test_no_case_of_another_agency_is_reassigned(
    make_case: Make, make_agency: Make, supervisor: Actor, worker: Any
) -> None:
    theirs = make_case(make_agency("elsewhere", "ngo"))
    with pytest.raises(BadInput):
        delegation.reassign(supervisor, make_agency(), [theirs.pk], worker)
    with pytest.raises(Denied):
        delegation.reassign(supervisor, theirs.agency, [theirs.pk], worker)
    theirs.refresh_from_db()
    assert theirs.caseworker is None


def closing(**more: Any) -> closing_services.Closing:
    values: dict[str, Any] = {"status": "closed", "reason": "completed", "on": TODAY()}
    return closing_services.Closing(**(values | more))


def test_closing_waits_for_approval_and_leaves_no_share_open(
    make_case: Make, make_agency: Make, make_actor: Make, operator: Actor, supervisor: Actor
) -> None:
    case, requester = make_case(), make_actor("caseworker")
    shares.share(operator, case, make_agency("partner", "ngo"), "legal")
    tasks.add_task(operator, Task(agency=case.agency, case=case, kind="home_visit", due_on=TODAY()))
    tasks.add_task(operator, task_of(case))  # a follow-up contact remains
    assert {str(concern.what) for concern in closing_services.concerns(case)} == {
        "Open tasks",
        "Agencies that see the case",
    }
    approval = closing_services.close(requester, case, closing(comment="plan done"))
    assert approval is not None
    case.refresh_from_db()
    assert case.status == "open"  # services continue meanwhile
    assignment.add_note(requester, case, "still working")
    approvals.decide_approval(supervisor, approval, "approved")
    case.refresh_from_db()
    assert (case.status, case.closure_reason, case.closed_on) == ("closed", "completed", TODAY())
    assert not Share.objects.filter(case=case, to_at=None).exists()
    assert [task.kind for task in case.tasks.filter(done_at=None)] == ["follow_up"]
    assert case.events.filter(kind="share_ended").count() == 1


def test_an_approval_shows_the_day_of_closure_in_words(
    make_case: Make, make_actor: Make, make_user: Make, sign_in: Make
) -> None:
    approval = closing_services.close(make_actor("caseworker"), make_case(), closing(on=date(2025, 11, 5)))
    assert approval is not None
    page = sign_in(make_user("supervisor")).get(reverse("cases:approval", args=[approval.pk])).content.decode()
    assert "5 November 2025" in page.replace("\xa0", " ")
    assert "2025-11-05" not in page


def test_follow_up_keeps_the_reason_and_creates_a_task(make_case: Make, make_actor: Make) -> None:
    case, requester = make_case(), make_actor("caseworker")
    later = TODAY() + timedelta(days=30)
    assert closing_services.close(requester, case, closing(status="follow_up", next_contact_on=later)) is None
    assert (case.status, case.closure_reason, case.ended_on) == ("follow_up", "completed", TODAY())
    assert case.tasks.get().due_on == later
    lifecycle.move(requester, case, "closed", TODAY())
    assert case.closure_reason == "completed"


def test_a_reopened_case_records_the_reason_and_restores_no_share(
    make_case: Make, make_agency: Make, operator: Actor, make_actor: Make
) -> None:
    case = make_case()
    partner = make_agency("partner", "ngo")
    shares.share(operator, case, partner, "legal")
    lifecycle.move(operator, case, "closed", TODAY(), "completed")
    lifecycle.reopen(make_actor("caseworker"), case, TODAY(), "asked")
    assert (case.status, case.closure_reason, case.ended_on, case.closed_on) == ("open", "", None, None)
    assert case.events.get(kind="reopened").detail == {"reason": "asked"}
    assert not authorization.allows(make_actor("caseworker", agency=partner), "cases.view", case)
    with pytest.raises(BadInput):
        lifecycle.reopen(operator, case, TODAY(), "asked")
