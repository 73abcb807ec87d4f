"""A lost second factor: two people, and neither of them can sign in as the user."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from kerege.base.errors import BadInput, Refused
from kerege.casework.cases.models.notices import Notice
from kerege.core import audit
from kerege.core.accounts import recovery, services
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import Agency, FactorReset, User
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied
from tests import second_factor

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
PASSWORD = "seven sheep on the steppe"
LOGIN = "/en/account/login/"


@pytest.fixture
def centre(make_agency: Any) -> Agency:
    return make_agency("centre")  # type: ignore[no-any-return]


@pytest.fixture
def admins(make_user: Any, centre: Agency) -> list[Actor]:
    users = [make_user("administrator", agency=centre, username=f"admin{number}") for number in range(2)]
    return [actor_for(user, centre) for user in users]


@pytest.fixture
def aida(make_user: Any, centre: Agency) -> User:
    user = make_user("caseworker", agency=centre, username="aida", password=PASSWORD)
    second_factor.activate(user)
    return user  # type: ignore[no-any-return]


def test_two_administrators_let_a_user_set_up_a_new_factor_with_the_old_password(
    admins: list[Actor], aida: User
) -> None:
    request = recovery.ask_reset(admins[0], aida, "lost telephone")
    recovery.decide_reset(admins[1], request, give=True)
    assert not Authenticator.objects.filter(user=aida).exists()
    browser = Client()
    browser.post(LOGIN, {"login": "aida", "password": PASSWORD})
    assert browser.get("/en/account/start/")["Location"] == "/en/account/2fa/"
    assert Notice.objects.filter(user=aida, kind="factor_removed").exists()
    actions = list(AuditEvent.objects.filter(target=f"user:{aida.pk}").values_list("action", flat=True))
    assert {"users.ask_reset", "users.recover"} <= set(actions)


def test_neither_of_the_two_can_sign_in_as_the_user(admins: list[Actor], aida: User) -> None:
    """A link would open the account: it takes the roles away until a second person gives them again."""
    recovery.decide_reset(admins[1], recovery.ask_reset(admins[0], aida, "lost"), give=True)
    services.new_link(admins[1], aida)
    assert not aida.assignments.exists()


@pytest.mark.parametrize("who", [0, 1])
def test_a_link_before_the_reset_does_not_open_the_roles_of_the_user(admins: list[Actor], aida: User, who: int) -> None:
    """While the factor is there a link opens nothing; its holder sets a password and waits."""
    link = services.new_link(admins[who], aida)
    form = Client().get(link)["Location"]
    thief = Client()
    thief.get(link)
    thief.post(form, {"password1": "chosen by the thief", "password2": "chosen by the thief"})
    recovery.decide_reset(admins[1], recovery.ask_reset(admins[0], aida, "lost"), give=True)
    thief.post(LOGIN, {"login": "aida", "password": "chosen by the thief"})
    assert thief.get("/en/account/start/").status_code == 302
    assert not aida.assignments.exists()
    assert aida.role_requests.filter(outcome="", role="caseworker").exists()


@pytest.mark.parametrize(("methods", "keeps_roles"), [(["password", "totp"], True), (["webauthn"], False), ([], False)])
def test_only_a_sign_in_with_the_password_shows_that_it_is_the_users_own(
    methods: list[str], keeps_roles: bool, admins: list[Actor], aida: User
) -> None:
    """A passkey signs in whatever password the holder of the link has set."""
    services.new_link(admins[0], aida)
    audit.record(actor_for(aida), "accounts.sign_in", f"user:{aida.pk}", methods=methods)
    User.objects.filter(pk=aida.pk).update(last_login=timezone.now())
    recovery.decide_reset(admins[1], recovery.ask_reset(admins[0], aida, "lost"), give=True)
    assert aida.assignments.exists() is keeps_roles


def test_nobody_confirms_their_own_request_or_the_reset_of_their_own_factor(admins: list[Actor], aida: User) -> None:
    with pytest.raises(Denied):
        recovery.decide_reset(admins[0], recovery.ask_reset(admins[0], aida, "lost"), give=True)
    own = User.objects.get(pk=admins[1].user_id)
    second_factor.activate(own)
    with pytest.raises(Denied):
        recovery.decide_reset(admins[1], recovery.ask_reset(admins[0], own, "lost"), give=True)


def test_the_only_administrator_is_helped_by_the_operator_and_a_national_administrator(
    make_user: Any, make_agency: Any, centre: Agency
) -> None:
    only = make_user("administrator", agency=centre, username="only")
    second_factor.activate(only)
    ministry = make_agency("ministry", "social_protection")
    Agency.objects.filter(pk=ministry.pk).update(national=True)
    national = actor_for(make_user("administrator", agency=ministry), ministry)
    request = recovery.ask_reset(Actor.system("root"), only, "lost on Friday night")
    recovery.decide_reset(national, request, give=True)
    assert not Authenticator.objects.filter(user=only).exists()


def test_a_user_of_another_agency_is_neither_asked_for_nor_confirmed(
    admins: list[Actor], make_user: Any, make_agency: Any, aida: User
) -> None:
    other = actor_for(make_user("administrator", agency=make_agency("other")))
    with pytest.raises(Denied):
        recovery.ask_reset(other, aida, "lost")
    with pytest.raises(Denied):
        recovery.decide_reset(other, recovery.ask_reset(admins[0], aida, "lost"), give=True)


def test_a_request_needs_a_reason_and_a_factor_and_is_decided_once(
    admins: list[Actor], aida: User, make_user: Any, centre: Agency
) -> None:
    with pytest.raises(BadInput, match="reason is empty"):
        recovery.ask_reset(admins[0], aida, " ")
    with pytest.raises(BadInput, match="no second factor"):
        recovery.ask_reset(admins[0], make_user("caseworker", agency=centre), "lost")
    request = recovery.ask_reset(admins[0], aida, "lost")
    recovery.decide_reset(admins[1], request, give=False)
    with pytest.raises(Refused):
        recovery.decide_reset(admins[1], request, give=True)
    assert Authenticator.objects.filter(user=aida).exists()


def test_the_database_refuses_a_reset_by_one_person(aida: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        FactorReset.objects.create(user=aida, reason="x", asked_by="user:a", decided_by="user:a", outcome="given")


def test_the_pages_ask_and_confirm(sign_in: Any, admins: list[Actor], aida: User) -> None:
    first = sign_in(User.objects.get(pk=admins[0].user_id), Client())
    first.post(f"/en/account/users/{aida.pk}/access/", {"lost": "1", "reason": "lost telephone"})
    page = "/en/account/role-requests/"
    request = FactorReset.objects.get()
    assert str(request.pk) not in first.get(page).content.decode()
    second = sign_in(User.objects.get(pk=admins[1].user_id), Client())
    assert "lost telephone" in second.get(page).content.decode()
    second.post(page, {"request": str(request.pk), "reset": "1", "give": "1"})
    assert not Authenticator.objects.filter(user=aida).exists()
