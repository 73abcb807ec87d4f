"""Who may be meant: persons that the actor's agency knows already, shown before a new one is registered."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kerege.casework.cases import people
from kerege.casework.cases.models import Case
from kerege.casework.vault import queries as vault
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models import IdentityRecord
from kerege.core import access
from kerege.core.access import Actor

MOST = 6
YEARS_APART = 2


@dataclass(frozen=True)
class Candidate:
    """A person who may be the same: little about her, and her cases that the actor may see."""

    record: IdentityRecord
    name: str
    birth_year: str
    cases: list[Case]
    own: bool


def candidates(actor: Actor, identity: Identity) -> list[Candidate]:
    """Own and shared records that answer to one of the names or document numbers, best first."""
    found: dict[UUID, None] = {}
    for text in people.texts(identity):
        found |= dict.fromkeys(vault.find(actor, text, limit=MOST * 2))
    if not found:
        return []
    known = vault.read_many(actor, found)
    likely = [pk for pk in found if _possible(identity, known.get(pk, Identity()))][:MOST]
    records = IdentityRecord.objects.in_bulk(likely)
    cases = _cases(actor, likely)
    return [
        Candidate(
            record=records[pk],
            name=people.display(known[pk]),
            birth_year=people.birth_year(known[pk]),
            cases=cases.get(pk, []),
            own=records[pk].agency_id == actor.agency_id,
        )
        for pk in likely
    ]


def _possible(told: Identity, known: Identity) -> bool:
    """Two birth years that are far apart are two people."""
    years = people.birth_year(told), people.birth_year(known)
    return not all(years) or abs(int(years[0]) - int(years[1])) <= YEARS_APART


def _cases(actor: Actor, records: list[UUID]) -> dict[UUID, list[Case]]:
    found: dict[UUID, list[Case]] = {}
    for case in access.scope(actor, Case, action="cases.view").filter(record__in=records).select_related("agency"):
        found.setdefault(case.record_id, []).append(case)
    return found
