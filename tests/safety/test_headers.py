"""Headers of every page.

Nothing is stored, nothing is inline, there is no frame, no other host, and scripts cannot read cookies.

Every form of staff that takes words keeps them: it brings the token of `<c-form>`. The pages are asked for once.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from kerege.core.accounts.models import Role
from tests.core.urlconf import pages
from tests.safety.filling import forms_of
from tests.safety.world import Words, address, furnish, staff_pages

pytestmark = pytest.mark.django_db
# what a page loads or sends by itself; the quick exit is a link that a reader follows
LOADS = re.compile(
    r"""(?:\b(?:src|srcset|action|formaction|poster|data)|<link[^>]*\bhref)\s*=\s*["']?(?:https?:)?//""", re.I
)
INLINE = re.compile(
    r"""<style|\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:|<script(?![^>]*\bsrc=)(?![^>]*json)""", re.I
)
SHOWN = "text/html"
WORDS = {"text", "textarea", "search", "tel", "email", "number"}
# they ask and are answered at once, or are about the account: nothing is written that could be lost
ASKING = {"/search/", "/look-up/", "/confirm/", "/account/"}


@pytest.fixture
def answers(make_agency: Callable[..., Any], make_user: Any, sign_in: Any) -> list[tuple[str, Any]]:
    """Return every page as a user with every role sees it."""
    things = furnish(make_agency(), make_agency("third", "hotline"), Words({}))
    browser = sign_in(make_user(*Role.values))
    return [(page.name, browser.get(address(page, things))) for page in pages() if not page.of_library]


def test_every_page_has_its_headers_asks_no_other_host_and_keeps_its_cookies_and_words(
    answers: list[tuple[str, Any]], client: Any
) -> None:
    # one test, because asking for every page takes 11 s
    for name, answer in answers:
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy, name
        assert not re.search(r"unsafe-(inline|eval|hashes)|https?:|\*", policy), name
        assert "frame-ancestors 'none'" in policy, name
        assert answer["X-Frame-Options"] == "DENY", name
        assert answer["X-Content-Type-Options"] == "nosniff", name
        assert answer["Referrer-Policy"] == "same-origin", name
        assert "no-store" in answer["Cache-Control"], name
        if SHOWN in answer.get("Content-Type", "") and not answer.streaming:
            assert not LOADS.findall(answer.content.decode()), name
            assert not INLINE.findall(answer.content.decode()), name
    check_cookies(client)
    check_forms(answers)


def check_forms(answers: list[tuple[str, Any]]) -> None:
    """Check that each form which takes words keeps them."""
    staff, kept, unkept = {page.name for page in staff_pages()}, set(), set()
    for name, answer in answers:
        if name not in staff or answer.status_code != 200:
            continue
        for form in forms_of(b"".join(answer).decode(errors="replace")):
            where = form.action or answer.request["PATH_INFO"]
            if WORDS & set(form.kinds.values()) and not any(part in where for part in ASKING):
                (kept if "form_token" in form.kinds else unkept).add(name)
    assert {"cases:note", "cases:register", "intake:new-signal"} <= kept
    assert unkept == set()


def check_cookies(client: Any) -> None:
    """Check every cookie that the pages have set."""
    client.get("/en/account/login/")
    kept = [client.cookies[name] for name in client.cookies]
    assert {settings.SESSION_COOKIE_NAME} <= {cookie.key for cookie in kept}
    for cookie in kept:
        assert cookie["httponly"], cookie.key
        assert cookie["samesite"] in {"Lax", "Strict"}, cookie.key
        assert bool(cookie["secure"]) is settings.HTTPS, cookie.key


def test_error_pages_have_them_too(client: Any) -> None:
    for path in ("/en/nothing/", "/en/work/", "/en/account/login/"):
        answer = client.get(path)
        assert answer["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_in_production_cookies_need_tls(tmp_path: Path) -> None:
    ask = (
        "from kerege.config import settings as s; print(s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0, s.SESSION_COOKIE_NAME.startswith('__Host-'))"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEREGE_")}
    process = subprocess.run(
        [sys.executable, "-c", ask],
        env=environment | {"KEREGE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.split() == ["False", "True", "True", "True", "True", "True"]
