"""Detections 2021-2025, drawn from a known population.

An estimate of the undetected can be checked against it.

Victims are generated until as many are detected as the programme counts. Victims whom no agency detects are in no
record. Their number is returned, but never loaded into the register.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from kerege.demo.programme.cohorts import CENTRES, Pair
from kerege.demo.programme.draw import pick, some, stream
from kerege.demo.programme.overlaps import ABROAD, EMBASSIES, police_regions, second
from kerege.demo.programme.sources import agency
from kerege.demo.programme.world import DemoCase

YEARS = (2021, 2025)
# probability that a kind of agency detects a victim by itself: for easy-to-reach and for hard-to-reach victims
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
HARDLY = 0.4  # share of hard-to-reach victims
HELPERS = ("crisis_centre", "ngo")  # also register victims whom others detected
History = frozenset[str]


@dataclass(frozen=True)
class Truth:
    """Numbers of generated victims: detected by an agency, and undetected."""

    detected: int
    undetected: int

    @property
    def victims(self) -> int:
        """Return the total number."""
        return self.detected + self.undetected


def detect(seed: int, state: list[Pair], police: list[Pair], presumed: list[Pair]) -> tuple[list[DemoCase], Truth]:
    """Give every victim of the cohorts a capture history.

    Set `independent` of each victim's case; return the records of the other agencies that detected the victims. An
    agency of HELPERS that did not detect a victim registered them after a referral.
    """
    rng = stream(seed, "detection")
    known = {case.person for _, case in police}
    pairs = victims(state, police, presumed)
    histories, missed = drawn(rng, len(pairs))
    cases: list[DemoCase] = []
    for pair, history in assigned(rng, pairs, known, histories):
        cases += detected(rng, pair, history, {"internal_affairs"} if pair[0].key in known else set())
    return cases, Truth(len(pairs), missed)


def victims(state: list[Pair], police: list[Pair], presumed: list[Pair]) -> list[Pair]:
    """Return each victim once, with their first case, without persons found not to be victims."""
    first_pairs = {pair[0].key: pair for pair in [*state, *police, *presumed][::-1]}
    return [pair for pair in reversed(first_pairs.values()) if pair[1].closure_reason != "not_a_victim"]


def drawn(rng: Random, count: int) -> tuple[list[History], int]:
    """Return `count` capture histories of detected victims, and a number of undetected victims.

    The undetected victims are those drawn meanwhile.
    """
    histories: list[History] = []
    missed = 0
    while len(histories) < count:
        history = frozenset(some(rng, HIDDEN if rng.random() < HARDLY else REACHED))
        if history:
            histories.append(history)
        else:
            missed += 1
    return histories, missed


def assigned(
    rng: Random, pairs: list[Pair], police: set[str], histories: list[History]
) -> Iterable[tuple[Pair, History]]:
    """Yield each victim with a history that their records allow.

    The pairing does not change the list totals.
    """
    remaining = list(histories)
    order = sorted(pairs, key=lambda pair: _freedom(pair, police))
    for pair in order:
        needed = _needed(pair, police)
        fits = [place for place, history in enumerate(remaining) if needed <= history]
        # prefer a history with the agency of the case: most victims are assisted where they were first detected
        owner = agency(pair[1].agency).kind
        near = [place for place in fits if owner in remaining[place]]
        place = rng.choice(near or fits or range(len(remaining)))
        yield pair, remaining.pop(place)


def _needed(pair: Pair, police: set[str]) -> set[str]:
    """Return the kinds that must have detected a victim.

    They are the identifying police, and agencies outside HELPERS.
    """
    kind = agency(pair[1].agency).kind
    needed = {"internal_affairs"} if pair[0].key in police else set()
    return needed if kind in HELPERS else needed | {kind}


def _freedom(pair: Pair, police: set[str]) -> tuple[int, str]:
    """Return the sort key: victims with the most required kinds come first."""
    return -len(_needed(pair, police)), pair[0].key


def detected(rng: Random, pair: Pair, history: History, booked: set[str]) -> list[DemoCase]:
    """Set whether the agency of the case detected the victim.

    Return the cases of the other detecting agencies.

    `booked` are the kinds of agency that already have a record of the victim.
    """
    case = pair[1]
    own = agency(case.agency).kind
    case.independent = own in history
    if not case.independent:
        case.route = "agency"
    elif case.route == "agency":
        case.route = "walk_in"
    cases = []
    for kind in sorted(history - booked - {own}):
        further_case = second(rng, pair, owner_of(rng, pair, kind))
        further_case.independent = True
        cases.append(further_case)
    return cases


def owner_of(rng: Random, pair: Pair, kind: str) -> str:
    """Return an agency of a kind that can have detected the person."""
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
