"""Who may be meant: persons that the actor's agency knows already, shown before a new one is registered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from kerege.casework.cases import people
from kerege.casework.cases.models import Case
from kerege.casework.vault import queries as vault
from kerege.casework.vault.identity import Identity, told
from kerege.casework.vault.matching import Scored, scored
from kerege.casework.vault.models import IdentityRecord
from kerege.core import access
from kerege.core.access import Actor
from kerege.linkage.people import guards

MOST = 6
# shown to somebody who knows more: a card too many costs a glance, one too few a second file
LIKELY = 0.1


@dataclass(frozen=True)
class Candidate:
    """A person who may be the same: little about her, and her cases that the actor may see."""

    record: IdentityRecord
    name: str
    birth_year: str
    cases: list[Case]
    own: bool


def candidates(actor: Actor, identity: Identity) -> list[Candidate]:
    """Own and shared records that may be the same person, by the weights of the linkage, best first.

    Whom another agency knows is neither opened nor weighed here: that goes to the coordinator, by a job of its own. So
    the answer, and the time that it takes, are the same whether or not she is known elsewhere.
    """
    weighed = scored(identity, among=partial(_findable, actor))
    likely = [one for one in weighed if one.match.probability >= LIKELY and _possible(identity, one)]
    records = [one.record.id for one in likely[:MOST]]
    if not records:
        return []
    # what is shared with the agency may be less than a name
    known = vault.read_many(actor, records)
    stored = IdentityRecord.objects.in_bulk([pk for pk in records if pk in known])
    cases = _cases(actor, list(stored))
    return [
        Candidate(
            record=stored[pk],
            name=people.display(known[pk]),
            birth_year=people.birth_year(known[pk]),
            cases=cases.get(pk, []),
            own=stored[pk].agency_id == actor.agency_id,
        )
        for pk in records
        if pk in stored
    ]


def _possible(identity: Identity, one: Scored) -> bool:
    """Two birth years that are far apart are two people."""
    return "birth_year" not in guards(told(identity), one.record.told)


def _findable(actor: Actor, records: Sequence[UUID]) -> Sequence[UUID]:
    """Those that the actor may find, in their order; also a shared one that was merged into one of them."""
    stands = vault.with_merged(records)
    order = {pk: place for place, pk in enumerate(records)}
    return sorted(vault.findable(actor, stands), key=lambda pk: (order[stands[pk]], pk))


def _cases(actor: Actor, records: list[UUID]) -> dict[UUID, list[Case]]:
    found: dict[UUID, list[Case]] = {}
    for case in access.scope(actor, Case, action="cases.view").filter(record__in=records).select_related("agency"):
        found.setdefault(case.record_id, []).append(case)
    return found
