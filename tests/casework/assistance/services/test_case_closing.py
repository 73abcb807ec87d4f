"""Closing a case: open assistance ends, and a closed case takes none.

Follow-ups of a return stay possible.
"""

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
from kerege.casework.assistance.models.provision import Service, ServiceDelivery
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.models.returns import Return
from kerege.casework.assistance.models.shelter import Bed
from kerege.casework.assistance.services import documents, needs, plans, provision, referrals, returns, shelter
from kerege.casework.assistance.services.referrals import ReferralDraft
from kerege.casework.cases.services.closing import concerns
from kerege.casework.cases.services.lifecycle import move, reopen

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 10)
END = date(2025, 5, 5)


@pytest.fixture
def actor(make_actor: Any, make_agency: Any) -> Any:
    return make_actor("caseworker", agency=make_agency())


@pytest.fixture
def busy_case(make_case: Any, actor: Any, make_agency: Any) -> Any:
    """Return a case with a plan, a stay, a service, a return and a referral."""
    case, partner = make_case(), make_agency("partner", "ngo")
    plans.begin_plan(actor, case, Plan(starts_on=DAY))
    shelter.begin_stay(actor, case, Bed.objects.create(agency=make_agency(), room="2", number="1", kind="women"), DAY)
    provision.add_services(actor, [Service(case=case, kind="legal_aid", status="requested", requested_on=DAY)])
    returns.plan_return(actor, case, Return(country="UZ", decided_on=DAY, language="uz", manner="written"))
    referrals.refer(actor, ReferralDraft(case, partner, ["medical_care"], legal_basis="kz_law_110_viii_2024"))
    return case


def page(client: Any, case: Any, tab: str) -> str:
    with translation.override("en"):
        address = reverse("cases:case", args=[case.pk])
    return str(client.get(f"{address}?tab={tab}").content.decode())


@pytest.mark.db
def test_closing_a_case_ends_stay_services_plan_return_and_referrals(busy_case: Any, actor: Any) -> None:
    move(actor, busy_case, "closed", END, "term_ended")
    stay = busy_case.stays.get()
    assert (stay.left_on, stay.end_reason) == (END, "term_ended")
    assert not stay.bed.stays.filter(left_on=None).exists()
    services = {row.kind: (row.status, row.ended_on, row.end_reason) for row in busy_case.services.all()}
    assert services == {
        "shelter": ("completed", END, "case_closed"),
        "legal_aid": ("declined", END, "case_closed"),
    }
    assert busy_case.plans.get().ended_on == END
    assert busy_case.returns.get().cancelled_on == END
    assert busy_case.referrals.get().status == "withdrawn"
    assert not busy_case.tasks.filter(done_at=None).exists()
    assert {str(concern.what) for concern in concerns(busy_case)} == set()


@pytest.mark.db
def test_a_back_dated_closing_ends_nothing_before_it_began(busy_case: Any, actor: Any) -> None:
    move(actor, busy_case, "closed", date(2025, 3, 5), "completed")
    assert {row.ended_on for row in busy_case.services.filter(kind="shelter")} == {DAY}
    assert (busy_case.stays.get().left_on, busy_case.plans.get().ended_on) == (DAY, DAY)


ADD: dict[str, Callable[[Any, Any], Any]] = {
    "service": lambda actor, case: provision.add_services(
        actor, [Service(case=case, kind="education", started_on=DAY)]
    ),
    "service begun": lambda actor, case: provision.begin_service(actor, case.services.get(kind="legal_aid"), END),
    "delivery": lambda actor, case: provision.deliver(
        actor, case.services.get(kind="shelter"), ServiceDelivery(kind="session", on=DAY)
    ),
    "referral": lambda actor, case: referrals.refer(
        actor, ReferralDraft(case, case.referrals.get().to_agency, ["education"], legal_basis="kz_law_110_viii_2024")
    ),
    "share": lambda actor, case: referrals.share_case(
        actor, ReferralDraft(case, case.referrals.get().to_agency, [], legal_basis="kz_law_110_viii_2024")
    ),
    "bed": lambda actor, case: shelter.begin_stay(actor, case, Bed.objects.get(), END + timedelta(days=1)),
    "plan": lambda actor, case: plans.begin_plan(actor, case, Plan(starts_on=END)),
    "goal": lambda actor, case: plans.add_goal(actor, case.plans.get(), "housing", "a room"),
    "return": lambda actor, case: returns.plan_return(actor, case, Return(country="UZ", decided_on=END)),
    "document": lambda actor, case: documents.want_document(actor, case, Document(kind="passport")),
    "needs": lambda actor, case: needs.assess(actor, case, END, {"housing": 2}, "low"),
}


