"""The page for people who were trafficked: small, without a figure, in more languages than the site."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from kerege.vocabulary import profile

pytestmark = pytest.mark.django_db
LIMIT = 20_000  # bytes of a first visit


@pytest.fixture
def visitor() -> Client:
    """Return the browser of a visitor without sign-in."""
    return Client(HTTP_HOST="localhost")


def page_of(visitor: Client, code: str) -> str:
    """Return the page in a language."""
    address = f"/{code}/help/" if code in {"kk", "ru", "en"} else f"/en/help/{code}/"
    return visitor.get(address, secure=True).content.decode()


@pytest.mark.parametrize("code", sorted(profile.load_profile("kz").help_page))
def test_every_language_of_the_profile_has_a_small_page_with_both_numbers_and_an_exit(
    visitor: Client, code: str
) -> None:
    text, country = page_of(visitor, code), profile.active()
    assert f'<html lang="{code}">' in text
    assert f"<title>{country.help_page[code].title}</title>" in text
    assert f'href="tel:{country.hotline.number}"' in text
    assert f'href="tel:{country.emergency.number}"' in text
    assert all(f'href="tel:{phone.number}"' in text for phone in country.phones)
    assert text.count("<small>(") == 2 + len(country.phones)  # no lawyer has confirmed them
    assert 'class="exit"' in text
    files = [finders.find(path) for path in re.findall(r'"/static/([^"]+)"', text)]
    weight = sum(len(gzip.compress(Path(str(path)).read_bytes())) for path in files)
    assert len(gzip.compress(text.encode())) + weight < LIMIT


def test_the_page_holds_no_figure_but_the_telephone_numbers(visitor: Client) -> None:
    country = profile.active()
    numbers = {phone.number for phone in (country.hotline, country.emergency, *country.phones)}
    for code in profile.active().help_page:
        words = re.sub(r"<head>.*?</head>|<[^>]*>", " ", page_of(visitor, code), flags=re.DOTALL)
        assert set(re.findall(r"\d+", words)) == numbers, code


def test_no_cache_keeps_the_page_and_its_title_says_nothing(visitor: Client) -> None:
    answer = visitor.get("/en/help/", secure=True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<title>Information</title>" in answer.content.decode()
    assert "trafficking" not in answer.content.decode().lower()


def test_an_unknown_language_is_not_found_and_a_language_of_the_site_has_one_address(visitor: Client) -> None:
    assert visitor.get("/en/help/xx/", secure=True).status_code == 404
    assert visitor.get("/en/help/ru/", secure=True).headers["Location"] == "/ru/help/"


def test_in_a_language_from_right_to_left_the_number_begins_at_the_right() -> None:
    """A line of digits alone has no direction of its own, so that `plaintext` would set it to the left."""
    style = Path(str(finders.find("publishing/help.css"))).read_text(encoding="utf-8")
    plain, number = style.index("unicode-bidi: plaintext"), style.index('[dir="rtl"] p.call { unicode-bidi: normal; }')
    assert number > plain
