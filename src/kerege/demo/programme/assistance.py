"""Services that a person received: kind, provider, payer and duration."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from kerege.demo.programme.draw import pick, some
from kerege.demo.programme.world import DemoService

# the services of IOM's programme and of its partners, with their probabilities
IOM = {
    "shelter": 0.62,
    "psychological_support": 0.78,
    "medical_care": 0.58,
    "documentation": 0.34,
    "social_counselling": 0.45,
    "material_aid": 0.35,
    "legal_aid": 0.25,
    "employment": 0.06,
}
STATE = {
    "shelter": 0.82,
    "psychological_support": 0.86,
    "medical_care": 0.7,
    "social_counselling": 0.88,
    "legal_aid": 0.62,
    "documentation": 0.3,
    "material_aid": 0.5,
    "cultural_activities": 0.28,
    "financial_aid": 0.15,
}
FIRST = ("shelter", "medical_care", "psychological_support", "documentation", "social_counselling", "repatriation")
LONGEST_STAY = 270
# services that are not live end by this day, whatever the day of the demo
LAST_DAY = date(2025, 12, 31)
INTERRUPTED = {"completed": 0.93, "interrupted": 0.07}


def iom_course(rng: Random, row: dict[str, str], agency: str, on: date, until: date) -> list[DemoService]:
    """Return the services of a person in IOM's programme.

    IOM pays the first, begun between `on` and `until`.
    """
    kinds = some(rng, IOM | extras(row, repatriation=0.62))
    share = 0.01 if on.year < 2012 else 0.03 * (on.year - 2011)
    payers = {"iom": 1 - share - 0.02, "state": share, "other": 0.02}
    return course(rng, kinds, agency=agency, on=on, until=until, first_payer="iom", payers=payers)


def state_course(rng: Random, row: dict[str, str], agency: str, on: date, until: date, iom: float) -> list[DemoService]:
    """Return the services of a person assisted by the state.

    `iom` is the share of later services paid by IOM.
    """
    kinds = some(rng, STATE | extras(row, repatriation=0.45))
    payers = {"state": 0.97 - iom, "iom": iom, "other": 0.03}
    return course(rng, kinds, agency=agency, on=on, until=until, first_payer="state", payers=payers)


def extras(row: dict[str, str], repatriation: float) -> dict[str, float]:
    """Return probabilities of services that depend on the person: repatriation, interpretation, education."""
    abroad = row.get("destination", "KZ") != row["origin"]
    return {
        "repatriation": repatriation if abroad else 0.0,
        "interpretation": 0.5 if row["origin"] in {"PH", "CN", "MN", "AM", "GE"} else 0.0,
        "education": 0.55 if row["age"] in {"0_8", "9_17"} else 0.0,
    }


def course(
    rng: Random, kinds: list[str], agency: str, on: date, until: date, first_payer: str, payers: dict[str, float]
) -> list[DemoService]:
    """Return dated services. The first begins before all others, so that the first payer is unambiguous."""
    first = next((kind for kind in FIRST if kind in kinds), "psychological_support")
    start = min(on + timedelta(days=rng.randrange(4)), until)
    stay = min(LONGEST_STAY, int(rng.gammavariate(3.2, 36)) + 5)
    services = [
        DemoService(
            kind=first,
            payer=first_payer,
            provider=agency,
            status="completed",
            started_on=start,
            ended_on=min(LAST_DAY, start + timedelta(days=stay)),
        )
    ]
    for kind in kinds:
        if kind != first:
            services.append(later(rng, kind, agency=agency, start=start, stay=stay, payer=pick(rng, payers)))
    return services


def later(rng: Random, kind: str, agency: str, start: date, stay: int, payer: str) -> DemoService:
    """Return a later service. A repatriation comes at the end of the stay; IOM or the centre arranges it."""
    begun = min(LAST_DAY, start + timedelta(days=stay if kind == "repatriation" else 1 + rng.randrange(min(stay, 40))))
    ended = min(LAST_DAY, begun + timedelta(days=3 if kind == "repatriation" else 1 + rng.randrange(90)))
    provider = "iom" if kind == "repatriation" and payer == "iom" else agency
    return DemoService(
        kind=kind, payer=payer, provider=provider, status=pick(rng, INTERRUPTED), started_on=begun, ended_on=ended
    )


def last_day(services: list[DemoService], on: date) -> date:
    """Return the day on which the last service ended, at least `on`."""
    return max([on, *(service.ended_on for service in services if service.ended_on)])
