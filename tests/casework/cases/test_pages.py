"""Who may open which page of a case, in which language, and what pages never give away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from kerege.casework.cases.services import shares
from kerege.core.accounts.models import Agency
from kerege.core.audit.models import AuditEvent
from tests.casework.cases.pages import OF_A_CASE, address, text, title
from tests.casework.conftest import CANARY, identity

pytestmark = [pytest.mark.django_db, pytest.mark.db]
WITHOUT_CASES = [
    "first_responder",
    "justice_officer",
    "coordinator",
    "analyst",
    "publisher",
    "auditor",
    "administrator",
]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_page_opens_in_every_language_and_names_nobody_in_title_or_address(
    browser: Any, make_case: Callable[..., Any], language: str
) -> None:
    case = make_case()
    with translation.override(language):
        pages = [address(name, case) for name in OF_A_CASE]
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
    for page in [*(address(name, case) for name in OF_A_CASE), address("list"), address("search"), address("register")]:
        response = browser.get(page)
        assert response.status_code == 403, page
        assert CANARY not in text(response)


def test_the_case_of_another_agency_does_not_exist(
    browser: Any, make_agency: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    case = make_case(make_agency("elsewhere", "ngo"))
    for name in OF_A_CASE:
        assert browser.get(address(name, case)).status_code == 404, name
    assert CANARY not in text(browser.get(address("list")))
    assert AuditEvent.objects.filter(outcome="refused", target=f"case:{case.pk}").exists()


def test_a_shared_case_can_be_read_and_not_changed(
    browser: Any, operator: Any, make_agency: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    case = make_case(make_agency("elsewhere", "ngo"))
    shares.share(operator, case, make_agency(), "legal", categories=["identity"])
    page = browser.get(address("case", case))
    assert CANARY in text(page)
    assert address("note", case) not in text(page)
    assert browser.get(address("edit-identity", case)).status_code == 404


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


def test_whoever_is_not_signed_in_is_led_to_the_sign_in(client: Any, make_case: Callable[..., Any]) -> None:
    response = client.get(address("case", make_case()))
    assert response.status_code == 302
    assert "/account/login/" in response["Location"]


def test_reading_a_page_of_names_leaves_one_trace_with_every_record(
    browser: Any, make_case: Callable[..., Any]
) -> None:
    cases = [make_case() for _ in range(3)]
    before = AuditEvent.objects.count()
    browser.get(address("list"))
    event = AuditEvent.objects.order_by("-seq").first()
    assert AuditEvent.objects.count() == before + 1
    assert set(event.details["identities"]) == {str(case.record_id) for case in cases}
    assert CANARY not in str(event.details)


def test_a_list_asks_as_many_queries_for_twenty_cases_as_for_one(
    browser: Any, make_case: Callable[..., Any], django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_case(exploitations=[{"main_form": "begging"}])
    browser.get(address("list"))
    with CaptureQueriesContext(connection) as one:
        browser.get(address("list"))
    for _ in range(20):
        make_case(exploitations=[{"main_form": "begging"}])
    with django_assert_num_queries(len(one)):
        assert "21 cases" in text(browser.get(address("list")))


def test_filters_narrow_by_codes_and_ignore_nonsense(browser: Any, make_case: Callable[..., Any]) -> None:
    begging = make_case(exploitations=[{"main_form": "begging"}], risk_level="high")
    other = make_case(exploitations=[{"main_form": "servitude"}])
    page = text(browser.get(address("list") + "?exploitation_form=begging&risk_level=high&year=2025"))
    assert begging.reference in page
    assert other.reference not in page
    assert other.reference in text(browser.get(address("list") + "?year=abc&status=<b>&page=99"))
    assert "No case fits these filters" in text(browser.get(address("list") + "?mine=on"))


def test_names_stand_only_where_they_can_be_hidden(browser: Any, make_case: Callable[..., Any]) -> None:
    case = make_case(told=identity(safe_contact="never call at home", phones=["+7 700 111 22 33"]))
    for page in (address("list"), address("case", case), address("case", case) + "?tab=person"):
        content = text(browser.get(page))
        assert f'<bdi class="kg-name">{CANARY}' in content
        assert content.count(CANARY) == content.count(f'<bdi class="kg-name">{CANARY}')


def test_safe_contact_stands_above_everything_that_can_be_done(browser: Any, make_case: Callable[..., Any]) -> None:
    case = make_case(told=identity(safe_contact="never call at home"))
    page = text(browser.get(address("case", case)))
    assert page.index("never call at home") < page.index("Write a note")


def test_pages_are_never_stored_by_the_browser(browser: Any, make_case: Callable[..., Any]) -> None:
    assert "no-store" in browser.get(address("case", make_case()))["Cache-Control"]


def test_a_code_that_no_list_knows_does_not_close_the_case(browser: Any, make_case: Callable[..., Any]) -> None:
    case = make_case(told=identity(languages=["xx-unknown"], documents=[{"kind": "scroll", "number": "1"}]))
    page = text(browser.get(address("case", case) + "?tab=person"))
    assert "xx-unknown" in page
    assert "scroll" in page
    assert browser.get(address("edit-identity", case)).status_code == 200


def test_a_missing_safe_contact_is_said(browser: Any, make_case: Callable[..., Any]) -> None:
    assert "ask before you call" in text(browser.get(address("case", make_case())))
