"""A typed name appears in no log, URL, title, audit event or error page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kerege.casework.cases import identity_mapping
from kerege.casework.cases.models.case import Case
from kerege.core.audit.models import AuditEvent
from tests.casework.cases.pages import address, empty, text, title
from tests.casework.conftest import CANARY

pytestmark = pytest.mark.django_db


def visit_pages(browser: Any) -> list[Any]:
    """Register, fail, search, change and misuse pages, always with the canary name."""
    register, responses = address("register"), [browser.post(address("register"), empty(family=CANARY, note=CANARY))]
    case = Case.objects.get()
    responses += [
        browser.post(register, empty(family=CANARY)),
        browser.post(register, empty(family=CANARY, gender=CANARY)),
    ]
    responses += [browser.post(address("search"), {"text": query}) for query in (CANARY, f"{CANARY} {CANARY}")]
    responses += [browser.get(address(name, case)) for name in ("case", "edit-identity", "note")]
    responses.append(browser.post(address("edit-identity", case), {"family": CANARY, "version": "0"}))
    responses.append(browser.get(f"/en/work/cases/{case.pk}/nowhere/"))
    return responses


def test_visited_pages_leave_the_name_in_no_log_title_url_or_event(
    browser: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    for response in visit_pages(browser):
        assert CANARY not in response.get("Location", "") + response.request["QUERY_STRING"]
        if "<title>" in text(response):
            assert CANARY not in title(response)
    written = "".join(capfd.readouterr()) + caplog.text
    assert CANARY not in written
    assert CANARY not in str(list(AuditEvent.objects.values()))


def test_a_failure_shows_and_logs_no_name(
    browser: Any, make_case: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(identity: Any) -> str:
        raise ValueError(str(identity))

    case = make_case()
    monkeypatch.setattr(identity_mapping, "display", broken)
    browser.raise_request_exception = False
    response = browser.get(address("case", case))
    assert response.status_code == 500
    assert CANARY not in text(response)
    assert CANARY not in "".join(capfd.readouterr())
