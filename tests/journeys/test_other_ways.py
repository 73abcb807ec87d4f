"""The same day's work with the keyboard alone, and in a browser that runs no script.

The acts are register, note and refer.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys import acts
from tests.journeys.desk import Desk, Staff, show_code
from tests.journeys.programme import Programme
from tests.web.server import PASSWORD

pytestmark = pytest.mark.journey
NAME, NOTE = "Yuldashev", "Slept badly, asks for a doctor"


def test_without_javascript_nothing_is_missing(staff: Staff, programme: Programme) -> None:
    plain, lawyer = staff.plain_desk("marina", "ru"), staff.desk("aliya", "ru")
    case = acts.register(plain, family=NAME, given="Тимур", birth_year="1979", main_form="forced_labour")
    plain.sees("зарегистрировано под номером", NAME)
    acts.write_note(plain, case, NOTE)
    plain.open(f"{case}?tab=history")
    plain.sees(NOTE)
    acts.record_consent(plain, case, "sharing_with_agency", "umit", ["identity"], language="ru")
    referral = acts.refer_to(plain, case, "umit", ["legal_aid"], (NAME,), message="Нужен адвокат")
    acts.open_referral(lawyer, referral)
    lawyer.sees(NAME, "Нужен адвокат")
    acts.answer_referral(lawyer, "accepted")
    acts.open_sent_referral(plain, case, referral)
    plain.sees("Принято")
    assert programme.is_unbroken()


def test_with_the_keyboard_alone(staff: Staff, programme: Programme) -> None:
    desk = staff.empty_desk("marina", "en")
    keys = desk.page.keyboard
    desk.open("account/login/")
    type_into(desk, "[name=login]", "marina")
    type_into(desk, "[name=password]", PASSWORD)
    go_on(desk)
    type_into(desk, "[name=code]", show_code("marina"))
    go_on(desk)
    go_on(desk, "header a[hreflang=en]")  # users are led to their own language first

    go_on(desk, "main a[href$='/register/']")
    type_into(desk, "[name=family]", NAME)
    type_into(desk, "[name=given]", "Sardor")
    type_into(desk, "[name=birth_year]", "1985")
    reach(desk, "[name=main_form]")
    keys.type("Forced l")
    go_on(desk, "main form button:text('Register')")
    if desk.has_field("who"):
        reach(desk, "[name=who]")
        keys.press("ArrowUp")
        go_on(desk, "main form button:text('Register')")
    case = desk.case
    desk.sees("Registered as", "Forced labour")

    go_on(desk, "main a[href$='/note/']")
    type_into(desk, "[name=text]", NOTE)
    go_on(desk, "main form button:text('Save the note')")
    desk.sees("The note is saved.")

    go_on(desk, "a[href$='?tab=sharing']")
    go_on(desk, "main a[href$='/consent/']")
    reach(desk, "[name=given]")
    keys.press("Space")
    reach(desk, "[name=purpose]")
    keys.type("Sharing with another")
    tick(desk, "identity")
    go_on(desk, "main form button:text('Save')")
    desk.sees("The answer is recorded.")

    go_on(desk, "a[href$='?tab=sharing']")
    go_on(desk, "main a[href$='/refer/']")
    tick(desk, "legal_aid")
    reach(desk, "[name=to_agency]")
    keys.type("Umit")
    go_on(desk, "[name=step][value=preview]")
    desk.sees("Data that Umit foundation will see", NAME)
    go_on(desk, "[name=step][value=send]")
    desk.sees("The referral is sent.")
    assert desk.here == f"{case}?tab=sharing"
    assert programme.is_unbroken()


def reach(desk: Desk, selector: str) -> None:
    """Tab to a field or button, as far as it is away; the focus can be seen."""
    element = desk.page.locator(selector).first
    element.wait_for()
    for _stop in range(120):
        desk.page.keyboard.press("Tab")
        if element.evaluate("wanted => wanted === document.activeElement"):
            expect(element).to_be_in_viewport()
            return
    raise AssertionError(f"no way with the tab key to {selector} on {desk.here}")


def type_into(desk: Desk, selector: str, words: str) -> None:
    """Reach a field and type."""
    reach(desk, selector)
    desk.page.keyboard.type(words)


def tick(desk: Desk, code: str) -> None:
    """Reach a box and tick it, unless it is."""
    reach(desk, f"[type=checkbox][value={code}]")
    if not desk.page.locator(f"[type=checkbox][value={code}]").is_checked():
        desk.page.keyboard.press("Space")


def go_on(desk: Desk, selector: str = "") -> None:
    """Press Enter where one is, or on what is reached first."""
    if selector:
        reach(desk, selector)
    with desk.page.expect_navigation():
        desk.page.keyboard.press("Enter")
    desk.look()
