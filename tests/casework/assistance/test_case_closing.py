"""A closed case keeps no bed, service or plan, and nothing is added to it; what follows a return stays possible."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.documents import Document
from kerege.casework.assistance.models.plans import Plan
from kerege.casework.assistance.models.provision import Delivery, Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.models.returns import Return
from kerege.casework.assistance.models.shelter import Bed
from kerege.casework.assistance.services import documents, needs, plans, provision, referrals, returns, shelter
from kerege.casework.assistance.services.referrals import ReferralDraft
from kerege.casework.cases.services.closing import concerns
from kerege.casework.cases.services.lifecycle import move, reopen

pytestmark = [pytest.mark.django_db, pytest.mark.db]
DAY = date(2025, 3, 10)
END = date(2025, 5, 5)


@pytest.fixture
def actor(make_actor: Any, make_agency: Any) -> Any:
    return make_actor("caseworker", agency=make_agency())


@pytest.fixture
def busy(make_case: Any, actor: Any, make_agency: Any) -> Any:
    """A case with everything that can run."""
    case, partner = make_case(), make_agency("partner", "ngo")
    plans.begin_plan(actor, case, Plan(starts_on=DAY))
    shelter.arrive(actor, case, Bed.objects.create(agency=make_agency(), room="2", number="1", kind="women"), DAY)
    provision.add_services(actor, [Service(case=case, kind="legal_aid", status="requested", requested_on=DAY)])
    returns.plan_return(actor, case, Return(country="UZ", decided_on=DAY, language="uz", manner="written"))
    referrals.refer(actor, ReferralDraft(case, partner, ["medical_care"], legal_basis="kz_law_110_viii_2024"))
    return case


def page(client: Any, case: Any, tab: str) -> str:
    with translation.override("en"):
        address = reverse("cases:case", args=[case.pk])
    return str(client.get(f"{address}?tab={tab}").content.decode())


def test_closing_ends_stay_services_plan_return_and_referrals_in_the_same_act(busy: Any, actor: Any) -> None:
    move(actor, busy, "closed", END, "term_ended")
    stay = busy.stays.get()
    assert (stay.left_on, stay.end_reason) == (END, "term_ended")
    assert not stay.bed.stays.filter(left_on=None).exists()
    told = {row.kind: (row.status, row.ended_on, row.end_reason) for row in busy.services.all()}
    assert told == {
        "shelter": ("completed", END, "case_closed"),
        "legal_aid": ("declined", END, "case_closed"),
    }
    assert busy.plans.get().ended_on == END
    assert busy.returns.get().cancelled_on == END
    assert busy.referrals.get().status == "withdrawn"
    assert not busy.tasks.filter(done_at=None).exists()
    assert {str(found.what) for found in concerns(busy)} == set()


def test_nothing_ends_before_it_began_when_the_closing_is_dated_back(busy: Any, actor: Any) -> None:
    move(actor, busy, "closed", date(2025, 3, 5), "completed")
    assert {row.ended_on for row in busy.services.filter(kind="shelter")} == {DAY}
    assert (busy.stays.get().left_on, busy.plans.get().ended_on) == (DAY, DAY)


ADD: dict[str, Callable[[Any, Any], Any]] = {
    "service": lambda actor, case: provision.add_services(
        actor, [Service(case=case, kind="education", started_on=DAY)]
    ),
    "service begun": lambda actor, case: provision.begin_service(actor, case.services.get(kind="legal_aid"), END),
    "delivery": lambda actor, case: provision.deliver(
        actor, case.services.get(kind="shelter"), Delivery(kind="session", on=DAY)
    ),
    "referral": lambda actor, case: referrals.refer(
        actor, ReferralDraft(case, case.referrals.get().to_agency, ["education"], legal_basis="kz_law_110_viii_2024")
    ),
    "share": lambda actor, case: referrals.share_case(
        actor, ReferralDraft(case, case.referrals.get().to_agency, [], legal_basis="kz_law_110_viii_2024")
    ),
    "bed": lambda actor, case: shelter.arrive(actor, case, Bed.objects.get(), END + timedelta(days=1)),
    "plan": lambda actor, case: plans.begin_plan(actor, case, Plan(starts_on=END)),
    "goal": lambda actor, case: plans.add_goal(actor, case.plans.get(), "housing", "a room"),
    "return": lambda actor, case: returns.plan_return(actor, case, Return(country="UZ", decided_on=END)),
    "document": lambda actor, case: documents.want_document(actor, case, Document(kind="passport")),
    "needs": lambda actor, case: needs.assess(actor, case, END, {"housing": 2}, "low"),
}


@pytest.mark.parametrize("what", ADD)
def test_nothing_is_added_to_a_closed_case_and_the_refusal_says_to_reopen_it(what: str, busy: Any, actor: Any) -> None:
    move(actor, busy, "closed", END, "completed")
    with pytest.raises(BadInput) as refused:
        ADD[what](actor, busy)
    assert [(fault.what, fault.todo) for fault in refused.value.faults] == [("this case is closed", "reopen it first")]


def test_after_reopening_help_begins_anew_and_what_had_ended_stays_ended(busy: Any, actor: Any) -> None:
    move(actor, busy, "closed", END, "completed")
    reopen(actor, busy, END, "asked")
    shelter.arrive(actor, busy, Bed.objects.get(), END)
    plans.begin_plan(actor, busy, Plan(starts_on=END))
    referrals.refer(
        actor, ReferralDraft(busy, busy.referrals.get().to_agency, ["education"], legal_basis="kz_law_110_viii_2024")
    )
    assert sorted(busy.services.filter(kind="shelter").values_list("status", flat=True)) == ["completed", "ongoing"]
    assert [row.status for row in Referral.objects.order_by("sent_at")] == ["withdrawn", "sent"]


@pytest.mark.parametrize("status", ["ended", "follow_up"])
def test_a_case_in_follow_up_still_gets_help_and_keeps_what_runs(status: str, busy: Any, actor: Any) -> None:
    move(actor, busy, status, END, "completed")
    provision.add_services(actor, [Service(case=busy, kind="education", started_on=END)])
    assert busy.stays.get().left_on is None
    assert busy.services.filter(status="ongoing").count() == 2


@pytest.mark.parametrize("status", ["follow_up", "closed"])
def test_follow_ups_of_a_return_are_written_down_after_the_case_has_ended(
    status: str, make_case: Any, actor: Any
) -> None:
    case = make_case()
    row = returns.plan_return(actor, case, Return(country="UZ", decided_on=DAY, language="uz", manner="written"))
    returns.change_return(actor, row, {"risks": [], "risk_level": "low", "assessed_on": DAY}, "assessed")
    returns.depart(actor, row, DAY)
    first = returns.arrived(actor, row, DAY)[0]
    move(actor, case, status, END, "returned")
    returns.follow_up(actor, first, END, "safe")
    assert case.tasks.filter(kind="follow_up", done_at=None).count() == len(row.follow_ups.filter(done_on=None))


def test_a_case_that_ends_because_of_the_return_keeps_the_journey_to_be_written_down(busy: Any, actor: Any) -> None:
    move(actor, busy, "closed", END, "returned")
    row = busy.returns.get()
    assert row.cancelled_on is None
    returns.change_return(actor, row, {"risks": [], "risk_level": "low", "assessed_on": DAY}, "assessed")
    returns.depart(actor, row, END)
    assert returns.arrived(actor, row, END)


ADDRESSES = ("add-service", "add-plan", "add-return", "add-document", "assess", "arrive", "refer", "share")


@pytest.mark.parametrize("closed", [False, True])
def test_a_closed_case_offers_nothing_that_would_be_refused(
    closed: bool, make_case: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    case = make_case()
    if closed:
        move(operator, case, "closed", timezone.localdate(), "completed")
    client = sign_in(make_user("caseworker"))
    shown = "".join(page(client, case, tab) for tab in ("overview", "assistance", "sharing"))
    with translation.override("en"):
        offered = {name for name in ADDRESSES if f'"{reverse(f"assistance:{name}", args=[case.pk])}"' in shown}
        assert offered == (set() if closed else set(ADDRESSES))
        assert (reverse("cases:reopen", args=[case.pk]) in shown) is closed
