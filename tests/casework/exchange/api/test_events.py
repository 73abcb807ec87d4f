"""Webhooks of the interface: what they send, and what the description says of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kerege.casework.intake.models import Signal
from kerege.casework.intake.services import signals
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.core.integrations import services
from kerege.core.integrations.scopes import EVENTS
from tests.casework.exchange.api.api_driver import RECORD, SIGNAL, deliveries, referred

pytestmark = pytest.mark.django_db


def told_of(settings: Any, *agencies: str) -> None:
    """Give each agency a system that receives every event."""
    settings.WEBHOOK_HOSTS = ["register.example"]
    for code in agencies:
        agency = Agency.objects.get(code=code)
        administrator = Actor("t", agency_id=agency.pk, roles=frozenset({"administrator"}))
        services.add_webhook(administrator, agency, f"https://register.example/{code}", list(EVENTS))


def test_the_receiver_s_system_is_told_of_a_signal_and_the_sender_s_of_its_state_by_reference_alone(
    caller: Any, make_actor: Any, settings: Any
) -> None:
    system = caller()
    told_of(settings, "police", "centre")
    reference = system.post("/signals/", SIGNAL | {"suspected_form": "begging"}).json()["reference"]
    receiver = make_actor("caseworker", agency=Agency.objects.get(code="centre"))
    signals.mark_seen(receiver, Signal.objects.get())
    signals.open_case(receiver, Signal.objects.get())
    assert deliveries() == [
        ("signal.received", "centre", {"reference": reference}),
        ("signal.state", "police", {"reference": reference, "state": "seen"}),
        ("signal.state", "police", {"reference": reference, "state": "case_opened"}),
    ]


def test_a_system_is_told_that_records_of_its_agency_were_brought_in_once_they_are(caller: Any, settings: Any) -> None:
    system = caller()
    told_of(settings, "police", "centre")
    assert system.post("/records/?dry_run=true", {"records": [RECORD]}).status_code == 200
    assert system.post("/records/", {"records": [RECORD | {"prs_Birthdate": "2999-99-99"}]}).status_code == 422
    assert deliveries() == []
    assert system.post("/records/", {"records": [RECORD]}).status_code == 200
    assert deliveries() == [("records.imported", "police", {"cases": 1})]


def test_what_is_sent_to_a_webhook_is_what_the_description_says(sharing: Any, settings: Any) -> None:
    from kerege.casework.exchange.api import api

    case, sender, receiver = sharing
    told_of(settings, "police", "centre")
    reference = referred(case, sender).json()["reference"]
    receiver.post(f"/referrals/{reference}/answer", {"state": "accepted"})
    sender.post("/signals/", SIGNAL)
    sender.post("/records/", {"records": [RECORD]})
    signals.mark_seen(
        Actor("t", agency_id=Signal.objects.get().to_agency_id, roles=frozenset({"operator"})), Signal.objects.get()
    )
    described = json.loads(json.dumps(api.get_openapi_schema()))["webhooks"]
    assert set(described) == set(EVENTS) == {event for event, _, _ in deliveries()}
    for event, _, payload in deliveries():
        schema = described[event]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert {"id", "event", *payload} == set(schema["required"]) == set(schema["properties"])
