"""Referral escalation: reminder, supervisors, coordinators, expiry; no message names a person."""

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
from tests.queued import run_queued_tasks

pytestmark = [pytest.mark.django_db, pytest.mark.db]
# a Monday, which is a business day of the country profile
SENT = date(2025, 3, 10)
DUE = date(2025, 3, 13)


def at(day: date, hour: int = 12) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


@pytest.fixture
def unanswered(make_case: Any, make_agency: Any, make_user: Any) -> Referral:
    """Return a referral that was sent on a Monday, with three business days for the answer."""
    sender = make_user("caseworker", username="sender")
    case, receiving_agency = make_case(make_agency(), identity(CANARY)), make_agency("there", "ngo")
    draft = referrals.ReferralDraft(
        case, receiving_agency, ["shelter"], DUE, legal_basis="order-844-406", categories=["identity"], message=CANARY
    )
    row = referrals.refer(actor_for(sender), draft)
    Referral.objects.filter(pk=row.pk).update(sent_at=at(SENT, 0))
    row.refresh_from_db()
    return row


def kinds(row: Referral) -> list[str]:
    return [step.kind for step in row.steps.all()]


def test_each_escalation_step_is_taken_once_and_in_order(unanswered: Referral, operator: Any, make_user: Any) -> None:
    make_user("coordinator", username="coordinator")
    assert get_half_time(unanswered) == at(SENT, 0) + timedelta(days=2)
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
            referral_escalation.escalate_referrals(operator, moment)
        expected += [step] if step else []
        assert kinds(unanswered) == expected, moment
    unanswered.refresh_from_db()
    assert unanswered.status == "expired"


def test_each_escalation_step_notifies_its_roles(
    unanswered: Referral, operator: Any, make_user: Any, make_agency: Any
) -> None:
    make_user("coordinator", agency=make_agency("ministry", "social_protection"))
    referral_escalation.escalate_referrals(operator, at(date(2025, 3, 17)))
    notices = set(Notice.objects.values_list("agency__code", "role", "kind"))
    assert notices >= {
        ("there", "", "referral_reminder"),
        ("there", "supervisor", "referral_late"),
        ("centre", "supervisor", "referral_late"),
        ("ministry", "coordinator", "referral_silent"),
    }


def test_an_answer_stops_the_escalation(unanswered: Referral, operator: Any, make_user: Any, make_agency: Any) -> None:
    receiver = actor_for(make_user("caseworker", agency=make_agency("there")))
    referral_responses.answer_referral(receiver, unanswered, "accepted")
    assert referral_escalation.escalate_referrals(operator, at(date(2025, 5, 1))) == 0
    assert "escalated" not in kinds(unanswered)


@pytest.mark.parametrize(("urgency", "days"), [("immediate", 1), ("high", 2), ("normal", 3)])
def test_an_urgent_referral_has_a_shorter_deadline(urgency: str, days: int) -> None:
    assert referrals.get_answer_day(urgency, SENT) == SENT + timedelta(days=days)


def test_one_of_two_claims_succeeds(unanswered: Referral, make_user: Any, make_agency: Any) -> None:
    receiving_agency = make_agency("there")
    first, second = (actor_for(make_user("caseworker", agency=receiving_agency)) for _each in range(2))
    referral_responses.claim_referral(first, unanswered)
    with pytest.raises(BadInput, match="a colleague has taken"):
        referral_responses.claim_referral(second, unanswered)


def test_a_referral_is_assigned_only_to_a_colleague(unanswered: Referral, make_user: Any, make_agency: Any) -> None:
    receiving_agency = make_agency("there")
    supervisor, colleague = (
        make_user("supervisor", agency=receiving_agency),
        make_user("caseworker", agency=receiving_agency),
    )
    with pytest.raises(BadInput):
        referral_responses.assign_referral(actor_for(supervisor), unanswered, make_user("caseworker"))
    referral_responses.assign_referral(actor_for(supervisor), unanswered, colleague)
    assert [row.kind for row in cases.notices(actor_for(colleague))][:1] == ["referral_assigned"]
    assert "assigned" in kinds(unanswered)


def test_notices_reach_only_their_agency_and_role(
    unanswered: Referral, operator: Any, make_user: Any, make_agency: Any
) -> None:
    referral_escalation.escalate_referrals(operator, at(date(2025, 3, 14)))
    receiving_agency = make_agency("there")

    def get_notices(role: str, agency: Any) -> set[str]:
        return {row.kind for row in cases.notices(actor_for(make_user(role, agency=agency)))}

    assert get_notices("caseworker", receiving_agency) == {"referral_reminder"}
    assert get_notices("supervisor", receiving_agency) == {"referral_reminder", "referral_late"}
    assert get_notices("analyst", receiving_agency) == set()
    assert get_notices("caseworker", make_agency("third", "ngo")) == set()


def test_an_email_holds_one_sentence_a_reference_and_a_link(
    make_case: Any, make_agency: Any, make_user: Any, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.MESSAGE_SENDERS = ["kerege.core.outgoing_messages.by_email"]
    settings.SITE_URL = "https://register.example"
    receiving_agency = make_agency("there", "ngo")
    receiver = make_user("caseworker", agency=receiving_agency)
    receiver.email = "someone@there.example"
    receiver.save()
    case = make_case(make_agency(), identity(CANARY), exploitations=[{"main_form": "begging"}])
    with django_capture_on_commit_callbacks(execute=True):
        row = referrals.refer(
            actor_for(make_user("caseworker")),
            referrals.ReferralDraft(
                case,
                receiving_agency,
                ["shelter"],
                legal_basis="order-844-406",
                categories=["identity"],
                message=CANARY,
            ),
        )
    run_queued_tasks()
    [letter] = mail.outbox
    assert letter.to == ["someone@there.example"]
    assert letter.subject == f"Kerege {row.reference}"
    link = f"https://register.example/en/work/referrals/{row.pk}/"
    assert letter.body == f"A new referral has arrived.\n\n{row.reference}\n\n{link}"
    for secret in (CANARY, case.reference, str(case.pk), "Shelter", "traffick", "victim"):
        assert secret not in f"{letter.subject} {letter.body} {letter.from_email}", secret


def test_a_failing_mail_server_stops_no_escalation(
    unanswered: Referral,
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
        referral_escalation.escalate_referrals(operator, at(date(2025, 3, 12)))
    run_queued_tasks()
    assert kinds(unanswered)[-1] == "reminded"


@pytest.mark.parametrize("wrong", ["mail.example", "http://mail.example", "smtp://"])
def test_a_wrong_mail_server_address_is_refused(wrong: str) -> None:
    with pytest.raises(BadInput):
        settings_of(wrong)


def test_the_mail_server_address_is_parsed() -> None:
    read = settings_of("smtp://kerege:p%40ss@mail.example:587?tls=1")
    assert (read["EMAIL_HOST"], read["EMAIL_HOST_PASSWORD"], read["EMAIL_USE_TLS"]) == ("mail.example", "p@ss", True)


def test_a_started_referral_counts_as_help_that_began(unanswered: Referral, make_user: Any, make_agency: Any) -> None:
    assert cases.help_began([unanswered.case_id]) == set()
    receiver = actor_for(make_user("caseworker", agency=make_agency("there")))
    referral_responses.answer_referral(receiver, unanswered, "accepted")
    referral_responses.answer_referral(receiver, unanswered, "started")
    assert cases.help_began([unanswered.case_id]) == {unanswered.case_id}
