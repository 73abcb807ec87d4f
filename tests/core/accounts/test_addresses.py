"""E-mail addresses: the user or the administrator enters one, and a link of the worker confirms it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from kerege.base.errors import BadInput, Refused
from kerege.core import outgoing_messages
from kerege.core.accounts import addresses
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.attempts import TooManyAttempts
from kerege.core.accounts.message_queue import NothingToSend
from kerege.core.accounts.models import OutgoingMessage, User
from kerege.core.audit import clock
from kerege.core.audit.models import AuditEvent
from tests.django_fixtures import just_now
from tests.queued import run_queued_tasks

pytestmark = pytest.mark.django_db
PAGE, ADDRESS = "/en/account/address/", "aigul@here.example"


@pytest.fixture(autouse=True)
def mail_server(settings: Any) -> None:
    """Set a mail server and the address of the system."""
    settings.EMAIL_URL, settings.SITE_URL = "smtp://mail.example", "https://kerege.example"


@pytest.fixture
def user(make_user: Any) -> User:
    """Return a user without an address."""
    made: User = make_user("caseworker")
    return made


def link() -> str:
    """Return the path of the link in the newest message."""
    match = re.search(r"https://kerege\.example(/\S+)", str(mail.outbox[-1].body))
    assert match
    return match[1]


def test_a_user_enters_an_address_and_confirms_it_by_the_link(user: User, sign_in: Any) -> None:
    client = sign_in(user)
    assert "no address" in client.get(PAGE).content.decode()
    client.post(PAGE, {"email": ADDRESS})
    user.refresh_from_db()
    assert (user.email, user.new_email, mail.outbox) == ("", ADDRESS, [])  # the request sends nothing
    run_queued_tasks()
    assert [letter.to for letter in mail.outbox] == [[ADDRESS]]
    assert user.full_name not in str(mail.outbox[0].body)
    page = client.get(link()).content.decode()
    user.refresh_from_db()
    assert (ADDRESS in page, user.email) == (True, "")  # opening the link is not enough: mail programs do it
    client.post(link())
    user.refresh_from_db()
    assert (user.email, user.new_email) == (ADDRESS, "")
    assert "confirmed" in client.get(PAGE).content.decode()
    notes = [row.details for row in AuditEvent.objects.filter(action="accounts.address").order_by("seq")]
    assert [next(iter(note)) for note in notes if ADDRESS not in str(note)] == ["acted_as", "acted_as"]
    assert [("entered" in note, "confirmed" in note) for note in notes] == [(True, False), (False, True)]


def test_messages_go_to_confirmed_addresses_alone(user: User, settings: Any) -> None:
    settings.MESSAGE_SENDERS = ["kerege.core.outgoing_messages.by_email"]
    addresses.enter_own_address(actor_for(user), user, ADDRESS)
    message = OutgoingMessage(user=user, way="kerege.core.outgoing_messages.by_email")
    with pytest.raises(NothingToSend):
        outgoing_messages.send(message, "K-1", "A case was assigned to you")
    assert mail.outbox == []
    user.email, user.new_email = ADDRESS, "other@here.example"
    outgoing_messages.send(message, "K-1", "A case was assigned to you")
    assert [letter.to for letter in mail.outbox] == [[ADDRESS]]


def test_a_link_works_once_for_its_user_and_its_address(user: User, make_user: Any, sign_in: Any) -> None:
    addresses.enter_own_address(actor_for(user), user, ADDRESS)
    run_queued_tasks()
    path = link()
    other = make_user("caseworker")
    assert "does not work any more" in sign_in(other, Client()).get(path).content.decode()
    assert Client().get(path).status_code == 302  # a stranger signs in first
    addresses.enter_own_address(actor_for(user), user, "later@here.example")
    client = sign_in(user)
    client.post(path)
    user.refresh_from_db()
    assert user.email == ""
    run_queued_tasks()
    client.post(link())
    client.post(link())
    user.refresh_from_db()
    assert (user.email, user.new_email) == ("later@here.example", "")


def test_a_link_lasts_a_day(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses.enter_own_address(actor_for(user), user, ADDRESS)
    run_queued_tasks()
    token = unquote(link().partition("token=")[2])
    assert addresses.is_valid(user, token)
    assert not addresses.is_valid(user, token + "x")
    assert not addresses.is_valid(user, "")
    later = timezone.now() + timedelta(hours=24)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert not addresses.is_valid(user, token)


def test_an_administrator_enters_the_address_of_a_user_who_confirms_it(
    user: User, make_user: Any, sign_in: Any
) -> None:
    admin = make_user("administrator")
    client = sign_in(admin)
    page = f"/en/account/users/{user.pk}/access/"
    assert "no address" in client.get(page).content.decode()
    client.post(page, {"address": "1", "email": ADDRESS})
    run_queued_tasks()
    assert "waits for confirmation" in client.get(page).content.decode()
    client.post(link())
    user.refresh_from_db()
    assert (user.email, user.new_email) == ("", ADDRESS)
    just_now(client, admin)
    answer = client.post(page, {"address": "1", "email": "no address"}, follow=True)
    assert "this is not an e-mail address" in answer.content.decode()


def test_the_administrator_sees_how_many_users_have_no_address(user: User, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("administrator"))
    assert "without a confirmed e-mail address" in client.get("/en/work/").content.decode()
    User.objects.update(email=ADDRESS)
    assert "without a confirmed e-mail address" not in client.get("/en/work/").content.decode()


def test_an_installation_without_a_mail_server_takes_no_address(user: User, settings: Any, sign_in: Any) -> None:
    settings.SITE_URL = ""
    client = sign_in(user)
    assert "sends no e-mail" in client.get(PAGE).content.decode()
    client.post(PAGE, {"email": ADDRESS})
    with pytest.raises(Refused):
        addresses.enter_own_address(actor_for(user), user, ADDRESS)
    user.refresh_from_db()
    assert user.new_email == ""


def test_a_user_removes_their_address(user: User, sign_in: Any) -> None:
    User.objects.filter(pk=user.pk).update(email=ADDRESS, new_email="other@here.example")
    sign_in(user).post(PAGE, {"remove": "1"})
    user.refresh_from_db()
    assert (user.email, user.new_email) == ("", "")


def test_letters_are_limited_and_addresses_are_checked(user: User) -> None:
    actor = actor_for(user)
    with pytest.raises(BadInput):
        addresses.enter_own_address(actor, user, "a\n@here.example")
    for _number in range(4):
        addresses.enter_own_address(actor, user, ADDRESS)
    with pytest.raises(TooManyAttempts):
        addresses.enter_own_address(actor, user, ADDRESS)


def test_nobody_enters_the_address_of_another_user_as_their_own(user: User, make_user: Any) -> None:
    with pytest.raises(Refused):
        addresses.enter_own_address(actor_for(make_user("caseworker")), user, ADDRESS)
