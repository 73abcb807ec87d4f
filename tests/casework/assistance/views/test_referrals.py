"""Pages of a referral: a preview that equals what the receiver sees, answers and outcome."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.services import consents, referral_responses
from kerege.casework.assistance.services import referrals as referral_services
from kerege.casework.cases.models.notices import Notice
from kerege.casework.exchange.api.referrals import shared_values
from kerege.core import audit
from kerege.core.accounts.actors import actor_for
from tests.casework.assistance.page_driver import read_form_values
from tests.casework.assistance.views.referral_driver import PHONE
from tests.casework.conftest import CANARY, identity
from tests.safety.filling import forms_of

pytestmark = pytest.mark.django_db


def press(client: Any, page: Any, url: str, step: str = "", **values: Any) -> Any:
    """Submit the page's form with its current values and `values`."""
    return client.post(url, read_form_values(page.content.decode()) | ({"step": step} if step else {}) | values)


def send_referral(client: Any, case: Any) -> Referral:
    """Send a referral with the form's initial values: open, preview, send."""
    with translation.override("en"):
        url = reverse("assistance:refer", args=[case.pk])
    form_page = client.get(url)
    preview = press(client, form_page, url, "preview")
    assert preview.status_code == 200, preview.content.decode()
    answer = press(client, preview, url, "send")
    assert answer.status_code == 302
    return Referral.objects.latest("sent_at")


@pytest.mark.db
def test_a_referral_is_sent_unchanged_in_three_clicks(
    case_with_consent: Any, clinic: Any, make_user: Any, sign_in: Any
) -> None:
    row = send_referral(sign_in(make_user("caseworker")), case_with_consent)
    assert (row.to_agency, row.services, row.categories) == (clinic, ["legal_aid"], ["identity", "needs"])
    assert row.consent is not None
    assert row.due_on == referral_services.get_answer_day("normal", timezone.localdate())
    assert re.fullmatch(r"R-\w{4}-\w{4}", row.reference)


@pytest.mark.parametrize("language", ["kk", "ru", pytest.param("en", marks=pytest.mark.db)])
def test_the_preview_equals_what_the_receiver_sees(
    language: str, case_with_consent: Any, clinic: Any, make_user: Any, sign_in: Any
) -> None:
    sender, receiver = make_user("caseworker"), make_user("caseworker", agency=clinic)
    with translation.override(language):
        url = reverse("assistance:refer", args=[case_with_consent.pk])
    client = sign_in(sender)
    preview = press(client, client.get(url), url, "preview", message="From eleven o'clock.\nAsk for Aigul.")
    press(client, preview, url, "send")
    row, actor = Referral.objects.get(), actor_for(receiver, clinic)
    with translation.override(language):
        receiver_client = sign_in(receiver)
        page = receiver_client.get(reverse("assistance:referral", args=[row.pk])).content.decode()
        case_page = receiver_client.get(reverse("cases:case", args=[case_with_consent.pk])).content.decode()
        with audit.act(actor, "tests.read"):
            api_lines = shared_values(actor, row)["shared_data"]
    received = _read_received(page)
    assert received == _read_received(preview.content.decode())
    assert CANARY in received
    for label in ("Telephone", "Телефон"):  # contact was not granted
        assert label not in received
    # the case page and the API show the same; the age follows from the birth date
    bar = [_strip_tags(item) for item in re.findall(r"<li>(.*?)</li>", _cut_identity_bar(case_page), re.S)]
    assert bar[0] == f"{CANARY} Айгүл"
    for text in [bar[0], *bar[2:], *(line["label"] for line in api_lines)]:
        assert text in received, text
    assert "kc-safe" not in case_page
    assert {line["category"] for line in api_lines} == set(row.categories)


# safe contact rules with a value in every field
RULES = {
    "never_say": "shelter, court",
    "channels": ["messenger", "call"],
    "times": "after six",
    "answerers": "her sister; you call from the library",
    "code_word": "Наурыз",
}


