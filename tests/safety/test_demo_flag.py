"""The demo's buttons are on the sign-in page only when all its locks are open."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.core.accounts.models import Installation

pytestmark = pytest.mark.django_db
HERE = {"HTTP_HOST": "localhost:8000", "REMOTE_ADDR": "127.0.0.1"}
BUTTON = "/en/account/demo/"
CLOSED: dict[str, tuple[bool, bool, dict[str, str]]] = {
    "flag off": (False, True, {}),
    "register not marked": (True, False, {}),
    "asked by another name": (True, True, {"HTTP_HOST": "kerege.example"}),
    "asked from another machine": (True, True, {"REMOTE_ADDR": "10.0.0.7"}),
    "through a proxy": (True, True, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}),
}


def page(client: Any, settings: Any, flag: bool, marked: bool, more: dict[str, str]) -> str:
    """Return the sign-in page under these conditions."""
    settings.DEMO, settings.ALLOWED_HOSTS = flag, ["*"]
    if marked:
        Installation.mark(demo=True)
    return str(client.get("/en/account/login/", **(HERE | more)).content.decode())


@pytest.mark.parametrize(("flag", "marked", "more"), CLOSED.values(), ids=CLOSED)
def test_one_closed_lock_hides_the_buttons_and_refuses_them(
    client: Any, settings: Any, make_user: Any, flag: bool, marked: bool, more: dict[str, str]
) -> None:
    make_user("caseworker", username="caseworker")
    assert BUTTON not in page(client, settings, flag, marked, more)
    assert client.post(BUTTON, {"role": "caseworker"}, **(HERE | more)).status_code in {403, 404}
    assert "_auth_user_id" not in client.session


def test_with_every_lock_open_the_buttons_are_there(client: Any, settings: Any, make_user: Any) -> None:
    make_user("caseworker", username="caseworker")
    assert BUTTON in page(client, settings, True, True, {})
