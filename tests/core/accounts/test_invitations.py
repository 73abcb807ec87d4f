"""Invitations: a letter without identity, a link that expires, and a second person for the roles."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from kerege.base.errors import BadInput, Refused
from kerege.core.accounts import invitations, services
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import Agency, Invitation, User
from kerege.core.accounts.services import NewUser
from kerege.core.audit import clock
from kerege.core.authorization import Actor
from tests.queued import run_queued_tasks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
ADDRESS, PASSWORD = "aigul@here.example", "long enough and unlike anything"


@pytest.fixture(autouse=True)
def mail_server(settings: Any) -> None:
    """Set a mail server and the address of the system."""
    settings.EMAIL_URL, settings.SITE_URL = "smtp://mail.example", "https://kerege.example"


@pytest.fixture
def admin(make_user: Any, make_agency: Any) -> Actor:
    return actor_for(make_user("administrator", username="boss"), make_agency("centre"))


def invite(admin: Actor, agency: Agency, name: str = "aigul") -> User:
    invitations.invite_user(admin, agency, NewUser(name, "Aigul Person", "en", ADDRESS), ["caseworker"])
    run_queued_tasks()
    return User.objects.get(username=name)


def link() -> str:
    """Return the path of the link in the newest message."""
    match = re.search(r"https://kerege\.example(/\S+)", str(mail.outbox[-1].body))
    assert match
    return match[1]


def test_the_letter_names_nobody_and_the_link_leads_to_a_password(admin: Actor, make_agency: Any) -> None:
    user = invite(admin, make_agency("centre"))
    [letter] = mail.outbox
    for word in ("aigul", "Aigul", "centre", "Caseworker", "caseworker", str(user.pk)):
        assert word not in str(letter.body) + letter.subject, word
    browser = Client()
    assert browser.get(link()).status_code == 200  # a mail program that opens the link uses nothing up
    answer = browser.post(link(), follow=True)
    form = answer.redirect_chain[-1][0]
    browser.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert (user.email, user.new_email) == (ADDRESS, "")
    assert browser.get(link()).status_code == 404  # used


def test_the_roles_of_an_invited_user_wait_for_a_second_person(admin: Actor, make_agency: Any) -> None:
    user = invite(admin, make_agency("centre"))
    assert not user.assignments.exists()
    assert list(user.role_requests.values_list("role", "outcome")) == [("caseworker", "")]


def test_a_link_ends_after_72_hours(admin: Actor, make_agency: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    invite(admin, make_agency("centre"))
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=71))
    assert Client().get(link()).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=73))
    assert Client().get(link()).status_code == 404
    assert Client().post(link()).status_code == 404


def test_a_newer_invitation_a_link_on_the_screen_or_a_withdrawal_ends_the_link(admin: Actor, make_agency: Any) -> None:
    user, first = invite(admin, make_agency("centre")), link()
    invitations.send_again(admin, user)
    run_queued_tasks()
    assert (Client().get(first).status_code, Client().get(link()).status_code) == (404, 200)
    services.new_link(admin, user)
    assert Client().get(link()).status_code == 404
    other = invite(admin, make_agency("centre"), "dana")
    invitations.withdraw(admin, other)
    other.refresh_from_db()
    assert (Client().get(link()).status_code, other.is_active, other.role_requests.count()) == (404, False, 0)


def test_a_link_on_the_screen_confirms_no_address(admin: Actor, make_agency: Any) -> None:
    """The administrator can open that link: they would confirm an address of their own."""
    user = invite(admin, make_agency("centre"))
    path = services.new_link(admin, user)
    browser = Client()
    form = browser.get(path, follow=True).redirect_chain[-1][0]
    browser.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert user.email == ""


def test_a_wrong_address_creates_no_user(admin: Actor, make_agency: Any) -> None:
    with pytest.raises(BadInput):
        invitations.invite_user(admin, make_agency("centre"), NewUser("x", "X", email="no address"), ["caseworker"])
    assert not User.objects.filter(username="x").exists()
    assert not Invitation.objects.exists()


def test_an_installation_without_mail_offers_no_address(
    admin: Actor, make_agency: Any, settings: Any, sign_in: Any
) -> None:
    settings.EMAIL_URL = ""
    with pytest.raises(Refused):
        invitations.invite_user(admin, make_agency("centre"), NewUser("x", "X", email=ADDRESS), ["caseworker"])
    page = sign_in(User.objects.get(pk=admin.user_id)).get("/en/account/users/").content.decode()
    assert 'name="email"' not in page


def test_the_page_invites_sends_again_and_withdraws(admin: Actor, make_agency: Any, sign_in: Any) -> None:
    browser = sign_in(User.objects.get(pk=admin.user_id))
    new = {"username": "aigul", "full_name": "Aigul", "language": "en", "roles": ["caseworker"], "email": ADDRESS}
    page = browser.post("/en/account/users/", new, follow=True).content.decode()
    assert "The invitation is on its way" in page
    assert "/password/reset/key/" not in page
    user = User.objects.get(username="aigul")
    browser.post(f"/en/account/users/{user.pk}/", {"invite": "1"})
    assert user.invitations.count() == 2
    browser.post(f"/en/account/users/{user.pk}/", {"withdraw": "1"})
    assert not user.invitations.filter(ended_at=None).exists()
