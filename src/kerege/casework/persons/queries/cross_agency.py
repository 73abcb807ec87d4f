"""Records and cases of one person, and which agencies may learn of each other."""

from __future__ import annotations

from uuid import UUID

from kerege.casework.cases.models.case import Case
from kerege.casework.persons.services.agency_disclosure import may_know
from kerege.casework.persons.services.person_links import person_of, records_of
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.services.identities import surviving_record_id
from kerege.core import authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor, session_scope


def surviving_record(record: IdentityRecord) -> IdentityRecord:
    """Return the surviving record; the record itself when it was not merged."""
    return IdentityRecord.objects.get(pk=surviving_record_id(record.pk))


def agencies_that_know(actor: Actor, case: Case) -> list[Agency]:
    """Return other agencies that know the person of a case, if consent or the law allows it.

    The list is empty for users who may not see this case of their own agency, and also whenever disclosure is not
    allowed. Therefore an empty list does not show whether other agencies know the person.
    """
    if case.agency_id != actor.agency_id or not authorization.allows(actor, "cases.view", case):
        return []
    with session_scope.bypass_row_security(
        "the query looks for the person at other agencies; it returns what the person or the law allows"
    ):
        rows = IdentityRecord.objects.filter(pk__in=records_of(person_of(case.record_id)))
        others: dict[UUID, list[UUID]] = {}
        for pk, agency in rows.exclude(agency=case.agency_id).values_list("pk", "agency"):
            others.setdefault(agency, []).append(pk)
        disclosed = [agency for agency, records in others.items() if may_know(records, case.agency_id)]
    return list(Agency.objects.filter(pk__in=disclosed).order_by("code"))
