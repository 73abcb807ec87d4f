"""Signals: the sender keeps a reference and a state; only the receiver reads them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

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
    from django.utils import translation

    client = sign_in(make_user("caseworker", agency=make_agency()))
    with translation.override(language):
        for address in (
            reverse("intake:signal-list"),
            reverse("intake:new-signal"),
            reverse("intake:signal", args=[signal.pk]),
        ):
            assert client.get(address).status_code == 200