@pytest.mark.parametrize("what", [pytest.param("service", marks=pytest.mark.db), *sorted(ADD.keys() - {"service"})])
def test_a_closed_case_refuses_new_assistance(what: str, busy_case: Any, actor: Any) -> None:
    move(actor, busy_case, "closed", END, "completed")
    with pytest.raises(BadInput) as refused:
        ADD[what](actor, busy_case)
    assert [(fault.what, fault.todo) for fault in refused.value.faults] == [("this case is closed", "reopen it first")]


@pytest.mark.db
def test_a_reopened_case_takes_new_assistance_and_keeps_the_ended(busy_case: Any, actor: Any) -> None:
    move(actor, busy_case, "closed", END, "completed")
    reopen(actor, busy_case, END, "asked")
    shelter.begin_stay(actor, busy_case, Bed.objects.get(), END)
    plans.begin_plan(actor, busy_case, Plan(starts_on=END))
    referrals.refer(
        actor,
        ReferralDraft(
            busy_case, busy_case.referrals.get().to_agency, ["education"], legal_basis="kz_law_110_viii_2024"
        ),
    )
    assert sorted(busy_case.services.filter(kind="shelter").values_list("status", flat=True)) == [
        "completed",
        "ongoing",
    ]
    assert [row.status for row in Referral.objects.order_by("sent_at")] == ["withdrawn", "sent"]


@pytest.mark.db
@pytest.mark.parametrize("status", ["ended", "follow_up"])
def test_a_case_in_follow_up_keeps_its_services_and_takes_new_ones(status: str, busy_case: Any, actor: Any) -> None:
    move(actor, busy_case, status, END, "completed")
    provision.add_services(actor, [Service(case=busy_case, kind="education", started_on=END)])
    assert busy_case.stays.get().left_on is None
    assert busy_case.services.filter(status="ongoing").count() == 2


@pytest.mark.db
@pytest.mark.parametrize("status", ["follow_up", "closed"])
def test_follow_ups_of_a_return_can_be_recorded_after_the_case_has_ended(
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


@pytest.mark.db
def test_a_case_closed_by_a_return_keeps_the_return_open(busy_case: Any, actor: Any) -> None:
    move(actor, busy_case, "closed", END, "returned")
    row = busy_case.returns.get()
    assert row.cancelled_on is None
    returns.change_return(actor, row, {"risks": [], "risk_level": "low", "assessed_on": DAY}, "assessed")
    returns.depart(actor, row, END)
    assert returns.arrived(actor, row, END)


ADDRESSES = ("add-service", "add-plan", "add-return", "add-document", "assess", "arrive", "refer", "share")


@pytest.mark.parametrize("closed", [False, pytest.param(True, marks=pytest.mark.db)])
def test_the_page_of_a_closed_case_offers_no_refused_action(
    closed: bool, make_case: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    case = make_case()
    if closed:
        move(operator, case, "closed", timezone.localdate(), "completed")
    client = sign_in(make_user("caseworker"))
    pages = "".join(page(client, case, tab) for tab in ("overview", "assistance", "sharing"))
    with translation.override("en"):
        offered = {name for name in ADDRESSES if f'"{reverse(f"assistance:{name}", args=[case.pk])}"' in pages}
        assert offered == (set() if closed else set(ADDRESSES))
        assert (reverse("cases:reopen", args=[case.pk]) in pages) is closed
