"""Late requests with the token from before a confirmation leave the newer cookie alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from kerege.core.accounts.models import User
from tests import second_factor
from tests.django_fixtures import just_now

pytestmark = pytest.mark.django_db
PASSWORD = "кереге-шаңырақ-уық"
HOME, CONFIRM = "/en/account/sessions/", "/en/account/confirm/"
COOKIE = settings.SESSION_COOKIE_NAME


@pytest.fixture
def browser(make_user: Any, client: Client) -> Client:
    """Return a browser whose last confirmation is too old."""
    user: User = make_user("caseworker", password=PASSWORD)
    second_factor.activate(user)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    just_now(client, user, ago=301)
    return client


@pytest.fixture
def late(browser: Client) -> Client:
    """Return the same browser with the token from before its confirmation."""
    other = Client()
    other.cookies[COOKIE] = browser.cookies[COOKIE].value
    browser.post(CONFIRM, {"step_up": "1", "step_up_secret": PASSWORD, "next": HOME})
    assert browser.cookies[COOKIE].value != other.cookies[COOKIE].value
    return other


def test_a_late_autosave_and_a_late_page_keep_the_newer_cookie(browser: Client, late: Client) -> None:
    for answer in (late.get(HOME), late.post(HOME, headers={"x-kerege-draft": "1"})):
        assert COOKIE not in answer.cookies
    assert browser.get(HOME).status_code == 200


def test_a_late_form_with_a_message_sets_no_cookie_of_a_new_session(late: Client) -> None:
    assert COOKIE not in late.post("/en/account/logout/").cookies


def test_a_browser_that_never_received_the_newer_token_signs_in(late: Client) -> None:
    name = User.objects.get().username
    assert late.post("/en/account/login/", {"login": name, "password": PASSWORD}).cookies[COOKIE].value


def test_a_token_that_was_never_replaced_is_deleted() -> None:
    stranger = Client()
    stranger.cookies[COOKIE] = "a" * 32
    assert stranger.get(HOME).cookies[COOKIE].value == ""
