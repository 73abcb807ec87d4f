"""Undo of every link between two records that reviewers concluded to be two persons."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kerege.casework.persons.models import MatchCandidate, Merge
from kerege.casework.persons.services.person_links import (
    LinkDetails,
    linked_among,
    person_of,
    records_of,
    unlink_records,
)
from kerege.casework.persons.services.reviewer_assignment import LINKED_STATES
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.services.identities import open_text
from kerege.core.authorization import Actor


def unlink_pair(actor: Actor, candidate: MatchCandidate) -> bool:
    """Undo the links of this pair; return False, without any undo, while a third record links the two.

    A third record of another agency does not count, see `dispute_outside_links`. The caller locks the records and
    bypasses row-level security. Merges are undone by `unmerge`.
    """
    left, right = candidate.left, candidate.right
    rows = Merge.objects.filter(candidate=candidate, kind=Merge.Kind.LINK, undone_at=None)
    for merge in rows.select_related("journal__data_key"):
        is_apart = unlink_records(actor, merge, open_text(merge.journal)["memberships"], LinkDetails())
        if not is_apart and is_visibly_linked(left.pk, right.pk, candidate.agency_id, without=candidate):
            return False
        Merge.objects.filter(pk=merge.pk).update(undone_at=timezone.now(), undone_by=actor.label)
    if is_visibly_linked(left.pk, right.pk, candidate.agency_id):
        return False
    dispute_outside_links(left, right)
    return True


def is_visibly_linked(first: UUID, second: UUID, agency: UUID | None, without: MatchCandidate | None = None) -> bool:
    """Return whether two records are one person, as far as their agency may know.

    An agency learns of no record elsewhere: for its own pair only links between its own records count. The links of the
    pair `without` are left out.
    """
    person_records = records_of(person_of(first))
    if agency is None or second not in person_records:
        return second in person_records
    own_ids = IdentityRecord.objects.filter(pk__in=person_records, agency=agency).values_list("pk", flat=True)
    return second in linked_among(own_ids, first, without)


def dispute_outside_links(left: IdentityRecord, right: IdentityRecord) -> None:
    """Dispute links to other agencies that still join two records of two persons.

    These links are the coordinator's. The agency's decision stays in force, and the agency does not learn of them.
    """
    person_records = records_of(person_of(left.pk))
    if right.pk not in person_records:
        return
    own_ids = IdentityRecord.objects.filter(pk__in=person_records, agency=left.agency_id).values_list("pk", flat=True)
    linked_ids = linked_among(own_ids, left.pk) | linked_among(own_ids, right.pk)
    links = Merge.objects.filter(Q(kept__in=linked_ids) | Q(other__in=linked_ids), agency=None, undone_at=None)
    rows = MatchCandidate.objects.filter(pk__in=links.values("candidate"), state__in=LINKED_STATES)
    rows.update(state=MatchCandidate.State.DISCUSS)
