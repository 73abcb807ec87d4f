"""Cohorts of persons.

They are IOM's programme 2004-2020, the state's 2021-2025, and persons who were not assisted.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from kerege.demo.programme import affinity, assistance, exploitation, people
from kerege.demo.programme.draw import Row, arrange, day, exact, pick, stream
from kerege.demo.programme.people import DemoPerson
from kerege.demo.programme.sources import agency, of_kind, programme
from kerege.demo.programme.staff import HOME
from kerege.demo.programme.world import DemoCase, DemoDecision

ADULTS = ("18_25", "26_30", "31_40", "41_50", "51_plus")
CENTRES = {
    "crisis-karaganda": 1.6,
    "crisis-shymkent": 1.5,
    "crisis-turkestan-1": 1.4,
    "crisis-turkestan-2": 1.1,
    "crisis-astana": 1.3,
    "crisis-aktobe": 1.0,
    "crisis-zhambyl": 0.9,
    "crisis-abai": 0.7,
    "crisis-akmola": 0.6,
    "crisis-zhetisu": 0.7,
    "crisis-kostanay": 0.6,
    "crisis-kyzylorda": 0.6,
    "crisis-north": 0.4,
    "ngo-almaty": 1.2,
    "ngo-shymkent": 0.5,
    "ngo-aktau": 0.4,
    "ngo-astana": 0.3,
}
EARLY = {"iom": 1.2, "ngo-almaty": 1.2, "ngo-shymkent": 0.9, "ngo-astana": 0.6, "ngo-aktau": 0.4}
MIDDLE = EARLY | {"crisis-karaganda": 0.5, "crisis-turkestan-1": 0.4, "crisis-zhambyl": 0.3, "crisis-aktobe": 0.3}
ROUTES = {
    "hotline": 0.25,
    "walk_in": 0.16,
    "agency": 0.4,
    "consulate": 0.05,
    "border": 0.02,
    "web_form": 0.04,
    "other": 0.08,
}
CLOSURE = {"completed": 0.62, "withdrawn": 0.06, "lost_contact": 0.09, "transferred": 0.05, "term_ended": 0.18}
RISK = {"low": 0.3, "medium": 0.4, "high": 0.1, "": 0.2}

Pair = tuple[DemoPerson, DemoCase]


def iom_cohort(seed: int) -> list[Pair]:
    """Return persons first assisted by IOM's programme 2004-2020.

    Margins are published, combinations simulated.
    """
    rng = stream(seed, "iom")
    return [iom_person(rng, f"iom-{number:04d}", number, dict(row)) for number, row in enumerate(iom_rows(seed), 1)]


@cache
def iom_rows(seed: int) -> tuple[Row, ...]:
    """Return the coded attributes of the cohort, sorted by period."""
    rng, margins = stream(seed, "iom-rows"), programme()["iom"]
    names = ("period", "sex", "form", "origin", "destination", "age")
    rows = exact(rng, {name: margins[name] for name in names})
    arrange(rng, rows, affinity.IOM)
    return tuple(sorted(rows, key=lambda row: row["period"]))


def iom_person(rng: Random, key: str, number: int, row: Row) -> Pair:
    """Return one person of the cohort and their case."""
    first, last = span(row["period"])
    on = day(rng, first, last - timedelta(days=8))
    owner = pick(rng, EARLY if on.year < 2016 else MIDDLE)
    person, case = person_and_case(rng, key, number=number, row=row, owner=owner, on=on)
    case.services = assistance.iom_course(rng, row, owner, on, last)
    if rng.random() < 0.88:
        case.decisions.append(formal(rng, owner, on))
    close(rng, case)
    return person, case


def span(period: str) -> tuple[date, date]:
    """Return first and last day of a period such as 2009, 2015a (to 30 June) or 2015b."""
    year = int(period[:4])
    first = date(year, 7, 1) if period.endswith("b") else date(year, 1, 3)
    return first, date(year, 6, 30) if period.endswith("a") else date(year, 12, 28)


def state_cohort(seed: int) -> list[Pair]:
    """Return persons first assisted 2021-2025 by the state and by NGOs that it commissions."""
    pairs: list[Pair] = []
    for year, margins in programme()["state"].items():
        if year != "iom_share":
            pairs += state_year(stream(seed, f"state-{year}"), year, margins, len(pairs))
    return pairs


def state_year(rng: Random, year: str, margins: dict[str, Any], before: int) -> list[Pair]:
    """Return the persons of one year; exactly the published number of them service work."""
    rows = exact(rng, {name: margins[name] for name in ("sex", "age", "origin", "form")})
    arrange(rng, rows, affinity.STATE)
    fix_boys(rows, margins.get("children", {}).get("male"))
    pairs = [
        state_person(rng, f"state-{before + number:04d}", 2000 + before + number, row, int(year))
        for number, row in enumerate(rows, 1)
    ]
    everyone, foreign = margins["employed"]
    employ(rng, pairs, everyone - foreign, foreign)
    return pairs


def fix_boys(rows: list[Row], boys_count: int | None) -> None:
    """Swap the sex of children and adults of one form until `boys_count` children are boys."""
    if boys_count is None:
        return
    children = [row for row in rows if row["age"] not in ADULTS]
    boys = sum(row["sex"] == "male" for row in children)
    give, take = ("male", "female") if boys > boys_count else ("female", "male")
    for child in (row for row in children if row["sex"] == give):
        if boys == boys_count:
            return
        partner = next(
            (
                r
                for r in rows
                if r["age"] in ADULTS and r["sex"] == take and r["form"] in {child["form"], "forced_labour"}
            ),
            None,
        )
        if partner:
            child["sex"], partner["sex"] = take, give
            boys += 1 if take == "male" else -1


def state_person(rng: Random, key: str, number: int, row: Row, year: int) -> Pair:
    """Return one person assisted by the state and their case."""
    on = exploitation.within(rng, year)
    centres = CENTRES if year > 2021 else CENTRES | {"ngo-almaty": 14.0, "ngo-shymkent": 5.0}
    owner = pick(rng, centres)
    person, case = person_and_case(rng, key, number=number, row=row, owner=owner, on=on)
    share = programme()["state"]["iom_share"][str(year)]
    case.services = assistance.state_course(rng, row, agency=owner, on=on, until=date(year, 12, 28), iom=share)
    case.decisions.append(
        DemoDecision(
            track="social",
            kind="preliminary_identification",
            status="presumed",
            authority=owner,
            decided_on=on,
            standard_of_proof="reasonable_grounds",
        )
    )
    if rng.random() < 0.9:
        case.decisions.append(formal(rng, authority(owner), on))
    close(rng, case)
    return person, case


def employ(rng: Random, pairs: list[Pair], citizens: int, foreign: int) -> None:
    """Add a completed employment service to the given numbers of adult citizens and foreigners."""
    for count, is_citizen in ((citizens, True), (foreign, False)):
        adults = [case for person, case in pairs if (person.origin == "KZ") == is_citizen and case.age_band in ADULTS]
        for case in rng.sample(adults, count):
            start = case.services[0].started_on or case.registered_on
            service = assistance.later(rng, "employment", agency=case.agency, start=start, stay=30, payer="state")
            service.status = "completed"
            case.services.append(service)


def person_and_case(rng: Random, key: str, number: int, row: Row, owner: str, on: date) -> Pair:
    """Return a person and the basic case that an agency registers on a day."""
    person = people.invent(rng, key, number, row, on)
    route = pick(rng, ROUTES)
    case = DemoCase(
        key=key,
        person=key,
        agency=owner,
        identity=people.identity(rng, person, agency(owner).kind, row["age"], on),
        registered_on=on,
        origin=row["origin"],
        age_band=row["age"],
        region=agency(owner).region if rng.random() < 0.9 else "",
        route=route if rng.random() < 0.93 else "",
        independent=route != "agency" or rng.random() < 0.3,
        risk=pick(rng, RISK),
        exploitations=[exploitation.episode(rng, row, on)],
    )
    return person, case


def formal(rng: Random, who: str, on: date) -> DemoDecision:
    """Return a formal identification 2 to 31 days later, possibly in the next year."""
    decided = on + timedelta(days=2 + rng.randrange(30))
    notified = decided + timedelta(days=1 + rng.randrange(6)) if rng.random() < 0.7 else None
    documents = ["interview"] if rng.random() < 0.3 else []
    return DemoDecision(
        track="social",
        kind="formal_identification",
        status="identified",
        authority=who,
        decided_on=decided,
        standard_of_proof="balance_of_probabilities",
        notified_on=notified,
        documents=documents,
    )


def authority(owner: str) -> str:
    """Return the authority of the social track for an agency.

    It is the department of the agency's region, else the ministry.
    """
    own = f"social-{agency(owner).region}"
    return own if own in of_kind("social_protection") else "mlsp"


def close(rng: Random, case: DemoCase) -> None:
    """Close the case after its last service."""
    reason = pick(rng, CLOSURE)
    if any(service.kind == "repatriation" for service in case.services) and rng.random() < 0.8:
        reason = "returned"
    case.closure_reason = reason
    case.ended_on = assistance.last_day(case.services, case.registered_on)
    case.closed_on = min(assistance.LAST_DAY, case.ended_on + timedelta(days=30))
    if case.ended_on >= date(2025, 11, 1) and rng.random() < 0.5:
        case.status, case.closed_on = "follow_up", None
        case.caseworker = "caseworker2" if case.agency == HOME else ""


def police_cohort(seed: int, assisted: list[Pair]) -> list[Pair]:
    """Return persons identified by the police 2021-2025. About half of them are also in `assisted`."""
    rng = stream(seed, "police")
    pairs: list[Pair] = []
    taken: set[str] = set()
    for year, margins in programme()["police"].items():
        rows = exact(rng, margins)
        for number, row in enumerate(rows, 1):
            key = f"police-{year}-{number:02d}"
            known = find_assisted(assisted, row, int(year), taken) if number % 2 else None
            if known:
                taken.add(known[0].key)
            pairs.append(
                police_person(
                    rng, key, number=5000 + 100 * (int(year) - 2021) + number, row=row, year=int(year), known=known
                )
            )
    return pairs


def find_assisted(assisted: list[Pair], row: Row, year: int, taken: set[str]) -> Pair | None:
    """Return an adult assisted in that year with the same form and origin, else None.

    The key of the adult is not in `taken`.
    """
    for person, case in assisted:
        fits = case.exploitations[0]["main_form"] == row["form"] and person.origin == row["origin"]
        if fits and case.registered_on.year == year and person.key not in taken and case.age_band in ADULTS:
            return person, case
    return None


def police_person(rng: Random, key: str, number: int, row: Row, year: int, known: Pair | None) -> Pair:
    """Return the police's record of a person; an assisted person is registered on the same day."""
    if known:
        person, first_case = known
        on, band = first_case.registered_on, first_case.age_band
        owner = f"police-{agency(first_case.agency).region}"
        episode = first_case.exploitations[0] | {}
        case = DemoCase(key, person.key, owner, people.identity(rng, person, "internal_affairs", band, on), on)
        case.age_band, case.origin, case.exploitations = band, person.origin, [episode]
    else:
        sexual = row["form"] == "sexual_exploitation"
        row = row | {"sex": "female" if sexual else pick(rng, {"male": 0.8, "female": 0.2}), "destination": "KZ"}
        row["age"] = pick(rng, {"9_17": 0.08, "18_25": 0.5, "26_30": 0.27, "31_40": 0.15})
        on = exploitation.within(rng, year)
        owner = f"police-{pick(rng, exploitation.REGIONS)}"
        person, case = person_and_case(rng, key, number=number, row=row, owner=owner, on=on)
    case.route, case.independent, case.region = "raid", True, agency(owner).region
    case.decisions.append(
        DemoDecision(
            track="police",
            kind="formal_identification",
            status="identified",
            authority=owner,
            decided_on=on,
            standard_of_proof="reasonable_grounds",
            notified_on=on,
        )
    )
    case.ended_on = case.closed_on = min(assistance.LAST_DAY, on + timedelta(days=120))
    case.closure_reason = "transferred" if known else "completed"
    return person, case


