"""Inbox of referrals, directory of services, and shares with an authority."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from kerege.casework.assistance.queries import referrals
from kerege.casework.assistance.services import referral_responses
from kerege.casework.assistance.services import referrals as referral_services
from kerege.casework.cases import shared_view
from kerege.casework.cases.models.case import Share
from kerege.core import authorization
from kerege.core.accounts.actors import actor_for
from tests.casework.assistance.views.referral_driver import DAY
from tests.casework.conftest import CANARY

pytestmark = pytest.mark.django_db


@pytest.mark.db
def test_the_inbox_lists_the_last_ended_referrals_first(
    make_case: Any, make_agency: Any, make_user: Any, operator: Any
) -> None:
    receiving_agency, sending_agency = make_agency(), make_agency("there", "ngo")
    receiver = actor_for(make_user("caseworker"))
    rows = [
        referral_services.refer(
            operator,
            referral_services.ReferralDraft(
                make_case(sending_agency), receiving_agency, ["shelter"], legal_basis="order-844-406"
            ),
        )
        for _ in range(referrals.MAX_ENDED + 2)
    ]
    for row in reversed(rows):
        referral_responses.answer_referral(receiver, row, "declined", "no_capacity")
    assert [row.pk for row in referrals.list_recently_ended(receiver)] == [
        row.pk for row in rows[: referrals.MAX_ENDED]
    ]


@pytest.mark.parametrize("role", ["caseworker", "supervisor", "identifying_officer", "coordinator"])
def test_the_inbox_runs_the_same_number_of_queries_for_more_referrals(
    role: str,
    make_case: Any,
    make_agency: Any,
    make_user: Any,
    sign_in: Any,
    operator: Any,
    django_assert_max_num_queries: Any,
) -> None:
    receiving_agency, sending_agency = make_agency(), make_agency("there", "ngo")
    client = sign_in(make_user(role))

    def send() -> None:
        referral_services.refer(
            operator,
            referral_services.ReferralDraft(
                make_case(sending_agency), receiving_agency, ["shelter"], legal_basis="order-844-406"
            ),
        )
        referral_services.refer(
            operator,
            referral_services.ReferralDraft(
                make_case(receiving_agency), sending_agency, ["shelter"], legal_basis="order-844-406"
            ),
        )

    send()
    with translation.override("en"):
        url = reverse("assistance:referral-inbox")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _more in range(4):
        send()
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)


@pytest.mark.db
def test_the_coordinator_sees_overdue_referrals_without_the_person(
    make_case: Any, make_agency: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    case = make_case(make_agency())
    draft = referral_services.ReferralDraft(
        case, make_agency("there", "ngo"), ["shelter"], DAY, legal_basis="order-844-406"
    )
    row = referral_services.refer(operator, draft)
    client = sign_in(make_user("coordinator", agency=make_agency("ministry", "social_protection")))
    with translation.override("en"):
        page = client.get(reverse("assistance:silent")).content.decode()
    assert row.reference in page
    for secret in (CANARY, case.reference, "Shelter"):
        assert secret not in page, secret


@pytest.mark.db
def test_a_supervisor_records_what_the_agency_offers(make_agency: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("supervisor"))
    with translation.override("en"):
        url = reverse("assistance:offer")
    assert client.post(url, {"services": ["shelter", "legal_aid"]}).status_code == 302
    agency = make_agency()
    agency.refresh_from_db()
    assert (agency.services, agency.accepting) == (["shelter", "legal_aid"], False)


@pytest.mark.db
def test_a_share_with_an_authority_opens_and_ends(
    case_with_consent: Any, make_agency: Any, make_user: Any, sign_in: Any
) -> None:
    office = make_agency("office", "social_protection")
    client = sign_in(make_user("caseworker"))
    with translation.override("en"):
        url = reverse("assistance:share", args=[case_with_consent.pk])
    data = {"to_agency": office.pk, "legal_basis": "order-844-406", "categories": ["needs"]}
    assert client.post(url, data).status_code == 302
    reader = actor_for(make_user("identifying_officer", agency=office), office)
    assert shared_view.granted(reader, case_with_consent) == {"needs"}
    row = Share.objects.get(agency=office)
    with translation.override("en"):
        client.post(reverse("assistance:end-share", args=[case_with_consent.pk, row.pk]))
    assert not authorization.allows(reader, "cases.view", case_with_consent)
    assert {"shared", "share_ended"} <= set(case_with_consent.events.values_list("kind", flat=True))
