"""The consent ledger: explained points, consent for a child, withdrawal and expiry."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.services import consent_text, consents, needs, provision, referral_responses, referrals
from kerege.casework.cases.models.case import Share, Task
from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.services.shares import running_shares
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization
from kerege.core.accounts.actors import actor_for
from kerege.core.authorization import Actor
from tests.casework.conftest import CANARY, identity

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 10)
POINTS = ["interview", "purpose", "use", "research", "access", "retention", "withdrawal"]
CHILD = {"birth_date": "2014-06-01"}


def entry(case: Any, **values: Any) -> Consent:
    defaults = {"purpose": "sharing_with_agency", "given": True, "on": DAY, "categories": ["identity", "needs"]}
    return Consent(case=case, **(defaults | values))


def send_referral(actor: Actor, case: Any, to: Any, consent: Consent, **values: Any) -> Referral:
    draft = referrals.ReferralDraft(case, to, ["legal_aid"], consent=consent, categories=["identity"], **values)
    return referrals.refer(actor, draft)


@pytest.fixture
def worker(make_user: Any) -> Actor:
    """Return a caseworker of the centre."""
    return actor_for(make_user("caseworker"))


@pytest.mark.db
def test_the_form_records_explained_points_and_encrypts_names(make_case: Any, make_user: Any, sign_in: Any) -> None:
    case, client = make_case(), sign_in(make_user("caseworker"))
    data = {
        "given": "yes",
        "purpose": "sharing_with_agency",
        "categories": ["identity"],
        "explained": POINTS[:5],
        "language": "uz",
        "interpreter": "on",
        "manner": "oral_with_witness",
        "witness": CANARY,
        "on_day": "10",
        "on_month": "3",
        "on_year": "2025",
    }
    with translation.override("en"):
        answer = client.post(reverse("assistance:add-consent", args=[case.pk]), data)
        assert answer.status_code == 302, answer.context["form"].errors
        page = client.get(f"{reverse('cases:case', args=[case.pk])}?tab=sharing").content.decode()
    row = Consent.objects.get()
    assert (row.explained, row.language, row.interpreter) == (POINTS[:5], "uz", True)
    assert row.text_version
    assert open_text(row.witness) == CANARY
    assert page.count("<li>explained: ") + page.count("not explained</strong>: ") == len(POINTS)
    # once for each point in the details, and once in the summary line
    assert page.count("not explained") == len(POINTS) - 5 + 1


@pytest.mark.db
@pytest.mark.parametrize("lacking", [{"by_guardian": False}, {"child_assent": "no"}, {"child_assent": ""}])
def test_a_childs_consent_needs_guardian_and_child(lacking: dict[str, Any], make_case: Any, worker: Actor) -> None:
    case = make_case(person=identity(**CHILD))
    agreement = {"by_guardian": True, "guardian_relation": "mother", "child_assent": "yes"}
    with pytest.raises(BadInput, match="both the guardian and the child"):
        consents.record_consent(worker, entry(case, **(agreement | lacking)))
    consents.record_consent(worker, entry(case, given=False, **lacking))  # a refusal needs neither guardian nor child
    row = consents.record_consent(worker, entry(case, **agreement), consents.Names(guardian=CANARY))
    assert open_text(row.guardian) == CANARY


@pytest.mark.db
def test_an_adult_consents_without_a_guardian(make_case: Any, worker: Actor) -> None:
    assert consents.record_consent(worker, entry(make_case(person=identity(birth_date="1990")))).pk


@pytest.mark.parametrize(
    "purpose",
    [pytest.param("assistance", marks=pytest.mark.db), "interview", "sharing_with_agency", "sharing_with_police"],
)
def test_a_refused_consent_blocks_no_service(
    purpose: str, make_case: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    case, client = make_case(), sign_in(make_user("caseworker", "supervisor"))
    consents.record_consent(operator, entry(case, purpose=purpose, given=False))
    [line] = provision.add_services(
        operator, [Service(case=case, kind="shelter", status="ongoing", payer="state", started_on=DAY)]
    )
    needs.assess(operator, case, DAY, {"housing": 4}, "high")
    provision.end_service(operator, line, "completed", DAY)
    with translation.override("en"):
        for name in ("add-service", "add-consent", "refer"):
            assert client.get(reverse(f"assistance:{name}", args=[case.pk])).status_code == 200, name
    days = {"started_on_day": "10", "started_on_month": "3", "started_on_year": "2025"}
    with translation.override("en"):
        url = reverse("assistance:add-service", args=[case.pk])
    typed = {"kind": "legal_aid", "status": "ongoing", "payer": "state", "provider": str(case.agency.pk)} | days
    assert client.post(url, typed).status_code == 302


@pytest.mark.db
def test_a_withdrawal_notifies_the_receiver_and_ends_access(
    make_case: Any, make_agency: Any, make_user: Any, worker: Actor
) -> None:
    case, receiving_agency = make_case(), make_agency("other", "ngo")
    agreed = consents.record_consent(worker, entry(case, recipient=receiving_agency))
    row = send_referral(worker, case, receiving_agency, agreed)
    receiver = actor_for(make_user("caseworker", agency=receiving_agency), receiving_agency)
    referral_responses.answer_referral(receiver, row, "accepted")
    consents.withdraw_consent(worker, agreed, DAY)
    row.refresh_from_db()
    assert row.status == "withdrawn"
    assert not authorization.allows(receiver, "cases.view", case)
    assert not authorization.allows(receiver, "services.add", case)
    assert Notice.objects.filter(agency=receiving_agency, kind="referral_withdrawn", reference=row.reference).exists()
    with pytest.raises(BadInput, match="was withdrawn"):
        referral_responses.answer_referral(
            receiver, row, "completed", answer=referral_responses.Answer(outcome="helped")
        )
    with pytest.raises(BadInput):
        consents.withdraw_consent(worker, agreed, DAY)


@pytest.mark.db
def test_a_share_on_another_basis_survives_a_withdrawal(make_case: Any, make_agency: Any, worker: Actor) -> None:
    case, receiving_agency = make_case(), make_agency("other", "ngo")
    agreed = consents.record_consent(worker, entry(case, recipient=receiving_agency))
    send_referral(worker, case, receiving_agency, agreed)
    draft = referrals.ReferralDraft(
        case, receiving_agency, ["shelter"], legal_basis="order-844-406", categories=["needs"]
    )
    referrals.refer(worker, draft)
    consents.withdraw_consent(worker, agreed, DAY)
    assert [row.categories for row in running_shares().filter(case=case)] == [["needs"]]


@pytest.mark.db
def test_a_stale_consent_opens_nothing_after_its_withdrawal(make_case: Any, make_agency: Any, worker: Actor) -> None:
    case, receiving_agency = make_case(), make_agency("other", "ngo")
    agreed = consents.record_consent(worker, entry(case, recipient=receiving_agency))
    stale = Consent.objects.get(pk=agreed.pk)
    consents.withdraw_consent(worker, agreed, DAY)
    with pytest.raises(BadInput):
        send_referral(worker, case, receiving_agency, stale)
    assert not Share.objects.exists()


@pytest.mark.db
def test_an_expiring_consent_gives_one_task_and_then_expires_the_referral(
    make_case: Any, make_agency: Any, operator: Any, worker: Actor
) -> None:
    today = timezone.localdate()
    case, receiving_agency = make_case(), make_agency("other", "ngo")
    agreed = consents.record_consent(
        worker, entry(case, recipient=receiving_agency, on=today, until=today + timedelta(days=9))
    )
    row = send_referral(worker, case, receiving_agency, agreed)
    for _twice in range(2):
        consents.watch_consents(operator, today)
    assert list(Task.objects.values_list("kind", "due_on")) == [("renew_consent", today + timedelta(days=9))]
    consents.watch_consents(operator, today + timedelta(days=9))
    row.refresh_from_db()
    assert row.status == "sent"
    consents.watch_consents(operator, today + timedelta(days=10))
    row.refresh_from_db()
    assert row.status == "expired"


@pytest.mark.db
def test_a_renewed_consent_takes_over_referrals_and_shares(
    make_case: Any, make_agency: Any, operator: Any, worker: Actor
) -> None:
    today = timezone.localdate()
    case, receiving_agency = make_case(), make_agency("other", "ngo")
    old = consents.record_consent(
        worker, entry(case, recipient=receiving_agency, on=today, until=today + timedelta(days=2))
    )
    row = send_referral(worker, case, receiving_agency, old)
    new = consents.record_consent(
        worker, entry(case, recipient=receiving_agency, on=today, categories=["identity", "needs", "health"])
    )
    consents.watch_consents(operator, today + timedelta(days=3))
    row.refresh_from_db()
    share = Share.objects.get()
    assert (row.status, row.consent, share.basis_id, share.to_at) == ("sent", new, new.pk, None)
    assert consents.withdraw_consent(worker, new, today) == 1


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_printed_form_uses_the_persons_language_and_no_revealing_word(
    language: str, make_case: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    case, client = make_case(), sign_in(make_user("caseworker"))
    row = consents.record_consent(
        operator, entry(case, language=language, categories=["exploitation", "proceedings"], text_version="2026-1")
    )
    with translation.override("en"):
        url = reverse("assistance:consent-print", args=[case.pk, row.pk])
    page = client.get(url).content.decode()
    assert f'lang="{language}"' in page
    body = page[page.index("<h1") :].casefold()
    for word in ("exploit", "traffick", "эксплуат", "торговл", "қанау", "саудас", "crimin", "уголовн", "қылмыс"):
        assert word not in body, word
    assert CANARY in page
    assert CANARY not in page[page.index("<title>") : page.index("</title>")]


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_wins_over_a_concurrent_answer(
    make_case: Any, make_agency: Any, make_user: Any, worker: Actor
) -> None:
    case, receiving_agency = make_case(), make_agency("other", "ngo")
    agreed = consents.record_consent(worker, entry(case, recipient=receiving_agency))
    row = send_referral(worker, case, receiving_agency, agreed)
    receiver = actor_for(make_user("caseworker", agency=receiving_agency), receiving_agency)
    start, failed = Barrier(2), []

    def race(act: Any) -> None:
        try:
            start.wait()
            act()
        except BadInput as error:
            failed.append(error)
        finally:
            connection.close()

    consent_copy, referral_copy = Consent.objects.get(pk=agreed.pk), Referral.objects.get(pk=row.pk)
    runs = [
        Thread(target=race, args=(lambda: consents.withdraw_consent(worker, consent_copy, DAY),)),
        Thread(target=race, args=(lambda: referral_responses.answer_referral(receiver, referral_copy, "accepted"),)),
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    row.refresh_from_db()
    assert row.status == "withdrawn"
    assert not running_shares().filter(case=case).exists()
    assert len(failed) <= 1


@pytest.mark.parametrize(
    ("language", "start", "kept"),
    [
        ("kk", "Қай күннен бастап", "5 жыл сақталады"),
        ("ru", "С какого дня", "хранится 5 лет"),
        ("en", "From", "kept for 5 years"),
    ],
)
def test_the_printed_form_states_start_date_and_retention_period(
    language: str, start: str, kept: str, make_case: Any, make_user: Any, sign_in: Any
) -> None:
    case, client = make_case(), sign_in(make_user("caseworker"))
    with translation.override("en"):
        url = reverse("assistance:consent-form", args=[case.pk])
    page = client.get(url, {"in": language}).content.decode()
    assert start in page
    assert kept in page
    for sender in ("Кімнен", "От кого"):
        assert sender not in page


@pytest.mark.db
@pytest.mark.parametrize(
    ("months", "words"), [(None, "as long as the law requires"), (18, "kept for 18 months"), (12, "kept for 1 year")]
)
def test_the_text_states_the_profiles_retention_period_or_the_law(
    months: int | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    country = consent_text.active()
    terms = {"closed_case": country.retention["closed_case"].model_copy(update={"months": months})} if months else {}
    monkeypatch.setattr(consent_text, "active", lambda: country.model_copy(update={"retention": terms}))
    with translation.override("en"):
        assert words in consent_text.list_paragraphs()[-1]
        assert words not in " ".join(consent_text.list_paragraphs(consent_text.WITHOUT_TERM))


def test_points_not_explained_are_shown_after_saving_and_in_the_ledger(
    make_case: Any, make_user: Any, sign_in: Any
) -> None:
    case, client = make_case(), sign_in(make_user("caseworker"))
    data = {
        "given": "yes",
        "purpose": "assistance",
        "explained": POINTS[:-1],
        "on_day": "10",
        "on_month": "3",
        "on_year": "2025",
    }
    with translation.override("en"):
        address, tab = reverse("assistance:add-consent", args=[case.pk]), reverse("cases:case", args=[case.pk])
        page = client.post(address, data, follow=True).content.decode()
        assert "Not explained to the person: Told how to withdraw consent." in page
        ledger = client.get(f"{tab}?tab=sharing").content.decode()
    assert "Told how to withdraw consent" in ledger[: ledger.index("Details")]
    with translation.override("en"):
        page = client.post(address, data | {"explained": POINTS}, follow=True).content.decode()
    assert "Not explained" not in page


@pytest.mark.db
def test_the_withdrawal_page_lists_what_ends_and_for_which_agency(
    make_case: Any, make_agency: Any, make_user: Any, sign_in: Any, worker: Actor
) -> None:
    case, receiving_agency = make_case(), make_agency("other", "ngo")
    agreed = consents.record_consent(worker, entry(case, recipient=receiving_agency))
    row = send_referral(worker, case, receiving_agency, agreed)
    client = sign_in(make_user("caseworker"))
    with translation.override("en"):
        address = reverse("assistance:withdraw-consent", args=[case.pk, agreed.pk])
        page = client.get(address).content.decode()
        assert f"{receiving_agency.name} no longer sees" in page
        assert f"Referral {row.reference} to {receiving_agency.name}" in page
        assert Consent.objects.get().withdrawn_on is None
        assert running_shares().count() == 1
        client.post(address)
    assert Consent.objects.get().withdrawn_on == timezone.localdate()
    assert running_shares().count() == 0
