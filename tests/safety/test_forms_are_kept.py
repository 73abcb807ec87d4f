"""Every form of staff that takes words keeps them: it brings the token of `<c-form>`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kerege.core.accounts.models import Role
from tests.safety.filling import forms_of
from tests.safety.world import Words, address, furnish, staff_pages

pytestmark = pytest.mark.django_db
WORDS = {"text", "textarea", "search", "tel", "email", "number"}
# they ask and are answered at once, or are about the account: nothing is written that could be lost
ASKING = {"/search/", "/look-up/", "/confirm/", "/account/"}


def test_every_form_that_takes_words_keeps_them(make_agency: Callable[..., Any], make_user: Any, sign_in: Any) -> None:
    world = furnish(make_agency(), make_agency("third", "hotline"), Words({}))
    browser, kept, unkept = sign_in(make_user(*Role.values)), set(), set()
    for page in staff_pages():
        here = address(page, world)
        answer = browser.get(here)
        for form in forms_of(answer.content.decode(errors="replace")) if answer.status_code == 200 else ():
            where = form.action or here
            if WORDS & set(form.kinds.values()) and not any(part in where for part in ASKING):
                (kept if "form_token" in form.kinds else unkept).add(page.name)
    assert {"cases:note", "cases:register", "intake:new-signal"} <= kept
    assert unkept == set()
