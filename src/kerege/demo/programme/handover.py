"""IOM's last caseload, which is transferred to the state, and each person's answer to the transfer."""

from __future__ import annotations

from datetime import date

from kerege.demo.programme.draw import stream
from kerege.demo.programme.live import Morning, open_case
from kerege.demo.programme.world import DemoCase

IOM = "iom"
# each person's answer to the transfer; the last case has been transferred already
ANSWERS = ("yes", "yes", "yes", "no", "", "yes", "", "yes", "closed", "yes", "no", "moved")
NUMBERS_FROM = 600  # first number of their invented documents


def key(number: int) -> str:
    """Return the key of an IOM case."""
    return f"live-iom-{number + 1:02d}"


def caseload(seed: int, today: date) -> list[DemoCase]:
    """Return the last cases of IOM.

    Other payers fund them, because the cohort funded by IOM ended in 2020.
    """
    rng, when = stream(seed, "handover"), Morning(today)
    cases = []
    for number, answer in enumerate(ANSWERS):
        case = open_case(
            rng, when, key=key(number), owner=IOM, on=when.ago(190 - 11 * number), number=NUMBERS_FROM + number
        )
        for service in case.services:
            service.payer = "other"
        if answer == "closed":
            close(case, when)
        cases.append(case)
    return cases


def close(case: DemoCase, when: Morning) -> None:
    """Close a case whose services are completed."""
    case.status, case.closure_reason = "closed", "completed"
    case.ended_on = case.closed_on = when.ago(9)
    for service in case.services:
        service.status, service.ended_on = ("completed", when.ago(9)) if service.started_on else ("declined", None)
