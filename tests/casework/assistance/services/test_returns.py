"""Documents and voluntary return: risks first, best interest of a child, follow-ups."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.documents import Document
from kerege.casework.assistance.models.returns import Return
from kerege.casework.assistance.models.shelter import Bed
from kerege.casework.assistance.services import documents, returns, shelter
from kerege.casework.cases.models.case import Task
from kerege.core import audit
from tests.casework.conftest import identity

pytestmark = pytest.mark.db
DAY = date(2025, 8, 31)


@pytest.fixture
def actor(make_actor: Any, make_agency: Any) -> Any:
    return make_actor("caseworker", agency=make_agency())


def plan_return(actor: Any, case: Any) -> Return:
    return returns.plan_return(actor, case, Return(country="UZ", decided_on=DAY, language="uz", manner="written"))


def assess_risks(actor: Any, row: Return, **values: Any) -> Return:
    risk = {"risks": ["debt"], "risk_level": "medium", "assessed_on": DAY, "risk_text": "owes the recruiter"}
    return returns.change_return(actor, row, risk | values, "assessed", sealed="risk_text")


def test_departure_needs_a_risk_assessment(make_case: Any, actor: Any) -> None:
    row = plan_return(actor, make_case())
    with pytest.raises(BadInput):
        returns.depart(actor, row, DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Return.objects.filter(pk=row.pk).update(departed_on=DAY)
    returns.depart(actor, assess_risks(actor, row), DAY)


@pytest.mark.parametrize("answer", ["", "pending", "return_harms", "unknown"])
def test_a_child_departs_only_with_a_best_interest_determination(answer: str, make_case: Any, actor: Any) -> None:
    row = plan_return(actor, make_case(person=identity(birth_date="2011")))
    assess_risks(actor, row, best_interest=answer)
    with pytest.raises(BadInput):
        returns.depart(actor, row, DAY)
    assess_risks(actor, row, best_interest="return_serves")
    returns.depart(actor, row, DAY)


@pytest.mark.parametrize(("born", "child"), [("2007-08-31", False), ("2007-09-01", True), ("", True)])
def test_a_child_is_recognised_by_birth_date_else_by_age_band(
    born: str, child: bool, make_case: Any, actor: Any
) -> None:
    case = make_case(person=identity(birth_date=born), age_band="9_17")
    with audit.act(actor, "test"):
        assert returns.is_child(actor, case, DAY) is child


def test_an_arrival_creates_follow_ups_with_tasks(make_case: Any, actor: Any) -> None:
    case = make_case()
    row = assess_risks(actor, plan_return(actor, case))
    returns.depart(actor, row, DAY)
    follow_ups = returns.arrived(actor, row, DAY)
    due = [date(2025, 9, 30), date(2025, 11, 30), date(2026, 2, 28), date(2026, 8, 31)]
    assert [follow_up.due_on for follow_up in follow_ups] == due
    assert list(Task.objects.filter(kind="follow_up", case=case).values_list("due_on", flat=True)) == due
    returns.follow_up(actor, follow_ups[0], DAY + timedelta(days=30), "safe", "works in a bakery")
    assert Task.objects.filter(kind="follow_up", done_at=None).count() == 3
    with pytest.raises(BadInput):
        returns.follow_up(actor, follow_ups[0], DAY, "lost")
    with pytest.raises(BadInput):
        returns.arrived(actor, row, DAY)


def test_a_cancelled_return_cannot_go_on_and_another_can_be_planned(make_case: Any, actor: Any) -> None:
    case = make_case()
    row = plan_return(actor, case)
    with pytest.raises(BadInput):
        plan_return(actor, case)
    returns.cancel_return(actor, row, DAY, "changed_mind")
    with pytest.raises(BadInput):
        assess_risks(actor, row)
    assert not Task.objects.filter(kind="arrange_return", done_at=None).exists()
    plan_return(actor, case)


def test_document_steps_follow_in_order_and_update_the_task(make_case: Any, actor: Any) -> None:
    case = make_case()
    paper = Document(kind="passport", loss="withheld", authority="consulate", requested_on=DAY, due_on=DAY)
    documents.want_document(actor, case, paper)
    task = Task.objects.get(kind="documents")
    with pytest.raises(BadInput):
        documents.update_document(actor, paper, {"applied_on": DAY - timedelta(days=1)})
    paper.refresh_from_db()
    documents.update_document(actor, paper, {"applied_on": DAY, "due_on": DAY + timedelta(days=9)})
    task.refresh_from_db()
    assert (paper.stage, task.due_on) == ("applied", DAY + timedelta(days=9))
    documents.update_document(actor, paper, {"issued_on": DAY, "handed_over_on": DAY})
    task.refresh_from_db()
    assert task.done_at


def test_a_departure_ends_the_stay(make_case: Any, actor: Any, make_agency: Any) -> None:
    case = make_case()
    stay = shelter.begin_stay(
        actor, case, Bed.objects.create(agency=make_agency(), room="1", number="1", kind="women"), DAY
    )
    returns.depart(actor, assess_risks(actor, plan_return(actor, case)), DAY + timedelta(days=3))
    stay.refresh_from_db()
    assert (stay.left_on, stay.end_reason) == (DAY + timedelta(days=3), "returned")
