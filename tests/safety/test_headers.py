"""Headers of every page.

Nothing is stored, nothing is inline, there is no frame, no other host, and scripts cannot read cookies.

`test_queries.py` asks for the pages of staff and checks their headers too, so that no page is asked for twice. There,
every form that takes words keeps them: it brings the token of `<c-form>`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from kerege.core.accounts.models import Role
from tests.core.urlconf import pages
from tests.safety.headers import check_headers
from tests.safety.test_access_matrix import POST_ONLY
from tests.safety.world import Words, address, furnish, staff_pages

pytestmark = pytest.mark.django_db


def test_every_page_has_its_headers_asks_no_other_host_and_keeps_its_cookies(
    make_agency: Callable[..., Any], make_user: Any, sign_in: Any, client: Any
) -> None:
    things = furnish(make_agency(), make_agency("third", "hotline"), Words({}))
    browser = sign_in(make_user(*Role.values))
    staff = {page.name for page in staff_pages()} - POST_ONLY
    for page in (page for page in pages() if not page.of_library and page.name not in staff):
        check_headers(page.name, browser.get(address(page, things)))
    check_cookies(client)


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


def test_static_files_have_the_content_policy_too(client: Any) -> None:
    for path in ("/static/kerege/kerege.js", "/static/kerege/logo.svg"):
        answer = client.get(path)
        assert answer.status_code == 200
        policy = answer["Content-Security-Policy"]
        assert {"default-src 'none'", "object-src 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_pages_cannot_be_embedded_by_another_origin(client: Any) -> None:
    for path in ("/en/", "/en/account/login/", "/en/nothing/", "/api/v1/signals/"):
        assert client.get(path)["Cross-Origin-Resource-Policy"] == "same-origin", path


def test_text_states_its_character_set(client: Any) -> None:
    for path in ("/en/account/login/", "/en/nothing/", "/static/kerege/kerege.css", "/static/kerege/kerege.js"):
        kind = client.get(path)["Content-Type"]
        assert kind.startswith("text/"), path
        assert kind.endswith(('charset="utf-8"', "charset=utf-8")), path


def test_a_folder_of_static_files_is_not_listed(client: Any) -> None:
    for path in ("/static/", "/static/kerege/", "/static/../kerege/config/settings.py"):
        assert client.get(path).status_code == 404, path


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "OPTIONS", "TRACK"])
def test_other_methods_than_get_head_and_post_are_refused(client: Any, method: str) -> None:
    for path in ("/en/account/login/", "/en/work/cases/", "/static/kerege/kerege.js"):
        answer = client.generic(method, path, HTTP_X_SECRET="canary")
        assert answer.status_code == 405, path
        assert b"canary" not in b"".join(answer)
    assert client.generic(method, "/api/v1/signals/").status_code in {401, 405}


def test_a_page_under_an_invented_file_name_is_not_found(make_user: Any, sign_in: Any) -> None:
    browser = sign_in(make_user("caseworker"))
    for path in ("/en/work/cases/a.css", "/en/account/sessions/a.js", "/en/work/cases/%2e%2e/a.css"):
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert "no-store" in answer["Cache-Control"], path


def test_in_production_cookies_need_tls(tmp_path: Path) -> None:
    ask = (
        "from kerege.config import settings as s; print(s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS >= 365 * 24 * 3600, s.SECURE_HSTS_INCLUDE_SUBDOMAINS,"
        " s.SESSION_COOKIE_NAME.startswith('__Host-'), s.CSRF_COOKIE_NAME.startswith('__Host-'))"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEREGE_")}
    process = subprocess.run(
        [sys.executable, "-c", ask],
        env=environment | {"KEREGE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.split() == ["False", *["True"] * 7]