def presumed_cohort(seed: int, a_year: int = 48) -> list[Pair]:
    """Return presumed victims 2021-2025 who were never assisted: declined, not identified, or lost."""
    rng = stream(seed, "presumed")
    pairs = []
    outcomes = {"declined": 0.3, "not_identified": 0.35, "lost": 0.25, "presumed": 0.1}
    for number in range(a_year * 5):
        year = 2021 + number // a_year
        row = {
            "sex": pick(rng, {"male": 0.52, "female": 0.48}),
            "age": pick(rng, {"9_17": 0.08, "18_25": 0.3, "26_30": 0.22, "31_40": 0.25, "41_50": 0.1, "": 0.05}),
            "origin": pick(rng, {"UZ": 0.45, "KZ": 0.42, "KG": 0.08, "TJ": 0.05}),
            "form": pick(rng, {"forced_labour": 0.75, "sexual_exploitation": 0.22, "begging": 0.03}),
        }
        owner = pick(
            rng, CENTRES | {"hotline": 2.0, "border": 0.5, "police-75": 1.0, "police-61": 0.6, "embassy-uz": 0.6}
        )
        on = exploitation.within(rng, year)
        person, case = person_and_case(
            rng, f"presumed-{number + 1:03d}", number=6000 + number, row=row, owner=owner, on=on
        )
        conclude(rng, case, pick(rng, outcomes))
        pairs.append((person, case))
    return pairs


def conclude(rng: Random, case: DemoCase, status: str) -> None:
    """Close the case of a person who was not assisted."""
    on = case.registered_on + timedelta(days=1 + rng.randrange(9))
    if status != "presumed":
        kind = "refusal" if status == "not_identified" else ""
        case.decisions.append(DemoDecision("social", kind, status, authority(case.agency), on))
    reasons = {"declined": "withdrawn", "not_identified": "not_a_victim"}
    case.closure_reason = reasons.get(status, "lost_contact")
    case.ended_on = case.closed_on = on
