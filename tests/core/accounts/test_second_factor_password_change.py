"""Changes of passwords and second factors: what they need and end, and the audit events."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client

from kerege.core.accounts.models import User
from kerege.core.audit.models import AuditEvent
from tests import second_factor
from tests.django_fixtures import just_now

pytestmark = pytest.mark.django_db
CHANGE, LOGIN, CODE = "/en/account/password/change/", "/en/account/login/", "/en/account/2fa/authenticate/"
OLD, NEW = "seven sheep on the steppe", "nine camels near the lake"
SECRET = second_factor.new_secret()


@pytest.fixture
def aigul(make_user: Any) -> User:
    user = make_user("caseworker", username="aigul", password=OLD)
    second_factor.activate(user, SECRET)
    return user


def browser_of(user: User, ago: float = 0) -> Client:
    """Return a browser whose user confirmed their identity `ago` seconds ago."""
    browser = Client()
    browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    just_now(browser, user, ago)
    session = browser.session
    session["account_authentication_methods"] += [
        {"method": "password", "at": time.time() - ago, "reauthenticated": True}
    ]
    session.save()
    return browser


def is_in(browser: Client) -> bool:
    """Return whether a browser is signed in."""
    return browser.get("/en/account/sessions/").status_code == 200


def details(action: str) -> list[dict[str, Any]]:
    """Return the details of the audit events of an action."""
    return list(AuditEvent.objects.filter(action=action, outcome="done").values_list("details", flat=True))


def test_a_change_needs_the_old_password_and_ends_other_sessions(aigul: User) -> None:
    browser, other = browser_of(aigul), browser_of(aigul)
    form = {"password1": NEW, "password2": NEW}
    for wrong in ("", "wrong wrong wrong"):
        browser.post(CHANGE, form | {"oldpassword": wrong})
        aigul.refresh_from_db()
        assert aigul.check_password(OLD)
    browser.post(CHANGE, form | {"oldpassword": OLD})
    aigul.refresh_from_db()
    assert aigul.check_password(NEW)
    assert [is_in(browser), is_in(other)] == [True, False]


def test_changes_of_password_and_factors_are_recorded(
    aigul: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    browser = browser_of(aigul)
    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/en/account/2fa/recovery-codes/generate/")
        browser.post("/en/account/2fa/totp/deactivate/")
    browser.post(CHANGE, {"oldpassword": OLD, "password1": NEW, "password2": NEW})
    assert len(details("accounts.change_password")) == 1
    changes = [(event.get("added"), event.get("removed")) for event in details("accounts.change_factor")]
    assert ("recovery_codes", None) in changes
    assert (None, "totp") in changes
    targets = set(AuditEvent.objects.filter(action__startswith="accounts.change").values_list("target", flat=True))
    assert targets == {f"user:{aigul.pk}"}


def test_a_sign_in_is_recorded_with_its_methods(aigul: User) -> None:
    browser = Client()
    browser.post(LOGIN, {"login": "aigul", "password": OLD})
    browser.post(CODE, {"code": second_factor.code(SECRET)})
    assert [event["methods"] for event in details("accounts.sign_in")] == [["password", "totp"]]


def test_a_sign_in_begins_a_new_session(aigul: User) -> None:
    browser = Client()
    browser.get(LOGIN)
    browser.post(LOGIN, {"login": "aigul", "password": OLD})
    before = browser.session.session_key
    browser.post(CODE, {"code": second_factor.code(SECRET)})
    after = browser.session.session_key
    assert before != after
    assert not Client().session.exists(before)
    assert re.fullmatch("[a-z0-9]{32}", str(after))


@pytest.mark.parametrize("path", ["totp/deactivate/", "recovery-codes/generate/", "webauthn/add/"])
def test_a_stale_session_changes_no_factor(aigul: User, path: str) -> None:
    stale = browser_of(aigul, ago=301).post(f"/en/account/2fa/{path}")
    assert "reauthenticate" in stale["Location"]
    assert Authenticator.objects.filter(user=aigul).count() == 1
    fresh = browser_of(aigul).post(f"/en/account/2fa/{path}")
    assert "reauthenticate" not in fresh.headers.get("Location", "")


def test_password_fields_are_masked(aigul: User) -> None:
    pages = [
        (Client().get(LOGIN), {"current-password"}),
        (browser_of(aigul).get(CHANGE), {"current-password", "new-password"}),
    ]
    for page, names in pages:
        inputs = re.findall(r"<input[^>]*name=\"(?:old)?password\d?\"[^>]*>", page.content.decode())
        assert len(inputs) >= len(names)
        assert all('type="password"' in field for field in inputs)
        assert {name for field in inputs for name in re.findall(r'autocomplete="([^"]*)"', field)} == names
