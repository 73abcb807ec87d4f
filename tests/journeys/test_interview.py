"""The session ends in the middle of an interview.

Nothing that was said is lost, and nobody else reads it.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys import acts
from tests.journeys.desk import Desk, Staff, type_in
from tests.journeys.programme import Programme

pytestmark = pytest.mark.journey
SAID = "Ол паспортымды алып қойды, қайда екенін білмеймін"
MORE = f"{SAID}. Шығуға рұқсат жоқ еді."


def test_what_was_said_outlives_the_session(staff: Staff, programme: Programme) -> None:
    worker = staff.desk("erlan", "kk")
    case = acts.register(worker, birth_year="1993", gender="feminine", main_form="forced_labour")
    acts.begin_screening(worker, case, "ilo_delphi_adult_labour")
    worker.follow("/ask/coercion/")
    asking = worker.here
    worker.fill(held_papers="yes", evidence=SAID)
    expect(worker.page.locator("[data-kg-state]")).to_contain_text("Жоба жіберілді")

    programme.sql("DELETE FROM django_session WHERE session_key = ?", worker.session)
    worker.fill(held_debt="refused", evidence=MORE)
    expect(worker.page.locator("[data-kg-state]")).to_have_attribute("data-kg-state", "out")
    worker.seen.clear()  # the browser notes the 401
    somebody_else_sits_down(worker, asking)
    come_back(worker, "erlan")
    worker.open(asking)
    expect(worker.page.locator("[name=evidence]")).to_have_value(MORE)
    for name, answer in (("held_papers", "yes"), ("held_debt", "refused")):
        expect(worker.page.locator(f"[name={name}][value={answer}]")).to_be_checked()
    the_session_dies_once_more(worker, programme)
    worker.follow("/conclude/")
    worker.fill(conclusion="presumed", reason="Құжаты тартып алынған")
    worker.press()
    worker.sees("Құжаты тартып алынған", MORE)
    assert programme.is_unbroken()


def somebody_else_sits_down(worker: Desk, asking: str) -> None:
    """Check that a colleague who signs in at the same browser cannot read the interview."""
    come_back(worker, "marina")
    worker.open(asking)
    assert SAID not in worker.page.content()
    assert worker.page.locator("[name=evidence]").input_value() == ""
    with worker.page.expect_navigation():
        worker.page.locator("[data-kg-sign-out] button").click()


def the_session_dies_once_more(worker: Desk, programme: Programme) -> None:
    """End the session when the button is pressed.

    The sent text waits behind the sign-in, and one press saves it.
    """
    programme.sql("DELETE FROM django_session WHERE session_key = ?", worker.session)
    worker.press("stop=1")
    worker.sees("Жазғаныңыз жоғалған жоқ")
    type_in(worker, "erlan")
    expect(worker.page.locator("[name=evidence]")).to_have_value(MORE)
    worker.press("stop=1")


def come_back(worker: Desk, username: str) -> None:
    """Sign in at the page of the sign-in."""
    worker.open("account/login/")
    type_in(worker, username)
