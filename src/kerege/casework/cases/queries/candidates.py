"""Candidates for the same person among known records, shown before a new person is registered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from kerege.casework.cases import identity_mapping
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries.cases import GOES_ON
from kerege.casework.vault.identity import Identity, person_attributes
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.queries.candidate_search import Scored, scored
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.linkage.register_guards import find_conflict_flags

MOST = 6
# A low limit: an extra card costs a moment, a missing one leads to a duplicate record.
LIKELY = 0.1


@dataclass(frozen=True)
class PersonCandidate:
    """A person who may be the same: name, year of birth, and their cases that the actor may see."""

    record: IdentityRecord
    name: str
    birth_year: str
    cases: list[Case]
    own: bool
    # True if the actor may merge this record with another one of the agency
    joins: bool

    @property
    def to_open(self) -> list[Case]:
        """Return the cases to continue for this person: active ones of an own record, else all shared ones."""
        return [case for case in self.cases if not self.own or case.status in GOES_ON]


def candidates(actor: Actor, identity: Identity, without: Collection[UUID] = ()) -> list[PersonCandidate]:
    """Return own and shared records that may be the same person, best match first, at most MOST.

    Records that only another agency knows are neither read nor scored here; a job reports them to the coordinator.
    So neither the answer nor its duration reveals whether the person is known elsewhere.
    """
    findable = vault.findable(actor)
    survivors = vault.survivors_of(findable)
    within = findable
    if survivors:
        within = IdentityRecord.objects.filter(Q(pk__in=findable) | Q(pk__in=survivors)).values_list("pk", flat=True)
    scored_records = scored(identity, without=without, within=within, instead=survivors)
    likely_matches = [
        scored_record
        for scored_record in scored_records
        if scored_record.match.probability >= LIKELY and _is_possible(identity, scored_record)
    ]
    records = [scored_record.record.id for scored_record in likely_matches[:MOST]]
    if not records:
        return []
    # a share may hold less than the name
    readable = vault.read_many(actor, records)
    stored = IdentityRecord.objects.in_bulk([pk for pk in records if pk in readable])
    cases = _cases_by_record(actor, list(stored))
    joins = set(
        authorization.scope(actor, IdentityRecord, action="persons.merge")
        .filter(pk__in=stored)
        .values_list("pk", flat=True)
    )
    return [
        PersonCandidate(
            record=stored[pk],
            name=identity_mapping.display(readable[pk]),
            birth_year=identity_mapping.birth_year(readable[pk]),
            cases=cases.get(pk, []),
            own=stored[pk].agency_id == actor.agency_id,
            joins=pk in joins,
        )
        for pk in records
        if pk in stored
    ]


def _is_possible(identity: Identity, scored_record: Scored) -> bool:
    """Return whether the birth years do not contradict each other."""
    return "birth_year" not in find_conflict_flags(person_attributes(identity), scored_record.record.attributes)


def _cases_by_record(actor: Actor, records: list[UUID]) -> dict[UUID, list[Case]]:
    """Return the cases by surviving record, those of merged records included, active ones first."""
    surviving = vault.with_merged(records)
    rows = authorization.scope(actor, Case, action="cases.view").filter(record__in=surviving)
    cases_by_record: dict[UUID, list[Case]] = {}
    for case in sorted(rows.select_related("agency", "caseworker"), key=lambda case: case.status not in GOES_ON):
        cases_by_record.setdefault(surviving[case.record_id], []).append(case)
    return cases_by_record
