"""Autosaved drafts: ended sessions, forms sent twice, and two users on one case lose no input."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from kerege.casework.cases.models.case import Case, Note
from kerege.casework.cases.services import assignment
from kerege.casework.vault.crypto import form_token
from kerege.casework.vault.models.drafts import Draft, SentForm
from kerege.casework.vault.models.identities import DataKey, Membership
from kerege.casework.vault.services import drafts, erasure
from kerege.core.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
WORDS, MORE = "she sleeps badly <қ>", "she sleeps badly <қ> and asked for a doctor"
SAVE = {"X-Kerege-Draft": "save"}


@pytest.fixture
def caseworker(make_user: Callable[..., Any]) -> Any:
    return make_user("caseworker", username="worker")


@pytest.fixture
def browser(sign_in: Callable[..., Any], caseworker: Any) -> Any:
    return sign_in(caseworker)


@pytest.fixture
def case(make_case: Callable[..., Any]) -> Any:
    return make_case()


def url_at(name: str, case: Any, language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"cases:{name}", kwargs={"pk": case.pk})


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def token_in(answer: Any) -> str:
    """Return the token of the page's main form, which is the last one."""
    return re.findall(r'name="form_token" value="([^"]+)"', answer.content.decode())[-1]


def version_in(answer: Any) -> str:
    return re.findall(r'name="version" value="([^"]+)"', answer.content.decode())[-1]


def open_form(browser: Any, name: str, case: Any) -> dict[str, str]:
    answer = browser.get(url_at(name, case))
    fields = {"form_token": token_in(answer)}
    return fields | ({"version": version_in(answer)} if 'name="version"' in answer.content.decode() else {})


def autosave(browser: Any, page: str, sent: dict[str, Any]) -> Any:
    """Save a draft as the script of the page does every few seconds."""
    return browser.post(page, sent, headers=SAVE)


def assert_saved_already(response: Any) -> None:
    """Check the answer to a late autosave: it is no error, and says that the form was saved."""
    assert (response.status_code, response.headers["X-Kerege-Draft"]) == (204, "saved")


# -- drafts ------------------------------------------------------------------------------------------------------------
def test_a_draft_is_restored_when_the_form_is_opened_in_any_language(browser: Any, case: Any) -> None:
    opened, page = open_form(browser, "note", case), url_at("note", case)
    assert autosave(browser, page, opened | {"text": "she"}).status_code == 204
    answer = autosave(browser, page, opened | {"text": WORDS})
    assert (answer.status_code, answer["X-Kerege-Draft"]) == (204, "sent")
    assert Draft.objects.count() == 1
    for language in ("en", "kk"):
        again = browser.get(url_at("note", case, language))
        assert WORDS in text(again)
        assert "data-kg-restored" in text(again)
    assert Note.objects.count() == 0


def test_every_kind_of_field_is_restored_even_with_an_invalid_value(browser: Any, case: Any) -> None:
    opened, page = open_form(browser, "exploitation", case), url_at("exploitation", case)
    typed: dict[str, Any] = {"main_form": "begging", "forms": ["begging", "forced_labour"]}
    typed |= {"started_on_day": "40", "started_on_year": "2024"}
    autosave(browser, page, opened | typed | {"age_when_trafficked": "about 12"})
    form = browser.get(page).context["form"]
    assert form["main_form"].value() == "begging"
    assert form["forms"].value() == ["begging", "forced_labour"]
    assert form["started_on"].value() == ["40", None, "2024"]
    assert form["age_when_trafficked"].value() == "about 12"


@pytest.mark.db
def test_a_draft_is_encrypted_and_never_holds_secrets(browser: Any, case: Any) -> None:
    opened, page = open_form(browser, "note", case), url_at("note", case)
    autosave(browser, page, opened | {"text": WORDS, "password": "hidden", "step_up_secret": "123456"})
    draft = Draft.objects.get()
    assert WORDS.encode() not in bytes(draft.ciphertext)
    assert set(drafts.opened(draft)[0]) == {"text"}


