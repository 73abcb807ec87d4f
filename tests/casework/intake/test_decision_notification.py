"""A decision ends what waited for it, and whoever carries the case is told, without a name."""

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
WORDS = "по протоколу беседы"
IDENTIFIED: dict[str, Any] = {
    "kind": "formal_identification",
    "resulting_status": "identified",
    "grounds": WORDS,
    "standard_of_proof": "reasonable_grounds",
    "documents_used": ["interview"],
}
REFUSED: dict[str, Any] = {"kind": "refusal", "resulting_status": "not_identified", "grounds": WORDS}
LOST: dict[str, Any] = {"kind": "loss_of_status", "resulting_status": "lost", "grounds": WORDS}
PRELIMINARY: dict[str, Any] = {"kind": "preliminary_identification", "resulting_status": "presumed"}


@pytest.fixture
def office(make_agency: Any) -> Any:
    return make_agency("office", "social_protection")


@pytest.fixture
def carrier(make_user: Any) -> Any:
    return make_user("caseworker")


@pytest.fixture
def officer(make_user: Any, office: Any) -> Any:
    return make_user("identifying_officer", agency=office)


@pytest.fixture
def case(make_case: Any, operator: Any, office: Any, carrier: Any) -> Any:
    row = make_case(caseworker=carrier, on=timezone.localdate() - timedelta(days=14))
    shares.share(operator, row, office, "legal", categories=["identity", "exploitation"])
    return row


def decide(officer: Any, office: Any, case: Any, told: dict[str, Any]) -> Any:
    actor = actor_for(officer, office)
    return decisions.decide(
        actor, DecisionDraft(case, "social", decided_on=timezone.localdate(), decided_by="x", authority=office, **told)
    )


def unread() -> list[tuple[str, Any]]:
    return list(Notice.objects.filter(read_at=None).order_by("at").values_list("kind", "user"))


def waiting(operator: Any, case: Any, office: Any, officer: Any) -> None:
    """The clock's task of the owner, the officer's own, and one of a third agency's that is about something else."""
    reminders.plan(operator, timezone.localdate())
    today = timezone.localdate()
    tasks.add_tasks(
        operator,
        [
            Task(agency=office, case=case, assignee=officer, kind="request_decision", due_on=today),
            Task(agency=office, case=case, assignee=officer, kind="other", due_on=today),
        ],
    )


@pytest.mark.parametrize(("told", "left"), [(IDENTIFIED, 0), (REFUSED, 0), (PRELIMINARY, 2)])
def test_a_decision_strikes_off_what_waited_for_it_on_both_sides(
    told: dict[str, Any], left: int, operator: Any, case: Any, office: Any, officer: Any
) -> None:
    waiting(operator, case, office, officer)
    asked = Task.objects.filter(kind="request_decision", done_at=None)
    assert {task.agency for task in asked} == {case.agency, office}
    decide(officer, office, case, told)
    assert asked.all().count() == left
    assert Task.objects.filter(kind="other", done_at=None).count() == 1


@pytest.mark.parametrize("told", [IDENTIFIED, REFUSED, LOST, PRELIMINARY])
def test_the_caseworker_is_told_of_every_decision_and_no_person_is_named(
    told: dict[str, Any], case: Any, office: Any, officer: Any, carrier: Any
) -> None:
    decide(officer, office, case, told)
    assert unread() == [("decision_made", carrier.pk)]
    notice = Notice.objects.get()
    assert (notice.agency, notice.reference, notice.object_id) == (case.agency, "", case.pk)
    for language in ("kk", "ru", "en"):
        sentence = codes.label("notice_kind", notice.kind, language).lower()
        assert not any(word in sentence for word in ("victim", "жертв", "құрбан", "traffick", "торговл", "сауда"))


def test_where_nobody_carries_the_case_her_agency_is_told(operator: Any, case: Any, office: Any, officer: Any) -> None:
    assignment.assign(operator, case, None)
    decide(officer, office, case, IDENTIFIED)
    assert unread() == [("decision_made", None)]


def test_the_outcome_of_a_review_is_told_as_such(
    operator: Any, case: Any, office: Any, officer: Any, carrier: Any
) -> None:
    first = decide(officer, office, case, REFUSED)
    identification.ask_review(operator, first, timezone.localdate(), "person", WORDS)
    decide(officer, office, case, IDENTIFIED)
    assert unread() == [("decision_reviewed", carrier.pk)]
    decide(officer, office, case, LOST)
    assert unread() == [("decision_made", carrier.pk)]


def test_whoever_decides_on_her_own_case_is_not_told_what_she_did(make_user: Any, make_case: Any, office: Any) -> None:
    both = make_user("identifying_officer", "caseworker", agency=office)
    decide(both, office, make_case(office, caseworker=both), IDENTIFIED)
    assert unread() == []
