"""Every page that a demo user reaches from the header, the menu, the home page and the account page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import resolve
from django.utils import timezone, translation

from kerege.core.accounts.demo import offered_roles
from kerege.core.accounts.models import Installation, Role
from kerege.demo import generate
from kerege.demo.load import fill
from tests.demo.test_load import some_of

LINK = re.compile(r'<a\b[^>]*\bhref="(/(?:kk|ru|en)/[^"]*)"')
# these pages carry the links of the frame: header and menu, and those of their own
STARTS = ("/en/work/", "/en/account/password/change/")
# addresses of each view: those of a list differ in what they lead to
SAMPLES = 1


def links(page: str) -> Iterator[str]:
    """Addresses inside the system that a page leads to, without the place on the page."""
    for address in LINK.findall(page):
        yield unescape(address).split("#")[0]


def view_name(address: str) -> str:
    """Return the name of the view that answers an address; addresses begin with their language."""
    with translation.override(address[1:3]):
        return resolve(urlsplit(address).path).view_name


def faults(client: Client) -> dict[str, int]:
    """Open the starting pages and what they lead to, return every address that answers anything but 200."""
    found: dict[str, int] = {}
    seen: dict[str, int] = {}
    for start in STARTS:
        answer = client.get(start, follow=True)
        found[start] = answer.status_code
        for address in links(answer.content.decode()):
            view = view_name(address)
            if address in found or seen.get(view, 0) >= SAMPLES:
                continue
            seen[view] = seen.get(view, 0) + 1
            found[address] = client.get(address, follow=True).status_code
    assert len(found) > 6, "the pages lead nowhere"
    return {address: status for address, status in found.items() if status != 200}


@pytest.mark.django_db
def test_every_page_that_a_demo_user_is_led_to_opens(settings: Any) -> None:
    settings.DEMO = True
    Installation.mark(demo=True)
    fill(some_of(generate.build(timezone.localdate()), 60))
    assert offered_roles() == list(Role)
    wrong = {}
    for role in Role:
        client = Client(HTTP_HOST="localhost", raise_request_exception=False)
        assert client.post("/en/account/demo/", {"role": role.value})["Location"] == STARTS[0]
        if found := faults(client):
            wrong[role.value] = found
    assert wrong == {}