@pytest.mark.db
def test_saving_a_draft_is_no_audit_event_and_restoring_it_is_one(browser: Any, case: Any) -> None:
    opened, page = open_form(browser, "note", case), url_at("note", case)
    before = AuditEvent.objects.count()
    autosave(browser, page, opened | {"text": WORDS})
    assert AuditEvent.objects.count() == before
    browser.get(page)
    event = AuditEvent.objects.latest("seq")
    assert event.details["drafts"] == [str(Draft.objects.get().pk)]
    assert WORDS not in str(event.details)


@pytest.mark.db
def test_saving_removes_the_draft_and_its_own_key(browser: Any) -> None:
    page = reverse("cases:register")
    opened = {"form_token": token_in(browser.get(page))}
    keys = DataKey.objects.count()
    autosave(browser, page, opened | {"family": "Typedova"})
    assert DataKey.objects.count() == keys + 1
    day = timezone.localdate()
    day_fields = {"registered_on_day": day.day, "registered_on_month": day.month, "registered_on_year": day.year}
    assert browser.post(page, opened | day_fields | {"family": "Typedova"}).status_code == 302
    assert Draft.objects.count() == 0
    assert DataKey.objects.filter(record=None).count() == 0
    assert "Typedova" not in text(browser.get(page))


def test_a_form_with_an_error_is_kept_as_a_draft(browser: Any) -> None:
    page = reverse("cases:register")
    answer = browser.post(page, {"form_token": token_in(browser.get(page)), "family": "Typedova", "birth_day": "40"})
    assert answer.status_code == 200
    assert "Typedova" in text(browser.get(page))
    assert Draft.objects.count() == 1


def test_a_late_draft_of_one_person_never_appears_in_the_next_form(browser: Any) -> None:
    """A form that is shown again with matches or errors is the same form: a late draft belongs to it."""
    page = reverse("cases:register")
    first = token_in(browser.get(page))
    day = timezone.localdate()
    field_data = {"registered_on_day": day.day, "registered_on_month": day.month, "registered_on_year": day.year}
    field_data |= {"family": "Typedova", "given": "Once"}
    autosave(browser, page, {"form_token": first, "family": "Typed"})
    response = browser.post(page, {"form_token": first, "birth_day": "40"} | field_data)
    assert response.status_code == 200
    # the script sends again what it may not have sent before
    autosave(browser, page, {"form_token": first} | field_data)
    assert browser.post(page, {"form_token": token_in(response)} | field_data).status_code == 302
    assert_saved_already(autosave(browser, page, {"form_token": first} | field_data))
    assert Draft.objects.count() == 0
    assert "Typedova" not in text(browser.get(page))


@pytest.mark.db
def test_a_search_form_has_no_draft(browser: Any) -> None:
    page = reverse("cases:search")
    assert "form_token" not in text(browser.get(page))


def test_a_draft_can_be_saved_and_discarded_without_a_script(browser: Any, case: Any) -> None:
    opened, page = open_form(browser, "note", case), url_at("note", case)
    assert browser.post(page, opened | {"text": WORDS, "form_keep": "1"})["Location"] == page
    response = browser.get(page)
    assert WORDS in text(response)
    assert browser.post(page, {"form_token": token_in(response), "form_discard": "1"}).status_code == 302
    assert WORDS not in text(browser.get(page))
    assert Draft.objects.count() == 0


def test_a_restored_form_continues_the_same_draft(browser: Any, case: Any) -> None:
    opened, page = open_form(browser, "note", case), url_at("note", case)
    autosave(browser, page, opened | {"text": WORDS})
    autosave(browser, page, open_form(browser, "note", case) | {"text": MORE})
    assert Draft.objects.count() == 1
    assert MORE in text(browser.get(page))


def test_two_windows_with_the_same_form_keep_separate_drafts(browser: Any, case: Any) -> None:
    page = url_at("note", case)
    first, second = open_form(browser, "note", case), open_form(browser, "note", case)
    autosave(browser, page, first | {"text": "first window"})
    autosave(browser, page, second | {"text": "second window"})
    assert browser.post(page, second | {"text": "second window"}).status_code == 302
    assert "first window" in text(browser.get(page))


