"""Autosaved drafts: restored in any language, encrypted, and the property of one user."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from kerege.casework.cases.models.case import Note
from kerege.casework.vault.models.drafts import Draft
from kerege.casework.vault.models.identities import DataKey, Membership
from kerege.casework.vault.services import drafts, erasure
from kerege.core.audit.models import AuditEvent
from tests.casework.cases.views.draft_driver import (
    MORE,
    WORDS,
    assert_saved_already,
    autosave,
    open_form,
    text,
    token_in,
    url_at,
)

pytestmark = pytest.mark.django_db


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
    assert not AuditEvent.objects.filter(action="forms.refused_input").exists()
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
    assert AuditEvent.objects.filter(action="forms.refused_input", outcome="refused").count() == 3
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
