"""Sessions are listed and ended by their user, by the administrator, and by a loss of rights."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from kerege.base.errors import Refused
from kerege.core.accounts import services, sessions
from kerege.core.accounts.actors import agency_of
from kerege.core.accounts.models import User
from kerege.core.audit.models import AuditEvent
from tests.django_fixtures import just_now

pytestmark = pytest.mark.django_db
HOME = "/en/account/sessions/"


def browser(user: User) -> Client:
    """Return a separate client in which the user is signed in."""
    client = Client(REMOTE_ADDR="10.1.2.3")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    just_now(client, user)
    UserSession.objects.create(user=user, ip="10.1.2.3", session_key=client.session.session_key, user_agent="Firefox")
    return client


def is_in(client: Client) -> bool:
    """Return whether a client is still signed in."""
    return client.get(HOME).status_code == 200


@pytest.fixture
def user(make_user: Any, sign_in: Any) -> User:
    """Return a user with a second factor."""
    made = make_user("caseworker")
    sign_in(made)
    return made


@pytest.fixture
def admin(make_actor: Any) -> Any:
    """Return the administrator of the user's agency."""
    return make_actor("administrator")


def test_a_user_ends_one_of_their_sessions_or_all_others(user: User) -> None:
    first, second, third = browser(user), browser(user), browser(user)
    rows = list(UserSession.objects.filter(user=user).order_by("pk"))
    page = first.get(HOME).content.decode()
    assert page.count("account/end-session/") == 2
    first.post("/en/account/end-session/", {"session": rows[1].pk})
    assert [is_in(first), is_in(second), is_in(third)] == [True, False, True]
    first.post(HOME)
    assert [is_in(first), is_in(third)] == [True, False]


@pytest.mark.parametrize("number", ["²", "9" * 5000, "x", ""])
def test_the_number_of_no_session_is_refused(user: User, number: str) -> None:
    """`isdigit` accepts the first two, and `int` refuses them: the page answered 500."""
    assert browser(user).post("/en/account/end-session/", {"session": number}).status_code == 404


def test_a_session_is_ended_after_a_confirmation(user: User) -> None:
    first, second = browser(user), browser(user)
    row = UserSession.objects.get(session_key=second.session.session_key)
    just_now(first, user, ago=301)
    for path in ("/en/account/end-session/", HOME):
        asked = first.post(path, {"session": row.pk}).content.decode()
        assert "step_up_secret" in asked
        assert f'name="session" value="{row.pk}"' in asked
    assert is_in(second)


def test_a_user_cannot_end_a_session_of_another_user(user: User, make_user: Any, sign_in: Any) -> None:
    stranger = make_user("caseworker")
    sign_in(stranger)
    hers, other = browser(user), browser(stranger)
    row = UserSession.objects.get(user=user)
    assert other.post("/en/account/end-session/", {"session": row.pk}).status_code == 404
    assert other.post("/en/account/end-session/", {"session": "x"}).status_code == 404
    assert AuditEvent.objects.filter(action="accounts.end_sessions", outcome="refused").count() == 2
    assert is_in(hers)


def test_choosing_an_agency_that_was_not_offered_leaves_an_event(user: User) -> None:
    assert browser(user).post("/en/account/agency/", {"agency": "x"}).status_code == 404
    assert AuditEvent.objects.filter(action="accounts.choose_agency", outcome="refused").exists()


def test_deactivating_a_user_ends_their_sessions_at_once(user: User, admin: Any) -> None:
    client = browser(user)
    services.set_active(admin, user, False)
    assert not is_in(client)
    assert not UserSession.objects.filter(user=user).exists()
    assert not Session.objects.filter(pk=client.session.session_key).exists()


def test_removing_the_last_role_ends_the_sessions_of_a_user(user: User, admin: Any) -> None:
    client = browser(user)
    services.change_roles(admin, user, agency_of(admin), ["supervisor"])
    assert is_in(client)
    services.remove_user(admin, user, agency_of(admin))
    assert not is_in(client)
    event = AuditEvent.objects.filter(action="users.manage").order_by("-seq").first()
    assert event is not None
    assert (event.details["before"], event.details["roles"], event.details["sessions"]) == (["supervisor"], [], 1)


def test_a_role_in_another_agency_keeps_a_user_signed_in(user: User, admin: Any, make_agency: Any) -> None:
    user.assignments.create(agency=make_agency("second"), role="analyst")
    client = browser(user)
    services.remove_user(admin, user, agency_of(admin))
    assert is_in(client)


def test_administrators_cannot_change_their_own_roles(admin: Any) -> None:
    with pytest.raises(Refused):
        services.change_roles(admin, User.objects.get(pk=admin.user_id), agency_of(admin), ["caseworker"])


def test_an_administrator_sees_start_and_kind_of_address_and_ends_sessions(
    user: User, make_user: Any, sign_in: Any
) -> None:
    hers = browser(user)
    boss = make_user("administrator")
    sign_in(boss)
    client = browser(boss)
    page = client.get(f"/en/account/users/{user.pk}/access/").content.decode()
    assert "an inner network" in page
    assert "10.1.2.3" not in page
    assert "Firefox" not in page
    client.post(f"/en/account/users/{user.pk}/end-sessions/")
    assert not is_in(hers)
    client.post(f"/en/account/users/{user.pk}/access/", {"roles": ["supervisor"]})
    assert set(user.assignments.values_list("role", flat=True)) == {"supervisor"}


@pytest.mark.parametrize(
    ("address", "words"),
    [("127.0.0.1", "this server"), ("10.1.2.3", "an inner network"), ("95.56.1.1", "the internet"), ("", "unknown")],
)
def test_addresses_are_shown_by_kind_only(address: str, words: str) -> None:
    assert sessions.address_class(address) == words


def test_signing_out_clears_what_the_browser_stored(user: User) -> None:
    client = browser(user)
    answer = client.post("/en/account/logout/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in client.get("/en/account/login/")
