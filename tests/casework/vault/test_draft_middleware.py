"""Forms of one request: whose token fits, what is about whom, what is shown again after an erasure."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import RequestFactory
from django.utils import timezone, translation

from kerege.casework.cases.models.case import Case
from kerege.casework.vault import draft_middleware
from kerege.casework.vault.crypto import form_token
from kerege.casework.vault.crypto.form_token import FIELD, Token
from kerege.casework.vault.draft_middleware import Keeper, about, address, form_name, here, moved, park
from kerege.casework.vault.models.drafts import Draft, SentForm
from kerege.core.accounts.models import User
from kerege.core.authorization import Actor
from tests.rights import make

pytestmark = [pytest.mark.django_db, pytest.mark.db]
PAGE = "/work/cases/1/note/"


class NoteForm(forms.Form):
    """A form with one text."""

    text = forms.CharField()


@pytest.fixture(autouse=True)
def _in_english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def user() -> User:
    """Return an active user."""
    created: User = make(User)
    return created


def token_of(user: User, **parts: Any) -> Token:
    return replace(Token(user=str(user.pk), page=PAGE, target=PAGE, form="NoteForm"), **parts)


def request_with(token: Token | None, page: str = f"/en{PAGE}", **fields: str) -> HttpRequest:
    """Return the request of a sent form."""
    fields |= {FIELD: form_token.write(token)} if token else {}
    request = RequestFactory().post(page, fields)
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    return request


def keeper_of(user: User, request: HttpRequest) -> Keeper:
    return Keeper(request, Actor("user:x", user.pk, None, frozenset({"caseworker"})))


def texts_of(request: HttpRequest) -> str:
    return " ".join(str(message) for message in get_messages(request))


# -- which form was sent -----------------------------------------------------------------------------------------------
def test_an_address_has_no_language_and_keeps_its_query() -> None:
    assert address(RequestFactory().get("/en/work/?tab=person")) == "/work/?tab=person"
    assert here("/work/") == "/en/work/"


def test_a_token_counts_only_for_its_user_and_the_page_to_which_it_is_sent(user: User) -> None:
    token = token_of(user)
    assert keeper_of(user, request_with(token)).token == token
    assert keeper_of(user, request_with(token, "/en/work/")).token is None
    assert keeper_of(make(User), request_with(token)).token is None
    assert keeper_of(user, request_with(None)).token is None
    read = RequestFactory().get(f"/en{PAGE}", {FIELD: form_token.write(token)})
    assert keeper_of(user, read).token is None


def test_a_form_of_another_user_is_kept_for_that_user_and_saves_nothing(user: User) -> None:
    request = request_with(token_of(make(User)), text="typed")
    answer = keeper_of(user, request).take(lambda: HttpResponse("saved"))
    assert (answer.status_code, answer["Location"]) == (302, f"/en{PAGE}")
    assert str(Draft.objects.get().user_id) != str(user.pk)
    assert "opened by another user" in texts_of(request)


def test_a_form_of_the_user_for_another_page_is_shown_there_and_not_kept(user: User) -> None:
    request = request_with(token_of(user), "/en/work/", text="typed")
    assert keeper_of(user, request).take(lambda: HttpResponse("shown")).content == b"shown"
    assert not Draft.objects.exists()


def test_a_form_that_was_saved_redirects_to_its_first_result(user: User) -> None:
    token = token_of(user)
    SentForm.objects.create(opening=token.opening, request=uuid4(), at=timezone.now(), led_to="/en/work/done/")
    request = request_with(token)
    answer = keeper_of(user, request).take(lambda: HttpResponse("saved again"))
    assert answer["Location"] == "/en/work/done/"
    assert "sent more than once" in texts_of(request)


def test_a_form_whose_first_result_is_unknown_waits_for_it_and_then_returns_to_its_page(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, waits = token_of(user), []
    SentForm.objects.create(opening=token.opening, request=uuid4(), at=timezone.now())
    clock = iter(range(100))
    monkeypatch.setattr(draft_middleware.time, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(draft_middleware.time, "sleep", waits.append)
    answer = keeper_of(user, request_with(token)).take(lambda: HttpResponse("saved again"))
    assert answer["Location"] == f"/en{PAGE}"
    assert waits == [draft_middleware.TURN] * 2  # at 1 and 2 of 3 seconds


def test_the_choices_of_a_conflict_are_mine_theirs_or_open(user: User) -> None:
    request = request_with(token_of(user))
    request.POST = request.POST.copy()  # type: ignore[assignment]
    request.POST.setlist("form_choices", ["a", "b", "c", "d"])
    request.POST.update({"form_choice_a": "mine", "form_choice_b": "theirs", "form_choice_c": "both"})
    keeper = keeper_of(user, request)
    keeper._read_choices()
    assert (keeper.unresolved, keeper.given_up) == ({"c", "d"}, {"b"})


# -- what a form is about ----------------------------------------------------------------------------------------------
def test_a_form_is_about_the_person_of_its_case_or_of_what_belongs_to_a_case() -> None:
    case = make(Case)
    key = str(case.record.data_key_id)
    signal = SimpleNamespace(data_key_id="signal-key")
    assert about({"case": case}) == about({"referral": SimpleNamespace(case=case)}) == key
    assert about({"signal": signal}) == "signal-key"
    assert about({"signal": signal, "case": case}) == key
    assert about({"person": case}) == about({"case": None}) == about({}) == ""


def test_a_form_has_moved_when_another_version_of_its_object_is_stored(user: User) -> None:
    case = make(Case, version=3)
    assert not moved(token_of(user))
    assert not moved(token_of(user, of=["cases.Case", str(case.pk), "3"]))
    assert moved(token_of(user, of=["cases.Case", str(case.pk), "2"]))
    assert moved(token_of(user, of=["cases.Case", str(uuid4()), "3"]))


def test_the_name_of_a_form_is_its_class_and_prefix_in_eighty_letters() -> None:
    assert (form_name(None), form_name(NoteForm())) == ("", "NoteForm")
    assert form_name(NoteForm(prefix="x" * 100)) == "NoteForm" + "x" * 72


# -- forms without a session -------------------------------------------------------------------------------------------
def test_a_form_without_a_session_is_kept_for_its_active_user_while_it_is_recent(user: User) -> None:
    token, typed = token_of(user), QueryDict("text=typed")
    assert not park(replace(token, at=0), typed)
    assert not park(replace(token, user=str(uuid4())), typed)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not park(token, typed)
    User.objects.filter(pk=user.pk).update(is_active=True)
    assert park(token, typed)
    assert Draft.objects.get().parked
    SentForm.objects.create(opening=token.opening, request=uuid4(), at=timezone.now())
    assert not park(token, typed)
    assert not park(token_of(user, page="/" + "x" * 300), typed)


def test_after_an_erasure_the_page_returns_texts_that_are_long_or_of_several_words() -> None:
    short, at_limit, long, words = "code", "x" * 40, "x" * 41, "two words"
    sent = {"a": short, "b": at_limit, "c": long, "d": words, "e": " padded ", "password": "secret words"}
    answer = draft_middleware.erased(RequestFactory().post(f"/en{PAGE}", sent))
    assert answer.status_code == 409
    assert answer.context_data["words"] == [long, words]  # type: ignore[attr-defined]


def test_a_form_shown_again_keeps_its_opening_and_another_form_gets_a_new_one(user: User) -> None:
    token = token_of(user, draft=["id", "2025-03-03T12:00:00+00:00"], page="/work/first/")
    keeper = keeper_of(user, request_with(token))
    form = NoteForm()
    again = keeper.opening(form, "", {})
    assert (again.page, again.target) == ("/work/first/", PAGE)
    assert again.opening != token.opening
    keeper.goes_on = True
    again = keeper.opening(form, "", {})
    assert (again.opening, again.draft) == (token.opening, token.draft)
    other = keeper.opening(None, "/en/work/other/", {})
    assert (other.form, other.page, other.target) == ("", PAGE, "/work/other/")
    assert other.opening != token.opening


def test_the_token_of_a_form_names_the_version_of_its_case_if_the_page_has_both(user: User) -> None:
    case = make(Case)
    keeper = keeper_of(user, request_with(None))

    def version_of(**context: Any) -> list[Any] | None:
        return keeper.opening(NoteForm(), "", context).of

    assert version_of(case=case, form_version=3) == ["cases.Case", str(case.pk), "3"]
    assert version_of(case=case) is version_of(form_version=3) is version_of(case=case, form_version="") is None
