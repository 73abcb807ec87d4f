"""Generation of the whole demo programme from a seed. Only the live work depends on the day."""

from __future__ import annotations

import hashlib
import json
from dataclasses import is_dataclass
from datetime import date
from typing import Any

from kerege.demo.programme import another_country, awareness, cohorts, detection, handover, justice, live, overlaps
from kerege.demo.programme.sources import agencies
from kerege.demo.programme.staff import USERS
from kerege.demo.programme.world import Live, World

SEED = 20250730


def build(today: date, seed: int = SEED) -> World:
    """Return all records of the programme; equal seed and day give equal records on every machine."""
    iom, state = cohorts.iom_cohort(seed), cohorts.state_cohort(seed)
    police, presumed = cohorts.police_cohort(seed, state), cohorts.presumed_cohort(seed)
    intake, truth = overlaps.planted(seed, state)
    others, hidden = detection.detect(seed, state, police, presumed)
    desks, more = live_work(today, state, seed)
    cases = [case for _, case in [*iom, *state, *police, *presumed]]
    cases += [*overlaps.linked(seed, iom), *others, *intake]
    cases.sort(key=lambda case: (case.registered_on, case.key))
    world = World(
        agencies=list(agencies()),
        users=list(USERS),
        cases=cases,
        crimes=justice.crimes(seed),
        contacts=awareness.contacts(seed),
        campaigns=awareness.campaigns(),
        live=desks,
        truth=[*truth, *more],
        undetected=hidden.undetected,
    )
    return another_country.adapt(world, seed)


def live_work(today: date, state: list[cohorts.Pair], seed: int = SEED) -> tuple[Live, list[tuple[str, str]]]:
    """Return the work of the day, and the new duplicates of persons of the state's cohort."""
    desks, duplicates = live.morning(seed, today, state)
    desks.cases += handover.caseload(seed, today)
    return desks, duplicates


def planted(seed: int = SEED) -> detection.Truth:
    """Return how many victims of 2021-2025 the seed generates, detected and undetected."""
    state = cohorts.state_cohort(seed)
    police, presumed = cohorts.police_cohort(seed, state), cohorts.presumed_cohort(seed)
    return detection.detect(seed, state, police, presumed)[1]


def canonical(world: World) -> str:
    """Return the records as one text, to compare two builds."""
    return json.dumps(world, ensure_ascii=False, sort_keys=True, default=_plain)


def digest(world: World) -> str:
    """Return the SHA-256 of `canonical`."""
    return hashlib.sha256(canonical(world).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return vars(value) if is_dataclass(value) else str(value)
