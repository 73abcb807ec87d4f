"""No page asks the database more often because it has more to show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kerege.core.accounts.models import Agency, Role
from tests.safety.world import Things, Words, address, furnish, parameters, staff_pages

pytestmark = pytest.mark.django_db


def asked(browser: Any, things: Things) -> dict[str, int]:
    """How many queries each list takes: the pages that are about no single thing."""
    found = {}
    for page in staff_pages():
        if not parameters(page):
            browser.get(address(page, things))
            with CaptureQueriesContext(connection) as caught:
                browser.get(address(page, things))
            found[page.name] = len(caught)
    return found


def test_no_list_asks_more_when_it_has_more_rows(make_agency: Callable[..., Any], make_user: Any, sign_in: Any) -> None:
    centre, third = make_agency(), make_agency("third", "hotline")
    things = furnish(centre, third, Words({}))
    browser = sign_in(make_user(*Role.values))
    few = asked(browser, things)
    for _more in range(2):
        furnish(centre, third, Words({}))
    many = asked(browser, things)
    assert Agency.objects.count() == 2
    assert {name: (few[name], many[name]) for name in few if many[name] > few[name]} == {}
