"""Records of one person at several agencies: linked ones, and planted duplicates that are not linked."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from kerege.demo.programme import assistance, people
from kerege.demo.programme.cohorts import Pair
from kerege.demo.programme.draw import pick, stream
from kerege.demo.programme.sources import agency, programme
from kerege.demo.programme.world import DemoCase

# other agencies that meet a person, and the route of the record
OTHERS = {
    "hotline": 0.3,
    "ngo": 0.22,
    "police": 0.22,
    "consulate": 0.12,
    "border": 0.06,
    "health-35": 0.04,
    "iom": 0.04,
}
ROUTE = {"hotline": "hotline", "border": "border", "health-35": "health", "iom": "walk_in"}
EMBASSIES = {"UZ": "embassy-uz", "KG": "embassy-kg"}
ABROAD = {"AE": "embassy-ae", "TR": "embassy-tr", "RU": "embassy-ru", "KR": "embassy-kr"}


def linked(seed: int, iom: list[Pair]) -> list[DemoCase]:
    """Return linked second records of persons whom IOM assisted. They add no person to any figure."""
    rng = stream(seed, "linked")
    cases = [second(rng, pair, f"police-{pick(rng, police_regions(pair))}") for pair in police_referred(rng, iom)]
    for pair in iom:
        if pair[1].registered_on.year >= 2010 and rng.random() < 0.07:
            cases.append(second(rng, pair, elsewhere(rng, pair)))
    # an agency has at most one record of a person
    return list({case.key: case for case in cases}.values())


def police_referred(rng: Random, iom: list[Pair]) -> list[Pair]:
    """Return the persons of IOM's cohort whom the police referred, in the published number per year."""
    chosen: list[Pair] = []
    for year, count in programme()["iom"]["police_cases"].items():
        chosen += rng.sample([pair for pair in iom if pair[1].registered_on.year == int(year)], count)
    return chosen


def police_regions(pair: Pair) -> dict[str, float]:
    """Return the weights of police regions: mostly the region of exploitation."""
    region = pair[1].exploitations[0].get("exploitation_region")
    return {region: 1.0} if region else {"61": 1.0, "75": 1.0, "79": 1.0}


def elsewhere(rng: Random, pair: Pair) -> str:
    """Return the code of another agency that met the person."""
    person, case = pair
    group = pick(rng, OTHERS)
    country = case.exploitations[0].get("exploitation_country", "KZ")
    code = {
        "ngo": lambda: pick(rng, {"ngo-almaty": 2.0, "ngo-shymkent": 1.0, "ngo-astana": 1.0, "ngo-aktau": 1.0}),
        "police": lambda: f"police-{pick(rng, police_regions(pair))}",
        "consulate": lambda: ABROAD.get(country) or EMBASSIES.get(person.origin, "embassy-uz"),
    }.get(group, lambda: group)()
    return code if code != case.agency else "hotline"


def second(rng: Random, pair: Pair, owner: str, key: str = "") -> DemoCase:
    """Return another agency's record of a person, some days later, in that agency's spelling."""
    person, first = pair
    on = same_band(
        first, min(date(2025, 12, 30), first.registered_on + timedelta(days=rng.randrange(1, 40))), person.born
    )
    kind = agency(owner).kind
    closed = min(assistance.LAST_DAY, on + timedelta(days=20))
    return DemoCase(
        key=key or f"second-{first.key}-{owner}",
        person=first.person,
        agency=owner,
        identity=people.identity(rng, person, kind, first.age_band, on),
        registered_on=on,
        origin=first.origin,
        age_band=first.age_band,
        region=agency(owner).region,
        route=ROUTE.get(owner, {"consulate": "consulate", "internal_affairs": "raid"}.get(kind, "walk_in")),
        independent=rng.random() < 0.75,
        closure_reason="transferred",
        ended_on=closed,
        closed_on=closed,
    )


def same_band(first: DemoCase, later: date, born: date | None) -> date:
    """Return the later day, or the first day if the age band or the year would change."""
    if later.year != first.registered_on.year:
        return first.registered_on
    bands = {people.band_on(text, later) for text in (str(born), str(born)[:7], str(born)[:4])} if born else set()
    return later if bands <= {first.age_band} else first.registered_on


def planted(seed: int, state: list[Pair], count: int = 120) -> tuple[list[DemoCase], list[tuple[str, str]]]:
    """Return unlinked intake records of referred persons under other spellings, and their true persons."""
    rng = stream(seed, "planted")
    cases, truth = [], []
    for number, pair in enumerate(rng.sample([p for p in state if p[1].registered_on.year >= 2022], count), 1):
        key = f"intake-{number:03d}"
        case = second(rng, pair, elsewhere(rng, pair), key)
        case.person = key
        case.identity = misheard(rng, case.identity)
        case.closure_reason = "lost_contact"
        # referred by telephone from another agency: the second record is not a second detection
        case.route, case.independent = "agency", False
        cases.append(case)
        truth.append((key, pair[0].key))
    return cases, truth


def misheard(rng: Random, identity: dict[str, Any]) -> dict[str, Any]:
    """Return the identity with errors of hasty entry.

    Parts are swapped or missing, a letter is wrong, or the year is off by one.
    """
    name = dict(identity["names"][0])
    change = pick(rng, {"none": 0.4, "swap": 0.15, "letter": 0.25, "given_only": 0.2})
    if change == "swap":
        name["family"], name["given"] = name["given"], name["family"]
    elif change == "letter":
        name["family"] = wrong_letter(rng, name["family"])
    elif change == "given_only":
        name = {"kind": "main", "given": name["given"]}
    result = {key: value for key, value in identity.items() if key not in {"documents", "phones"}} | {"names": [name]}
    birth = result.get("birth_date", "")
    if birth and rng.random() < 0.25:
        result["birth_date"] = str(int(birth[:4]) + rng.choice([-1, 1]))
    return result


def wrong_letter(rng: Random, text: str) -> str:
    """Return the text with two neighbouring letters swapped or one left out."""
    at = rng.randrange(1, max(2, len(text) - 2))
    return (
        text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]
        if rng.random() < 0.5
        else text[:at] + text[at + 1 :]
    )
