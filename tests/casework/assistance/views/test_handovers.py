"""Pages of handovers: preview without changes, offer on both sides, pack without a name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.handovers import Handover, HandoverOffer
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.queries.handover_pack import build_pack
from kerege.casework.assistance.services import consents, handovers, provision
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services import assignment
from kerege.core import audit, authorization
from kerege.core.accounts.actors import actor_for
from tests import second_factor
from tests.casework.conftest import CANARY, identity
from tests.django_fixtures import just_now

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 10)


class TwoAgencies:
    """Two agencies with a supervisor each."""

    def __init__(self, make_agency: Any, make_user: Any, make_case: Any) -> None:
        self.iom, self.centre = make_agency("iom", "international_organisation"), make_agency("centre")
        self.users = {agency.code: make_user("supervisor", agency=agency) for agency in (self.iom, self.centre)}
        self.make_case = make_case

    def actor(self, agency: Any) -> authorization.Actor:
        return actor_for(self.users[agency.code], agency)

    def cases(self, count: int = 1, answer: bool | None = True) -> list[Case]:
        cases = [self.make_case(self.iom, identity(safe_contact="ring twice")) for _ in range(count)]
        for case in cases:
            if answer is not None:
                values = {"purpose": "handover", "recipient": self.centre, "on": DAY, "categories": []}
                consents.record_consent(self.actor(self.iom), Consent(case=case, given=answer, **values))
        return cases

    def offered(self, count: int = 1) -> HandoverOffer:
        return handovers.offer(self.actor(self.iom), self.cases(count), self.centre)


@pytest.fixture
def agencies(make_agency: Callable[..., Any], make_user: Any, make_case: Any) -> TwoAgencies:
    return TwoAgencies(make_agency, make_user, make_case)


@pytest.fixture
def open_browser() -> Callable[[Any], Client]:
    """Return a function that opens one browser per user."""
    clients: dict[Any, Client] = {}

    def browser(user: Any) -> Client:
        if user.pk not in clients:
            second_factor.activate(user)
            clients[user.pk] = Client()
            clients[user.pk].force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
            just_now(clients[user.pk], user)
        return clients[user.pk]

    return browser


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_preview_shows_the_four_groups_and_changes_nothing(
    language: str, agencies: TwoAgencies, open_browser: Any
) -> None:
    agencies.cases(2), agencies.cases(1, False), agencies.cases(3, None)
    closed = agencies.cases(1)[0]
    Case.objects.filter(pk=closed.pk).update(status="closed", closed_on=DAY)
    browser = open_browser(agencies.users["iom"])
    page = browser.get(f"/{language}/work/handovers/new/?to_agency={agencies.centre.pk}&worker=")
    assert page.status_code == 200
    assert page.context["sorted"].counts() == {"consented": 2, "against": 1, "unreachable": 3, "closed": 1}
    assert not Handover.objects.exists()
    assert CANARY not in page.content.decode()


@pytest.mark.db
def test_offer_accept_and_undo_through_the_pages(agencies: TwoAgencies, open_browser: Any) -> None:
    [case] = agencies.cases(1)
    sender = open_browser(agencies.users["iom"])
    answer = sender.post("/en/work/handovers/new/", {"to_agency": agencies.centre.pk, "worker": ""})
    offer = HandoverOffer.objects.get()
    assert answer["Location"].endswith(f"/work/handovers/{offer.pk}/")
    address, receiver = f"/en/work/handovers/{offer.pk}/", open_browser(agencies.users["centre"])
    page = receiver.get(address).content.decode()
    assert case.reference in page
    assert CANARY not in page
    assert receiver.get(f"/en/work/cases/{case.pk}/").status_code == 404
    assert receiver.post(address, {"do": "accept_all"}).status_code == 302
    assert receiver.get(f"/en/work/cases/{case.pk}/").status_code == 200
    sender = open_browser(agencies.users["iom"])
    assert sender.get(f"/en/work/cases/{case.pk}/").status_code == 404
    assert "can be undone until" in sender.get(address).content.decode()
    sender.post(address, {"do": "undo", "handover": str(offer.handovers.get().pk)})
    assert sender.get(f"/en/work/cases/{case.pk}/").status_code == 200
    assert offer.handovers.get().status == "undone"


@pytest.mark.db
def test_cases_are_answered_singly_and_a_decline_needs_a_reason(agencies: TwoAgencies, open_browser: Any) -> None:
    offer = agencies.offered(2)
    first, second = offer.handovers.all()
    browser, address = open_browser(agencies.users["centre"]), f"/en/work/handovers/{offer.pk}/"
    browser.post(address, {"do": "accept", "handover": str(first.pk)})
    browser.post(address, {"do": "decline", "handover": str(second.pk)})
    assert set(offer.handovers.values_list("status", flat=True)) == {"accepted", "offered"}
    browser.post(address, {"do": "decline", "handover": str(second.pk), "decline_reason": "no_capacity"})
    second.refresh_from_db()
    assert (second.status, second.decline_reason) == ("declined", "no_capacity")
    assert "No capacity" in browser.get(address).content.decode()


def test_the_sender_cannot_answer_its_own_offer(agencies: TwoAgencies, open_browser: Any) -> None:
    offer = agencies.offered()
    browser = open_browser(agencies.users["iom"])
    assert browser.post(f"/en/work/handovers/{offer.pk}/", {"do": "accept_all"}).status_code in {403, 404}
    assert offer.handovers.get().status == "offered"


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_pack_has_no_name_and_its_title_is_the_reference(
    language: str, agencies: TwoAgencies, open_browser: Any
) -> None:
    offer = agencies.offered()
    row = offer.handovers.get()
    browser = open_browser(agencies.users["centre"])
    page = browser.get(f"/{language}/work/handovers/pack/{row.pk}/").content.decode()
    assert f"<title>{row.case.reference}" in page
    assert CANARY not in page
    assert "ring twice" not in page
    handovers.accept(agencies.actor(agencies.centre), row)
    page = browser.get(f"/{language}/work/handovers/pack/{row.pk}/").content.decode()
    assert "ring twice" in page
    assert CANARY not in page


def test_the_pack_matches_what_the_receiver_sees_afterwards(agencies: TwoAgencies) -> None:
    [case] = agencies.cases(1)
    sender, receiver = agencies.actor(agencies.iom), agencies.actor(agencies.centre)
    for kind in ("shelter", "legal_aid"):
        provision.add_services(
            sender, [Service(case=case, kind=kind, provider=agencies.iom, payer="iom", started_on=DAY)]
        )
    assignment.add_note(sender, case, "x")
    row = handovers.offer(sender, [case], agencies.centre).handovers.get()
    with audit.page(sender, "tests"):
        before = build_pack(sender, row)
    handovers.accept(receiver, row)
    visible_services = authorization.scope(receiver, Service, action="services.view").filter(case=case)
    assert {service.pk for service, _ in before.services} == set(visible_services.values_list("pk", flat=True))
    assert before.notes == 1


def test_another_agency_finds_neither_offer_nor_pack(
    agencies: TwoAgencies, make_user: Any, make_agency: Any, open_browser: Any
) -> None:
    offer = agencies.offered()
    browser = open_browser(make_user("supervisor", agency=make_agency("third")))
    for address in (f"/en/work/handovers/{offer.pk}/", f"/en/work/handovers/pack/{offer.handovers.get().pk}/"):
        assert browser.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/en/work/handovers/", "/en/work/handovers/{offer}/", "/en/work/handovers/new/"])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    address: str, agencies: TwoAgencies, open_browser: Any
) -> None:
    counts = []
    for size in (2, 12):
        offer = agencies.offered(size)
        browser = open_browser(agencies.users["centre"])
        place = address.format(offer=offer.pk)
        browser.get(place)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get(place).status_code == 200
        counts.append(len(queries))
    assert counts[1] <= counts[0]


def test_the_timelines_of_both_agencies_record_the_handover(agencies: TwoAgencies) -> None:
    offer = agencies.offered()
    row = offer.handovers.get()
    handovers.accept(agencies.actor(agencies.centre), row)
    lines = row.case.events.filter(kind="handover").order_by("at").values_list("detail__status", "agency")
    assert list(lines) == [("offered", agencies.iom.pk), ("accepted", agencies.centre.pk)]
    assert row.undo_until is None or row.undo_until > timezone.now()
