"""Other records of the same person that the user of a case may see, with the links that join them.

Dates come from links of the user's own agency. The date of a membership would disclose links made elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.timeline import directory
from kerege.casework.persons.models import Merge
from kerege.casework.persons.queries.cross_agency import agencies_that_know
from kerege.casework.persons.services.agency_disclosure import may_know
from kerege.casework.persons.services.person_links import linked_among, person_of, records_of
from kerege.casework.persons.services.unmerge import merges_to_undo_first
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core import authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor, session_scope


@dataclass(frozen=True)
class RelatedLink:
    """Link of the user's own agency: its author, whether it can be undone now, and the other cases."""

    merge: Merge
    by: str
    is_last: bool
    cases: list[Case] = field(default_factory=list)


@dataclass(frozen=True)
class RelatedRecords:
    """Links, cases and agencies of the same person for the page of a case."""

    ties: list[RelatedLink]
    # cases of records that another link joins to the person
    cases: list[Case]
    agencies: list[Agency]


def find_related(actor: Actor, case: Case) -> RelatedRecords:
    """Return other records, cases and agencies of the person of a case, as far as the actor may know."""
    record_ids = _visible_records(actor, case)
    cases = list(
        authorization.scope(actor, Case, action="cases.view").filter(record__in=record_ids).exclude(pk=case.pk)
    )
    is_linked = Q(kept=case.record_id) | Q(other=case.record_id)
    rows = authorization.scope(actor, Merge, action="persons.undo").filter(is_linked, undone_at=None)
    # the newest first: it can be undone
    ties = list(rows.filter(agency=actor.agency_id).order_by("-made_at", "pk"))
    names = directory(row.made_by for row in ties)
    later = merges_to_undo_first(*ties)
    related = [
        RelatedLink(row, names.worker(row.made_by), row.pk not in later, _cases_of_other(cases, row, case.record_id))
        for row in ties
    ]
    linked_ids = {one.pk for group in related for one in group.cases}
    return RelatedRecords(related, [one for one in cases if one.pk not in linked_ids], agencies_that_know(actor, case))


def _cases_of_other(cases: list[Case], merge: Merge, record: UUID) -> list[Case]:
    """Return the cases of the record at the other end of the link."""
    other_record = merge.other_id if merge.kept_id == record else merge.kept_id
    return [case for case in cases if case.record_id == other_record]


def _visible_records(actor: Actor, case: Case) -> list[UUID]:
    """Return own records of the person, and records of agencies that may be disclosed.

    An own record that only a record elsewhere links to this case is left out: it would disclose that another agency
    knows the person.
    """
    with session_scope.bypass_row_security(
        "the query returns own records of the person and what consent or law allows"
    ):
        rows = IdentityRecord.objects.filter(pk__in=records_of(person_of(case.record_id))).values_list(
            "pk", "agency_id"
        )
        known = [pk for pk, agency in rows if agency == case.agency_id or may_know([pk], case.agency_id)]
        return list(linked_among(known, case.record_id) & set(known))
