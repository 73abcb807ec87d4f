"""The place of the client in audit events: recognisable, and never the address."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kerege.base.errors import BadInput
from kerege.core import audit
from kerege.core.audit import client_place
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from kerege.core.security.keyring import keyring
from tests.django_fixtures import just_now

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("10.1.2.3", "inner"),
        ("::ffff:10.1.2.3", "inner"),
        ("8.8.8.8", "internet"),
        ("2001:4860:4860::8888", "internet"),
    ],
)
def test_a_place_is_a_kind_and_a_digest(address: str, kind: str) -> None:
    place = client_place.place_of(address)
    assert place.split()[0] == kind
    assert len(place.split()[1]) == client_place.LENGTH
    assert address not in place


def test_equal_addresses_have_equal_places() -> None:
    place = client_place.place_of
    assert place("10.1.2.3") == place("::ffff:10.1.2.3") != place("10.1.2.4")
    # a device changes the last 64 bits of its address by itself
    assert place("2001:db8:1:2::aaaa") == place("2001:db8:1:2::bbbb") != place("2001:db8:1:3::aaaa")


def test_the_digest_needs_the_key() -> None:
    before = client_place.place_of("10.1.2.3")
    first = keyring().current("import")[0]
    second = keyring().rotate("import")
    try:
        assert client_place.list_places("10.1.2.3") | {first: before, second: client_place.place_of("10.1.2.3")} == (
            client_place.list_places("10.1.2.3")
        )
        assert client_place.place_of("10.1.2.3") != before
    finally:
        (keyring().folder / f"{second}.key").unlink()
    with pytest.raises(BadInput):
        client_place.list_places("kerege.example")


def test_events_of_a_request_name_the_place_and_no_address(make_user: Any, sign_in: Any) -> None:
    user = make_user("auditor")
    browser = sign_in(user, Client(REMOTE_ADDR="10.77.66.55"))
    just_now(browser, user)
    browser.get("/en/work/audit/?action=vault")
    event = AuditEvent.objects.latest("seq")
    assert event.actor == f"user:{user.username}"
    assert event.details["client"] == client_place.place_of("10.77.66.55")
    assert not any("10.77.66.55" in str(row.details) for row in AuditEvent.objects.all())
    assert audit.verify().ok


def test_a_command_has_no_client(make_user: Any) -> None:
    audit.record(Actor.system("tests"), "cases.view", "case:1", number=1)
    assert "client" not in AuditEvent.objects.latest("seq").details
