"""Pages of administration: a changed place or browser asks for a confirmation or ends the session."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from kerege.base.errors import BadInput
from kerege.config import hosts
from kerege.core.accounts import attempts, session_risk
from kerege.core.accounts.models import User
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import rules
from kerege.core.pages.administration import ACTIONS
from tests import second_factor
from tests.core.urlconf import pages

pytestmark = pytest.mark.django_db
LOGIN, CODE, USERS = "/en/account/login/", "/en/account/2fa/authenticate/", "/en/account/users/"
PASSWORD = "seven sheep on the steppe"
HOME, ELSEWHERE = "10.1.1.1", "10.9.9.9"
FIREFOX, OTHER = "Mozilla/5.0 Firefox/145", "curl/8"
PRESSED = {"step_up": "1", "step_up_secret": PASSWORD}
METADATA = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}


@pytest.fixture
def aigul(make_user: Any) -> User:
    return make_user("administrator", username="aigul", password=PASSWORD)


@pytest.fixture
def browser(aigul: User) -> Client:
    """Return a browser that signed in at a known place."""
    second_factor.activate(aigul, secret := second_factor.new_secret())
    attempts.remember_address("aigul", HOME)
    client = Client(REMOTE_ADDR=HOME, headers={"user-agent": FIREFOX})
    client.post(LOGIN, {"login": "aigul", "password": PASSWORD})
    assert client.post(CODE, {"code": second_factor.code(secret)}).status_code == 302
    return client


def is_asked(answer: Any) -> bool:
    return "step_up_secret" in answer.content.decode()


def test_the_circumstances_of_the_sign_in_ask_for_nothing(browser: Client) -> None:
    assert not is_asked(browser.get(USERS))


def test_another_place_asks_for_a_confirmation_once(browser: Client) -> None:
    there = {"REMOTE_ADDR": ELSEWHERE}
    assert "Your network address is another one than at your sign-in." in browser.get(USERS, **there).content.decode()
    assert is_asked(browser.get(USERS, **there))  # asking again does not answer
    assert not is_asked(browser.get("/en/account/sessions/", **there))  # no page of administration
    browser.post("/en/account/confirm/", PRESSED | {"next": USERS}, **there)
    assert not is_asked(browser.get(USERS, **there))
    assert AuditEvent.objects.get(action="accounts.risk").details["signals"] == ["place"]
    assert is_asked(browser.get(USERS, REMOTE_ADDR="10.8.8.8"))  # a third place


def test_a_post_keeps_its_input_during_the_confirmation(browser: Client) -> None:
    form = {"username": "new", "full_name": "New User", "language": "en", "roles": ["caseworker"]}
    asked = browser.post(USERS, form, REMOTE_ADDR=ELSEWHERE)
    assert is_asked(asked)
    assert 'name="username" value="new"' in asked.content.decode()
    assert not User.objects.filter(username="new").exists()
    browser.post(USERS, form | PRESSED, REMOTE_ADDR=ELSEWHERE)
    assert User.objects.filter(username="new").exists()


def test_a_wrong_confirmation_opens_nothing(browser: Client) -> None:
    browser.get(USERS, REMOTE_ADDR=ELSEWHERE)
    assert is_asked(browser.post(USERS, PRESSED | {"step_up_secret": "wrong"}, REMOTE_ADDR=ELSEWHERE))
    assert is_asked(browser.get(USERS, REMOTE_ADDR=ELSEWHERE))


def test_a_stolen_session_in_another_browser_at_another_place_ends(browser: Client) -> None:
    answer = browser.get(USERS, REMOTE_ADDR=ELSEWHERE, headers={"user-agent": OTHER})
    assert "login" in answer["Location"]
    page = browser.get(answer["Location"]).content.decode()
    assert "Your session has ended to protect it. Sign in again." in page
    assert "Your browser is another one than at your sign-in." in page
    assert browser.get("/en/account/sessions/").status_code == 302
    event = AuditEvent.objects.filter(action="accounts.risk").latest("seq")
    assert event.outcome == "refused"


def test_a_browser_without_protection_against_other_sites_asks(browser: Client) -> None:
    assert is_asked(browser.get(USERS, secure=True))
    assert not is_asked(browser.get(USERS, secure=True, headers=METADATA))


@pytest.fixture
def telephone(aigul: User) -> Client:
    """Return a browser that signed in at a place that the user did not know."""
    second_factor.activate(aigul, secret := second_factor.new_secret())
    client = Client(REMOTE_ADDR=ELSEWHERE, headers={"user-agent": FIREFOX})
    client.post(LOGIN, {"login": "aigul", "password": PASSWORD})
    client.post(CODE, {"code": second_factor.code(secret)})
    return client


def confirm(browser: Client, address: str) -> None:
    """Confirm the identity from an address, for the page of users."""
    browser.get(USERS, REMOTE_ADDR=address)
    browser.post("/en/account/confirm/", PRESSED | {"next": USERS}, REMOTE_ADDR=address)
    browser.get(USERS, REMOTE_ADDR=address)


def test_a_place_that_the_user_did_not_know_asks(telephone: Client) -> None:
    assert is_asked(telephone.get(USERS))


def test_a_changed_address_in_a_telephone_network_ends_no_session(telephone: Client) -> None:
    assert is_asked(telephone.get(USERS, REMOTE_ADDR=HOME))
    confirm(telephone, HOME)
    assert not is_asked(telephone.get(USERS, REMOTE_ADDR=HOME))


def test_a_changed_address_ends_no_session_of_an_outdated_browser(telephone: Client) -> None:
    session = telephone.session
    session[session_risk.SIGNED_IN_FROM] = [*session[session_risk.SIGNED_IN_FROM][:2], True, False]  # no metadata
    session.save()
    assert is_asked(telephone.get(USERS, REMOTE_ADDR=HOME, secure=True))


def test_confirmed_places_stay_confirmed_in_turn(browser: Client) -> None:
    places = [ELSEWHERE, "10.8.8.8"]
    for place in places:
        confirm(browser, place)
    for place in [*places, HOME, *places]:
        assert not is_asked(browser.get(USERS, REMOTE_ADDR=place))


def test_the_guarded_actions_exist_and_have_pages() -> None:
    assert {rule.action for rule in rules.rules.all()} >= ACTIONS
    guarded = {page.action for page in pages()} & ACTIONS
    assert guarded >= ACTIONS - {"users.recover"}  # a button on a page of users.manage


def test_every_page_that_only_administrators_and_auditors_open_is_guarded() -> None:
    roles = {rule.action: {str(role) for grant in rule.grants for role in grant.roles} for rule in rules.rules.all()}
    of_administration = {
        page.action for page in pages() if set() < roles.get(page.action, set()) <= {"administrator", "auditor"}
    }
    assert of_administration <= ACTIONS


def test_a_device_without_a_certificate_opens_no_page_of_administration(browser: Client, settings: Settings) -> None:
    settings.DEVICE_HEADER = "X-Device"
    for headers in ({}, {"X-Device": "NONE"}, {"X-Device": "FAILED:certificate has expired"}):
        answer = browser.get(USERS, headers=headers)
        assert answer.status_code == 403
        assert "needs a managed device" in answer.content.decode()
    event = AuditEvent.objects.latest("seq")
    assert (event.action, event.outcome) == ("accounts.device", "refused")
    assert browser.get("/en/account/sessions/").status_code == 200
    assert browser.get(USERS, headers={"X-Device": "SUCCESS"}).status_code == 200


def test_a_device_header_needs_a_proxy_that_sets_it() -> None:
    assert hosts.read_device_header("X-Device", is_behind_proxy=True) == "X-Device"
    assert hosts.read_device_header("", is_behind_proxy=False) == ""
    with pytest.raises(BadInput):
        hosts.read_device_header("X-Device", is_behind_proxy=False)
