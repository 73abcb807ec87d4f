"""Withdrawal of a referral by its sender, until it is completed; its shares end at once."""

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
    """Return a caseworker of the referring centre."""
    return make_user("caseworker")


@pytest.fixture
def receiving_agency(make_agency: Any) -> Any:
    """Return the agency that receives the referral."""
    return make_agency("there", "ngo")


@pytest.fixture
def receiver(make_user: Any, receiving_agency: Any) -> Any:
    """Return a caseworker of the receiving agency."""
    return make_user("caseworker", agency=receiving_agency)


@pytest.fixture
def referral(make_case: Any, receiving_agency: Any, sender: Any) -> Referral:
    """Return a referral on a legal basis that shares the person's identity."""
    draft = referral_services.ReferralDraft(
        make_case(),
        receiving_agency,
        ["legal_aid"],
        legal_basis="order-844-406",
        categories=["identity"],
        message="secret words",
    )
    return referral_services.refer(actor_for(sender), draft)


def to(name: str, pk: Any) -> str:
    with translation.override("en"):
        return reverse(name, args=[pk])


def withdraw_on_page(client: Any, row: Referral, **typed: str) -> str:
    """Withdraw the referral through the page, and return the page that follows."""
    page: str = client.post(to("assistance:withdraw-referral", row.pk), typed, follow=True).content.decode()
    return page


@pytest.mark.parametrize("state", ["sent", "seen", "accepted", "started"])
@pytest.mark.parametrize("basis", ["consent", "law"])
def test_a_withdrawal_ends_the_share_on_any_basis(
    basis: str, state: str, make_case: Any, receiving_agency: Any, sender: Any, receiver: Any
) -> None:
    case, worker, receiver_actor = make_case(), actor_for(sender), actor_for(receiver)
    consent = None
    if basis == "consent":
        entry = Consent(case=case, purpose="sharing_with_agency", given=True, on=DAY, categories=["identity"])
        consent = consents.record_consent(worker, entry)
    law = "" if consent else "order-844-406"
    draft = referral_services.ReferralDraft(
        case, receiving_agency, ["shelter"], consent=consent, legal_basis=law, categories=["identity"]
    )
    row = referral_services.refer(worker, draft)
    for answer in {"seen": ["seen"], "accepted": ["accepted"], "started": ["accepted", "started"]}.get(state, []):
        referral_responses.answer_referral(receiver_actor, row, answer)
    assert authorization.allows(receiver_actor, "cases.view", case)
    referral_services.withdraw_referral(worker, row, "not_needed")
    row.refresh_from_db()
    assert (row.status, row.withdraw_reason, row.by_person) == ("withdrawn", "not_needed", False)
    assert not authorization.allows(receiver_actor, "cases.view", case)
    assert not running_shares().filter(case=case).exists()
    assert consent is None or Consent.objects.get().withdrawn_on is None  # the consent itself stays
    with pytest.raises(BadInput, match="this referral was withdrawn"):
        referral_responses.answer_referral(receiver_actor, row, "accepted")


def test_a_withdrawal_leaves_other_shares_open(
    referral: Referral, receiving_agency: Any, sender: Any, operator: Any
) -> None:
    share(operator, referral.case, receiving_agency, "legal", categories=["needs"])
    referral_services.withdraw_referral(actor_for(sender), referral, "wrong_agency")
    assert [row.categories for row in running_shares().filter(case=referral.case)] == [["needs"]]


