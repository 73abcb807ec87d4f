"""Forms after a session ended, forms sent twice, and two users on one case lose no input."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kerege.casework.cases.models.case import Case, Note
from kerege.casework.cases.services import assignment
from kerege.casework.vault.crypto import form_token
from kerege.casework.vault.models.drafts import Draft, SentForm
from kerege.casework.vault.services import drafts
from tests.casework.cases.views.draft_driver import (
    WORDS,
    assert_saved_already,
    autosave,
    field_data,
    open_form,
    text,
    token_in,
    url_at,
    version_in,
)

pytestmark = pytest.mark.django_db


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
