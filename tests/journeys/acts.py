"""Acts of the people in the stories, each named as they would call it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from tests.journeys.desk import Desk
from tests.journeys.programme import AGENCIES

LANGUAGES = {"kk": 1, "ru": 2, "en": 3}


def agency(desk: Desk, code: str) -> str:
    """Return the name of an agency in the language of the desk."""
    return str(AGENCIES[code][LANGUAGES[desk.language]])


# -- how a person comes into the register --------------------------------------------------------------------------
def send_signal(desk: Desk, to: str, **values: Any) -> str:
    """Tell an agency that a person may be in need; give the reference of the signal."""
    desk.open("work/signals/")
    desk.follow("/signals/new/")
    desk.choose("to_agency", agency(desk, to))
    desk.fill(**values)
    desk.press()
    return desk.page.locator(".govuk-panel__title, .kg-panel h2").first.inner_text().strip()


def look_up(desk: Desk, reference: str) -> str:
    """Return the state of a signal, by its reference: all that its sender reads."""
    desk.open("work/signals/")
    desk.fill(reference=reference)
    desk.press(form="/look-up/")
    return desk.page.locator(".kg-panel .govuk-tag, .govuk-panel .govuk-tag").first.inner_text()


def open_signal(desk: Desk, reference: str) -> None:
    """Read a signal that waits."""
    desk.open("work/signals/")
    desk.go_to(reference)


def open_case(desk: Desk) -> str:
    """Open a case from the signal that is read; gives its path."""
    desk.press(form="/case/")
    return desk.case


def register(desk: Desk, **values: Any) -> str:
    """Register a person who came without a referral, a namesake of nobody; give the path of the case."""
    desk.open("work/register/")
    desk.fill(**values)
    desk.press()
    if desk.has_field("who"):  # a person with a similar name is known
        desk.fill(who="new")
        desk.press()
    return desk.case


def describe(desk: Desk, case: str, **values: Any) -> None:
    """Write down who the person is."""
    desk.open(f"{case}?tab=person")
    desk.follow("/person/")
    desk.fill(**values)
    desk.press()


def write_note(desk: Desk, case: str, words: str) -> None:
    """Write a note."""
    desk.open(case)
    desk.follow("/note/")
    desk.fill(text=words)
    desk.press()


def begin_screening(desk: Desk, case: str, tool: str) -> None:
    """Choose the questionnaire."""
    desk.open(f"{case}?tab=identification")
    desk.follow("/screening/")
    desk.fill(tool=tool)
    desk.press()


def screen(
    desk: Desk, case: str, tool: str, answers: dict[str, dict[str, str]], conclusion: str, reason: str = ""
) -> None:
    """Ask by indicators, part by part, and conclude."""
    begin_screening(desk, case, tool)
    asking = desk.here
    for part, answered in answers.items():
        desk.open(asking)
        desk.follow(f"/ask/{part}/")
        desk.fill(**answered)
        desk.press("stop=1")
    desk.follow("/conclude/")
    desk.fill(conclusion=conclusion, reason=reason)
    desk.press()


# -- what the person answers ---------------------------------------------------------------------------------------
def record_consent(
    desk: Desk, case: str, purpose: str, to: str = "", data: Sequence[str] = (), given: str = "yes", **more: Any
) -> None:
    """Write the person's answer into the ledger; a refusal is an answer too."""
    desk.open(f"{case}?tab=sharing")
    desk.follow("/consent/")
    if to:
        desk.choose("recipient", agency(desk, to))
    values = {"explained": ["purpose", "use", "access", "withdrawal"], "categories": list(data), "manner": "written"}
    desk.fill(given=given, purpose=purpose, **(values | more))
    desk.press()


def withdraw_consent(desk: Desk, case: str) -> None:
    """Record that the person withdraws their consent."""
    desk.open(f"{case}?tab=sharing")
    desk.follow("/withdraw/")
    desk.press(form="/withdraw/")


