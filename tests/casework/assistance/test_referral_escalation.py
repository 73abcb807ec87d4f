"""Nobody's silence goes unnoticed: reminder, supervisors, coordinator, end; and no message names a person."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.services import referral_escalation, referral_responses, referrals
from kerege.casework.assistance.services.referral_escalation import get_half_time
from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.queries import cases
from kerege.config.mail import settings_of
from kerege.core.accounts.actors import actor_for
from tests.casework.conftest import CANARY, identity

pytestmark = [pytest.mark.django_db, pytest.mark.db]
# a Monday, a business day of the profile
SENT = date(2025, 3, 10)
DUE = date(2025, 3, 13)


def at(day: date, hour: int = 12) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


@pytest.fixture
def silent(make_case: Any, make_agency: Any, make_user: Any) -> Referral:
    """A referral that was sent on a Monday, with three business days for the answer."""
    sender = make_user("caseworker", username="sender")
    case, there = make_case(make_agency(), identity(CANARY)), make_agency("there", "ngo")
    draft = referrals.ReferralDraft(
        case, there, ["shelter"], DUE, legal_basis="order-844-406", categories=["identity"], message=CANARY
    )
    row = referrals.refer(actor_for(sender), draft)
    Referral.objects.filter(pk=row.pk).update(sent_at=at(SENT, 0))
    row.refresh_from_db()
    return row


def kinds(row: Referral) -> list[str]:
    return [step.kind for step in row.steps.all()]


def test_steps_come_one_after_another_and_each_once(silent: Referral, operator: Any, make_user: Any) -> None:
    make_user("coordinator", username="coordinator")
    assert get_half_time(silent) == at(SENT, 0) + timedelta(days=2)
    expected = ["sent"]
    for moment, step in (
        (at(SENT), None),
        (at(date(2025, 3, 12)), "reminded"),
        (at(DUE), None),
        (at(date(2025, 3, 14)), "escalated"),
        (at(date(2025, 3, 17)), "escalated_coordinator"),
        (at(date(2025, 3, 20)), None),
        (at(date(2025, 3, 28)), "expired"),
    ):
        for _twice in range(2):
            referral_escalation.chase_referrals(operator, moment)
        expected += [step] if step else []
        assert kinds(silent) == expected, moment
    silent.refresh_from_db()
    assert silent.status == "expired"


def test_each_step_tells_whom_it_should(silent: Referral, operator: Any, make_user: Any, make_agency: Any) -> None:
    make_user("coordinator", agency=make_agency("ministry", "social_protection"))
    referral_escalation.chase_referrals(operator, at(date(2025, 3, 17)))
    told = set(Notice.objects.values_list("agency__code", "role", "kind"))
    assert told >= {
        ("there", "", "referral_reminder"),
        ("there", "supervisor", "referral_late"),
        ("centre", "supervisor", "referral_late"),
        ("ministry", "coordinator", "referral_silent"),
    }


def test_an_answer_stops_the_clock(silent: Referral, operator: Any, make_user: Any, make_agency: Any) -> None:
    receiver = actor_for(make_user("caseworker", agency=make_agency("there")))
    referral_responses.answer_referral(receiver, silent, "accepted")
    assert referral_escalation.chase_referrals(operator, at(date(2025, 5, 1))) == 0
    assert "escalated" not in kinds(silent)


@pytest.mark.parametrize(("urgency", "days"), [("immediate", 1), ("high", 2), ("normal", 3)])
def test_the_more_urgent_the_shorter_the_clock(urgency: str, days: int) -> None:
    assert referrals.get_answer_day(urgency, SENT) == SENT + timedelta(days=days)


def test_of_two_who_take_it_one_gets_it(silent: Referral, make_user: Any, make_agency: Any) -> None:
    there = make_agency("there")
    first, second = (actor_for(make_user("caseworker", agency=there)) for _each in range(2))
    referral_responses.claim_referral(first, silent)
    with pytest.raises(BadInput, match="a colleague has taken"):
        referral_responses.claim_referral(second, silent)


def test_only_a_colleague_is_given_it(silent: Referral, make_user: Any, make_agency: Any) -> None:
    there = make_agency("there")
    boss, colleague = make_user("supervisor", agency=there), make_user("caseworker", agency=there)
    with pytest.raises(BadInput):
        referral_responses.assign_referral(actor_for(boss), silent, make_user("caseworker"))
    referral_responses.assign_referral(actor_for(boss), silent, colleague)
    assert [row.kind for row in cases.notices(actor_for(colleague))][:1] == ["referral_assigned"]
    assert "assigned" in kinds(silent)


def test_notices_reach_their_agency_and_role_only(
    silent: Referral, operator: Any, make_user: Any, make_agency: Any
) -> None:
    referral_escalation.chase_referrals(operator, at(date(2025, 3, 14)))
    there = make_agency("there")

    def told(role: str, agency: Any) -> set[str]:
        return {row.kind for row in cases.notices(actor_for(make_user(role, agency=agency)))}

    assert told("caseworker", there) == {"referral_reminder"}
    assert told("supervisor", there) == {"referral_reminder", "referral_late"}
    assert told("analyst", there) == set()
    assert told("caseworker", make_agency("third", "ngo")) == set()


def test_messages_hold_a_sentence_a_reference_and_a_link(
    make_case: Any, make_agency: Any, make_user: Any, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.MESSAGE_SENDERS = ["kerege.core.outgoing_messages.by_email"]
    settings.SITE_URL = "https://register.example"
    there = make_agency("there", "ngo")
    receiver = make_user("caseworker", agency=there)
    receiver.email = "someone@there.example"
    receiver.save()
    case = make_case(make_agency(), identity(CANARY), exploitations=[{"main_form": "begging"}])
    with django_capture_on_commit_callbacks(execute=True):
        row = referrals.refer(
            actor_for(make_user("caseworker")),
            referrals.ReferralDraft(
                case, there, ["shelter"], legal_basis="order-844-406", categories=["identity"], message=CANARY
            ),
        )
    [letter] = mail.outbox
    assert letter.to == ["someone@there.example"]
    assert letter.subject == f"Kerege {row.reference}"
    link = f"https://register.example/en/work/referrals/{row.pk}/"
    assert letter.body == f"A new referral has arrived.\n\n{row.reference}\n\n{link}"
    for secret in (CANARY, case.reference, str(case.pk), "Shelter", "traffick", "victim"):
        assert secret not in f"{letter.subject} {letter.body} {letter.from_email}", secret


def test_a_mail_server_that_fails_stops_nothing(
    silent: Referral,
    operator: Any,
    make_user: Any,
    make_agency: Any,
    settings: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.MESSAGE_SENDERS = ["kerege.core.outgoing_messages.by_email"]
    settings.EMAIL_BACKEND = "no.such.Backend"
    user = make_user("caseworker", agency=make_agency("there"))
    user.email = "someone@there.example"
    user.save()
    with django_capture_on_commit_callbacks(execute=True):
        referral_escalation.chase_referrals(operator, at(date(2025, 3, 12)))
    assert kinds(silent)[-1] == "reminded"


@pytest.mark.parametrize("wrong", ["mail.example", "http://mail.example", "smtp://"])
def test_an_address_that_is_no_mail_server_stops_the_start(wrong: str) -> None:
    with pytest.raises(BadInput):
        settings_of(wrong)


def test_the_address_of_the_mail_server_is_read() -> None:
    read = settings_of("smtp://kerege:p%40ss@mail.example:587?tls=1")
    assert (read["EMAIL_HOST"], read["EMAIL_HOST_PASSWORD"], read["EMAIL_USE_TLS"]) == ("mail.example", "p@ss", True)


def test_help_that_began_is_told_coarsely(silent: Referral, make_user: Any, make_agency: Any) -> None:
    assert cases.help_began([silent.case_id]) == set()
    receiver = actor_for(make_user("caseworker", agency=make_agency("there")))
    referral_responses.answer_referral(receiver, silent, "accepted")
    referral_responses.answer_referral(receiver, silent, "started")
    assert cases.help_began([silent.case_id]) == {silent.case_id}
