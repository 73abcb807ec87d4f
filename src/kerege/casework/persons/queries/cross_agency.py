"""What belongs to one person: the surviving record, her cases, and what agencies may learn of each other."""

from __future__ import annotations

from uuid import UUID

from kerege.casework.cases.models.case import Case
from kerege.casework.persons.services.agency_disclosure import may_know
from kerege.casework.persons.services.person_links import person_of, records_of, whole
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.services.identities import stands_for
from kerege.core import authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor, session_scope


def survivor(record: IdentityRecord) -> IdentityRecord:
    """The record that stands for this one since a merge; the record itself when it was not merged."""
    return IdentityRecord.objects.get(pk=stands_for(record.pk))


def person_cases(actor: Actor, record: IdentityRecord) -> list[Case]:
    """Cases of the surviving record and of those merged into it, that the actor may see; the newest first."""
    rows = authorization.scope(actor, Case, action="cases.view").select_related("agency", "caseworker")
    return list(rows.filter(record__in=whole(record.pk)))


def known_elsewhere(actor: Actor, case: Case) -> list[Agency]:
    """Other agencies that know the person of a case of the actor's, as far as her consent or the law lets it be told.

    Empty for everybody else, and whenever nothing lets it be told: whether there are any cannot be seen.
    """
    if case.agency_id != actor.agency_id or not authorization.allows(actor, "cases.view", case):
        return []
    with session_scope.beyond(
        "whether a person is known elsewhere is asked, and told only as far as she or the law allows"
    ):
        rows = IdentityRecord.objects.filter(pk__in=records_of(person_of(case.record_id)))
        others: dict[UUID, list[UUID]] = {}
        for pk, agency in rows.exclude(agency=case.agency_id).values_list("pk", "agency"):
            others.setdefault(agency, []).append(pk)
        told = [agency for agency, records in others.items() if may_know(records, case.agency_id)]
    return list(Agency.objects.filter(pk__in=told).order_by("code"))
