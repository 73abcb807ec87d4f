"""From IOM to the state: the last caseload that IOM carries, and what each person said to being handed over."""

from __future__ import annotations

from datetime import date

from kerege.demo.draw import stream
from kerege.demo.live import Morning, open_case
from kerege.demo.world import Case as Told

IOM = "iom"
# what each person of IOM's last caseload said to the handover; the last one has moved already
ANSWERS = ("yes", "yes", "yes", "no", "", "yes", "", "yes", "closed", "yes", "no", "moved")
NUMBERS_FROM = 600  # of their invented documents


def key(number: int) -> str:
    """The key of a case of IOM's."""
    return f"live-iom-{number + 1:02d}"


def caseload(seed: int, today: date) -> list[Told]:
    """The last cases that IOM carries. Others pay for them: the cohort that IOM paid for ended in 2020."""
    rng, when = stream(seed, "handover"), Morning(today)
    cases = []
    for number, answer in enumerate(ANSWERS):
        case = open_case(rng, when, key(number), IOM, when.ago(190 - 11 * number), NUMBERS_FROM + number)
        for service in case.services:
            service.payer = "other"
        if answer == "closed":
            close(case, when)
        cases.append(case)
    return cases


def close(case: Told, when: Morning) -> None:
    """A case whose help has come to its end."""
    case.status, case.closure_reason = "closed", "completed"
    case.ended_on = case.closed_on = when.ago(9)
    for service in case.services:
        service.status, service.ended_on = ("completed", when.ago(9)) if service.started_on else ("declined", None)