@pytest.mark.db
def test_no_other_user_reads_or_writes_a_draft(browser: Any, case: Any, make_user: Any, sign_in: Any) -> None:
    opened, page = open_form(browser, "note", case), url_at("note", case)
    autosave(browser, page, opened | {"text": WORDS})
    colleague = sign_in(make_user("caseworker", username="colleague"))
    assert WORDS not in text(colleague.get(page))
    assert autosave(colleague, page, opened | {"text": "forged"}).status_code == 404
    assert drafts.opened(Draft.objects.get())[0]["text"] == WORDS
    # a page that a shared computer still shows is never saved under the second user's name
    assert colleague.post(page, opened | {"text": MORE}).status_code == 302
    assert Note.objects.count() == 0
    assert drafts.opened(Draft.objects.get())[0]["text"] == MORE
    assert str(Draft.objects.get().user) != "colleague"


def test_a_draft_without_a_token_of_this_page_is_refused(browser: Any, case: Any) -> None:
    opened = open_form(browser, "note", case)
    assert autosave(browser, url_at("note", case), {"text": WORDS}).status_code == 404
    assert autosave(browser, url_at("task", case), opened | {"text": WORDS}).status_code == 404
    forged = opened["form_token"][:-4] + "AAAA"
    assert autosave(browser, url_at("note", case), {"form_token": forged, "text": WORDS}).status_code == 404
    assert Draft.objects.count() == 0


def test_a_draft_that_is_too_long_is_refused(browser: Any, case: Any) -> None:
    opened = open_form(browser, "note", case)
    assert autosave(browser, url_at("note", case), opened | {"text": "x" * 300_000}).status_code == 410


@pytest.mark.db
def test_erasing_a_person_deletes_their_drafts(browser: Any, case: Any, operator: Any) -> None:
    opened, page = open_form(browser, "note", case), url_at("note", case)
    autosave(browser, page, opened | {"text": WORDS})
    assert Draft.objects.get().data_key == case.record.data_key
    erasure.erase(operator, Membership.objects.get(record=case.record, to_at=None).person)
    assert Draft.objects.count() == 0
    # a window that is still open saves no new draft
    assert autosave(browser, page, opened | {"text": MORE}).status_code == 410
    assert Draft.objects.count() == 0


@pytest.mark.db
def test_a_draft_is_kept_at_least_twenty_hours_and_then_purged(browser: Any, case: Any) -> None:
    autosave(browser, url_at("note", case), open_form(browser, "note", case) | {"text": WORDS})
    now = timezone.now()
    assert drafts.purge(now + timedelta(hours=20)) == 0
    assert drafts.purge(now + timedelta(hours=73)) == 1
    assert Draft.objects.count() == 0


