"""A decision completes the tasks that wait for it and notifies the caseworker, without a name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from kerege.casework.cases.models.case import Task
from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.services import assignment, decisions, shares, tasks
from kerege.casework.cases.services.inputs import DecisionDraft
from kerege.casework.desk import reminders
from kerege.casework.intake.services import identification
from kerege.core.accounts.actors import actor_for
from kerege.vocabulary import codes

pytestmark = [pytest.mark.django_db, pytest.mark.db]
GROUNDS = "по протоколу беседы"
IDENTIFIED: dict[str, Any] = {
    "kind": "formal_identification",
    "resulting_status": "identified",
    "grounds": GROUNDS,
    "standard_of_proof": "reasonable_grounds",
    "documents_used": ["interview"],
}
REFUSED: dict[str, Any] = {"kind": "refusal", "resulting_status": "not_identified", "grounds": GROUNDS}
LOST: dict[str, Any] = {"kind": "loss_of_status", "resulting_status": "lost", "grounds": GROUNDS}
PRELIMINARY: dict[str, Any] = {"kind": "preliminary_identification", "resulting_status": "presumed"}


@pytest.fixture
def office(make_agency: Any) -> Any:
    return make_agency("office", "social_protection")


@pytest.fixture
def caseworker(make_user: Any) -> Any:
    return make_user("caseworker")


@pytest.fixture
def officer(make_user: Any, office: Any) -> Any:
    return make_user("identifying_officer", agency=office)


@pytest.fixture
def case(make_case: Any, operator: Any, office: Any, caseworker: Any) -> Any:
    row = make_case(caseworker=caseworker, on=timezone.localdate() - timedelta(days=14))
    shares.share(operator, row, office, "legal", categories=["identity", "exploitation"])
    return row


def decide(officer: Any, office: Any, case: Any, values: dict[str, Any]) -> Any:
    actor = actor_for(officer, office)
    return decisions.decide(
        actor,
        DecisionDraft(case, "social", decided_on=timezone.localdate(), decided_by="x", authority=office, **values),
    )


def unread() -> list[tuple[str, Any]]:
    return list(Notice.objects.filter(read_at=None).order_by("at").values_list("kind", "user"))


def create_tasks(operator: Any, case: Any, office: Any, officer: Any) -> None:
    """Create the owner's clock task, the officer's task, and a task about another matter."""
    reminders.plan(operator, timezone.localdate())
    today = timezone.localdate()
    tasks.add_tasks(
        operator,
        [
            Task(agency=office, case=case, assignee=officer, kind="request_decision", due_on=today),
            Task(agency=office, case=case, assignee=officer, kind="other", due_on=today),
        ],
    )


@pytest.mark.parametrize(("values", "open_tasks"), [(IDENTIFIED, 0), (REFUSED, 0), (PRELIMINARY, 2)])
def test_a_decision_completes_the_waiting_tasks_of_both_agencies(
    values: dict[str, Any], open_tasks: int, operator: Any, case: Any, office: Any, officer: Any
) -> None:
    create_tasks(operator, case, office, officer)
    decision_tasks = Task.objects.filter(kind="request_decision", done_at=None)
    assert {task.agency for task in decision_tasks} == {case.agency, office}
    decide(officer, office, case, values)
    assert decision_tasks.all().count() == open_tasks
    assert Task.objects.filter(kind="other", done_at=None).count() == 1


@pytest.mark.parametrize("values", [IDENTIFIED, REFUSED, LOST, PRELIMINARY])
def test_the_caseworker_is_notified_of_every_decision_without_a_name(
    values: dict[str, Any], case: Any, office: Any, officer: Any, caseworker: Any
) -> None:
    decide(officer, office, case, values)
    assert unread() == [("decision_made", caseworker.pk)]
    notice = Notice.objects.get()
    assert (notice.agency, notice.reference, notice.object_id) == (case.agency, "", case.pk)
    for language in ("kk", "ru", "en"):
        sentence = codes.label("notice_kind", notice.kind, language).lower()
        assert not any(word in sentence for word in ("victim", "жертв", "құрбан", "traffick", "торговл", "сауда"))


def test_without_a_caseworker_the_agency_is_notified(operator: Any, case: Any, office: Any, officer: Any) -> None:
    assignment.assign(operator, case, None)
    decide(officer, office, case, IDENTIFIED)
    assert unread() == [("decision_made", None)]


def test_the_outcome_of_a_review_has_its_own_notice(
    operator: Any, case: Any, office: Any, officer: Any, caseworker: Any
) -> None:
    first = decide(officer, office, case, REFUSED)
    identification.ask_review(operator, first, timezone.localdate(), "person", GROUNDS)
    decide(officer, office, case, IDENTIFIED)
    assert unread() == [("decision_reviewed", caseworker.pk)]
    decide(officer, office, case, LOST)
    assert unread() == [("decision_made", caseworker.pk)]


def test_a_caseworker_who_decides_on_their_own_case_is_not_notified(
    make_user: Any, make_case: Any, office: Any
) -> None:
    both = make_user("identifying_officer", "caseworker", agency=office)
    decide(both, office, make_case(office, caseworker=both), IDENTIFIED)
    assert unread() == []
