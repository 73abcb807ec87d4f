"""Taking a referral back: by its sender alone, while it is not completed; what it showed closes at once."""

from __future__ import annotations

from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.queries import referrals
from kerege.casework.assistance.services import consents, referral_responses
from kerege.casework.assistance.services import referrals as referral_services
from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.services.shares import running_shares, share
from kerege.core import authorization
from kerege.core.accounts.actors import actor_for
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Denied
from tests.casework.conftest import CANARY

pytestmark = [pytest.mark.django_db, pytest.mark.db]
DAY = date(2025, 3, 10)


@pytest.fixture
def sender(make_user: Any) -> Any:
    """A caseworker of the centre that refers."""
    return make_user("caseworker")


@pytest.fixture
def there(make_agency: Any) -> Any:
    """The agency that is asked."""
    return make_agency("there", "ngo")


@pytest.fixture
def receiver(make_user: Any, there: Any) -> Any:
    """A caseworker of the agency that is asked."""
    return make_user("caseworker", agency=there)


@pytest.fixture
def sent(make_case: Any, there: Any, sender: Any) -> Referral:
    """A referral on a legal basis that shows who the person is."""
    draft = referral_services.ReferralDraft(
        make_case(), there, ["legal_aid"], legal_basis="order-844-406", categories=["identity"], message="secret words"
    )
    return referral_services.refer(actor_for(sender), draft)


def to(name: str, pk: Any) -> str:
    with translation.override("en"):
        return reverse(name, args=[pk])


def withdrawn(client: Any, row: Referral, **typed: str) -> str:
    """The page on which the button leads back."""
    page: str = client.post(to("assistance:withdraw-referral", row.pk), typed, follow=True).content.decode()
    return page


@pytest.mark.parametrize("state", ["sent", "seen", "accepted", "started"])
@pytest.mark.parametrize("basis", ["consent", "law"])
def test_a_withdrawal_closes_at_once_what_the_referral_showed_whatever_it_rested_on(
    basis: str, state: str, make_case: Any, there: Any, sender: Any, receiver: Any
) -> None:
    case, worker, other = make_case(), actor_for(sender), actor_for(receiver)
    consent = None
    if basis == "consent":
        entry = Consent(case=case, purpose="sharing_with_agency", given=True, on=DAY, categories=["identity"])
        consent = consents.record_consent(worker, entry)
    law = "" if consent else "order-844-406"
    draft = referral_services.ReferralDraft(
        case, there, ["shelter"], consent=consent, legal_basis=law, categories=["identity"]
    )
    row = referral_services.refer(worker, draft)
    for answer in {"seen": ["seen"], "accepted": ["accepted"], "started": ["accepted", "started"]}.get(state, []):
        referral_responses.answer_referral(other, row, answer)
    assert authorization.allows(other, "cases.view", case)
    referral_services.withdraw_referral(worker, row, "not_needed")
    row.refresh_from_db()
    assert (row.status, row.withdraw_reason, row.by_person) == ("withdrawn", "not_needed", False)
    assert not authorization.allows(other, "cases.view", case)
    assert not running_shares().filter(case=case).exists()
    assert consent is None or Consent.objects.get().withdrawn_on is None  # what she agreed to stands
    with pytest.raises(BadInput, match="this referral was withdrawn"):
        referral_responses.answer_referral(other, row, "accepted")


def test_what_something_else_shows_stays_open(sent: Referral, there: Any, sender: Any, operator: Any) -> None:
    share(operator, sent.case, there, "legal", categories=["needs"])
    referral_services.withdraw_referral(actor_for(sender), sent, "wrong_agency")
    assert [row.categories for row in running_shares().filter(case=sent.case)] == [["needs"]]


def test_the_page_withdraws_and_both_sides_read_the_step(
    sent: Referral, sender: Any, receiver: Any, there: Any, sign_in: Any, django_capture_on_commit_callbacks: Any
) -> None:
    url = to("assistance:referral", sent.pk)
    browser = sign_in(sender)
    page = browser.get(url).content.decode()
    assert "Withdraw the referral" in page
    assert "What the other agency sees" in page
    assert "take back her consent" not in page  # it rests on the law
    assert "Choose" not in withdrawn(browser, sent, reason="wrong_agency")
    page = browser.get(url).content.decode()
    assert "Sent to the wrong agency" in page
    assert "Ended by the sender on" in page
    assert "Withdraw the referral" not in page
    assert "What the other agency sees" not in page  # nothing any more
    assert "What the referral showed" in page
    assert f"{to('assistance:refer', sent.case_id)}?again={sent.pk}" in page  # the right agency is a click away
    case = browser.get(to("cases:case", sent.case_id) + "?tab=history").content.decode()
    assert "Referral: Withdrawn" in case
    assert "Sent to the wrong agency" in case
    for user in (sender, receiver):
        steps = referrals.list_steps(actor_for(user), sent)
        assert [step.kind for step in steps][-1] == "withdrawn"
    browser = sign_in(receiver)
    page = browser.get(url).content.decode()
    assert "Ended by the sender on" in page
    for secret in (CANARY, sent.case.reference, "Legal aid", "secret words", "wrong agency", "Withdraw the referral"):
        assert secret not in page, secret
    assert browser.get(to("cases:case", sent.case_id)).status_code == 404
    trace = AuditEvent.objects.get(action="referrals.withdraw", outcome="done")
    assert (trace.target, trace.details["reason"]) == (f"referral:{sent.pk}", "wrong_agency")


