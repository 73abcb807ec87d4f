"""Nothing typed is lost: a stopped form is saved exactly once, or its draft holds every field.

The forms come from the pages. Each is sent in five ways: an error stops the act at its end, the process dies there, a
colleague changed the same record, the answer is lost after the save, and the session has ended. A page that reveals
hidden fields is also sent after a reveal.

Without `make thorough`, each form is sent in one of these ways.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from kerege.casework.vault.crypto import form_token
from kerege.casework.vault.crypto.form_token import FIELD, Token
from kerege.casework.vault.draft_middleware import HEADER
from kerege.casework.vault.models.drafts import Draft, SentForm
from kerege.casework.vault.queries import masking
from kerege.casework.vault.services import drafts
from kerege.core import audit
from kerege.core.audit import hash_chain
from kerege.core.audit.models import AuditEvent
from tests.safety.canaries import TYPED
from tests.safety.filling import Form, forms_of
from tests.safety.headers import ASKING, WORDS
from tests.safety.test_access_matrix import POST_ONLY
from tests.safety.test_canary_pages import WRITERS, fills_in
from tests.safety.world import Things, address, staff_pages

pytestmark = pytest.mark.django_db
THOROUGH = bool(os.environ.get("KEREGE_THOROUGH"))
SHOW = "show"  # the button that reveals a hidden group
OTHER = f"{TYPED}二"  # the words of a colleague
SAVED, CONFLICT = 302, 409


class Killed(BaseException):
    """The process dies: no handler of an error runs, and the database rolls back."""


@dataclass(frozen=True)
class Opened:
    """A form as a browser holds it: where it is sent to, its input, and the token of its opening."""

    where: str
    data: dict[str, Any]
    is_revealed: bool = False

    @property
    def token(self) -> Token:
        """Return the token of the opening."""
        token = form_token.read(self.data[FIELD])
        assert token is not None
        return token

    @property
    def typed(self) -> dict[str, list[str]]:
        """Return what a draft has to hold."""
        left_out = drafts.NEVER | set(self.token.held_back)
        values = {name: value if isinstance(value, list) else [value] for name, value in self.data.items()}
        return {name: value for name, value in values.items() if name not in left_out and value}

    def is_saved(self) -> bool:
        """Return whether the form was saved."""
        return SentForm.objects.filter(opening=self.token.opening).exists()

    def draft(self) -> dict[str, list[str]] | None:
        """Return the input that waits as a draft; None without one."""
        row = Draft.objects.filter(opening=self.token.opening).select_related("data_key").first()
        return dict(drafts.opened(row)[0].lists()) if row else None


def stop_at_end(patch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let every act fail when it writes its event: all other rows are written, nothing is committed."""

    def fail(*args: object) -> None:
        raise error

    patch.setattr(hash_chain, "append", fail)


def check_unsaved(opened: Opened) -> None:
    """Check that the form is not saved and that its draft holds every field."""
    assert not opened.is_saved(), opened.where
    assert opened.draft() == opened.typed, opened.where


def check_once(browser: Client, opened: Opened, status: int) -> None:
    """Check that a form with this answer is saved, or kept with every field; sent again, it is saved once."""
    if not opened.is_saved():
        check_unsaved(opened)
        return
    assert status == SAVED, opened.where
    assert opened.draft() is None, opened.where
    events = AuditEvent.objects.count()
    assert browser.post(opened.where, opened.data).status_code == SAVED, opened.where
    assert AuditEvent.objects.count() == events, opened.where
    late = browser.post(opened.where, opened.data, headers={HEADER: "save"})
    assert (late.status_code, late[HEADER]) == (204, "saved"), opened.where
    assert opened.draft() is None, opened.where


def fault(browser: Client, opened: Opened, patch: pytest.MonkeyPatch) -> None:
    stop_at_end(patch, RuntimeError("fault"))
    browser.post(opened.where, opened.data)
    check_unsaved(opened)


def kill(browser: Client, opened: Opened, patch: pytest.MonkeyPatch) -> None:
    # the script of the page saves a draft every few seconds
    assert browser.post(opened.where, opened.data, headers={HEADER: "save"}).status_code == 204, opened.where
    stop_at_end(patch, Killed())
    with suppress(Killed):
        browser.post(opened.where, opened.data)
    check_unsaved(opened)


