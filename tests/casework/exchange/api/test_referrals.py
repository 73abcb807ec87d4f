"""Referrals from system to system: consent decides, and both systems are notified."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.intake.models import Signal
from kerege.core.accounts.models import Agency
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from kerege.core.integrations import services
from kerege.core.integrations.models import WebhookDelivery
from kerege.core.integrations.scopes import EVENTS
from tests.casework.conftest import CANARY
from tests.casework.exchange.api.api_driver import SIGNAL, referred

pytestmark = pytest.mark.django_db


def test_a_referral_goes_from_system_to_system(sharing: Any) -> None:
    case, sender, receiver = sharing
    sent = referred(case, sender)
    assert sent.status_code == 201, sent.content
    assert CANARY not in sent.content.decode()
    reference = sent.json()["reference"]
    assert [row["reference"] for row in receiver.get("/referrals/").json()] == [reference]
    read = receiver.get(f"/referrals/{reference}").json()
    assert (read["state"], read["message"]) == ("seen", "Қонақүйде")
    assert {line["category"] for line in read["shared_data"]} == {"identity"}
    assert CANARY in json.dumps(read["shared_data"], ensure_ascii=False)
    answer = receiver.post(f"/referrals/{reference}/answer", {"state": "accepted"})
    assert answer.json()["state"] == "accepted"
    assert sender.get("/referrals/?box=sent").json()[0]["state"] == "accepted"
    trace = AuditEvent.objects.filter(action="api.referrals.read").last()
    assert str(case.record_id) in json.dumps(trace.details)


@pytest.mark.db
def test_a_referral_that_is_over_tells_nothing_of_the_person(sharing: Any) -> None:
    case, sender, receiver = sharing
    reference = referred(case, sender).json()["reference"]
    receiver.post(f"/referrals/{reference}/answer", {"state": "declined", "reason": "no_capacity"})
    read = receiver.get(f"/referrals/{reference}").json()
    assert (read["state"], read["message"], read["shared_data"]) == ("declined", "", [])


def test_the_sender_s_system_takes_a_referral_back_and_both_systems_are_told(sharing: Any, settings: Any) -> None:
    case, sender, receiver = sharing
    reference = referred(case, sender).json()["reference"]
    settings.WEBHOOK_HOSTS = ["register.example"]
    for code in ("police", "centre"):
        agency = Agency.objects.get(code=code)
        administrator = Actor("t", agency_id=agency.pk, roles=frozenset({"administrator"}))
        services.add_webhook(administrator, agency, f"https://register.example/{code}", list(EVENTS))
    path = f"/referrals/{reference}/withdraw"
    assert receiver.post(path, {"reason": "other"}).status_code == 404
    assert sender.post(path, {"reason": "nonsense"}).status_code == 422
    assert sender.post(path, {"reason": ""}).status_code == 422
    answer = sender.post(path, {"reason": "wrong_agency"})
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert sender.post(path, {"reason": "wrong_agency"}).status_code == 422  # once
    read = receiver.get(f"/referrals/{reference}")
    assert (read.json()["state"], read.json()["message"], read.json()["shared_data"]) == ("withdrawn", "", [])
    assert "wrong_agency" not in read.content.decode()
    deliveries = [
        (row.event, row.webhook.url[-6:], row.payload) for row in WebhookDelivery.objects.order_by("created_at")
    ]
    assert {(event, whom) for event, whom, _ in deliveries} == {
        ("referral.state", "police"),
        ("referral.state", "centre"),
    }
    state = {"reference": reference, "state": "withdrawn", "step": "withdrawn"}
    assert [payload for _, _, payload in deliveries] == [state, state]


def test_what_the_consent_does_not_cover_is_not_sent(sharing: Any) -> None:
    case, sender, _ = sharing
    assert referred(case, sender, categories=["identity", "health"]).status_code == 422
    assert referred(case, sender, legal_basis="invented by the caller").status_code == 422
    assert not Referral.objects.exists()


def test_a_case_of_another_agency_is_not_referred(sharing: Any) -> None:
    case, _, receiver = sharing
    unknown = receiver.post("/referrals/", {"case": "KZ-1999-00001", "to_agency": "police", "services": ["shelter"]})
    theirs = referred(case, receiver, to_agency="police")
    assert (theirs.status_code, theirs.content) == (404, unknown.content)


def test_the_sender_s_system_does_not_answer_for_the_receiver(sharing: Any) -> None:
    case, sender, _ = sharing
    reference = referred(case, sender).json()["reference"]
    assert sender.post(f"/referrals/{reference}/answer", {"state": "accepted"}).status_code == 404
    assert Referral.objects.get().status == "sent"


def test_both_systems_are_told_of_a_referral_without_a_word_about_the_person(sharing: Any, settings: Any) -> None:
    case, sender, receiver = sharing
    settings.WEBHOOK_HOSTS = ["register.example"]
    for code in ("police", "centre"):
        agency = Agency.objects.get(code=code)
        administrator = Actor("t", agency_id=agency.pk, roles=frozenset({"administrator"}))
        services.add_webhook(administrator, agency, f"https://register.example/{code}", list(EVENTS))
    reference = referred(case, sender).json()["reference"]
    receiver.post(f"/referrals/{reference}/answer", {"state": "accepted"})
    deliveries = [
        (row.event, row.webhook.url[-6:], row.payload) for row in WebhookDelivery.objects.order_by("created_at")
    ]
    assert [(event, whom) for event, whom, _ in deliveries] == [
        ("referral.sent", "centre"),
        ("referral.state", "police"),
        ("referral.state", "centre"),
    ]
    assert {payload["reference"] for _, _, payload in deliveries} == {reference}
    assert case.reference not in json.dumps([payload for _, _, payload in deliveries])


def test_a_system_reads_its_agency_s_inbox_list_without_content(caller: Any) -> None:
    sender, receiver, other = caller(), caller("api:inbox", agency="centre"), caller(agency="ngo")
    references = [
        sender.post("/signals/", SIGNAL | {"urgency": urgency, "suspected_form": "begging", "caller": "victim"}).json()
        for urgency in ("normal", "high")
    ]
    rows = receiver.get("/signals/inbox/").json()
    assert {row["reference"] for row in rows} == {row["reference"] for row in references}
    assert set(rows[0]) == {"reference", "state", "from_agency", "channel", "urgency", "received_at"}
    assert {(row["state"], row["from_agency"], row["channel"]) for row in rows} == {("new", "police", "hotline")}
    assert set(Signal.objects.values_list("state", flat=True)) == {"new"}  # reading the list is no looking at one
    Signal.objects.filter(urgency="high").update(state="seen")
    assert [row["urgency"] for row in receiver.get("/signals/inbox/?state=seen").json()] == ["high"]
    assert receiver.get("/signals/inbox/?since=2999-01-01T00:00:00Z").json() == []
    assert other.get("/signals/inbox/").json() == sender.get("/signals/inbox/").json() == []
    # the list alone: neither a single signal nor its content
    assert receiver.get(f"/signals/{rows[0]['reference']}").status_code == 403
    assert receiver.post("/signals/", SIGNAL).status_code == 403
