"""Access to the pages of a case by role and language, and what pages never reveal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from kerege.casework.cases.services import shares
from kerege.core.accounts.models import Agency
from kerege.core.audit.models import AuditEvent
from tests.casework.cases.pages import CASE_PAGES, address, text, title
from tests.casework.conftest import CANARY, identity

pytestmark = pytest.mark.django_db
WITHOUT_CASES = [
    "first_responder",
    "justice_officer",
    "coordinator",
    "analyst",
    "publisher",
    "minister",
    "auditor",
    "administrator",
]


@pytest.mark.parametrize("language", ["kk", "ru", pytest.param("en", marks=pytest.mark.db)])
def test_every_page_opens_in_every_language_without_a_name_in_title_or_url(
    browser: Any, make_case: Callable[..., Any], language: str
) -> None:
    case = make_case()
    with translation.override(language):
        pages = [address(name, case) for name in CASE_PAGES]
        pages += [f"{pages[0]}?tab=person", f"{pages[0]}?tab=history"]
        pages += [address("list"), address("search"), address("register")]
    for page in pages:
        response = browser.get(page)
        assert response.status_code == 200, page
        assert CANARY not in title(response)
        assert page.startswith(f"/{language}/work/")


@pytest.mark.parametrize("role", WITHOUT_CASES)
def test_roles_without_cases_open_no_page_of_a_case(
    sign_in: Callable[..., Any], make_user: Callable[..., Any], make_case: Callable[..., Any], role: str
) -> None:
    case, browser = make_case(), sign_in(make_user(role))
    for page in [
        *(address(name, case) for name in CASE_PAGES),
        address("list"),
        address("search"),
        address("register"),
    ]:
        response = browser.get(page)
        assert response.status_code == 403, page
        assert CANARY not in text(response)


@pytest.mark.db
def test_the_case_of_another_agency_is_not_found(
    browser: Any, make_agency: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    case = make_case(make_agency("elsewhere", "ngo"))
    for name in CASE_PAGES:
        assert browser.get(address(name, case)).status_code == 404, name
    assert CANARY not in text(browser.get(address("list")))
    assert AuditEvent.objects.filter(outcome="refused", target=f"case:{case.pk}").exists()


@pytest.mark.db
def test_a_shared_case_can_be_read_but_not_changed(
    browser: Any, operator: Any, make_agency: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    case = make_case(make_agency("elsewhere", "ngo"))
    shares.share(operator, case, make_agency(), "legal", categories=["identity"])
    page = browser.get(address("case", case))
    assert CANARY in text(page)
    assert address("note", case) not in text(page)
    assert browser.get(address("edit-identity", case)).status_code == 404


@pytest.mark.db
def test_only_the_identifying_officer_decides(
    browser: Any, sign_in: Callable[..., Any], make_user: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    case = make_case()
    Agency.objects.filter(pk=case.agency_id).update(kind="social_protection")
    assert address("decide", case) not in text(browser.get(address("case", case)))
    assert browser.get(address("decide", case)).status_code == 403
    officer = sign_in(make_user("identifying_officer"))
    assert address("decide", case) in text(officer.get(address("case", case)))
    answer = {"kind": "formal_identification", "resulting_status": "identified", "grounds": "told so"} | {
        "standard_of_proof": "reasonable_grounds",
        "documents_used": ["interview"],
        "decided_on_day": "4",
        "decided_on_month": "3",
        "decided_on_year": "2025",
        "version": "1",
    }
    assert officer.post(address("decide", case), answer).status_code == 302
    case.refresh_from_db()
    assert (case.social_status, case.police_status) == ("identified", "")


@pytest.mark.db
def test_an_anonymous_user_is_redirected_to_sign_in(client: Any, make_case: Callable[..., Any]) -> None:
    response = client.get(address("case", make_case()))
    assert response.status_code == 302
    assert "/account/login/" in response["Location"]


@pytest.mark.db
def test_a_list_of_names_adds_one_audit_event_with_every_record(browser: Any, make_case: Callable[..., Any]) -> None:
    cases = [make_case() for _ in range(3)]
    before = AuditEvent.objects.count()
    browser.get(address("list"))
    event = AuditEvent.objects.order_by("-seq").first()
    assert AuditEvent.objects.count() == before + 1
    assert set(event.details["identities"]) == {str(case.record_id) for case in cases}
    assert CANARY not in str(event.details)


def test_a_list_needs_as_many_queries_for_twenty_cases_as_for_one(
    browser: Any, make_case: Callable[..., Any], django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_case(exploitations=[{"main_form": "begging"}])
    browser.get(address("list"))
    with CaptureQueriesContext(connection) as first_queries:
        browser.get(address("list"))
    for _ in range(20):
        make_case(exploitations=[{"main_form": "begging"}])
    with django_assert_num_queries(len(first_queries)):
        assert "21 cases" in text(browser.get(address("list")))


@pytest.mark.db
def test_filters_use_codes_and_ignore_invalid_values(browser: Any, make_case: Callable[..., Any]) -> None:
    begging = make_case(exploitations=[{"main_form": "begging"}], risk_level="high")
    other_case = make_case(exploitations=[{"main_form": "servitude"}])
    page = text(browser.get(address("list") + "?exploitation_form=begging&risk_level=high&year=2025"))
    assert begging.reference in page
    assert other_case.reference not in page
    assert other_case.reference in text(browser.get(address("list") + "?year=abc&status=<b>&page=99"))
    assert "No case fits these filters" in text(browser.get(address("list") + "?mine=on"))


def test_names_appear_only_in_elements_that_can_be_blurred(browser: Any, make_case: Callable[..., Any]) -> None:
    case = make_case(person=identity(safe_contact="never call at home", phones=["+7 700 111 22 33"]))
    for page in (address("list"), address("case", case), address("case", case) + "?tab=person"):
        content = text(browser.get(page))
        assert f'<bdi class="kg-name">{CANARY}' in content
        assert content.count(CANARY) == content.count(f'<bdi class="kg-name">{CANARY}')


def test_safe_contact_has_a_label_and_appears_above_all_actions(browser: Any, make_case: Callable[..., Any]) -> None:
    case = make_case(person=identity(safe_contact="never call at home"))
    page = text(browser.get(address("case", case)))
    label = page.index("How to contact the person safely:")
    assert label < page.index("never call at home") < page.index("Write a note")


def test_pages_are_never_stored_by_the_browser(browser: Any, make_case: Callable[..., Any]) -> None:
    assert "no-store" in browser.get(address("case", make_case()))["Cache-Control"]


def test_an_unknown_code_does_not_break_the_page(browser: Any, make_case: Callable[..., Any]) -> None:
    case = make_case(person=identity(languages=["xx-unknown"], documents=[{"kind": "scroll", "number": "1"}]))
    page = text(browser.get(address("case", case) + "?tab=person"))
    assert "xx-unknown" in page
    assert "scroll" in page
    assert browser.get(address("edit-identity", case)).status_code == 200


def test_a_missing_safe_contact_is_reported(browser: Any, make_case: Callable[..., Any]) -> None:
    assert "ask before you call" in text(browser.get(address("case", make_case())))
