"""Page frame: navigation by role, languages, numbers, error pages and compression."""

from __future__ import annotations

import gzip
import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import urljoin

import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone, translation

from kerege.core.pages.shell import in_language
from kerege.web import navigation
from kerege.web.templatetags.kerege import due_state, number
from tests.registries import with_only


def show(source: str, **context: Any) -> str:
    from django_cotton.compiler_regex import CottonCompiler

    return engines["django"].from_string(CottonCompiler().process(source)).render(context)


def test_an_item_is_shown_only_to_its_roles() -> None:
    item = navigation.NavItem("x:y", "Cases", {"caseworker"})
    assert item.open_to({"caseworker", "analyst"})
    assert not item.open_to({"administrator"})
    assert navigation.NavItem("x:y", "Home").open_to({"administrator"})


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
@pytest.mark.django_db
def test_the_quick_exit_leads_to_a_page_in_the_language_of_the_reader(client: Client, lang: str) -> None:
    assert f'href="https://{lang}.wikipedia.org/" rel="noreferrer nofollow"' in client.get(f"/{lang}/").content.decode()


def test_an_item_without_an_address_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    items = (navigation.NavItem("no:where", "Nowhere"), navigation.NavItem("account_logout", "Away"))
    with_only(monkeypatch, navigation.navigation, *items)
    assert [link.label for link in navigation.links({"caseworker"})] == ["Away"]


def test_the_marked_item_is_the_page_or_the_first_of_its_app(monkeypatch: pytest.MonkeyPatch) -> None:
    items = tuple(navigation.NavItem(name, name) for name in ("desk:home", "cases:list", "cases:search"))
    with_only(monkeypatch, navigation.navigation, *items)
    monkeypatch.setattr(navigation, "reverse", lambda name: f"/{name}")
    for view, marked in {"cases:search": "cases:search", "cases:detail": "cases:list", "x:y": None, "": None}.items():
        active = [link.label for link in navigation.links({"caseworker"}, view) if link.active]
        assert active == ([marked] if marked else []), view


@pytest.mark.parametrize(
    ("view", "path", "marked"),
    [
        ("care:needs", "/work/cases/1/needs/", "cases:list"),
        ("care:referral", "/work/referrals/1/", "care:inbox"),
        ("care:other", "/work/elsewhere/", "care:inbox"),
        ("care:new", "/work/cases/search/new/", "cases:search"),
    ],
)
def test_the_marked_item_is_the_nearest_above_the_address(
    view: str, path: str, marked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {
        "desk:home": "/work/",
        "cases:list": "/work/cases/",
        "cases:search": "/work/cases/search/",
        "care:inbox": "/work/referrals/",
    }
    items = tuple(navigation.NavItem(name, name, start=name == "desk:home") for name in places)
    with_only(monkeypatch, navigation.navigation, *items)
    monkeypatch.setattr(navigation, "reverse", places.get)
    assert [link.label for link in navigation.links({"caseworker"}, view, path) if link.active] == [marked]


def test_a_long_menu_moves_its_last_links_under_more() -> None:
    def links_with(*labels: str) -> list[navigation.NavLink]:
        return [navigation.NavLink("/", label, current=False, active=False) for label in labels]

    short, long = links_with("Today", "Cases"), links_with(*["Преступления по источникам"] * 6)
    assert navigation.in_a_row(short) == (short, [])
    row, more = navigation.in_a_row(long)
    assert row
    assert more
    assert row + more == long


@pytest.mark.parametrize(
    ("path", "translated"),
    [("/kk/work/cases/?page=2", "/ru/work/cases/?page=2"), ("/ru/", "/ru/"), ("/", "/ru/"), ("/static/x", "/ru/")],
)
def test_a_language_link_keeps_the_page(path: str, translated: str) -> None:
    assert in_language(path, "ru") == translated


@pytest.mark.parametrize(("language", "expected"), [("kk", "1\u00a0891"), ("ru", "1\u00a0891"), ("en", "1,891")])
def test_thousands_are_grouped_by_language(language: str, expected: str) -> None:
    with translation.override(language):
        assert number(1891) == expected


def test_a_suppressed_count_is_a_word_and_never_a_blank() -> None:
    cell = show('<c-count :value="n" status="suppressed" />', n=None)
    assert "suppressed" in cell
    assert "0" not in show('<c-count :value="n" status="ok" />', n=None)
    assert ">0<" in show('<c-count :value="n" status="ok" />', n=0)


def test_a_late_date_is_marked_in_words_not_only_by_colour() -> None:
    today = timezone.localdate()
    assert due_state(today - timedelta(days=3)) == {"tone": "overdue", "words": "3 days late"}
    assert due_state(today)["words"] == "Due today"
    assert due_state(None)["words"] == ""


def test_an_empty_row_says_not_recorded() -> None:
    assert "Not recorded" in show('<c-row key="Sex"></c-row>')
    assert "Not recorded" not in show('<c-row key="Sex">female</c-row>')


def test_a_name_is_marked_for_hiding_and_keeps_its_direction() -> None:
    html = show("<c-name>{{ name }}</c-name>", name="<b>\u202eمريم")
    assert html.strip() == '<bdi class="kg-name">&lt;b&gt;\u202eمريم</bdi>'


def test_a_partial_date_is_printed_at_its_precision() -> None:
    html = show('<c-date :value="d" precision="month" />', d=date(2025, 3, 1))
    assert 'datetime="2025-03"' in html
    assert "March 2025" in html


@pytest.mark.parametrize("code", ["400", "500"])
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_bare_error_pages_need_no_context_and_follow_the_language(code: str, language: str) -> None:
    with translation.override(language):
        html = render_to_string(f"{code}.html")
    assert f'lang="{language}"' in html
    assert "Traceback" not in html


@pytest.mark.django_db
def test_a_missing_page_does_not_repeat_the_address(client: Client) -> None:
    response = client.get("/en/work/no-such-Айгүл/")
    assert response.status_code == 404
    assert "Айгүл" not in response.content.decode().split("</header>")[1]
    assert 'lang="en"' in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "site", "compressed"),
    [
        ("", None, True),
        ("", "cross-site", True),
        ("?next=/guess", "same-origin", True),
        ("?next=/guess", "none", True),
        ("?next=/guess", "cross-site", False),
        ("?next=/guess", "same-site", False),
        ("?next=/guess", None, False),
    ],
)
def test_a_page_with_a_session_is_compressed_unless_a_third_party_controls_text(
    client: Client, query: str, site: str | None, compressed: bool
) -> None:
    headers = {"HTTP_ACCEPT_ENCODING": "gzip"} | ({"HTTP_SEC_FETCH_SITE": site} if site else {})
    address = f"/en/account/login/{query}"
    assert client.get(address, **headers).headers.get("Content-Encoding") == "gzip"
    client.cookies["kerege"] = client.cookies["__Host-kerege"] = "something"
    assert (client.get(address, **headers).headers.get("Content-Encoding") == "gzip") is compressed


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [("work/audit/", 403), ("work/no-such-page/", 404), ("work/cases/00000000-0000-0000-0000-000000000007/", 404)],
)
def test_an_error_page_of_a_signed_in_user_has_the_name_the_menu_and_the_sign_out(
    make_user: Any, sign_in: Any, path: str, status: int
) -> None:
    user = make_user("caseworker")
    answer = sign_in(user).get(f"/en/{path}")
    html = answer.content.decode()
    assert answer.status_code == status
    assert [part for part in (user.full_name, "data-kg-sign-out", 'id="navigation"') if part not in html] == []
    stranger = Client().get("/en/no-such-page/").content.decode()
    assert "data-kg-sign-out" not in stranger
    assert "/en/account/login/" in stranger


