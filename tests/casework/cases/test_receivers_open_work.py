"""Open work of an agency in the casework apps: it stops a closing, and none of its rows is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from kerege.base.errors import Refused
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.intake.models import DecisionRequest, Signal
from kerege.casework.intake.services.signals import SignalDraft, send_signal
from kerege.core.accounts.agency_changes import ChangeDraft, decide_change, request_change
from kerege.core.accounts.models import Agency
from kerege.core.accounts.open_work import list_agency_work, list_user_work
from kerege.core.authorization import Actor

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def counts(agency: Agency) -> dict[str, int]:
    return {str(line.label): line.count for line in list_agency_work(agency) if line.blocks}


def test_each_kind_of_open_work_stops_a_closing_until_it_ends(
    make_agency: Any, make_case: Any, make_user: Any, operator: Actor
) -> None:
    """Each row blocks alone, and the last one that ends lets the agency close; every row is still there."""
    centre, other, today = make_agency("closing"), make_agency("other", "ngo"), timezone.localdate()
    own, foreign = make_case(centre), make_case(other)
    now = timezone.now()
    referral = Referral.objects.create(
        case=foreign, from_agency=other, to_agency=centre, legal_basis="law", due_on=today, sent_at=now, sent_by="x"
    )
    signal = send_signal(operator, SignalDraft(from_agency=other, to_agency=centre, channel="agency"))
    request = DecisionRequest.objects.create(
        case=foreign, track="social", authority=centre, from_agency=other, requested_on=today, created_at=now
    )
    assert counts(centre) == {
        "open cases": 1,
        "open referrals": 1,
        "signals without an answer": 1,
        "requests for a decision": 1,
    }
    ends = [
        lambda: Case.objects.filter(pk=own.pk).update(status="closed", closed_on=today),
        lambda: Referral.objects.filter(pk=referral.pk).update(status="withdrawn"),
        lambda: Signal.objects.filter(pk=signal.pk).update(state="closed"),
        lambda: DecisionRequest.objects.filter(pk=request.pk).update(withdrawn_at=now),
    ]
    for number, end in enumerate(ends):
        with pytest.raises(Refused):
            request_change(operator, centre, ChangeDraft("close", "order 1"))
        end()
        assert len(counts(centre)) == len(ends) - number - 1
    change = request_change(operator, centre, ChangeDraft("close", "order 1"))
    # work that arrives while the request waits stops it again
    Signal.objects.filter(pk=signal.pk).update(state="new")
    with pytest.raises(Refused):
        decide_change(Actor.system("second"), change, give=True)
    Signal.objects.filter(pk=signal.pk).update(state="closed")
    change.refresh_from_db()
    decide_change(Actor.system("second"), change, give=True)
    assert Case.objects.filter(agency=centre, agency__active=False).count() == 1
    assert Referral.objects.count() == Signal.objects.count() == DecisionRequest.objects.count() == 1


def test_a_user_who_leaves_has_their_open_cases_and_tasks_counted(
    make_agency: Any, make_case: Any, make_user: Any
) -> None:
    centre = make_agency("centre")
    worker = make_user("caseworker", agency=centre)
    case = make_case(centre, caseworker=worker)
    Task.objects.create(
        agency=centre,
        case=case,
        assignee=worker,
        kind="other",
        due_on=timezone.localdate() + timedelta(days=3),
        created_at=timezone.now(),
    )
    assert {str(line.label): line.count for line in list_user_work(worker, centre)} == {
        "open cases": 1,
        "open tasks": 1,
    }
    assert list_user_work(worker, make_agency("other")) == []
