"""Referring in four clicks; what is previewed is what the other side sees; who answers, and what comes back."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.queries import referrals
from kerege.casework.assistance.services import consents, needs, provision, referral_responses
from kerege.casework.assistance.services import referrals as referral_services
from kerege.casework.cases import shared_view
from kerege.casework.cases.models.case import Share
from kerege.casework.cases.models.notices import Notice
from kerege.casework.exchange.api.referrals import told_by
from kerege.core import audit, authorization
from kerege.core.accounts.actors import actor_for
from tests.casework.assistance.page_driver import standing
from tests.casework.conftest import CANARY, identity
from tests.safety.filling import forms_of

pytestmark = [pytest.mark.django_db, pytest.mark.db]
DAY = date(2025, 3, 10)
PHONE = "+7 701 555 01 99"


@pytest.fixture
def clinic(make_agency: Any) -> Any:
    """An agency that offers legal aid and medical care."""
    agency = make_agency("clinic", "ngo")
    agency.services = ["legal_aid", "medical_care"]
    agency.save()
    return agency


@pytest.fixture
def person(make_case: Any, make_agency: Any, operator: Any, clinic: Any) -> Any:
    """A person who asks for legal aid and allowed to tell the clinic her name and needs."""
    centre = make_agency()
    told = identity(phones=[PHONE], birth_date="1990-05-01")
    case = make_case(centre, told, exploitations=[{"main_form": "begging"}], risk_level="high")
    line = Service(case=case, kind="legal_aid", status="requested", requested_on=DAY)
    provision.add_services(operator, [line])
    agreed = Consent(
        case=case, purpose="sharing_with_agency", recipient=clinic, given=True, on=DAY, categories=["identity", "needs"]
    )
    consents.record_consent(operator, agreed)
    needs.assess(operator, case, DAY, {"housing": 3, "mental_health": 4}, "high")
    case.refresh_from_db()
    return case


def press(client: Any, page: Any, url: str, step: str = "", **more: Any) -> Any:
    """Press a button of the page's form, everything else as it stands there."""
    return client.post(url, standing(page.content.decode()) | ({"step": step} if step else {}) | more)


def referred(client: Any, case: Any) -> Referral:
    """Refer with what stands in the form: open, see, send."""
    with translation.override("en"):
        url = reverse("assistance:refer", args=[case.pk])
    opened = client.get(url)
    seen = press(client, opened, url, "preview")
    assert seen.status_code == 200, seen.content.decode()
    sent = press(client, seen, url, "send")
    assert sent.status_code == 302
    return Referral.objects.latest("sent_at")


def test_three_clicks_from_the_case_send_what_stands_in_the_form(
    person: Any, clinic: Any, make_user: Any, sign_in: Any
) -> None:
    row = referred(sign_in(make_user("caseworker")), person)
    assert (row.to_agency, row.services, row.categories) == (clinic, ["legal_aid"], ["identity", "needs"])
    assert row.consent is not None
    assert row.due_on == referral_services.get_answer_day("normal", timezone.localdate())
    assert re.fullmatch(r"R-\w{4}-\w{4}", row.reference)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_preview_is_what_the_receiver_sees(
    language: str, person: Any, clinic: Any, make_user: Any, sign_in: Any
) -> None:
    sender, receiver = make_user("caseworker"), make_user("caseworker", agency=clinic)
    with translation.override(language):
        url = reverse("assistance:refer", args=[person.pk])
    client = sign_in(sender)
    preview = press(client, client.get(url), url, "preview", message="From eleven o'clock.\nAsk for Aigul.")
    press(client, preview, url, "send")
    row, actor = Referral.objects.get(), actor_for(receiver, clinic)
    with translation.override(language):
        there = sign_in(receiver)
        page = there.get(reverse("assistance:referral", args=[row.pk])).content.decode()
        case_page = there.get(reverse("cases:case", args=[person.pk])).content.decode()
        with audit.act(actor, "tests.read"):
            told = told_by(actor, row)["told"]
    seen = _received(page)
    assert seen == _received(preview.content.decode())
    assert CANARY in seen
    for label in ("Telephone", "Телефон"):  # contact was not granted
        assert label not in seen
    # the case page and the interface for systems tell the same; the age is that of the date of birth
    bar = [_words(item) for item in re.findall(r"<li>(.*?)</li>", _identity_bar(case_page), re.S)]
    assert bar[0] == f"{CANARY} Айгүл"
    for words in [bar[0], *bar[2:], *(line["label"] for line in told)]:
        assert words in seen, words
    assert "kc-safe" not in case_page
    assert {line["category"] for line in told} == set(row.categories)


