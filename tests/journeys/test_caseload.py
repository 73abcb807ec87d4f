"""IOM transfers a caseload to a state centre.

There are four groups. Only people who agreed move, and either side can undo it.
"""

from __future__ import annotations

import pytest

from tests.journeys import acts
from tests.journeys.desk import Desk, Staff
from tests.journeys.programme import Programme

pytestmark = pytest.mark.journey
NAME = "Rakhimova"
GIVEN = {"agrees": "Aziza", "agrees too": "Barno", "refuses": "Dilnoza", "not asked": "Feruza", "closed": "Gavhar"}


def test_a_caseload_goes_from_iom_to_the_state(staff: Staff, programme: Programme) -> None:
    anna, tomas = staff.desk("anna", "en"), staff.desk("tomas", "en")
    gulzhan, worker = staff.desk("gulzhan", "ru"), staff.desk("ainur", "ru")
    cases = {who: a_case(anna, given) for who, given in GIVEN.items()}
    for who, answer in (("agrees", "yes"), ("agrees too", "yes"), ("refuses", "no"), ("closed", "yes")):
        acts.record_consent(anna, cases[who][0], "handover", "centre", given=answer, language="uz")
    close(anna, tomas, *cases["closed"])

    offer = sorted_before_anything_happens(tomas, cases)
    receiver_reads_no_name(gulzhan, offer, cases)
    gulzhan.press("do=accept_all")
    gulzhan.sees("2 дела теперь ваши")
    only_who_agreed_moves(anna, gulzhan, worker, cases)
    those_who_stay_have_a_next_step(anna, cases)
    undone(tomas, gulzhan, offer, cases)
    assert programme.is_unbroken()


def a_case(anna: Desk, given: str) -> tuple[str, str]:
    """Return a case of a person whom IOM helps."""
    case = acts.register(anna, family=NAME, given=given, birth_year="1995", citizenship="UZ", main_form="forced_labour")
    return case, anna.heading


def close(anna: Desk, tomas: Desk, case: str, reference: str) -> None:
    """Help has ended for one of them; a colleague approves."""
    anna.open(case)
    anna.follow("/close/")
    anna.fill(status="closed", reason="completed")
    anna.press()
    tomas.open("work/approvals/")
    tomas.follow_into("/approvals/")
    tomas.sees(reference)
    tomas.fill(outcome="approved")
    tomas.press()


def sorted_before_anything_happens(tomas: Desk, cases: dict[str, tuple[str, str]]) -> str:
    """Check the four groups of the caseload before anything moves; return the path of the offer."""
    tomas.open("work/handovers/")
    tomas.follow("/handovers/new/")
    tomas.choose("to_agency", acts.agency(tomas, "centre"))
    tomas.press()
    tomas.sees("Consented", "Refused", "Not reached or not asked", "Closed", "Offer 2 cases")
    tomas.sees_not(NAME)
    tomas.press(form="/handovers/new/")
    tomas.sees("Nothing has moved yet")
    offer = tomas.here
    tomas.open(cases["agrees"][0])
    return offer


def receiver_reads_no_name(gulzhan: Desk, offer: str, cases: dict[str, tuple[str, str]]) -> None:
    """Check that the offer and its pack contain no name, and that a case stays closed until accepted."""
    gulzhan.open("work/")
    gulzhan.open("work/handovers/")
    gulzhan.go_to(acts.agency(gulzhan, "iom"))
    assert gulzhan.here == offer
    gulzhan.sees(cases["agrees"][1], cases["agrees too"][1])
    gulzhan.sees_not(NAME, *(cases[who][1] for who in ("refuses", "not asked", "closed")))
    gulzhan.finds_nothing(cases["agrees"][0])
    gulzhan.open(offer)
    gulzhan.follow_into("/pack/")
    assert gulzhan.page.title().startswith("KZ-")
    gulzhan.sees_not(NAME)
    gulzhan.open(offer)


def only_who_agreed_moves(anna: Desk, gulzhan: Desk, worker: Desk, cases: dict[str, tuple[str, str]]) -> None:
    """IOM loses access at that moment; the centre reads the names of those who agreed and of nobody else."""
    for who, (case, _reference) in cases.items():
        if who.startswith("agrees"):
            anna.finds_nothing(case)
            gulzhan.open(case)
            gulzhan.sees(NAME, GIVEN[who])
            worker.open(case)
        else:
            anna.open(case)
            gulzhan.finds_nothing(case)


def those_who_stay_have_a_next_step(anna: Desk, cases: dict[str, tuple[str, str]]) -> None:
    """Check that a person who refused keeps their help, and that a person who was not asked is asked."""
    tasks = {"refuses": "Agree how help goes on here", "not asked": "Ask whether the case may be handed over"}
    for who, task in tasks.items():
        anna.open(cases[who][0])
        anna.sees(task)


def undone(tomas: Desk, gulzhan: Desk, offer: str, cases: dict[str, tuple[str, str]]) -> None:
    """Undo one of two handovers, and check that the other one stays."""
    tomas.open(offer)
    tomas.sees("can be undone until")
    row = tomas.page.get_by_role("row").filter(has_text=cases["agrees"][1])
    row.locator("[name=handover]").check()
    tomas.press("do=undo")
    tomas.sees("Undone")
    tomas.open(cases["agrees"][0])
    tomas.sees(NAME)
    gulzhan.finds_nothing(cases["agrees"][0])
    gulzhan.open(cases["agrees too"][0])