def conflict(browser: Client, opened: Opened, patch: pytest.MonkeyPatch) -> None:
    if "version" in opened.data:
        browser.post(opened.where, of_colleague(opened))
    answer = browser.post(opened.where, opened.data)
    if opened.where.endswith("/person/"):  # both changed the same names
        assert answer.status_code == CONFLICT, opened.where
    check_once(browser, opened, answer.status_code)


def of_colleague(opened: Opened) -> dict[str, Any]:
    """Return the same form as opened in another window, with other words."""
    token = form_token.write(replace(opened.token, opening=uuid4().hex))
    return {name: OTHER if value == TYPED else value for name, value in opened.data.items()} | {FIELD: token}


def timeout(browser: Client, opened: Opened, patch: pytest.MonkeyPatch) -> None:
    check_once(browser, opened, browser.post(opened.where, opened.data).status_code)


def signed_out(browser: Client, opened: Opened, patch: pytest.MonkeyPatch) -> None:
    Client().post(opened.where, opened.data)
    check_unsaved(opened)


WAYS: tuple[Callable[[Client, Opened, pytest.MonkeyPatch], None], ...] = (fault, kill, conflict, timeout, signed_out)


def takes_words(form: Form, where: str) -> bool:
    """Return whether a form takes typed words that are to be kept."""
    is_asking = any(part in where for part in ASKING)
    return FIELD in form.kinds and bool(WORDS & set(form.kinds.values())) and not is_asking


def open_forms(browser: Client, here: str) -> Iterator[Opened]:
    """Yield the forms of a page that take words, and again after a reveal where the page offers one."""
    for form in forms_of(browser.get(here).content.decode(errors="replace")):
        where = form.action or here
        if takes_words(form, where):
            data = {name: value for name, value in form.filled("valid", TYPED).items() if name != SHOW}
            yield Opened(where, data)
            if SHOW in form.kinds:
                yield from _reveal(browser, where, data | {SHOW: form.offered[SHOW][0]})


def _reveal(browser: Client, where: str, data: dict[str, Any]) -> Iterator[Opened]:
    """Yield the form of a page with a revealed group."""
    for form in forms_of(browser.post(where, data).content.decode(errors="replace")):
        if takes_words(form, form.action or where):
            values = {name: value for name, value in form.filled("valid", TYPED).items() if name != SHOW}
            yield Opened(form.action or where, values, is_revealed=True)


@pytest.mark.parametrize("role", WRITERS)
def test_a_form_that_is_stopped_is_saved_once_or_kept(
    role: str, own: Things, make_user: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, count, wrong = sign_in(make_user(role), Client(raise_request_exception=False)), 0, []
    for page in (page for page in staff_pages() if fills_in(role, page) and page.name not in POST_ONLY):
        for opened in open_forms(browser, address(page, own)):
            ways = WAYS if THOROUGH else (WAYS[count % len(WAYS)],)
            count += 1
            for way in ways:
                with transaction.atomic(), monkeypatch.context() as patch:
                    try:
                        way(browser, opened, patch)
                    except AssertionError as error:
                        wrong.append(f"{page.name} {way.__name__}: {str(error)[:400]}")
                    transaction.set_rollback(True)
    assert wrong == []


def test_a_reveal_that_claims_the_form_is_found(
    own: Things, make_user: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check would be worth nothing if it could not fail: a reveal once claimed the opened form."""
    browser = sign_in(make_user("caseworker"))
    [page] = [page for page in staff_pages() if page.name == "cases:edit-identity"]
    forms = [opened for opened in open_forms(browser, address(page, own)) if opened.is_revealed]
    assert forms

    def act(*args: Any, reads: bool = False, **kwargs: Any) -> Any:
        return audit.act(*args, **kwargs)

    monkeypatch.setattr(masking, "audit", SimpleNamespace(act=act, note=audit.note))
    with pytest.raises(AssertionError, match="/person/"):
        conflict(browser, forms[0], monkeypatch)