@pytest.mark.django_db
def test_the_length_of_a_compressed_page_varies(client: Client) -> None:
    client.cookies["kerege"] = client.cookies["__Host-kerege"] = "something"
    headers = {"HTTP_ACCEPT_ENCODING": "gzip"}
    assert len({len(client.get("/en/account/login/", **headers).content) for _ in range(12)}) > 3


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize("page", ["work/", "work/register/", "work/cases/", "work/tasks/"])
def test_the_first_page_of_a_day_weighs_at_most_150_kb(make_user: Any, sign_in: Any, page: str, language: str) -> None:
    client = sign_in(make_user("caseworker", "supervisor"))
    answer = client.get(f"/{language}/{page}", HTTP_ACCEPT_ENCODING="gzip")
    html = gzip.decompress(answer.content).decode()
    weight = len(answer.content) + sum(static_weights(client, html).values())
    assert answer.status_code == 200
    assert weight <= 150_000, static_weights(client, html)


def static_weights(client: Client, html: str) -> dict[str, int]:
    """Return the bytes of each asset that a page loads, including those that the assets load."""
    pending, weights = set(re.findall(r'"(/static/[^"]+)"', html)), {}
    while pending:
        address = pending.pop()
        answer = client.get(address, HTTP_ACCEPT_ENCODING="gzip")
        body = b"".join(answer) if answer.streaming else answer.content
        weights[address] = len(body)
        text = gzip.decompress(body).decode() if answer.headers.get("Content-Encoding") == "gzip" else ""
        if address.endswith((".css", ".js")):
            references = [place for place in re.findall(r"url\(\"?([^\")]+)\"?\)", text) if is_needed(place)]
            references += re.findall(r'from "(\./[^"]+)"', text) + re.findall(r'import\("(\./[^"]+)"\)', text)
            pending |= {urljoin(address, place) for place in references} - weights.keys()
    return weights


def is_needed(place: str) -> bool:
    """Return whether a page in Kazakh or Russian needs a font file; other files hold rarer letters."""
    return not place.startswith("data:") and not any(rare in place for rare in ("-ext-", "vietnamese", "greek"))