# rules of contact that say something in every field, and the lines of a shared case page that hold them
RULES = {
    "never_say": "shelter, court",
    "channels": ["messenger", "call"],
    "times": "after six",
    "answerers": "her sister; you call from the library",
    "code_word": "Наурыз",
}


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("known", [{"contact_rules": RULES, "safe_contact": "never before noon"}, {}])
def test_the_rules_of_contact_are_the_same_in_preview_referral_case_page_and_interface(
    known: dict[str, Any], language: str, make_case: Any, make_agency: Any, clinic: Any, make_user: Any, sign_in: Any
) -> None:
    case = make_case(make_agency(), identity(phones=[PHONE], **known))
    form = {"services": ["legal_aid"], "to_agency": clinic.pk, "legal_basis": "order-844-406", "urgency": "normal"}
    receiver = make_user("caseworker", agency=clinic)
    with translation.override(language):
        url = reverse("assistance:refer", args=[case.pk])
        preview = sign_in(make_user("caseworker")).post(url, form | {"categories": ["contact"], "step": "preview"})
        assert sign_in(make_user("caseworker")).post(url, form | {"categories": ["contact"], "step": "send"})
        row = Referral.objects.get()
        there = sign_in(receiver)
        seen = _received(there.get(reverse("assistance:referral", args=[row.pk])).content.decode())
        page = unescape(there.get(reverse("cases:case", args=[case.pk])).content.decode())
        actor = actor_for(receiver, clinic)
        with audit.act(actor, "tests.read"):
            told = [(line["label"], *line["values"]) for line in told_by(actor, row)["told"]]
    assert seen == _received(preview.content.decode())
    bar = _bar(page)
    assert len(bar) == (len(RULES) + 1 if known else 1)
    sections = _words(page[page.index('<div class="kg-narrow">') :])
    flat = " ".join(" ".join(line) for line in told)
    for words in bar:
        for where in (seen, sections, flat):
            assert words in where, words
    # and nothing stands there that the bar does not say, before the number is reached
    before = [value for line in told for value in line[1:]][: [PHONE in line for line in told].index(True)]
    assert before == bar


def test_the_bar_shows_no_rule_that_is_not_shared(
    make_case: Any, make_agency: Any, clinic: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    from kerege.casework.cases.services.shares import share

    case = make_case(make_agency(), identity(phones=[PHONE], contact_rules=RULES))
    share(operator, case, clinic, "legal", categories=["identity"])
    with translation.override("en"):
        page = sign_in(make_user("caseworker", agency=clinic)).get(reverse("cases:case", args=[case.pk]))
    for secret in (RULES["never_say"], RULES["code_word"], "Safe contact"):
        assert secret not in page.content.decode()


def _identity_bar(page: str) -> str:
    start = page.index('<ul class="kg-identity__facts')
    return page[start : page.index("</ul>", start)]


def _bar(page: str) -> list[str]:
    """What the bar of a case says of safe contact, without the labels, in its order."""
    if 'class="kc-safe"' not in page:
        [found] = re.findall(r'<p class="kc-who kc-unsafe">(.*?)</p>', page, re.S)
        return [_words(found)]
    body = page[page.index('class="kc-safe"') : page.index("</section>", page.index('class="kc-safe"'))]
    lines = re.findall(r"<p>(.*?)</p>", body, re.S)
    return [_words(re.sub(r"<strong>.*?</strong>", "", line)) for line in lines]


def _words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def _received(page: str) -> str:
    body = page[page.index('<div id="received">') :]
    end = min(place for stop in ("<form", '<h2 class="govuk-heading-m">') if (place := body.find(stop)) > 0)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body[:end])).split())


