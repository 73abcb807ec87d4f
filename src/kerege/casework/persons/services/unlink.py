"""Taking back every tie between two records, where people concluded that they are two persons."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kerege.casework.persons.models import MatchCandidate, Merge
from kerege.casework.persons.services.person_links import Tie, part, person_of, records_of, tied_among
from kerege.casework.persons.services.reviewer_assignment import TIED
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.services.identities import open_text
from kerege.core.authorization import Actor


def separate(actor: Actor, candidate: MatchCandidate) -> bool:
    """Undo the links of this pair; of locked records, beyond the wall. Merged records have a service of their own.

    False, and nothing is undone, where the two are one person by way of a third record; one of another agency does not
    count, see `doubt_links`.
    """
    one, two = candidate.left, candidate.right
    rows = Merge.objects.filter(candidate=candidate, kind=Merge.Kind.LINK, undone_at=None)
    for merge in rows.select_related("journal__data_key"):
        apart = part(actor, merge, open_text(merge.journal)["memberships"], Tie())
        if not apart and holds_visibly(one.pk, two.pk, candidate.agency_id, without=candidate):
            return False
        Merge.objects.filter(pk=merge.pk).update(undone_at=timezone.now(), undone_by=actor.label)
    if holds_visibly(one.pk, two.pk, candidate.agency_id):
        return False
    doubt_links(one, two)
    return True


def holds_visibly(one: UUID, two: UUID, agency: UUID | None, without: MatchCandidate | None = None) -> bool:
    """Whether two records are one person, as far as may be told.

    An agency learns of no record elsewhere: of a pair of its own only ties of its own records count, but those of a
    pair that is just taken apart (`without`).
    """
    together = records_of(person_of(one))
    if agency is None or two not in together:
        return two in together
    own = IdentityRecord.objects.filter(pk__in=together, agency=agency).values_list("pk", flat=True)
    return two in tied_among(own, one, without)


def doubt_links(one: IdentityRecord, two: IdentityRecord) -> None:
    """An agency said that two of its records are two persons: links beyond it that still tie them are asked again.

    They are the coordinator's; the agency's word stands, and it is not told that there are any.
    """
    together = records_of(person_of(one.pk))
    if two.pk not in together:
        return
    own = IdentityRecord.objects.filter(pk__in=together, agency=one.agency_id).values_list("pk", flat=True)
    mine = tied_among(own, one.pk) | tied_among(own, two.pk)
    links = Merge.objects.filter(Q(kept__in=mine) | Q(other__in=mine), agency=None, undone_at=None)
    rows = MatchCandidate.objects.filter(pk__in=links.values("candidate"), state__in=TIED)
    rows.update(state=MatchCandidate.State.DISCUSS)
