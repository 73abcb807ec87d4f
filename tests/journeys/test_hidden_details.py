"""The form of a person hides what the person's page hides.

A supervisor gives a reason, and changes a number that they have seen.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys import acts
from tests.journeys.desk import Desk, Staff
from tests.journeys.programme import Programme

pytestmark = pytest.mark.journey
HER = {"family": "Тишина", "given": "Сания", "birth_day": "3", "birth_month": "4", "birth_year": "1991"}
SECRET = {"phone": "+77010000009", "document_kind": "passport", "document_number": "N99990000"}


def test_a_number_is_shown_for_a_reason_and_the_rest_stays_as_it_is(staff: Staff, programme: Programme) -> None:
    case = acts.register(staff.desk("ainur", "ru"), **HER, **SECRET)
    head = staff.desk("gulzhan", "en")
    head.open(f"{case}person/")
    head.sees_not(*SECRET.values())
    head.is_accessible()
    head.fill(given="Сания-Гүл")
    head.press("show=documents")
    assert "Why do you need this?" in head.faults
    head.sees_not(*SECRET.values())
    head.fill(reason="supervision")
    head.press("show=documents")
    assert value(head, "document_number") == SECRET["document_number"]
    assert value(head, "given") == "Сания-Гүл"
    expect(head.page.locator("[name=document_kind]")).to_be_focused()
    assert not head.has_field("phone")
    head.fill(document_number="N99990001")
    # Enter saves: the first button of the form would show something else
    with head.page.expect_navigation():
        head.page.locator("[name=family]").press("Enter")
    head.sees("The details are saved.")
    worker = staff.desk("ainur", "kk")
    worker.open(f"{case}person/")
    for group in ("contact", "documents", "birth"):
        worker.press(f"show={group}")
    assert [value(worker, name) for name in ("phone", "document_number", "birth_day")] == [
        SECRET["phone"],
        "N99990001",
        HER["birth_day"],
    ]
    assert programme.is_unbroken()


def value(desk: Desk, name: str) -> str:
    """Return the value of a field."""
    return desk.page.locator(f"main [name='{name}']").input_value()