@pytest.mark.parametrize("language", ["kk", "ru", pytest.param("en", marks=pytest.mark.db)])
@pytest.mark.parametrize("identity_data", [{"contact_rules": RULES, "safe_contact": "never before noon"}, {}])
def test_preview_referral_case_page_and_api_show_the_same_contact_rules(
    identity_data: dict[str, Any],
    language: str,
    make_case: Any,
    make_agency: Any,
    clinic: Any,
    make_user: Any,
    sign_in: Any,
) -> None:
    case = make_case(make_agency(), identity(phones=[PHONE], **identity_data))
    form = {"services": ["legal_aid"], "to_agency": clinic.pk, "legal_basis": "order-844-406", "urgency": "normal"}
    receiver = make_user("caseworker", agency=clinic)
    with translation.override(language):
        url = reverse("assistance:refer", args=[case.pk])
        preview = sign_in(make_user("caseworker")).post(url, form | {"categories": ["contact"], "step": "preview"})
        assert sign_in(make_user("caseworker")).post(url, form | {"categories": ["contact"], "step": "send"})
        row = Referral.objects.get()
        receiver_client = sign_in(receiver)
        received = _read_received(receiver_client.get(reverse("assistance:referral", args=[row.pk])).content.decode())
        page = unescape(receiver_client.get(reverse("cases:case", args=[case.pk])).content.decode())
        actor = actor_for(receiver, clinic)
        with audit.act(actor, "tests.read"):
            api_lines = [(line["label"], *line["values"]) for line in shared_values(actor, row)["shared_data"]]
    assert received == _read_received(preview.content.decode())
    bar = _list_safe_contact(page)
    assert len(bar) == (len(RULES) + 1 if identity_data else 1)
    sections = _strip_tags(page[page.index('<div class="kg-narrow">') :])
    api_text = " ".join(" ".join(line) for line in api_lines)
    for text in bar:
        for where in (received, sections, api_text):
            assert text in where, text
    # before the number, the API shows exactly the lines of the bar
    before = [value for line in api_lines for value in line[1:]][: [PHONE in line for line in api_lines].index(True)]
    assert before == bar


def test_the_case_bar_hides_contact_rules_that_are_not_shared(
    make_case: Any, make_agency: Any, clinic: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    from kerege.casework.cases.services.shares import share

    case = make_case(make_agency(), identity(phones=[PHONE], contact_rules=RULES))
    share(operator, case, clinic, "legal", categories=["identity"])
    with translation.override("en"):
        page = sign_in(make_user("caseworker", agency=clinic)).get(reverse("cases:case", args=[case.pk]))
    for secret in (RULES["never_say"], RULES["code_word"], "Safe contact"):
        assert secret not in page.content.decode()


def _cut_identity_bar(page: str) -> str:
    start = page.index('<ul class="kg-identity__facts')
    return page[start : page.index("</ul>", start)]


def _list_safe_contact(page: str) -> list[str]:
    """Return the safe contact lines of the case bar, without labels, in order."""
    if 'class="kc-safe"' not in page:
        [text] = re.findall(r'<p class="kc-who kc-unsafe">(.*?)</p>', page, re.S)
        return [_strip_tags(text)]
    body = page[page.index('class="kc-safe"') : page.index("</section>", page.index('class="kc-safe"'))]
    lines = re.findall(r"<p>(.*?)</p>", body, re.S)
    return [_strip_tags(re.sub(r"<strong>.*?</strong>", "", line)) for line in lines]


def _strip_tags(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def _read_received(page: str) -> str:
    body = page[page.index('<div id="received">') :]
    end = min(place for stop in ("<form", '<h2 class="govuk-heading-m">') if (place := body.find(stop)) > 0)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body[:end])).split())