def test_of_a_referral_on_a_consent_the_page_leads_to_the_consent(
    make_case: Any, there: Any, sender: Any, sign_in: Any
) -> None:
    case, worker = make_case(), actor_for(sender)
    consent = Consent(case=case, purpose="sharing_with_agency", given=True, on=DAY, categories=["identity"])
    consents.record_consent(worker, consent)
    row = referral_services.refer(worker, referral_services.ReferralDraft(case, there, ["shelter"], consent=consent))
    page = sign_in(sender).get(to("assistance:referral", row.pk)).content.decode()
    with translation.override("en"):
        assert reverse("assistance:withdraw-consent", args=[case.pk, consent.pk]) in page


def test_the_receiver_is_told_without_a_word_of_whom_it_is_about(sent: Referral, sender: Any, there: Any) -> None:
    referral_services.withdraw_referral(actor_for(sender), sent, "person_changed_mind")
    [row] = Notice.objects.filter(agency=there, read_at=None)
    assert (row.kind, row.reference, row.object_id) == ("referral_withdrawn", sent.reference, sent.pk)
    assert row.url_name == "assistance:referral"


def test_the_receiver_and_another_agency_cannot_withdraw_it(
    sent: Referral, receiver: Any, make_user: Any, make_agency: Any, sign_in: Any
) -> None:
    stranger = make_user("supervisor", agency=make_agency("third", "ngo"))
    for user in (stranger, receiver):
        browser = sign_in(user)
        assert browser.post(to("assistance:withdraw-referral", sent.pk), {"reason": "other"}).status_code == 404
        with pytest.raises(Denied):
            referral_services.withdraw_referral(actor_for(user), sent, "other")
    sent.refresh_from_db()
    assert sent.status == "sent"
    assert "Withdraw the referral" not in browser.get(to("assistance:referral", sent.pk)).content.decode()


@pytest.mark.parametrize("role", ["identifying_officer", "coordinator", "administrator"])
def test_whoever_may_not_send_cannot_withdraw(role: str, sent: Referral, make_user: Any, sign_in: Any) -> None:
    browser = sign_in(make_user(role))
    assert browser.post(to("assistance:withdraw-referral", sent.pk), {"reason": "other"}).status_code == 403


@pytest.mark.parametrize("end", ["declined", "completed", "withdrawn"])
def test_what_has_ended_cannot_be_withdrawn(end: str, sent: Referral, sender: Any, receiver: Any, sign_in: Any) -> None:
    worker, other = actor_for(sender), actor_for(receiver)
    if end == "declined":
        referral_responses.answer_referral(other, sent, "declined", "no_capacity")
    elif end == "completed":
        referral_responses.answer_referral(other, sent, "accepted")
        referral_responses.answer_referral(other, sent, "completed", answer=referral_responses.Answer(outcome="helped"))
    else:
        referral_services.withdraw_referral(worker, sent, "not_needed")
    with pytest.raises(BadInput, match="this referral has ended"):
        referral_services.withdraw_referral(worker, Referral.objects.get(pk=sent.pk), "other")
    page = withdrawn(sign_in(sender), sent, reason="other")
    assert "this referral has ended: reload the page." in page
    sent.refresh_from_db()
    assert (sent.status, sent.withdraw_reason) == (end, "not_needed" if end == "withdrawn" else "")


@pytest.mark.parametrize("reason", ["", "nonsense"])
def test_a_withdrawal_has_a_reason_of_the_list(reason: str, sent: Referral, sender: Any, sign_in: Any) -> None:
    assert "a withdrawn referral needs a reason: choose one." in withdrawn(sign_in(sender), sent, reason=reason)
    sent.refresh_from_db()
    assert sent.status == "sent"


def test_a_consent_withdrawn_later_does_not_say_that_the_person_ended_the_referral(
    make_case: Any, there: Any, sender: Any
) -> None:
    case, worker = make_case(), actor_for(sender)
    consent = Consent(case=case, purpose="sharing_with_agency", given=True, on=DAY, categories=["identity"])
    consents.record_consent(worker, consent)
    row = referral_services.refer(worker, referral_services.ReferralDraft(case, there, ["shelter"], consent=consent))
    referral_services.withdraw_referral(worker, row, "wrong_agency")
    consents.withdraw_consent(worker, consent, timezone.localdate())
    assert not Referral.objects.get().by_person


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("answer", ["accepted", "completed"])
def test_of_an_answer_and_a_withdrawal_at_once_one_comes_first(
    answer: str, sent: Referral, sender: Any, receiver: Any
) -> None:
    worker, other = actor_for(sender), actor_for(receiver)
    if answer == "completed":
        referral_responses.answer_referral(other, sent, "accepted")
    start, failed = Barrier(2), []

    def race(act: Any) -> None:
        try:
            start.wait()
            act()
        except BadInput as error:
            failed.append(error)
        finally:
            connection.close()

    mine, hers = Referral.objects.get(pk=sent.pk), Referral.objects.get(pk=sent.pk)
    told = referral_responses.Answer(outcome="helped" if answer == "completed" else "")
    runs = [
        Thread(target=race, args=(lambda: referral_services.withdraw_referral(worker, mine, "not_needed"),)),
        Thread(target=race, args=(lambda: referral_responses.answer_referral(other, hers, answer, answer=told),)),
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    sent.refresh_from_db()
    kinds = [step.kind for step in sent.steps.all()]
    # an answer that came first was an answer; what has ended stays ended
    assert sent.status == kinds[-1]
    assert sent.status in ({"withdrawn"} if answer == "accepted" else {"withdrawn", "completed"})
    assert len(failed) == (answer not in kinds) + ("withdrawn" not in kinds)
    assert len(failed) == 1 or answer == "accepted"
    assert (sent.withdraw_reason != "") is (sent.status == "withdrawn")
    assert not running_shares().filter(case=sent.case).exists()
