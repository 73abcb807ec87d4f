"""The store of drafts: its limits, which draft replaces which, and which keys go with a draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.vault.crypto.form_token import Token
from kerege.casework.vault.models.drafts import Draft, SentForm
from kerege.casework.vault.models.identities import DataKey
from kerege.casework.vault.services import drafts

pytestmark = [pytest.mark.django_db, pytest.mark.db]
PAGE = "/work/cases/1/note/"


@pytest.fixture
def token(make_user: Callable[..., Any]) -> Token:
    """Return the token of a form that a caseworker opened."""
    return Token(user=str(make_user("caseworker").pk), page=PAGE, target=PAGE, form="NoteForm")


def opened_again(token: Token, **parts: Any) -> Token:
    """Return the token of another opening of the same form."""
    return replace(token, opening=uuid4().hex, **parts)


def data(**fields: str) -> QueryDict:
    form = QueryDict(mutable=True)
    form.update(fields)
    return form


def restored(draft: Draft) -> list[str]:
    """Return what the token of a form says of the draft that filled it."""
    return [str(draft.pk), draft.saved_at.isoformat()]


def save(token: Token, **fields: str) -> Draft:
    draft = drafts.save(token, data(**(fields or {"text": "x"})))
    assert draft is not None
    return draft


def texts() -> list[str]:
    """Return the texts of all drafts, the oldest first."""
    return [drafts.opened(draft)[0]["text"] for draft in Draft.objects.order_by("saved_at")]


def test_a_draft_holds_what_was_typed_and_what_the_form_had_shown(token: Token) -> None:
    form = QueryDict(
        "text=a&text=b&phone=7&password=p&form_token=t&csrfmiddlewaretoken=c&step_up=1&form_keep=1&form_discard=1&step_up_secret=9"
    )
    draft = drafts.save(replace(token, base={"text": ["shown"]}, held_back=["phone"]), form)
    assert draft is not None
    typed, base = drafts.opened(Draft.objects.select_related("data_key").get(pk=draft.pk))
    assert dict(typed.lists()) == {"text": ["a", "b"]}
    assert base == {"text": ["shown"]}


def test_each_autosave_of_an_opened_form_overwrites_its_draft(token: Token) -> None:
    first = save(token, text="a")
    second = save(token, text="b")
    assert (first.pk, texts()) == (second.pk, ["b"])
    assert second.saved_at > first.saved_at


def test_a_draft_of_no_person_has_a_key_of_its_own_and_takes_it_along(token: Token) -> None:
    before = DataKey.objects.count()
    draft = save(token)
    assert draft.own_key
    assert DataKey.objects.count() == before + 1
    drafts.discard(token)
    assert (Draft.objects.count(), DataKey.objects.count()) == (0, before)


def test_a_draft_about_a_person_is_under_their_key_which_stays(token: Token, make_case: Any) -> None:
    key = make_case().record.data_key_id
    about_person = replace(token, key=str(key))
    draft = save(about_person)
    assert (draft.own_key, draft.data_key_id) == (False, key)
    drafts.discard(about_person)
    assert Draft.objects.count() == 0
    assert DataKey.objects.filter(pk=key, wrapped__isnull=False).exists()


@pytest.mark.parametrize(("excess", "is_kept"), [(0, True), (1, False)])
def test_a_draft_has_at_most_256_kib(token: Token, excess: int, is_kept: bool) -> None:
    frame = len('{"data":{"text":[""]},"base":null}')
    text = "x" * (256 * 1024 - frame + excess)
    if is_kept:
        assert save(token, text=text)
    else:
        with pytest.raises(BadInput, match="too long"):
            drafts.save(token, data(text=text))


def test_the_hundred_and_first_draft_is_refused_and_removes_none(token: Token, make_user: Any) -> None:
    """To remove the oldest would lose a draft that the page called saved."""
    other = replace(token, user=str(make_user("caseworker").pk))
    save(other, text="of another user")
    opened = [opened_again(token) for _ in range(101)]
    for number in range(100):
        save(opened[number], text=str(number))
    with pytest.raises(BadInput, match="a hundred forms"):
        save(opened[100], text="100")
    save(opened[0], text="changed")
    assert [text for text in texts() if text.isdecimal()] == [str(number) for number in range(1, 100)]
    assert Draft.objects.filter(user=token.user).count() == 100
    drafts.discard(opened[0])
    assert save(opened[100], text="100")


def test_a_restored_draft_is_replaced_by_the_draft_of_the_form_that_it_filled(token: Token) -> None:
    first = save(token, text="a")
    save(opened_again(token, draft=restored(first)), text="b")
    assert texts() == ["b"]


def test_a_restored_draft_that_another_window_changed_stays(token: Token) -> None:
    first = save(token, text="a")
    second_window = opened_again(token, draft=restored(first))
    save(token, text="changed")
    save(second_window, text="b")
    assert texts() == ["changed", "b"]


def test_discarding_removes_the_own_and_the_restored_draft_and_no_other(token: Token, make_user: Any) -> None:
    first, other = save(token, text="a"), save(opened_again(token), text="other window")
    second_window = opened_again(token, draft=restored(first))
    stranger = replace(token, user=str(make_user("caseworker").pk), draft=restored(other))
    drafts.discard(stranger)
    assert texts() == ["a", "other window"]
    drafts.discard(second_window)
    assert texts() == ["other window"]


def test_an_opened_form_is_saved_by_one_request(token: Token) -> None:
    save(token)
    request = uuid4()
    drafts.claim(token, request)
    drafts.claim(token, request)
    assert Draft.objects.count() == 0
    with pytest.raises(drafts.AlreadySent):
        drafts.claim(token, uuid4())
    assert SentForm.objects.get().request == request
    # a late autosave of the saved form is refused
    assert drafts.save(token, data(text="late")) is None
    assert Draft.objects.count() == 0


def test_saving_a_form_removes_the_draft_that_filled_it(token: Token) -> None:
    first = save(token, text="a")
    drafts.claim(opened_again(token, draft=restored(first)), uuid4())
    assert texts() == []


def ages(draft: Draft, **age: int) -> None:
    Draft.objects.filter(pk=draft.pk).update(saved_at=timezone.now() - timedelta(**age))


def test_drafts_of_a_user_wait_the_newest_first(token: Token, make_user: Any) -> None:
    old, new = save(token), save(opened_again(token))
    elsewhere = save(opened_again(token, page="/work/"))
    save(replace(opened_again(token), user=str(make_user("caseworker").pk)))
    ages(old, hours=5)
    user = UUID(token.user)
    assert list(drafts.waiting(user)) == [elsewhere, new, old]
    assert list(drafts.waiting(user, PAGE)) == [new, old]
    ages(old, hours=settings.DRAFT_HOURS, seconds=1)
    ages(new, hours=settings.DRAFT_HOURS - 1)
    assert list(drafts.waiting(user, PAGE)) == [new]


def test_neither_a_sent_nor_an_erased_draft_waits(token: Token) -> None:
    sent, erased = save(token), save(opened_again(token))
    SentForm.objects.create(opening=sent.opening, request=uuid4(), at=timezone.now())
    DataKey.objects.filter(pk=erased.data_key_id).update(wrapped=None, destroyed_at=timezone.now())
    assert list(drafts.waiting(UUID(token.user))) == []


def test_drafts_are_purged_after_their_hours_and_sent_forms_after_a_year(token: Token) -> None:
    old, young = save(token), save(opened_again(token))
    now = timezone.now()
    limit = timedelta(hours=settings.DRAFT_HOURS)
    Draft.objects.filter(pk=old.pk).update(saved_at=now - limit - timedelta(seconds=1))
    Draft.objects.filter(pk=young.pk).update(saved_at=now - limit + timedelta(seconds=1))
    for age in (drafts.SENT_KEPT + timedelta(seconds=1), timedelta(days=366)):
        SentForm.objects.create(opening=uuid4(), request=uuid4(), at=now - age)
    assert drafts.purge(now) == 1
    assert list(Draft.objects.all()) == [young]
    assert SentForm.objects.count() == 1
