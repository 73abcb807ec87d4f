"""Services and referrals: services depend on no status, and access ends with its consent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.services import consents, provision, referral_escalation, referral_responses, referrals
from kerege.casework.cases.models.case import Case
from kerege.core import authorization
from kerege.core.authorization import Denied

DAY = date(2025, 3, 10)


def consent(case: Any, **values: Any) -> Consent:
    return Consent(case=case, **({"purpose": "sharing_with_agency", "given": True, "on": DAY} | values))


@pytest.mark.db
@pytest.mark.parametrize("status", ["presumed", "not_identified", "declined", "lost"])
def test_a_person_of_any_status_may_receive_services(
    status: str, make_case: Any, make_actor: Any, make_agency: Any
) -> None:
    case, actor = make_case(), make_actor("caseworker", agency=make_agency())
    Case.objects.filter(pk=case.pk).update(social_status=status)
    consents.record_consent(actor, consent(case, given=False))  # a refusal blocks nothing
    provision.add_services(actor, [Service(case=case, kind="shelter", payer="state", started_on=DAY)])
    assert case.services.count() == 1


@pytest.mark.db
def test_a_begun_service_needs_its_first_day(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case, actor = make_case(), make_actor("caseworker", agency=make_agency())
    with pytest.raises(BadInput):
        provision.add_services(actor, [Service(case=case, kind="shelter", status="ongoing")])
    with pytest.raises(BadInput):
        days = {"started_on": DAY, "ended_on": DAY - timedelta(days=1)}
        provision.add_services(actor, [Service(case=case, kind="shelter", status="completed", **days)])
    assert not Service.objects.exists()


@pytest.mark.db
def test_a_referral_opens_a_share_and_a_withdrawal_ends_it(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case, centre, receiving_agency = make_case(), make_agency(), make_agency("other")
    sender, receiver = make_actor("caseworker", agency=centre), make_actor("caseworker", agency=receiving_agency)
    agreed = consents.record_consent(sender, consent(case, recipient=receiving_agency))
    referral = referrals.refer(
        sender, referrals.ReferralDraft(case, receiving_agency, ["legal_aid"], DAY, consent=agreed)
    )
    assert authorization.allows(receiver, "cases.view", case)
    assert consents.withdraw_consent(sender, agreed, DAY) == 1
    assert not authorization.allows(receiver, "cases.view", case)
    referral.refresh_from_db()
    assert referral.status == "withdrawn"


@pytest.mark.db
@pytest.mark.parametrize("wrong", [{"given": False}, {"withdrawn_on": DAY}])
def test_a_refused_or_withdrawn_consent_allows_no_referral(
    wrong: dict[str, Any], make_case: Any, make_actor: Any, make_agency: Any
) -> None:
    case, sender = make_case(), make_actor("caseworker", agency=make_agency())
    entry = consents.record_consent(sender, consent(case, **wrong))
    with pytest.raises(BadInput):
        referrals.refer(sender, referrals.ReferralDraft(case, make_agency("other"), ["legal_aid"], DAY, consent=entry))


@pytest.mark.db
def test_a_consent_for_one_agency_does_not_cover_another(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case, sender = make_case(), make_actor("caseworker", agency=make_agency())
    entry = consents.record_consent(sender, consent(case, recipient=make_agency("third")))
    with pytest.raises(BadInput):
        referrals.refer(sender, referrals.ReferralDraft(case, make_agency("other"), ["legal_aid"], DAY, consent=entry))


@pytest.mark.db
def test_only_the_receiver_answers_and_a_decline_needs_a_reason(
    make_case: Any, make_actor: Any, make_agency: Any
) -> None:
    case, receiving_agency = make_case(), make_agency("other")
    sender, receiver = make_actor("caseworker", agency=make_agency()), make_actor("caseworker", agency=receiving_agency)
    row = referrals.refer(
        sender, referrals.ReferralDraft(case, receiving_agency, ["legal_aid"], DAY, legal_basis="order-844-406")
    )
    with pytest.raises(Denied):
        referral_responses.answer_referral(sender, row, "accepted")
    with pytest.raises(BadInput):
        referral_responses.answer_referral(receiver, row, "declined")
    referral_responses.answer_referral(receiver, row, "declined", "no_capacity")
    with pytest.raises(BadInput):
        referral_responses.answer_referral(receiver, row, "completed")


@pytest.mark.db
def test_the_answer_deadline_counts_business_days() -> None:
    assert referrals.get_answer_day("normal", date(2025, 3, 19)) == date(
        2025, 3, 25
    )  # Nauryz holidays and a weekend lie between
    assert referrals.get_answer_day("normal", date(2025, 6, 2)) == date(2025, 6, 5)


@pytest.mark.db
def test_the_receiver_sees_only_its_own_services(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case, centre, receiving_agency = make_case(), make_agency(), make_agency("other")
    sender, receiver = make_actor("caseworker", agency=centre), make_actor("caseworker", agency=receiving_agency)
    row = referrals.refer(
        sender, referrals.ReferralDraft(case, receiving_agency, ["legal_aid"], DAY, legal_basis="order-844-406")
    )
    own_service = Service(case=case, kind="legal_aid", provider=receiving_agency, started_on=DAY)
    with pytest.raises(Denied):  # nothing is added to a case before the referral is accepted
        provision.add_services(receiver, [own_service])
    referral_responses.answer_referral(receiver, row, "accepted")
    provision.add_services(sender, [Service(case=case, kind="medical_care", provider=centre, started_on=DAY)])
    provision.add_services(receiver, [own_service])
    kinds = authorization.scope(receiver, Service, action="services.view").values_list("kind", flat=True)
    assert list(kinds) == ["legal_aid"]


@pytest.mark.parametrize("language", ["kk", "ru", pytest.param("en", marks=pytest.mark.db)])
def test_pages_of_assistance_work(
    language: str, make_case: Any, make_user: Any, make_agency: Any, sign_in: Any
) -> None:
    from django.utils import translation

    case, client = make_case(), sign_in(make_user("caseworker"))
    with translation.override(language):
        for name in ("add-service", "add-consent", "refer"):
            assert client.get(reverse(f"assistance:{name}", args=[case.pk])).status_code == 200
        assert client.get(reverse("assistance:referral-inbox")).status_code == 200


@pytest.mark.db
def test_a_service_is_recorded_by_the_form(make_case: Any, make_user: Any, make_agency: Any, sign_in: Any) -> None:
    case, client = make_case(), sign_in(make_user("caseworker"))
    days = {"started_on_day": "10", "started_on_month": "3", "started_on_year": "2025"}
    answer = client.post(
        reverse("assistance:add-service", args=[case.pk]),
        {"kind": "shelter", "status": "ongoing", "payer": "state", "provider": str(case.agency.pk)} | days,
    )
    assert answer.status_code == 302, answer.context["form"].errors
    assert list(case.services.values_list("kind", "started_on")) == [("shelter", DAY)]


@pytest.mark.db
def test_the_scheduler_expires_an_unanswered_referral(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    from kerege.core.jobs.scheduler import run_due

    case, sender = make_case(), make_actor("caseworker", agency=make_agency())
    row = referrals.refer(
        sender, referrals.ReferralDraft(case, make_agency("other"), ["legal_aid"], DAY, legal_basis="order-844-406")
    )
    run_due()
    row.refresh_from_db()
    assert row.status == "expired"
    assert case.events.filter(kind="referral_answer", detail__status="expired").exists()


@pytest.mark.db
@pytest.mark.parametrize("end", ["declined", "expired"])
def test_a_declined_or_expired_referral_ends_its_share(
    end: str, make_case: Any, make_actor: Any, make_agency: Any, operator: Any
) -> None:
    case, receiving_agency = make_case(), make_agency("other")
    sender, receiver = make_actor("caseworker", agency=make_agency()), make_actor("caseworker", agency=receiving_agency)
    row = referrals.refer(
        sender, referrals.ReferralDraft(case, receiving_agency, ["legal_aid"], DAY, legal_basis="order-844-406")
    )
    assert authorization.allows(receiver, "cases.view", case)
    if end == "declined":
        referral_responses.answer_referral(receiver, row, "declined", "no_capacity")
    else:
        referral_escalation.escalate_referrals(operator, timezone.now())
    assert not authorization.allows(receiver, "cases.view", case)


@pytest.mark.db
def test_a_share_ends_with_the_period_of_its_consent(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    from django.utils import timezone

    from kerege.casework.cases.models.case import Share

    case, receiving_agency, today = make_case(), make_agency("other"), timezone.localdate()
    sender = make_actor("caseworker", agency=make_agency())
    entry = consents.record_consent(sender, consent(case, recipient=receiving_agency, on=today, until=today))
    referrals.refer(sender, referrals.ReferralDraft(case, receiving_agency, ["legal_aid"], today, consent=entry))
    end = Share.objects.get(case=case).to_at
    assert end is not None
    assert timezone.localdate(end) == today + timedelta(days=1)


@pytest.mark.db
@pytest.mark.parametrize("wrong", [{"purpose": "interview"}, {"until": DAY}])
def test_an_expired_consent_or_one_for_another_purpose_allows_no_referral(
    wrong: dict[str, Any], make_case: Any, make_actor: Any, make_agency: Any
) -> None:
    case, sender = make_case(), make_actor("caseworker", agency=make_agency())
    entry = consents.record_consent(sender, consent(case, **wrong))
    with pytest.raises(BadInput):
        referrals.refer(sender, referrals.ReferralDraft(case, make_agency("other"), ["legal_aid"], DAY, consent=entry))


@pytest.mark.db
def test_a_stale_answer_does_not_overwrite_an_earlier_one(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    from kerege.casework.assistance.models.referrals import Referral

    case, receiving_agency = make_case(), make_agency("other")
    sender, receiver = make_actor("caseworker", agency=make_agency()), make_actor("caseworker", agency=receiving_agency)
    row = referrals.refer(
        sender, referrals.ReferralDraft(case, receiving_agency, ["legal_aid"], DAY, legal_basis="order-844-406")
    )
    stale = Referral.objects.get(pk=row.pk)
    referral_responses.answer_referral(receiver, row, "accepted")
    with pytest.raises(BadInput):
        referral_responses.answer_referral(receiver, stale, "declined", "no_capacity")
