"""Who may be meant: persons that the actor's agency knows already, shown before a new one is registered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from kerege.casework.cases import identity_mapping
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries.cases import GOES_ON
from kerege.casework.vault.identity import Identity, told
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.queries.candidate_search import Scored, scored
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.linkage.register_matching import guards

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
    # whether the actor may make one record of this one and another of her agency
    joins: bool

    @property
    def to_open(self) -> list[Case]:
        """Cases in which the work goes on, if it is this person; of a shared record whatever is shared."""
        return [case for case in self.cases if not self.own or case.status in GOES_ON]


def candidates(actor: Actor, identity: Identity, without: Collection[UUID] = ()) -> list[Candidate]:
    """Own and shared records that may be the same person, by the weights of the linkage, best first.

    Whom another agency knows is neither opened nor weighed here: that goes to the coordinator, by a job of its own. So
    the answer, and the time that it takes, are the same whether or not she is known elsewhere.
    """
    weighed = scored(identity, without=without, among=partial(_findable, actor))
    likely = [one for one in weighed if one.match.probability >= LIKELY and _possible(identity, one)]
    records = [one.record.id for one in likely[:MOST]]
    if not records:
        return []
    # what is shared with the agency may be less than a name
    known = vault.read_many(actor, records)
    stored = IdentityRecord.objects.in_bulk([pk for pk in records if pk in known])
    cases = _cases(actor, list(stored))
    joins = set(
        authorization.scope(actor, IdentityRecord, action="persons.merge")
        .filter(pk__in=stored)
        .values_list("pk", flat=True)
    )
    return [
        Candidate(
            record=stored[pk],
            name=identity_mapping.display(known[pk]),
            birth_year=identity_mapping.birth_year(known[pk]),
            cases=cases.get(pk, []),
            own=stored[pk].agency_id == actor.agency_id,
            joins=pk in joins,
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
    """Cases of each record and of those merged into it, those that go on first."""
    stands = vault.with_merged(records)
    rows = authorization.scope(actor, Case, action="cases.view").filter(record__in=stands)
    found: dict[UUID, list[Case]] = {}
    for case in sorted(rows.select_related("agency", "caseworker"), key=lambda case: case.status not in GOES_ON):
        found.setdefault(stands[case.record_id], []).append(case)
    return found