# -- deciding ------------------------------------------------------------------------------------------------------
def show_to(desk: Desk, case: str, to: str, data: Sequence[str]) -> None:
    """Show a case to an agency of which nothing is asked."""
    desk.open(f"{case}?tab=sharing")
    desk.follow("/share/")
    desk.choose("to_agency", agency(desk, to))
    desk.choose("consent", agency(desk, to))
    desk.fill(categories=list(data))
    desk.press()


def ask_for_decision(desk: Desk, case: str) -> None:
    """Ask the authority that sees the case to decide."""
    desk.open(f"{case}?tab=identification")
    desk.follow("/ask-for-decision/")
    desk.press()


def decide(desk: Desk, reference: str, **values: Any) -> None:
    """Decide on a case that waits in the queue."""
    desk.open("work/decisions/")
    row = desk.page.get_by_role("row").filter(has_text=reference)
    with desk.page.expect_navigation():
        row.locator("a[href*='/decide/']").click()
    desk.look()
    desk.fill(**values)
    desk.press()
    assert not desk.faults, desk.faults


# -- help ----------------------------------------------------------------------------------------------------------
def record_service(desk: Desk, case: str, kind: str, payer: str = "state", **values: Any) -> None:
    """Record a service that the agency provides."""
    desk.open(f"{case}?tab=assistance")
    desk.follow("/service/")
    desk.fill(kind=kind, payer=payer, **values)
    desk.press()


def add_bed(desk: Desk, room: str, kind: str) -> None:
    """Add a bed."""
    desk.open("work/shelter/")
    desk.follow("/shelter/bed/")
    desk.fill(room=room, number="1", kind=kind)
    desk.press()


def give_bed(desk: Desk, case: str, room: str) -> None:
    """Give the person a bed."""
    desk.open(f"{case}?tab=assistance")
    desk.follow("/stay/")
    desk.choose("bed", room)
    desk.press()


def refer_to(
    desk: Desk, case: str, to: str, services: Sequence[str], preview: Sequence[str] = (), **values: Any
) -> str:
    """Refer: choose, see exactly what they will see, send; gives the reference of the referral."""
    desk.open(f"{case}?tab=sharing")
    desk.follow("/refer/")
    desk.choose("to_agency", agency(desk, to))
    if desk.offers_choice("consent", agency(desk, to)):
        desk.choose("consent", agency(desk, to))
    desk.fill(services=list(services), **values)
    return _send(desk, case, preview)


def refer_again(desk: Desk, case: str, preview: Sequence[str] = ()) -> str:
    """Send the request of a declined referral to the next suitable agency."""
    desk.follow("/refer/?again=")
    return _send(desk, case, preview)


def _send(desk: Desk, case: str, preview: Sequence[str]) -> str:
    desk.press("step=preview")
    desk.sees(*preview)
    desk.press("step=send")
    assert desk.page.url.endswith(f"{case}?tab=sharing")
    references = re.findall(r"R-\w{4}-\w{4}", desk.text)
    return str(references[0])


def open_referral(desk: Desk, reference: str) -> None:
    """Open a referral of the inbox."""
    desk.open("work/referrals/")
    desk.go_to(reference)


def open_sent_referral(desk: Desk, case: str, reference: str) -> None:
    """Open a referral from the case that it is about."""
    desk.open(f"{case}?tab=sharing")
    desk.go_to(reference)


def answer_referral(desk: Desk, status: str, **values: Any) -> None:
    """Answer the referral that is open."""
    desk.fill(status=status, **values)
    desk.press(button="", form="")


# -- the way home --------------------------------------------------------------------------------------------------
def step_of_return(desk: Desk, step: str, **values: Any) -> None:
    """Record one step of the journey home on its page."""
    desk.follow(f"/{step}/")
    desk.fill(**values)
    desk.press()


def today() -> date:
    """Return the day in the time zone of the programme."""
    from django.utils import timezone

    return timezone.localdate()
