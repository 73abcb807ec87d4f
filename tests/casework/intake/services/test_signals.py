"""Signals: the sender keeps a reference and sees the state; only the receiver reads the content."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.services.provision import add_services
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services import decisions
from kerege.casework.intake.models import Signal
from kerege.casework.intake.queries import signals
from kerege.casework.intake.services import screening
from kerege.casework.intake.services import signals as signal_services
from kerege.core import authorization
from kerege.core.accounts.actors import actor_for
from kerege.core.authorization import Actor

pytestmark = pytest.mark.db
STORY = "Она заперта в доме у вокзала"


@pytest.fixture
def signal(operator: Any, make_agency: Any) -> Signal:
    draft = signal_services.SignalDraft(
        make_agency("border", "border_service"),
        make_agency(),
        "border",
        narrative=STORY,
        suspected_form="forced_labour",
    )
    return signal_services.send_signal(operator, draft)


def test_the_sender_sees_a_signal_in_the_list_but_cannot_read_it(
    signal: Signal, make_actor: Any, make_agency: Any
) -> None:
    sender = make_actor("first_responder", agency=make_agency("border"))
    assert list(signals.list_sent(sender)) == [signal]
    assert not authorization.allows(sender, "signals.read", signal)
    assert not authorization.allows(make_actor("caseworker", agency=make_agency("third")), "signals.read", signal)


def test_a_case_opens_from_a_signal_in_one_step(signal: Signal, make_user: Any, sign_in: Any, make_agency: Any) -> None:
    client = sign_in(make_user("caseworker", agency=make_agency()))
    page = client.get(reverse("intake:signal", args=[signal.pk]))
    assert STORY in page.content.decode()
    signal.refresh_from_db()
    assert signal.state == "seen"
    assert client.post(reverse("intake:open-case", args=[signal.pk])).status_code == 302
    case = Case.objects.get()
    signal.refresh_from_db()
    assert (signal.state, signal.cases.get()) == ("case_opened", case)
    assert case.exploitations.get().main_form == "forced_labour"
    assert not case.detected_independently
    assert case.reference[-4:] not in signal.reference


def test_first_responders_send_with_a_short_form(make_user: Any, sign_in: Any, make_agency: Any) -> None:
    centre = make_agency()
    client = sign_in(make_user("first_responder", agency=make_agency("border", "border_service")))
    data = {"to_agency": str(centre.pk), "channel": "border", "urgency": "high", "narrative": STORY}
    answer = client.post(reverse("intake:new-signal"), data, follow=True)
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


def test_the_sender_sees_five_coarse_states_and_no_personal_data(
    signal: Signal, operator: Any, make_case: Any, make_actor: Any, make_agency: Any, make_user: Any, sign_in: Any
) -> None:
    sender = make_actor("first_responder", agency=make_agency("border"))
    browser = sign_in(make_user("first_responder", agency=make_agency("border")))

    def became() -> str:
        signal_found = signals.look_up(sender, signal.reference)
        assert signal_found is not None
        page = browser.get(reverse("intake:sent", args=[signal.pk])).content.decode()
        assert case.reference not in page
        assert STORY not in page
        return str(signal_found.became)  # type: ignore[attr-defined]

    case = make_case()
    states = [became()]
    signal_services.mark_seen(make_actor("caseworker"), signal)
    states.append(became())
    signal_services.close_signal(operator, signal, case)
    states.append(became())
    add_services(operator, [Service(case=case, kind="shelter", status="requested", provider=case.agency)])
    states.append(became())
    row = Service(case=case, kind="shelter", status="ongoing", provider=case.agency, started_on=case.registered_on)
    add_services(operator, [row])
    states.append(became())
    Case.objects.filter(pk=case.pk).update(status="closed", closed_on=case.registered_on)
    states.append(became())
    assert states == ["received", "seen", "looked_into", "looked_into", "help_began", "closed"]


def test_a_refused_identification_does_not_show_to_the_sender(signal: Signal, operator: Any, make_case: Any) -> None:
    from datetime import date

    from kerege.casework.cases.services.inputs import DecisionDraft

    case = make_case()
    signal_services.close_signal(operator, signal, case)
    sender_sees = _read_by_sender(signal)
    draft = DecisionDraft(case, "social", "not_identified", date(2025, 3, 2), "x", kind="refusal", grounds="x")
    decisions.decide(operator, draft)
    assert _read_by_sender(signal) == sender_sees


def _read_by_sender(signal: Signal) -> tuple[str, str]:
    """Return the state and the end of help that the sender sees."""
    [row] = signals.add_states(signals.list_sent(_sender(signal)))
    return row.became, row.ended  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("reason", "ended"),
    [
        ("completed", "helped"),
        ("returned", "helped"),
        ("transferred", "handed_on"),
        ("lost_contact", "stopped"),
        # a reason that would reveal more of the person is not shown
        ("not_a_victim", ""),
        ("deceased", ""),
        ("", ""),
    ],
)
def test_the_sender_sees_only_coarsely_how_help_ended(
    reason: str, ended: str, signal: Signal, operator: Any, make_case: Any
) -> None:
    case = make_case()
    signal_services.close_signal(operator, signal, case)
    Case.objects.filter(pk=case.pk).update(status="closed", closed_on=case.registered_on, closure_reason=reason)
    assert _read_by_sender(signal) == ("closed", ended)


def test_a_signal_closed_without_a_case_shows_it(
    signal: Signal, operator: Any, make_user: Any, sign_in: Any, make_agency: Any
) -> None:
    signal_services.close_signal(operator, signal)
    assert _read_by_sender(signal) == ("closed", "no_case")
    browser = sign_in(make_user("first_responder", agency=make_agency("border")))
    with translation.override("en"):
        page = browser.post(reverse("intake:look-up"), {"reference": signal.reference}).content.decode()
    assert "no case was opened" in page


def test_a_caseworker_who_opens_a_case_from_a_signal_is_assigned(
    signal: Signal, make_user: Any, make_agency: Any, make_actor: Any
) -> None:
    user = make_user("caseworker", agency=make_agency())
    assert signal_services.open_case(actor_for(user, make_agency()), signal).caseworker == user


def test_a_case_opened_by_a_supervisor_is_unassigned(signal: Signal, make_user: Any, make_agency: Any) -> None:
    user = make_user("supervisor", agency=make_agency())
    assert signal_services.open_case(actor_for(user, make_agency()), signal).caseworker is None


def test_a_signal_about_several_persons_leads_to_a_case_for_each(
    signal: Signal, make_user: Any, sign_in: Any, make_agency: Any
) -> None:
    Signal.objects.filter(pk=signal.pk).update(people=2)
    client = sign_in(make_user("caseworker", agency=make_agency()))
    address, opening = reverse("intake:signal", args=[signal.pk]), reverse("intake:open-case", args=[signal.pk])
    for case_count in (0, 1):
        assert opening in client.get(address).content.decode()
        client.post(opening, {"after": str(case_count)})
        assert signal.cases.count() == case_count + 1
        # a repeated request, or one after a colleague's, opens no second case
        client.post(opening, {"after": str(case_count)})
        assert signal.cases.count() == case_count + 1
    page = client.get(address).content.decode()
    assert opening not in page
    for case in signal.cases.all():
        assert case.reference in page
        assert reverse("cases:case", args=[case.pk]) in page
    assert signal.reference in client.get(reverse("intake:signal-list")).content.decode()
    with pytest.raises(BadInput):
        signal_services.close_signal(Actor.system("tests"), signal)


def test_screenings_before_the_second_case_stay_with_the_first(signal: Signal, operator: Any, make_actor: Any) -> None:
    Signal.objects.filter(pk=signal.pk).update(people=2)
    signal.refresh_from_db()
    first = screening.start(operator_at(signal), "ilo_delphi_adult_labour", signal=signal)
    cases = [signal_services.open_case(operator, signal)]
    second = screening.start(operator_at(signal), "ilo_delphi_adult_labour", signal=signal)
    assert second.pk != first.pk
    cases.append(signal_services.open_case(operator, signal))
    for row, case in zip((first, second), cases, strict=True):
        row.refresh_from_db()
        assert row.case == case


def operator_at(signal: Signal) -> Actor:
    return Actor("cli:tests", agency_id=signal.to_agency_id, roles=frozenset({"operator"}))


def test_a_signal_shows_a_case_only_to_users_who_may_see_it(
    signal: Signal, operator: Any, make_case: Any, make_agency: Any, make_user: Any, sign_in: Any
) -> None:
    hidden = make_case(make_agency("moved-to", "ngo"))
    signal_services.close_signal(operator, signal, hidden)
    page = sign_in(make_user("caseworker", agency=make_agency())).get(reverse("intake:signal", args=[signal.pk]))
    assert hidden.reference not in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_row_security_does_not_hide_the_state_of_a_signal_from_its_sender(
    signal: Signal, operator: Any, make_case: Any
) -> None:
    from kerege.core.row_security import policies

    case = make_case()
    signal_services.close_signal(operator, signal, case)
    Case.objects.filter(pk=case.pk).update(status="closed", closed_on=case.registered_on, closure_reason="completed")
    with policies.acting(_sender(signal)):
        assert _read_by_sender(signal) == ("closed", "helped")


def _sender(signal: Signal) -> Any:
    return Actor("user:x", agency_id=signal.from_agency_id, roles=frozenset({"first_responder"}))


@pytest.mark.parametrize("written", ["{0}", "{1}", "{2}", " {0} ", "{3}"])
@pytest.mark.parametrize("first", ["S", "7"])
def test_a_reference_is_found_in_any_spelling(signal: Signal, written: str, first: str) -> None:
    plain = signal.reference = f"S-{first}6DP-C526"
    signal.save(update_fields=["reference"])
    shapes = plain, plain.lower(), plain.replace("-", " "), plain.removeprefix("S-").replace("-", "")
    assert signals.look_up(_sender(signal), written.format(*shapes)) == signal


def test_a_signal_of_another_agency_cannot_be_looked_up(
    signal: Signal, make_user: Any, sign_in: Any, make_agency: Any, make_actor: Any
) -> None:
    third = make_agency("third")
    assert signals.look_up(make_actor("first_responder", agency=third), signal.reference) is None
    browser = sign_in(make_user("first_responder", agency=third))
    with translation.override("en"):
        answers = [
            browser.post(reverse("intake:look-up"), {"reference": text}).content.decode()
            for text in (signal.reference, "S-2222-2222")
        ]
    assert all("has sent no signal with this reference" in page for page in answers)
    assert browser.get(reverse("intake:sent", args=[signal.pk])).status_code == 404


def test_an_invalid_case_count_opens_at_most_one_case(
    signal: Signal, make_user: Any, sign_in: Any, make_agency: Any
) -> None:
    client = sign_in(make_user("caseworker", agency=make_agency()))
    for typed in ("9" * 5000, "²", "-1", ""):
        assert client.post(reverse("intake:open-case", args=[signal.pk]), {"after": typed}).status_code in {302, 409}
    assert signal.cases.count() == 1


def test_signals_of_one_moment_are_listed_in_one_order(operator: Actor, make_agency: Any, make_actor: Any) -> None:
    """Pages of a list would repeat some rows and leave out others; signals of one import have one time."""
    near, far = make_agency(), make_agency("far")
    moment = timezone.now()
    drafts = [signal_services.SignalDraft(far, near, "hotline", received_at=moment) for _ in range(5)]
    stored = sorted(signal.pk for signal in signal_services.send_signals(operator, drafts))
    Signal.objects.filter(pk=stored[2]).update(people=2)  # PostgreSQL writes a changed row at another place
    receiver, sender = make_actor("caseworker", agency=near), make_actor("caseworker", agency=far)
    assert [signal.pk for signal in signals.list_inbox(receiver)] == stored
    assert [signal.pk for signal in signals.list_sent(sender)] == stored[::-1]
    Signal.objects.update(state="case_opened")
    assert [signal.pk for signal in signals.list_acted_on(receiver)] == stored[::-1]
