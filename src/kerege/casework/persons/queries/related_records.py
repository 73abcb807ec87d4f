"""Which other records the reader of a case may know to be of the same person, since when and by whom.

Dates come from ties that the reader's own agency made: the day of a membership would tell of ties made elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.timeline import directory
from kerege.casework.persons.models import Merge
from kerege.casework.persons.queries.cross_agency import known_elsewhere
from kerege.casework.persons.services.agency_disclosure import may_know
from kerege.casework.persons.services.person_links import person_of, records_of, tied_among
from kerege.casework.persons.services.unmerge import first_to_undo
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core import authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor, session_scope


@dataclass(frozen=True)
class Tied:
    """A tie of the reader's own agency, who made it, whether it can be undone now, the cases of the other record."""

    merge: Merge
    by: str
    is_last: bool
    cases: list[Case] = field(default_factory=list)


@dataclass(frozen=True)
class Together:
    """What a case's page tells of the same person."""

    ties: list[Tied]
    # cases of records that are of the same person by some other tie
    cases: list[Case]
    agencies: list[Agency]


def together(actor: Actor, case: Case) -> Together:
    """Other records, cases and agencies of the person of a case of the actor's agency, as far as she may know."""
    known = _may_know_of(actor, case)
    cases = list(authorization.scope(actor, Case, action="cases.view").filter(record__in=known).exclude(pk=case.pk))
    mine = Q(kept=case.record_id) | Q(other=case.record_id)
    rows = authorization.scope(actor, Merge, action="persons.undo").filter(mine, undone_at=None)
    # the newest first: it is the one that can be undone
    ties = list(rows.filter(agency=actor.agency_id).order_by("-made_at", "pk"))
    names = directory(row.made_by for row in ties)
    later = first_to_undo(*ties)
    found = [Tied(row, names.worker(row.made_by), row.pk not in later, _of(cases, row, case.record_id)) for row in ties]
    tied = {one.pk for each in found for one in each.cases}
    return Together(found, [one for one in cases if one.pk not in tied], known_elsewhere(actor, case))


def _of(cases: list[Case], merge: Merge, record: UUID) -> list[Case]:
    other = merge.other_id if merge.kept_id == record else merge.kept_id
    return [case for case in cases if case.record_id == other]


def _may_know_of(actor: Actor, case: Case) -> list[UUID]:
    """Records of the person: own ones, and those of agencies that may be told of.

    Not an own one that only a record elsewhere ties to this case: it would tell that she is known there.
    """
    with session_scope.beyond("records of one person are looked for; told are own ones and what she or the law allows"):
        rows = IdentityRecord.objects.filter(pk__in=records_of(person_of(case.record_id))).values_list(
            "pk", "agency_id"
        )
        known = [pk for pk, agency in rows if agency == case.agency_id or may_know([pk], case.agency_id)]
        return list(tied_among(known, case.record_id) & set(known))
