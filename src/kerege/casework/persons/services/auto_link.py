"""Automatic links of records with equal verified documents, and their automatic undo.

Each link and each undo is an audit event of its own.
"""

from __future__ import annotations

from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.persons.models import MatchCandidate, Merge
from kerege.casework.persons.services.conflict_flags import cluster_risks
from kerege.casework.persons.services.person_links import (
    LinkDetails,
    current_decision,
    link_records,
    lock_persons,
    unlink_records,
)
from kerege.casework.persons.services.review_sample import draw_for_recheck
from kerege.casework.persons.thresholds import JOIN
from kerege.casework.vault.services.identities import open_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor

State = MatchCandidate.State


def auto_link_pair(actor: Actor, candidate: MatchCandidate) -> bool:
    """Link a pair with an equal verified number; return False when it was not linked.

    A conflict flag, a human decision or answer, or a running change of these records prevents the link.
    """
    try:
        with audit.act(actor, "persons.auto_link", target=f"match:{candidate.pk}") as event:
            authorization.require(actor, "persons.match")
            records = lock_persons(candidate.left_id, candidate.right_id)
            row = MatchCandidate.objects.select_for_update().get(left=candidate.left_id, right=candidate.right_id)
            flags = cluster_risks(row.left_id, row.right_id, row.agency_id, alone=True)
            if row.state != State.OPEN or flags or _is_reviewed(row):
                row.risks = [*row.risks, *(risk for risk in flags if risk not in row.risks)]
                row.save(update_fields=["risks"])
                event.note(linked=False)
                return False
            details = LinkDetails(source=Merge.Source.AUTO, candidate=row, model_version=row.model_version)
            merge = link_records(actor, records[row.left_id], records[row.right_id], details)
            row.state, row.concluded_at = State.LINKED, timezone.now()
            draw_for_recheck(row)
            row.save(update_fields=["state", "concluded_at", "sampled"])
            event.note(linked=True, merge=str(merge.pk), identities=[str(row.left_id), str(row.right_id)])
    except BadInput:
        return False  # a user changes these records now: the next run tries again
    return True


def _is_reviewed(row: MatchCandidate) -> bool:
    """Return whether a human decided or answered this pair, or undid a link of it with a reason."""
    undone_links = Merge.objects.filter(candidate=row, undo_reason__isnull=False)
    return current_decision(row.left_id, row.right_id) is not None or row.reviews.exists() or undone_links.exists()


def auto_unlink_pair(actor: Actor, candidate: MatchCandidate) -> bool:
    """Undo an automatic link that no longer holds; return whether it was undone.

    A pair that is still likely goes to the review queue.
    """
    merge = Merge.objects.filter(candidate=candidate, source=Merge.Source.AUTO, undone_at=None).first()
    if merge is None:
        return False
    try:
        with audit.act(actor, "persons.auto_part", target=f"match:{candidate.pk}") as event:
            authorization.require(actor, "persons.match")
            lock_persons(candidate.left_id, candidate.right_id)
            row = MatchCandidate.objects.select_for_update().get(pk=candidate.pk)
            if row.state != State.LINKED or current_decision(row.left_id, row.right_id):
                return False
            details = LinkDetails(source=Merge.Source.AUTO, model_version=row.model_version)
            unlink_records(actor, merge, open_text(merge.journal)["memberships"], details)
            Merge.objects.filter(pk=merge.pk).update(undone_at=timezone.now(), undone_by=actor.label)
            row.state = State.OPEN if row.probability >= JOIN else State.WITHDRAWN
            row.concluded_at, row.sampled = None, False
            row.save(update_fields=["state", "concluded_at", "sampled"])
            event.note(merge=str(merge.pk), identities=[str(row.left_id), str(row.right_id)])
    except BadInput:
        return False
    return True