def test_the_page_withdraws_and_both_agencies_see_the_step(
    referral: Referral,
    sender: Any,
    receiver: Any,
    receiving_agency: Any,
    sign_in: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    url = to("assistance:referral", referral.pk)
    browser = sign_in(sender)
    page = browser.get(url).content.decode()
    assert "Withdraw the referral" in page
    assert "Data that the other agency sees" in page
    assert "withdraw consent" not in page  # the basis is the law, not a consent
    assert "Choose" not in withdraw_on_page(browser, referral, reason="wrong_agency")
    page = browser.get(url).content.decode()
    assert "Sent to the wrong agency" in page
    assert "Ended by the sender on" in page
    assert "Withdraw the referral" not in page
    assert "Data that the other agency sees" not in page  # nothing is shared any more
    assert "Data that the other agency saw" in page
    assert f"{to('assistance:refer', referral.case_id)}?again={referral.pk}" in page  # a link to refer again
    case = browser.get(to("cases:case", referral.case_id) + "?tab=history").content.decode()
    assert "Referral: Withdrawn" in case
    assert "Sent to the wrong agency" in case
    for user in (sender, receiver):
        steps = referrals.list_steps(actor_for(user), referral)
        assert [step.kind for step in steps][-1] == "withdrawn"
    browser = sign_in(receiver)
    page = browser.get(url).content.decode().split("<main")[1]  # without the menu, which names the list of legal aid
    assert "Ended by the sender on" in page
    for secret in (
        CANARY,
        referral.case.reference,
        "Legal aid",
        "secret words",
        "wrong agency",
        "Withdraw the referral",
    ):
        assert secret not in page, secret
    assert browser.get(to("cases:case", referral.case_id)).status_code == 404
    trace = AuditEvent.objects.get(action="referrals.withdraw", outcome="done")
    assert (trace.target, trace.details["reason"]) == (f"referral:{referral.pk}", "wrong_agency")


def test_a_referral_page_links_to_its_consent(make_case: Any, receiving_agency: Any, sender: Any, sign_in: Any) -> None:
    case, worker = make_case(), actor_for(sender)
    consent = Consent(case=case, purpose="sharing_with_agency", given=True, on=DAY, categories=["identity"])
    consents.record_consent(worker, consent)
    row = referral_services.refer(
        worker, referral_services.ReferralDraft(case, receiving_agency, ["shelter"], consent=consent)
    )
    page = sign_in(sender).get(to("assistance:referral", row.pk)).content.decode()
    with translation.override("en"):
        assert reverse("assistance:withdraw-consent", args=[case.pk, consent.pk]) in page


def test_the_withdrawal_notice_does_not_name_the_person(referral: Referral, sender: Any, receiving_agency: Any) -> None:
    referral_services.withdraw_referral(actor_for(sender), referral, "person_changed_mind")
    [row] = Notice.objects.filter(agency=receiving_agency, read_at=None)
    assert (row.kind, row.reference, row.object_id) == ("referral_withdrawn", referral.reference, referral.pk)
    assert row.url_name == "assistance:referral"


def test_receivers_and_other_agencies_cannot_withdraw_a_referral(
    referral: Referral, receiver: Any, make_user: Any, make_agency: Any, sign_in: Any
) -> None:
    stranger = make_user("supervisor", agency=make_agency("third", "ngo"))
    for user in (stranger, receiver):
        browser = sign_in(user)
        assert browser.post(to("assistance:withdraw-referral", referral.pk), {"reason": "other"}).status_code == 404
        with pytest.raises(Denied):
            referral_services.withdraw_referral(actor_for(user), referral, "other")
    referral.refresh_from_db()
    assert referral.status == "sent"
    assert "Withdraw the referral" not in browser.get(to("assistance:referral", referral.pk)).content.decode()


@pytest.mark.parametrize("role", ["identifying_officer", "coordinator", "administrator"])
def test_roles_that_may_not_send_cannot_withdraw(role: str, referral: Referral, make_user: Any, sign_in: Any) -> None:
    browser = sign_in(make_user(role))
    assert browser.post(to("assistance:withdraw-referral", referral.pk), {"reason": "other"}).status_code == 403


@pytest.mark.parametrize("end", ["declined", "completed", "withdrawn"])
def test_an_ended_referral_cannot_be_withdrawn(
    end: str, referral: Referral, sender: Any, receiver: Any, sign_in: Any
) -> None:
    worker, receiver_actor = actor_for(sender), actor_for(receiver)
    if end == "declined":
        referral_responses.answer_referral(receiver_actor, referral, "declined", "no_capacity")
    elif end == "completed":
        referral_responses.answer_referral(receiver_actor, referral, "accepted")
        referral_responses.answer_referral(
            receiver_actor, referral, "completed", answer=referral_responses.Answer(outcome="helped")
        )
    else:
        referral_services.withdraw_referral(worker, referral, "not_needed")
    with pytest.raises(BadInput, match="this referral has ended"):
        referral_services.withdraw_referral(worker, Referral.objects.get(pk=referral.pk), "other")
    page = withdraw_on_page(sign_in(sender), referral, reason="other")
    assert "this referral has ended: reload the page." in page
    referral.refresh_from_db()
    assert (referral.status, referral.withdraw_reason) == (end, "not_needed" if end == "withdrawn" else "")


@pytest.mark.parametrize("reason", ["", "nonsense"])
def test_a_withdrawal_needs_a_reason_from_the_code_list(
    reason: str, referral: Referral, sender: Any, sign_in: Any
) -> None:
    assert "a withdrawn referral needs a reason: choose one." in withdraw_on_page(
        sign_in(sender), referral, reason=reason
    )
    referral.refresh_from_db()
    assert referral.status == "sent"


def test_a_later_consent_withdrawal_does_not_mark_the_referral_as_ended_by_the_person(
    make_case: Any, receiving_agency: Any, sender: Any
) -> None:
    case, worker = make_case(), actor_for(sender)
    consent = Consent(case=case, purpose="sharing_with_agency", given=True, on=DAY, categories=["identity"])
    consents.record_consent(worker, consent)
    row = referral_services.refer(
        worker, referral_services.ReferralDraft(case, receiving_agency, ["shelter"], consent=consent)
    )
    referral_services.withdraw_referral(worker, row, "wrong_agency")
    consents.withdraw_consent(worker, consent, timezone.localdate())
    assert not Referral.objects.get().by_person


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("answer", ["accepted", "completed"])
def test_concurrent_answer_and_withdrawal_are_serialised(
    answer: str, referral: Referral, sender: Any, receiver: Any
) -> None:
    worker, receiver_actor = actor_for(sender), actor_for(receiver)
    if answer == "completed":
        referral_responses.answer_referral(receiver_actor, referral, "accepted")
    start, failed = Barrier(2), []

    def race(act: Any) -> None:
        try:
            start.wait()
            act()
        except BadInput as error:
            failed.append(error)
        finally:
            connection.close()

    withdrawn_copy, answered_copy = Referral.objects.get(pk=referral.pk), Referral.objects.get(pk=referral.pk)
    content = referral_responses.Answer(outcome="helped" if answer == "completed" else "")
    runs = [
        Thread(target=race, args=(lambda: referral_services.withdraw_referral(worker, withdrawn_copy, "not_needed"),)),
        Thread(
            target=race,
            args=(lambda: referral_responses.answer_referral(receiver_actor, answered_copy, answer, answer=content),),
        ),
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    referral.refresh_from_db()
    kinds = [step.kind for step in referral.steps.all()]
    # whichever comes first stays in the steps; the last step gives the status
    assert referral.status == kinds[-1]
    assert referral.status in ({"withdrawn"} if answer == "accepted" else {"withdrawn", "completed"})
    assert len(failed) == (answer not in kinds) + ("withdrawn" not in kinds)
    assert len(failed) == 1 or answer == "accepted"
    assert (referral.withdraw_reason != "") is (referral.status == "withdrawn")
    assert not running_shares().filter(case=referral.case).exists()
