"""Who detected whom, 2021-2025: drawn from a planted truth, so that an estimate of the undetected can be checked.

Victims are invented one after another until as many were detected as the programme counts. Whoever no agency detected
is in no record: how many they are is the truth, which the register does not know.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from kerege.demo.cohorts import CENTRES, Pair
from kerege.demo.draw import pick, some, stream
from kerege.demo.overlaps import ABROAD, EMBASSIES, police_regions, second
from kerege.demo.sources import agency
from kerege.demo.world import Case

YEARS = (2021, 2025)
# how many of 100 victims are met by each kind of agency, of its own accord: those easily reached, and those hardly
REACHED = {
    "crisis_centre": 0.27,
    "ngo": 0.13,
    "internal_affairs": 0.12,
    "hotline": 0.15,
    "consulate": 0.025,
    "border_service": 0.02,
    "health": 0.02,
}
HIDDEN = {
    "crisis_centre": 0.07,
    "ngo": 0.04,
    "internal_affairs": 0.08,
    "hotline": 0.04,
    "consulate": 0.02,
    "border_service": 0.02,
    "health": 0.01,
}
HARDLY = 0.4  # share of those who are hardly reached
HELPERS = ("crisis_centre", "ngo")  # take in also whom others detected
History = frozenset[str]


@dataclass(frozen=True)
class Truth:
    """How many victims were invented for the years: those whom an agency detected, and those whom none did."""

    detected: int
    undetected: int

    @property
    def victims(self) -> int:
        """All of them."""
        return self.detected + self.undetected


def detect(seed: int, state: list[Pair], police: list[Pair], presumed: list[Pair]) -> tuple[list[Case], Truth]:
    """Give every victim of the cohorts a history of detection.

    Changes whether her case is one of detection, and returns the records of the other agencies that detected her. A
    helper who did not detect her got her by referral.
    """
    rng = stream(seed, "detection")
    known = {case.person for _, case in police}
    pairs = victims(state, police, presumed)
    histories, missed = drawn(rng, len(pairs))
    cases: list[Case] = []
    for pair, history in assigned(rng, pairs, known, histories):
        cases += detected(rng, pair, history, {"internal_affairs"} if pair[0].key in known else set())
    return cases, Truth(len(pairs), missed)


def victims(state: list[Pair], police: list[Pair], presumed: list[Pair]) -> list[Pair]:
    """Each victim once, with her first case; those found to be none are left out."""
    found = {pair[0].key: pair for pair in [*state, *police, *presumed][::-1]}
    return [pair for pair in reversed(found.values()) if pair[1].closure_reason != "not_a_victim"]


def drawn(rng: Random, wanted: int) -> tuple[list[History], int]:
    """So many histories of detected victims, and how many victims nobody detected until they were complete."""
    histories: list[History] = []
    missed = 0
    while len(histories) < wanted:
        history = frozenset(some(rng, HIDDEN if rng.random() < HARDLY else REACHED))
        if history:
            histories.append(history)
        else:
            missed += 1
    return histories, missed


def assigned(
    rng: Random, pairs: list[Pair], police: set[str], histories: list[History]
) -> Iterable[tuple[Pair, History]]:
    """Each victim with a history that her records allow; which victim has which changes no list."""
    left = list(histories)
    order = sorted(pairs, key=lambda pair: _freedom(pair, police))
    for pair in order:
        needed = _needed(pair, police)
        fits = [place for place, history in enumerate(left) if needed <= history]
        # whoever detected her also helps her where possible: most are helped where they first came
        owner = agency(pair[1].agency).kind
        near = [place for place in fits if owner in left[place]]
        place = rng.choice(near or fits or range(len(left)))
        yield pair, left.pop(place)


def _needed(pair: Pair, police: set[str]) -> set[str]:
    """Who must have detected her: the police who identified her, and whoever registers nobody by referral."""
    kind = agency(pair[1].agency).kind
    needed = {"internal_affairs"} if pair[0].key in police else set()
    return needed if kind in HELPERS else needed | {kind}


def _freedom(pair: Pair, police: set[str]) -> tuple[int, str]:
    """Sorts first whose history has to fulfil most."""
    return -len(_needed(pair, police)), pair[0].key


def detected(rng: Random, pair: Pair, history: History, booked: set[str]) -> list[Case]:
    """Say of her case whether its agency detected her, and register her with the others that did.

    `booked` are those who have a record of her already.
    """
    case = pair[1]
    own = agency(case.agency).kind
    case.independent = own in history
    if not case.independent:
        case.route = "agency"
    elif case.route == "agency":
        case.route = "walk_in"
    found = []
    for kind in sorted(history - booked - {own}):
        other = second(rng, pair, owner_of(rng, pair, kind))
        other.independent = True
        found.append(other)
    return found


def owner_of(rng: Random, pair: Pair, kind: str) -> str:
    """An agency of a kind that may have come across her."""
    person, case = pair
    if kind in HELPERS:
        prefix = "ngo" if kind == "ngo" else "crisis"
        return pick(rng, {code: weight for code, weight in CENTRES.items() if code.startswith(prefix)})
    if kind == "internal_affairs":
        return f"police-{pick(rng, police_regions(pair))}"
    if kind == "consulate":
        country = case.exploitations[0].get("exploitation_country", "KZ")
        return ABROAD.get(country) or EMBASSIES.get(person.origin, "embassy-uz")
    return {"border_service": "border", "health": "health-35"}.get(kind, kind)
