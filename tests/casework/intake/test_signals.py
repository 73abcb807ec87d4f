"""Signals: the sender keeps a reference and a state; only the receiver reads them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from kerege.casework.assistance.models import Service
from kerege.casework.assistance.services import add_services
from kerege.casework.cases import services as cases
from kerege.casework.cases.models import Case
from kerege.casework.intake import queries, services
from kerege.casework.intake.models import Signal
from kerege.core import access

pytestmark = pytest.mark.db
STORY = "Она заперта в доме у вокзала"


@pytest.fixture
def signal(operator: Any, make_agency: Any) -> Signal:
    draft = services.SignalDraft(
        make_agency("border", "border_service"),
        make_agency(),
        "border",
        narrative=STORY,
        suspected_form="forced_labour",
    )
    return services.send_signal(operator, draft)


def test_the_sender_follows_but_cannot_read(signal: Signal, make_actor: Any, make_agency: Any) -> None:
    sender = make_actor("first_responder", agency=make_agency("border"))
    assert list(queries.sent(sender)) == [signal]
    assert not access.allows(sender, "signals.read", signal)
    assert not access.allows(make_actor("caseworker", agency=make_agency("third")), "signals.read", signal)


def test_a_case_opens_from_a_signal_in_one_step(signal: Signal, make_user: Any, sign_in: Any, make_agency: Any) -> None:
    client = sign_in(make_user("caseworker", agency=make_agency()))
    page = client.get(reverse("intake:signal", args=[signal.pk]))
    assert STORY in page.content.decode()
    signal.refresh_from_db()
    assert signal.state == "seen"
    assert client.post(reverse("intake:open-case", args=[signal.pk])).status_code == 302
    case = Case.objects.get()
    signal.refresh_from_db()
    assert (signal.state, signal.case) == ("case_opened", case)
    assert case.exploitations.get().main_form == "forced_labour"
    assert not case.detected_independently
    assert case.reference[-4:] not in signal.reference


def test_first_responders_send_with_a_short_form(make_user: Any, sign_in: Any, make_agency: Any) -> None:
    centre = make_agency()
    client = sign_in(make_user("first_responder", agency=make_agency("border", "border_service")))
    told = {"to_agency": str(centre.pk), "channel": "border", "urgency": "high", "narrative": STORY}
    answer = client.post(reverse("intake:new-signal"), told, follow=True)
    sent = Signal.objects.get()
    page = answer.content.decode()
    assert sent.reference in page
    assert STORY not in page


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_pages_of_signals_work(language: str, signal: Signal, make_user: Any, sign_in: Any, make_agency: Any) -> None:

    client = sign_in(make_user("caseworker", agency=make_agency()))
    with translation.override(language):
        for address in (
            reverse("intake:signal-list"),
            reverse("intake:new-signal"),
            reverse("intake:signal", args=[signal.pk]),
        ):
            assert client.get(address).status_code == 200


def test_the_sender_sees_five_coarse_states_and_nothing_of_the_person(
    signal: Signal, operator: Any, make_case: Any, make_actor: Any, make_agency: Any, make_user: Any, sign_in: Any
) -> None:
    sender = make_actor("first_responder", agency=make_agency("border"))
    browser = sign_in(make_user("first_responder", agency=make_agency("border")))

    def became() -> str:
        found = queries.look_up(sender, signal.reference)
        assert found is not None
        page = browser.get(reverse("intake:sent", args=[signal.pk])).content.decode()
        assert case.reference not in page
        assert STORY not in page
        return str(found.became)  # type: ignore[attr-defined]

    case = make_case()
    states = [became()]
    services.mark_seen(make_actor("caseworker"), signal)
    states.append(became())
    services.close_signal(operator, signal, case)
    states.append(became())
    add_services(operator, [Service(case=case, kind="shelter", status="requested", provider=case.agency)])
    states.append(became())
    row = Service(case=case, kind="shelter", status="ongoing", provider=case.agency, started_on=case.registered_on)
    add_services(operator, [row])
    states.append(became())
    Case.objects.filter(pk=case.pk).update(status="closed", closed_on=case.registered_on)
    states.append(became())
    assert states == ["received", "seen", "looked_into", "looked_into", "help_began", "closed"]


def test_a_conclusion_that_she_is_no_victim_does_not_show(signal: Signal, operator: Any, make_case: Any) -> None:
    from datetime import date

    from kerege.casework.cases.drafts import DecisionDraft

    case = make_case()
    services.close_signal(operator, signal, case)
    sender_sees = queries.sent(_sender(signal)).get().became  # type: ignore[attr-defined]
    draft = DecisionDraft(case, "social", "not_identified", date(2025, 3, 2), "x", kind="refusal", grounds="x")
    cases.decide(operator, draft)
    assert queries.sent(_sender(signal)).get().became == sender_sees  # type: ignore[attr-defined]


def _sender(signal: Signal) -> Any:
    from kerege.core.access import Actor

    return Actor("user:x", agency_id=signal.from_agency_id, roles=frozenset({"first_responder"}))


@pytest.mark.parametrize("written", ["{0}", "{1}", "{2}", " {0} ", "{3}"])
def test_a_reference_is_found_however_it_was_written_down(signal: Signal, written: str) -> None:
    plain = signal.reference
    shapes = plain, plain.lower(), plain.replace("-", " "), plain.replace("-", "").removeprefix("S")
    assert queries.look_up(_sender(signal), written.format(*shapes)) == signal


def test_nobody_looks_up_what_another_agency_sent(
    signal: Signal, make_user: Any, sign_in: Any, make_agency: Any, make_actor: Any
) -> None:
    third = make_agency("third")
    assert queries.look_up(make_actor("first_responder", agency=third), signal.reference) is None
    browser = sign_in(make_user("first_responder", agency=third))
    with translation.override("en"):
        answers = [
            browser.post(reverse("intake:look-up"), {"reference": text}).content.decode()
            for text in (signal.reference, "S-2222-2222")
        ]
    assert all("has sent no signal with this reference" in page for page in answers)
    assert browser.get(reverse("intake:sent", args=[signal.pk])).status_code == 404
