"""Every answer that must not be public has a reason for refusal, and others have none."""

from __future__ import annotations

import hashlib

import pytest

from kerege.publishing.export_site.public_answer import Rendered
from kerege.publishing.export_site.refusals import Hidden, find_refusals
from tests.publishing.export_site.conftest import BASE

SECRET = b"sex,count,status\nmale,770,ok\n"
DIGEST = hashlib.sha256(SECRET).hexdigest()
HIDDEN = Hidden(frozenset({DIGEST}), frozenset({"Release of 2026"}))
CSV, HTML, JSON = "text/csv; charset=utf-8", "text/html; charset=utf-8", "application/json"


def reasons(body: str, content_type: str = HTML, cookies: tuple[str, ...] = ()) -> list[str]:
    """Return why an answer must not be exported."""
    answer = Rendered(200, content_type, body.encode(), cookies=cookies)
    return list(find_refusals("/en/", answer, BASE, HIDDEN))


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        ('<img src="https://example.org/x.png">', HTML, "is on another host than https://stat.example.kz"),
        ("@import 'https://example.org/x.css';", "text/css", "is on another host than https://stat.example.kz"),
        ('<form action="/en/"></form>', HTML, "holds a form"),
        ('<a href="/en/f/?page=2">x</a>', HTML, "a static site answers no question mark"),
        ('<a href="/en/account/login/">x</a>', HTML, "which is an address of the register"),
        ("<p>https://localhost:8000/en/</p>", HTML, "names the host localhost:8000 of the register"),
        (SECRET.decode(), CSV, "is a file of a release that is not public"),
        (f'{{"sha256": "{DIGEST}"}}', JSON, "names the hash of a file of a release that is not public"),
        ("<p>Release of 2026</p>", HTML, "names the release 'Release of 2026', which is not public yet"),
    ],
)
def test_an_answer_that_must_not_be_public_is_refused(body: str, content_type: str, reason: str) -> None:
    (refusal,) = reasons(body, content_type)
    assert refusal.startswith("/en/ ")
    assert reason in refusal


def test_an_answer_that_sets_a_cookie_is_refused() -> None:
    assert reasons("<p>words</p>", cookies=("sessionid",)) == [
        "/en/ sets the cookie sessionid: the exported site sets none"
    ]


@pytest.mark.parametrize(
    "body",
    [
        f'<a href="https://example.org/">x</a><a href="{BASE}/en/f/">y</a><img src="data:image/png;base64,AA">',
        f"<p>{'0' * 64}</p>",
        "<p>Release of 2025</p>",
    ],
)
def test_links_to_other_sites_and_words_about_public_releases_are_allowed(body: str) -> None:
    assert reasons(body) == []