# -- the session ends --------------------------------------------------------------------------------------------------
@pytest.mark.db
def test_a_form_sent_after_the_session_ended_becomes_a_draft(browser: Any, case: Any, caseworker: Any) -> None:
    opened, page = open_form(browser, "note", case), url_at("note", case)
    browser.logout()
    answer = browser.post(page, opened | {"text": WORDS})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/en/account/login/?next=%2Fen%2Fwork%2Fcases%2F")
    assert Note.objects.count() == 0
    browser.force_login(caseworker, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert WORDS in text(browser.get(page))


def test_autosave_without_a_session_reports_it_and_keeps_the_draft(browser: Any, case: Any) -> None:
    opened, page = open_form(browser, "note", case), url_at("note", case)
    browser.logout()
    answer = autosave(browser, page, opened | {"text": WORDS})
    assert (answer.status_code, answer["X-Kerege-Draft"]) == (401, "kept")
    assert autosave(browser, page, {"text": WORDS})["X-Kerege-Draft"] == "lost"
    assert Draft.objects.get().parked


@pytest.mark.db
def test_only_a_recent_form_of_an_active_user_is_kept(
    browser: Any, case: Any, caseworker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, page = open_form(browser, "note", case), url_at("note", case)
    browser.logout()
    monkeypatch.setattr(form_token, "AGE", -1)
    assert autosave(browser, page, opened | {"text": WORDS})["X-Kerege-Draft"] == "lost"
    monkeypatch.undo()
    caseworker.is_active = False
    caseworker.save()
    assert autosave(browser, page, opened | {"text": WORDS})["X-Kerege-Draft"] == "lost"
    assert autosave(browser, page, {"form_token": "x.y", "text": WORDS})["X-Kerege-Draft"] == "lost"
    assert Draft.objects.count() == 0


def test_a_form_with_an_outdated_csrf_token_is_kept(browser: Any, case: Any) -> None:
    opened, page = open_form(browser, "note", case), url_at("note", case)
    csrf_client = Client(enforce_csrf_checks=True)
    csrf_client.cookies = browser.cookies
    assert csrf_client.post(page, opened | {"text": WORDS, "csrfmiddlewaretoken": "x" * 64})["Location"] == page
    assert Note.objects.count() == 0
    assert WORDS in text(browser.get(page))
    assert csrf_client.post(page, {"text": WORDS}).status_code == 403


def test_without_cookies_a_draft_is_kept_and_the_response_is_401(browser: Any, case: Any) -> None:
    opened, page = open_form(browser, "note", case), url_at("note", case)
    answer = Client(enforce_csrf_checks=True).post(page, opened | {"text": WORDS}, headers={"X-Kerege-Draft": "1"})
    assert (answer.status_code, answer["X-Kerege-Draft"]) == (401, "kept")
    assert WORDS in text(browser.get(page))


# -- twice -------------------------------------------------------------------------------------------------------------
@pytest.mark.db
def test_a_form_sent_twice_is_saved_once_and_redirects_to_the_same_page(browser: Any, case: Any) -> None:
    opened, page = open_form(browser, "note", case), url_at("note", case)
    first = browser.post(page, opened | {"text": WORDS})
    second = browser.post(page, opened | {"text": WORDS})
    assert first["Location"] == second["Location"] == url_at("case", case)
    assert Note.objects.count() == 1
    assert_saved_already(autosave(browser, page, opened | {"text": "late"}))
    assert Draft.objects.count() == 0


@pytest.mark.db
def test_a_register_form_sent_twice_registers_one_person(browser: Any) -> None:
    page = reverse("cases:register")
    day = timezone.localdate()
    day_fields = {"registered_on_day": day.day, "registered_on_month": day.month, "registered_on_year": day.year}
    sent = {"form_token": token_in(browser.get(page)), "family": "Typedova", "given": "Once"} | day_fields
    first, second = browser.post(page, sent), browser.post(page, sent)
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == 1


@pytest.mark.db
def test_a_form_that_failed_can_be_sent_again(browser: Any, case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, page = open_form(browser, "note", case), url_at("note", case)

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(assignment, "add_note", broken)
        browser.raise_request_exception = False
        assert browser.post(page, opened | {"text": WORDS}).status_code == 500
    assert SentForm.objects.count() == 0
    assert WORDS in text(browser.get(page))
    assert browser.post(page, opened | {"text": WORDS}).status_code == 302
    assert Note.objects.count() == 1


# -- two users on one case ------------------------------------------------------------------------------------------
def person_form_data(browser: Any, case: Any, show: bool = True) -> dict[str, Any]:
    """Return the person form as a browser holds it, with all groups revealed if `show`."""
    page = url_at("edit-identity", case)
    answer = browser.get(page)
    for group in answer.context["closed"] if show else ():
        opened = {"form_token": token_in(answer), "version": version_in(answer), "revealed": answer.context["open"]}
        answer = browser.post(page, opened | field_data(answer.context["form"]) | {"show": group})
    sent = {"form_token": token_in(answer), "version": version_in(answer), "revealed": answer.context["open"]}
    return sent | field_data(answer.context["form"])


@pytest.mark.parametrize("end", ["conflict", "fault"])
@pytest.mark.parametrize("revealed", [pytest.param(True, marks=pytest.mark.db), False])
def test_a_form_that_was_not_saved_is_kept_whether_or_not_a_group_was_revealed(
    browser: Any, case: Any, end: str, revealed: bool
) -> None:
    """The reveal claimed the opened form: no draft was kept, and the next attempt said "saved"."""
    page = url_at("edit-identity", case)
    own, colleague = person_form_data(browser, case, revealed), person_form_data(browser, case, revealed)
    browser.post(page, colleague | {"given": "Hers"})
    changes = {"given": "Mine"} if end == "conflict" else {"given": "Mine", "birth_year": "no year"}
    answer = browser.post(page, own | changes)
    assert not 300 <= answer.status_code < 400
    assert not SentForm.objects.filter(opening=form_token.read(own["form_token"]).opening).exists()
    assert Draft.objects.count() == 1
    again = browser.post(page, own | changes)
    assert "saved once" not in text(again)


def test_a_form_that_is_not_kept_says_so(browser: Any, case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST", 0)
    opened, page = open_form(browser, "note", case), url_at("note", case)
    assert "this form is not saved as a draft" in text(browser.post(page, opened | {"text": ""}))


@pytest.mark.db
def test_a_form_that_is_sent_after_a_week_is_still_saved_once(browser: Any, case: Any) -> None:
    opened, page = open_form(browser, "note", case), url_at("note", case)
    browser.post(page, opened | {"text": WORDS})
    drafts.purge(timezone.now() + timedelta(days=7))
    browser.post(page, opened | {"text": WORDS})
    assert Note.objects.count() == 1


def field_data(form: Any) -> dict[str, Any]:
    """Return what the fields of a form send."""
    sent: dict[str, Any] = {}
    for field in form:
        value = field.value()
        if field.name == "birth":
            year, month = (value[2], value[1]) if isinstance(value, list) else (value[0].year, value[0].month)
            sent |= {"birth_year": year, "birth_month": month}
        else:
            sent[field.name] = value or ""
    return sent


@pytest.mark.db
def test_two_users_who_change_different_fields_both_keep_their_change(browser: Any, case: Any) -> None:
    own_data, colleague_data, page = (
        person_form_data(browser, case),
        person_form_data(browser, case),
        url_at("edit-identity", case),
    )
    assert browser.post(page, colleague_data | {"phone": "+7 700"}).status_code == 302
    assert browser.post(page, own_data | {"given": "Mine"}).status_code == 302
    now = browser.get(page).context["form"].initial
    assert (now["given"], now["phone"]) == ("Mine", "+7 700")


def test_a_field_that_both_users_changed_needs_a_choice_and_the_others_merge(browser: Any, case: Any) -> None:
    own_data, colleague_data, page = (
        person_form_data(browser, case),
        person_form_data(browser, case),
        url_at("edit-identity", case),
    )
    browser.post(page, colleague_data | {"given": "Hers", "phone": "+7 700", "birth_year": "1990"})
    screen = browser.post(page, own_data | {"given": "Mine", "birth_year": "1991", "alias": "Short"})
    assert screen.status_code == 409
    assert [conflict.field.name for conflict in screen.context["conflicts"]] == ["given", "birth"]
    for words in ("Айгүл", "Mine", "Hers", "5.1996", "5.1990", "5.1991"):
        assert words in text(screen), words
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', screen.content.decode())
    sent = {name: [unescape(v) for n, v in hidden if n == name] for name, _value in hidden}
    sent["form_token"], sent["version"] = [token_in(screen)], [version_in(screen)]
    undecided = browser.post(page, sent | {"form_choice_given": "mine"})
    assert undecided.status_code == 409
    assert [conflict.field.name for conflict in undecided.context["conflicts"]] == ["birth"]
    sent |= {"form_token": token_in(undecided), "version": version_in(undecided)}
    assert browser.post(page, sent | {"form_choice_given": "mine", "form_choice_birth": "theirs"}).status_code == 302
    now = browser.get(page).context["form"].initial
    assert (now["given"], now["phone"], now["alias"]) == ("Mine", "+7 700", "Short")
    assert now["birth"].date.year == 1990


def test_a_restored_draft_overwrites_no_change_of_a_colleague(browser: Any, case: Any) -> None:
    own_data, colleague_data, page = (
        person_form_data(browser, case),
        person_form_data(browser, case),
        url_at("edit-identity", case),
    )
    autosave(browser, page, own_data | {"given": "Mine"})
    assert browser.post(page, colleague_data | {"phone": "+7 700"}).status_code == 302
    restored = person_form_data(browser, case, show=False)
    assert restored["given"] == "Mine"
    assert autosave(browser, page, restored | {"given": "Mine"})["X-Kerege-Draft"] == "conflict"
    assert browser.post(page, restored).status_code == 302
    now = browser.get(page).context["form"].initial
    assert (now["given"], now["phone"]) == ("Mine", "+7 700")
