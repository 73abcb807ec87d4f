"""Pages of the law: every unconfirmed fact has its mark, and two people confirm one on a page."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kerege.core.accounts.models import Agency, FactConfirmation
from kerege.vocabulary import confirmations
from kerege.vocabulary.profile import active
from kerege.web.navigation import navigation

pytestmark = [pytest.mark.django_db, pytest.mark.db]
MARK = {"en": "not confirmed by a lawyer", "ru": "не подтверждено юристом", "kk": "заңгер растамаған"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read no confirmations but those of the test."""
    monkeypatch.setattr(confirmations, "FILE_NAME", f"{tmp_path.name}.toml")


def count_marks() -> int:
    """Return how many marks the articles need: one for each article, clock and act that waits."""
    waiting = {fact.path for fact in active().unconfirmed()}
    paths = [f"law.{article.id}" for article in active().law]
    paths += [path for article in active().law for path in article.clocks]
    paths += [f"legal_basis.{basis}" for article in active().law for basis in article.acts]
    return sum(path in waiting for path in paths)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_public_page_marks_each_unconfirmed_fact(language: str, db: None) -> None:
    text = Client().get(f"/{language}/law/").content.decode()
    assert text.count(MARK[language]) == count_marks()
    assert len(re.findall(r'id="art-', text)) == len(active().law)
    assert "/work/" not in re.sub(r"(?s)<header.*?</header>", "", text)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_each_article_names_who_acts_and_its_clocks_with_value_and_source(language: str, db: None) -> None:
    """A lawyer reads what is not known too: a missing line would look as if the law were silent."""
    sections = Client().get(f"/{language}/law/").content.decode().split('<section class="section prose"')[1:]
    assert len(sections) == len(active().law)
    for section, article in zip(sections, active().law, strict=True):
        assert section.count("<dt>") == 6, article.id
        clocks = section.split("<dt>")[3].split("<dd>")[1:]
        assert len(clocks) == max(len(article.clocks), 1), article.id
        for clock in clocks if article.clocks else []:
            value, source = re.sub("<[^>]*>", "", clock.split("<mark>")[0]), clock.split("<br>")[1]
            assert len(value.split(": ", 1)[1]) > 3, value
            assert not re.search(r"[a-z]_[a-z]|True|=|None", value), value
            assert len(source.split(": ", 1)[1]) > 10


def test_an_article_that_nobody_read_says_so_in_the_words_of_the_reader(db: None) -> None:
    section = Client().get("/ru/law/").content.decode().split('id="art-15"')[1].split("</section>")[0]
    assert "общие сведения, текст не прочитан (" in section


def test_a_value_is_in_the_words_of_the_reader(make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    page = re.sub(r"\s+", " ", unescape(client.get("/ru/work/law/").content.decode()))
    for words in (
        "Подряд, дней: 30; Страны союза: Армения, Беларусь, Кыргызстан, Россия; Страны союза, подряд: 90",
        "День въезда считается: Да",
        "Месяцы: не прочитано; Шаги: ",
    ):
        assert words in page, words
    facts = page.split('id="facts"')[1]
    assert not re.search(r">[^<]*\b[a-z]+_[a-z_]+=", facts)


def test_staff_see_every_fact_and_only_confirmers_a_link_to_confirm(make_user: Any, sign_in: Any) -> None:
    page = sign_in(make_user("caseworker")).get("/en/work/law/").content.decode()
    assert page.count(MARK["en"]) == count_marks() + sum(
        not fact.confirmed for fact in active().facts() if not fact.path.startswith("law.")
    )
    assert "law/confirm" not in page


def test_each_place_of_an_article_is_in_the_menu() -> None:
    places = {place for article in active().law for place in article.places}
    assert places <= {item.url_name for item in navigation.all()}
    assert all(reverse(place) for place in places)


def test_two_people_confirm_a_fact_on_the_page(
    make_user: Any, make_agency: Any, sign_in: Any, django_capture_on_commit_callbacks: Any
) -> None:
    ministry = make_agency("ministry", "social_protection")
    Agency.objects.filter(pk=ministry.pk).update(national=True)
    first = sign_in(make_user("administrator", agency=ministry, username="adam"), Client())
    second = sign_in(make_user("coordinator", agency=ministry, username="saule"), Client())
    page = first.get("/en/work/law/confirm/?fact=law.art-16").content.decode()
    [digest] = re.findall(r'name="digest" value="([0-9a-f]{64})"', page)
    values = {"fact": "law.art-16", "digest": digest, "lawyer": "A. Lawyer", "document": "letter 12"}
    assert first.post("/en/work/law/confirm/", values).status_code == 302
    row = FactConfirmation.objects.get()
    assert "Another person decides" in first.get("/en/work/law/confirm/").content.decode()
    assert second.post("/en/work/law/confirm/", {"request": row.pk}).status_code == 404  # no button: not refused
    with django_capture_on_commit_callbacks(execute=True):
        second.post("/en/work/law/confirm/", {"request": row.pk, "give": "1"})
    assert "A. Lawyer, letter 12" in Client().get("/en/law/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        second.post("/en/work/law/confirm/", {"request": row.pk, "withdraw": "1"})
    assert "A. Lawyer" not in Client().get("/en/law/").content.decode()
