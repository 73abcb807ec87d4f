"""Fuzzing of the pages: no text, number or missing field of a forged request breaks one."""

from __future__ import annotations

import logging
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

import kerege
from benchmarks.attacks.register import report
from kerege.core.accounts import attempts
from kerege.core.accounts.models import Role
from tests.core.urlconf import Page, pages
from tests.safety.conftest import make_case, operator, own, world
from tests.safety.filling import Form, Forms
from tests.safety.test_access_matrix import granted
from tests.safety.world import Things, address

__all__ = ["make_case", "operator", "own", "world"]
POSTS = int(os.environ.get("POSTS", "10"))  # forged requests for each form, and for each page without one
# numbers that `isdigit` accepts and `int` refuses, or that no column holds; texts that no encoding holds; JSON
HOSTILE = (
    "", " ", "0", "-1", "²", "٣", "9" * 19, "9" * 5000, "1e999", "NaN", "None", "true", "\0", "\ud800", "\x1b[2J",
    "%00", "../../etc/passwd", "[]", "{}", '{"id": 1}', "'\"><script>", "{{ 7 * 7 }}", "x,y;z\r\nSet-Cookie: a=b",
    "00000000-0000-0000-0000-000000000000", "2026-13-45", "9999-12-31", "0001-01-01", "31.02.2026", "é" * 70_000,
)  # fmt: skip
# names of the parameters that pages read from their address
QUERY = sorted({
    name
    for path in Path(str(kerege.__file__)).parent.rglob("*.py")
    for name in re.findall(r"""GET\.get(?:list)?\("(\w+)""", path.read_text(encoding="utf-8"))
})  # fmt: skip


def forge(form: Form, dice: random.Random) -> dict[str, Any]:
    """Return the fields of a form, some of them hostile, repeated or left out."""
    values = form.filled("valid", "words")
    for name in dice.sample(sorted(values), k=min(len(values), dice.randint(1, 3))):
        change = dice.random()
        if change < 0.15:
            del values[name]
        elif change < 0.3:
            values[name] = dice.choices(HOSTILE, k=3)
        else:
            values[name] = dice.choice(HOSTILE)
    return values


def list_requests(browser: Client, where: str, dice: random.Random) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield forged requests of a page: method, address, and fields."""
    for _ in range(POSTS):
        names = dice.sample(QUERY, k=3)
        yield "get", where, {name: dice.choice(HOSTILE) for name in names}
    html = browser.get(where).content.decode(errors="replace")
    # every page has the form to sign out
    for form in [form for form in Forms(html).forms if "logout" not in form.action] or [Form("", "post")]:
        for _ in range(POSTS):
            yield form.method, form.action or where, forge(form, dice)
    for _ in range(POSTS):
        yield "post", where, {name: dice.choice(HOSTILE) for name in dice.sample([*QUERY, "pk", "do", "show"], k=4)}


def readers_of(page: Page) -> list[str]:
    """Return the roles that may open a page; every role for one that needs none."""
    return [role for role in Role.values if page.action in {"", "public"} or granted(role, page)]


@pytest.mark.django_db
def test_no_forged_request_breaks_a_page(
    world: dict[str, Things | None], make_user: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in attempts.LIMITS:
        monkeypatch.setitem(attempts.LIMITS, name, attempts.Limit(free=10**9, first=1, longest=1))
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    dice, statuses, broken = random.Random(18), Counter[int](), dict[str, str]()
    targets = [page for page in pages() if page.action != "token"]
    for number, page in enumerate(targets):
        role = readers_of(page)[number % len(readers_of(page))]
        with transaction.atomic():
            browser = sign_in(make_user(role), Client(raise_request_exception=False))
            where, signed_in = address(page, None if page.of_library else world["own"]), copy(browser.cookies)
            for method, target, fields in list_requests(browser, where, dice):
                with transaction.atomic():
                    try:
                        answer = getattr(browser, method)(target, fields)
                    except UnicodeEncodeError:  # the test client itself cannot send it
                        continue
                    finally:
                        transaction.set_rollback(True)
                browser.cookies = copy(signed_in)  # some requests end the session
                statuses[answer.status_code] += 1
                if answer.status_code >= 500:
                    broken[f"{method} {target} {role}"] = repr(fields)[:300]
            transaction.set_rollback(True)
    report(f"forged pages: {sum(statuses.values())} requests of {len(targets)} pages, answers {dict(statuses)}")
    assert broken == {}
