"""First use of the demo: the README's promises, and every page that links lead a demo user to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import resolve
from django.utils import translation

from kerege.casework.cases.queries import cases as case_queries
from kerege.core import audit
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.demo_sign_in import demo_user, offered_roles
from kerege.core.accounts.models import Installation, Role
from kerege.demo.loading.load import fill
from kerege.demo.programme.world import World
from tests.conftest import ROOT
from tests.demo.loading.test_load import some_of

LINK = re.compile(r'<a\b[^>]*\bhref="(/(?:kk|ru|en)/[^"]*)"')
# these pages have the links of header and menu, and links of their own
STARTS = ("/en/work/", "/en/account/password/change/")
# number of URLs to open of each view
SAMPLES = 1


def links(page: str) -> Iterator[str]:
    """Yield the internal URLs that a page links to, without fragments."""
    for address in LINK.findall(page):
        yield unescape(address).split("#")[0]


def view_name(address: str) -> str:
    """Return the name of the view that answers an address; addresses begin with their language."""
    with translation.override(address[1:3]):
        return resolve(urlsplit(address).path).view_name


def faults(client: Client) -> dict[str, int]:
    """Open the starting pages and what they lead to, return every address that answers anything but 200."""
    statuses: dict[str, int] = {}
    seen: dict[str, int] = {}
    for start in STARTS:
        answer = client.get(start, follow=True)
        statuses[start] = answer.status_code
        for address in links(answer.content.decode()):
            view = view_name(address)
            if address in statuses or seen.get(view, 0) >= SAMPLES:
                continue
            seen[view] = seen.get(view, 0) + 1
            statuses[address] = client.get(address, follow=True).status_code
    assert len(statuses) > 6, "the pages lead nowhere"
    return {address: status for address, status in statuses.items() if status != 200}


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any, world_today: World) -> Iterator[None]:
    """Build a demo register with a small part of the past, shared by the tests of this module."""
    with django_db_blocker.unblock(), transaction.atomic():
        Installation.mark(demo=True)
        fill(some_of(world_today, 60))
        yield
        transaction.set_rollback(True)


def enter(role: Role) -> Client:
    """Sign in with the demo's button of a role."""
    client = Client(HTTP_HOST="localhost", raise_request_exception=False)
    assert client.post("/en/account/demo/", {"role": role.value})["Location"] == STARTS[0]
    return client


@pytest.mark.django_db
def test_every_page_that_a_demo_user_is_led_to_opens(demo: None, settings: Any) -> None:
    settings.DEMO = True
    assert offered_roles() == list(Role)
    faults_by_role = {role.value: faults(enter(role)) for role in Role}
    assert {role: wrong for role, wrong in faults_by_role.items() if wrong} == {}


@pytest.mark.django_db
def test_the_search_of_the_readme_finds_what_the_readme_says(demo: None) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    step = re.search(r"Search `(\w+)`. The records say (\w+) and (\w+)\.", text)
    assert step, "the README searches for nobody"
    typed, *women = step.groups()
    caseworker = demo_user(Role.CASEWORKER)
    assert caseworker is not None
    actor = actor_for(caseworker)
    with audit.act(actor, "tests", "search"):
        cases = case_queries.search(actor, typed)
        names = case_queries.names(actor, cases)
    families = [names[case.id].split()[0] for case in cases]
    assert sorted(families[:2]) == sorted(women)
    opened = cases[families.index(women[1])]
    assert (opened.caseworker_id, opened.status) == (caseworker.pk, "open")