def test_what_was_shared_before_is_in_the_preview_too(
    person: Any, clinic: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    from kerege.casework.cases.services.shares import share

    share(operator, person, clinic, "legal", categories=["contact"])
    with translation.override("en"):
        url = reverse("assistance:refer", args=[person.pk])
    client = sign_in(make_user("caseworker"))
    assert "Telephone" in press(client, client.get(url), url, "preview").content.decode()


def test_more_than_the_consent_covers_is_refused(person: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    with translation.override("en"):
        url = reverse("assistance:refer", args=[person.pk])
    answer = press(client, client.get(url), url, "send", categories=["identity", "health"])
    assert answer.status_code == 200
    assert "does not cover all the data chosen" in answer.content.decode()
    assert not Referral.objects.exists()


def test_pressed_twice_it_is_sent_once(person: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    with translation.override("en"):
        url = reverse("assistance:refer", args=[person.pk])
    preview = press(client, client.get(url), url, "preview")
    for _press in range(2):
        press(client, preview, url, "send")
    assert Referral.objects.count() == 1


def test_a_declined_referral_offers_the_next_agency_with_the_same_content(
    person: Any, clinic: Any, make_agency: Any, make_user: Any, sign_in: Any
) -> None:
    second = make_agency("second", "ngo")
    second.services = ["legal_aid"]
    second.save()
    client = sign_in(make_user("caseworker"))
    row = referred(client, person)
    receiver = actor_for(make_user("caseworker", agency=clinic), clinic)
    referral_responses.answer_referral(receiver, row, "declined", "no_capacity")
    with translation.override("en"):
        page = client.get(reverse("assistance:referral", args=[row.pk]))
        again = f"{reverse('assistance:refer', args=[person.pk])}?again={row.pk}"
    assert again in page.content.decode()
    form = client.get(again).context["form"]
    assert form.initial["to_agency"] == second
    assert form.initial["services"] == row.services


def test_claim_answer_and_outcome_reach_the_sender(
    person: Any, clinic: Any, make_user: Any, sign_in: Any, client: Any
) -> None:
    sender, receiver = make_user("caseworker"), make_user("caseworker", agency=clinic)
    row = referred(sign_in(sender), person)
    there = sign_in(receiver)
    with translation.override("en"):
        url = reverse("assistance:referral", args=[row.pk])
        there.post(reverse("assistance:claim", args=[row.pk]))
    there.get(url)
    assert there.post(url, {"status": "accepted"}).status_code == 302
    assert there.post(url, {"status": "completed"}).status_code == 200  # how did it end?
    outcome = {"status": "completed", "outcome": "helped", "delivered": ["legal_aid"], "reply": "Court on Monday."}
    day = {"ended_on_day": "1", "ended_on_month": "3", "ended_on_year": "2025"}
    assert there.post(url, outcome | day).status_code == 302
    row.refresh_from_db()
    assert [step.kind for step in row.steps.all()] == ["sent", "claimed", "seen", "accepted", "completed"]
    assert (row.status, row.assignee, row.delivered) == ("completed", receiver, ["legal_aid"])
    client.force_login(sender, backend=settings.AUTHENTICATION_BACKENDS[-1])
    page = client.get(url).content.decode()
    assert "Court on Monday." in page
    assert "All the help asked for was given" in page
    assert set(Notice.objects.filter(user=sender).values_list("kind", flat=True)) == {
        "referral_answered",
        "referral_outcome",
    }


def test_what_was_shared_closes_with_the_end_of_the_referral(
    person: Any, clinic: Any, make_user: Any, sign_in: Any
) -> None:
    row = referred(sign_in(make_user("caseworker")), person)
    receiver = make_user("caseworker", agency=clinic)
    actor = actor_for(receiver, clinic)
    referral_responses.answer_referral(actor, row, "accepted")
    referral_responses.answer_referral(actor, row, "completed", answer=referral_responses.Answer(outcome="helped"))
    client = sign_in(receiver)
    with translation.override("en"):
        page = client.get(reverse("assistance:referral", args=[row.pk])).content.decode()
        assert client.get(reverse("cases:case", args=[person.pk])).status_code == 404
    assert CANARY not in page
    assert person.reference not in page


def test_after_a_withdrawal_the_receiver_reads_the_day_and_nothing_else(
    person: Any, clinic: Any, make_user: Any, sign_in: Any
) -> None:
    sender = make_user("caseworker")
    row = referred(sign_in(sender), person)
    actor = actor_for(sender)
    consents.withdraw_consent(actor, row.consent, timezone.localdate())
    client = sign_in(make_user("caseworker", agency=clinic))
    with translation.override("en"):
        page = client.get(reverse("assistance:referral", args=[row.pk])).content.decode()
        inbox = client.get(reverse("assistance:referral-inbox")).content.decode()
    assert "Withdrawn by the person on" in page
    assert "withdrawn by the person on" in inbox
    for secret in (CANARY, person.reference, "Legal aid"):
        assert secret not in page, secret


def test_what_ended_last_stands_first_in_the_inbox_however_much_ended_before(
    make_case: Any, make_agency: Any, make_user: Any, operator: Any
) -> None:
    here, there = make_agency(), make_agency("there", "ngo")
    receiver = actor_for(make_user("caseworker"))
    rows = [
        referral_services.refer(
            operator, referral_services.ReferralDraft(make_case(there), here, ["shelter"], legal_basis="order-844-406")
        )
        for _ in range(referrals.MAX_ENDED + 2)
    ]
    for row in reversed(rows):
        referral_responses.answer_referral(receiver, row, "declined", "no_capacity")
    assert [row.pk for row in referrals.list_recently_ended(receiver)] == [
        row.pk for row in rows[: referrals.MAX_ENDED]
    ]


@pytest.mark.parametrize("role", ["caseworker", "supervisor", "identifying_officer", "coordinator"])
def test_the_inbox_asks_the_same_number_of_questions_however_full_it_is(
    role: str,
    make_case: Any,
    make_agency: Any,
    make_user: Any,
    sign_in: Any,
    operator: Any,
    django_assert_max_num_queries: Any,
) -> None:
    here, there = make_agency(), make_agency("there", "ngo")
    client = sign_in(make_user(role))

    def send() -> None:
        referral_services.refer(
            operator, referral_services.ReferralDraft(make_case(there), here, ["shelter"], legal_basis="order-844-406")
        )
        referral_services.refer(
            operator, referral_services.ReferralDraft(make_case(here), there, ["shelter"], legal_basis="order-844-406")
        )

    send()
    with translation.override("en"):
        url = reverse("assistance:referral-inbox")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _more in range(4):
        send()
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)


def test_the_coordinator_sees_silence_and_no_person(
    make_case: Any, make_agency: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    case = make_case(make_agency())
    draft = referral_services.ReferralDraft(
        case, make_agency("there", "ngo"), ["shelter"], DAY, legal_basis="order-844-406"
    )
    row = referral_services.refer(operator, draft)
    client = sign_in(make_user("coordinator", agency=make_agency("ministry", "social_protection")))
    with translation.override("en"):
        page = client.get(reverse("assistance:silent")).content.decode()
    assert row.reference in page
    for secret in (CANARY, case.reference, "Shelter"):
        assert secret not in page, secret


def test_a_supervisor_says_what_her_agency_offers(make_agency: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("supervisor"))
    with translation.override("en"):
        url = reverse("assistance:offer")
    assert client.post(url, {"services": ["shelter", "legal_aid"]}).status_code == 302
    agency = make_agency()
    agency.refresh_from_db()
    assert (agency.services, agency.accepting) == (["shelter", "legal_aid"], False)


def test_every_form_of_a_referral_says_where_it_goes(person: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    row = referred(client, person)
    with translation.override("en"):
        page = client.get(reverse("assistance:referral", args=[row.pk])).content.decode()
    assert not [form for form in forms_of(page) if "claim" in form.action or "assign" in form.action]


def test_a_case_is_shown_to_an_authority_and_no_longer(
    person: Any, make_agency: Any, make_user: Any, sign_in: Any
) -> None:
    office = make_agency("office", "social_protection")
    client = sign_in(make_user("caseworker"))
    with translation.override("en"):
        url = reverse("assistance:share", args=[person.pk])
    told = {"to_agency": office.pk, "legal_basis": "order-844-406", "categories": ["needs"]}
    assert client.post(url, told).status_code == 302
    reader = actor_for(make_user("identifying_officer", agency=office), office)
    assert shared_view.granted(reader, person) == {"needs"}
    row = Share.objects.get(agency=office)
    with translation.override("en"):
        client.post(reverse("assistance:end-share", args=[person.pk, row.pk]))
    assert not authorization.allows(reader, "cases.view", person)
    assert {"shared", "share_ended"} <= set(person.events.values_list("kind", flat=True))


@pytest.mark.parametrize(("role", "may"), [("caseworker", True), ("supervisor", True), ("identifying_officer", False)])
def test_recording_services_is_offered_only_to_those_who_may(
    role: str, may: bool, person: Any, clinic: Any, make_user: Any, sign_in: Any
) -> None:
    row = referred(sign_in(make_user("caseworker")), person)
    user = make_user(role, agency=clinic)
    referral_responses.answer_referral(actor_for(user), row, "accepted")
    with translation.override("en"):
        page = sign_in(user).get(reverse("assistance:referral", args=[row.pk])).content.decode()
    assert ("record services" in page) is may
    assert "Open the case" in page
