"""Search: any spelling and script, by POST only, and unusual names come back unchanged."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any
from unittest.mock import ANY

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kerege.casework.cases.models.case import Case
from kerege.casework.vault.queries import identities
from kerege.core import audit
from kerege.core.accounts import attempts
from kerege.core.audit.models import AuditEvent
from tests.casework.cases.pages import address, empty, text, title
from tests.casework.conftest import CANARY, identity

pytestmark = pytest.mark.django_db
HOSTILE = [
    "Ж" * 200,
    pytest.param("О'Коннор-\u202eабв\u202c", marks=pytest.mark.db),
    "👩🏽‍🦰 Әлия",
    "<script>alert(1)</script>",
    pytest.param('"; DROP TABLE cases_case; --', marks=pytest.mark.db),
    "=HYPERLINK(A1)",
    pytest.param("𐰴𐰀𐰍𐰣 Төре", marks=pytest.mark.db),
    "{{ secret }} {% load x %}",
]


def search(browser: Any, query: str) -> str:
    return text(browser.post(address("search"), {"text": query}))


@pytest.mark.db
@pytest.mark.parametrize(
    "words", ["Сәрсенбаева Гүлнар", "Сарсенбаева", "Sarsenbayeva Gulnar", "SARSENBAEVA", "гульнар"]
)
def test_a_person_is_found_in_any_spelling_and_script(browser: Any, make_case: Callable[..., Any], words: str) -> None:
    case = make_case(person=identity("Сәрсенбаева", "Гүлнар"))
    make_case(person=identity("Иванова", "Ольга"))
    page = search(browser, words)
    assert case.reference in page
    assert "1 case found" in page


@pytest.mark.db
def test_a_reference_and_a_document_number_lead_to_the_case(browser: Any, make_case: Callable[..., Any]) -> None:
    case = make_case(person=identity(documents=[{"kind": "passport", "number": "N 1234-567"}]))
    assert case.reference in search(browser, f" {case.reference.lower()} ")
    assert case.reference in search(browser, "n1234567")
    assert "No person found" in search(browser, "N1234568")


def test_the_search_text_is_in_no_url_and_no_title(browser: Any, make_case: Callable[..., Any]) -> None:
    make_case()
    assert "found" not in text(browser.get(address("search") + f"?text={CANARY}"))
    response = browser.post(address("search"), {"text": CANARY})
    assert response.status_code == 200
    assert CANARY not in title(response)
    assert CANARY not in str(list(AuditEvent.objects.values_list("details", "target")))


def test_a_result_reveals_little(browser: Any, make_case: Callable[..., Any]) -> None:
    make_case(
        person=identity(birth_date="1996-05-17", phones=["+77010000000"], safe_contact="never"), risk_level="high"
    )
    page = search(browser, CANARY)
    assert "1996" in page
    assert not [word for word in ("17 May", "+7701", "never", "Female") if word in page]


@pytest.mark.db
def test_no_person_of_another_agency_is_found(
    browser: Any, make_agency: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    case = make_case(make_agency("elsewhere", "ngo"))
    assert "No person found" in search(browser, CANARY)
    assert "No person found" in search(browser, case.reference)


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_survive_register_page_and_search(browser: Any, name: str) -> None:
    browser.post(address("register"), empty(family=name, given="Зара"))
    case = Case.objects.get()
    page = text(browser.get(address("case", case) + "?tab=person"))
    assert escape(name) in page
    assert "<script>alert" not in page
    assert case.reference in search(browser, name)
    assert len(name) > 100 or case.reference in search(browser, "Zara")
    form = text(browser.get(address("edit-identity", case)))
    assert f'value="{escape(name)}"' in form


def test_a_name_of_many_words_is_searched_in_reasonable_time(browser: Any, make_case: Callable[..., Any]) -> None:
    make_case()
    assert "No person found" in search(browser, "слово " * 33)


@pytest.mark.db
def test_an_empty_search_says_what_to_do(browser: Any) -> None:
    assert "govuk-error-summary" in search(browser, "  ")


DOCUMENT = "N 12-345 678"


@pytest.fixture
def held_elsewhere(make_case: Callable[..., Any], make_agency: Callable[..., Any]) -> Case:
    """Return a case of another agency whose person has a document."""
    documents = [{"kind": "passport", "number": DOCUMENT}]
    person_identity = identity(documents=documents)
    return make_case(make_agency("elsewhere", "ngo"), person_identity, exploitations=[{"main_form": "begging"}])


@pytest.mark.db
def test_an_exact_document_number_shows_that_the_person_is_known_and_no_more(
    browser: Any, held_elsewhere: Case
) -> None:
    page = search(browser, "n12345678")
    assert "known in the programme, and you do not see the case. Your request goes to the coordinator." in page
    assert "No person found" not in page
    for words in ("elsewhere", "Begging", held_elsewhere.reference, CANARY):
        assert words not in page, words
    assert AuditEvent.objects.get(action="vault.ask").details == {
        "known": True,
        "acted_as": ["caseworker"],
        "client": ANY,
    }


@pytest.mark.parametrize("words", [CANARY, "N1234567", "N123456789", "12345", "KZ-2025-00001"])
def test_an_inexact_number_reveals_nothing(browser: Any, held_elsewhere: Case, words: str) -> None:
    assert "known in the programme" not in search(browser, words)


def test_trying_many_numbers_is_refused(browser: Any, held_elsewhere: Case) -> None:
    for number in range(20):
        search(browser, f"N{10000000 + number}")
    page = search(browser, DOCUMENT)
    assert "known in the programme" not in page
    assert "Too many searches" in page


@pytest.mark.db
def test_a_long_run_of_letters_finds_no_case(browser: Any, make_case: Callable[..., Any]) -> None:
    case = make_case(person=identity("Ааева", "А"))
    for words, message in (("А" * 10_000, "at most 200 characters"), ("А" * 150, "No person found")):
        page = search(browser, words)
        assert case.reference not in page
        assert message in page


@pytest.mark.db
@pytest.mark.parametrize("query", ["Канарейкина Айгүл", "Kanareykina", "N77665544", "Канарейкина N77665544"])
def test_a_search_does_not_disclose_what_only_another_agency_knows(
    query: str, make_actor: Any, make_agency: Any, make_case: Any
) -> None:
    """Two registers that differ only in another agency's record get the same statements and answer."""
    passport = {"kind": "passport", "number": "N77665544", "country": "KZ"}
    actor, statements, answers = make_actor("caseworker"), [], []
    make_case(make_agency("other", "ngo"), person=identity("Иванова", "Ольга"))
    for is_known in (False, True):
        if is_known:
            make_case(make_agency("other", "ngo"), person=identity("Канарейкина", "Айгүл", documents=[passport]))
        with audit.page(actor, "cases.view"), CaptureQueriesContext(connection) as ran:
            answers.append(identities.find(actor, query))
        statements.append([re.sub(r"'[^']*'|\d+_sync_\d+", "?", row["sql"]) for row in ran])
    assert answers == [[], []]
    assert statements[0] == statements[1]


def test_searches_without_a_pause_are_limited(make_user: Any, sign_in: Any) -> None:
    browser = sign_in(make_user("caseworker"))
    limit = attempts.LIMITS["search"].free
    statuses = [browser.post("/en/work/search/", {"text": f"name {n}"}).status_code for n in range(limit + 1)]
    assert statuses == [200] * limit + [429]