def test_the_preview_includes_data_shared_before(
    case_with_consent: Any, clinic: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    from kerege.casework.cases.services.shares import share

    share(operator, case_with_consent, clinic, "legal", categories=["contact"])
    with translation.override("en"):
        url = reverse("assistance:refer", args=[case_with_consent.pk])
    client = sign_in(make_user("caseworker"))
    assert "Telephone" in press(client, client.get(url), url, "preview").content.decode()


@pytest.mark.db
def test_a_referral_beyond_the_consent_is_refused(case_with_consent: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    with translation.override("en"):
        url = reverse("assistance:refer", args=[case_with_consent.pk])
    answer = press(client, client.get(url), url, "send", categories=["identity", "health"])
    assert answer.status_code == 200
    assert "does not cover all the data chosen" in answer.content.decode()
    assert not Referral.objects.exists()


@pytest.mark.db
def test_a_double_click_sends_one_referral(case_with_consent: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    with translation.override("en"):
        url = reverse("assistance:refer", args=[case_with_consent.pk])
    preview = press(client, client.get(url), url, "preview")
    for _press in range(2):
        press(client, preview, url, "send")
    assert Referral.objects.count() == 1


def test_a_declined_referral_offers_the_next_agency_with_the_same_content(
    case_with_consent: Any, clinic: Any, make_agency: Any, make_user: Any, sign_in: Any
) -> None:
    second = make_agency("second", "ngo")
    second.services = ["legal_aid"]
    second.save()
    client = sign_in(make_user("caseworker"))
    row = send_referral(client, case_with_consent)
    receiver = actor_for(make_user("caseworker", agency=clinic), clinic)
    referral_responses.answer_referral(receiver, row, "declined", "no_capacity")
    with translation.override("en"):
        page = client.get(reverse("assistance:referral", args=[row.pk]))
        again = f"{reverse('assistance:refer', args=[case_with_consent.pk])}?again={row.pk}"
    assert again in page.content.decode()
    form = client.get(again).context["form"]
    assert form.initial["to_agency"] == second
    assert form.initial["services"] == row.services


def test_the_sender_sees_claim_answer_and_outcome(
    case_with_consent: Any, clinic: Any, make_user: Any, sign_in: Any, client: Any
) -> None:
    sender, receiver = make_user("caseworker"), make_user("caseworker", agency=clinic)
    row = send_referral(sign_in(sender), case_with_consent)
    receiver_client = sign_in(receiver)
    with translation.override("en"):
        url = reverse("assistance:referral", args=[row.pk])
        receiver_client.post(reverse("assistance:claim", args=[row.pk]))
    receiver_client.get(url)
    assert receiver_client.post(url, {"status": "accepted"}).status_code == 302
    assert receiver_client.post(url, {"status": "completed"}).status_code == 200  # the outcome is missing
    outcome = {"status": "completed", "outcome": "helped", "delivered": ["legal_aid"], "reply": "Court on Monday."}
    day = {"ended_on_day": "1", "ended_on_month": "3", "ended_on_year": "2025"}
    assert receiver_client.post(url, outcome | day).status_code == 302
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


@pytest.mark.db
def test_a_completed_referral_ends_its_share(case_with_consent: Any, clinic: Any, make_user: Any, sign_in: Any) -> None:
    row = send_referral(sign_in(make_user("caseworker")), case_with_consent)
    receiver = make_user("caseworker", agency=clinic)
    actor = actor_for(receiver, clinic)
    referral_responses.answer_referral(actor, row, "accepted")
    referral_responses.answer_referral(actor, row, "completed", answer=referral_responses.Answer(outcome="helped"))
    client = sign_in(receiver)
    with translation.override("en"):
        page = client.get(reverse("assistance:referral", args=[row.pk])).content.decode()
        assert client.get(reverse("cases:case", args=[case_with_consent.pk])).status_code == 404
    assert CANARY not in page
    assert case_with_consent.reference not in page


def test_after_a_withdrawal_the_receiver_sees_only_the_day(
    case_with_consent: Any, clinic: Any, make_user: Any, sign_in: Any
) -> None:
    sender = make_user("caseworker")
    row = send_referral(sign_in(sender), case_with_consent)
    actor = actor_for(sender)
    consents.withdraw_consent(actor, row.consent, timezone.localdate())
    client = sign_in(make_user("caseworker", agency=clinic))
    with translation.override("en"):
        page = client.get(reverse("assistance:referral", args=[row.pk])).content.decode()
        inbox = client.get(reverse("assistance:referral-inbox")).content.decode()
    page = page.split("<main")[1]  # without the menu, which names the list of legal aid
    assert "Withdrawn by the person on" in page
    assert "withdrawn by the person on" in inbox
    for secret in (CANARY, case_with_consent.reference, "Legal aid"):
        assert secret not in page, secret


def test_the_sender_gets_no_form_to_claim_or_assign(case_with_consent: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    row = send_referral(client, case_with_consent)
    with translation.override("en"):
        page = client.get(reverse("assistance:referral", args=[row.pk])).content.decode()
    assert not [form for form in forms_of(page) if "claim" in form.action or "assign" in form.action]


@pytest.mark.parametrize(
    ("role", "may"),
    [pytest.param("caseworker", True, marks=pytest.mark.db), ("supervisor", True), ("identifying_officer", False)],
)
def test_only_permitted_roles_are_offered_to_record_services(
    role: str, may: bool, case_with_consent: Any, clinic: Any, make_user: Any, sign_in: Any
) -> None:
    row = send_referral(sign_in(make_user("caseworker")), case_with_consent)
    user = make_user(role, agency=clinic)
    referral_responses.answer_referral(actor_for(user), row, "accepted")
    with translation.override("en"):
        page = sign_in(user).get(reverse("assistance:referral", args=[row.pk])).content.decode()
    assert ("record services" in page) is may
    assert "Open the case" in page
