"""What the machine may do by itself: tie equal verified documents, and take back what it tied. Audited one by one."""

from __future__ import annotations

from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.persons.models import MatchCandidate, Merge
from kerege.casework.persons.services.conflict_flags import cluster_risks
from kerege.casework.persons.services.person_links import Tie, lock, part, running, tie
from kerege.casework.persons.services.review_sample import draw
from kerege.casework.persons.thresholds import JOIN
from kerege.casework.vault.services.identities import open_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor

State = MatchCandidate.State


def tie_alone(actor: Actor, candidate: MatchCandidate) -> bool:
    """Tie a pair with an equal verified number, unless any guard speaks or a human decided; False when it was not."""
    try:
        with audit.act(actor, "persons.auto_link", target=f"match:{candidate.pk}") as event:
            authorization.require(actor, "persons.match")
            records = lock(candidate.left_id, candidate.right_id)
            row = MatchCandidate.objects.select_for_update().get(left=candidate.left_id, right=candidate.right_id)
            speaks = cluster_risks(row.left_id, row.right_id, row.agency_id, alone=True)
            if row.state != State.OPEN or speaks or _people_spoke(row):
                row.risks = [*row.risks, *(risk for risk in speaks if risk not in row.risks)]
                row.save(update_fields=["risks"])
                event.note(linked=False)
                return False
            how = Tie(source=Merge.Source.AUTO, candidate=row, model_version=row.model_version)
            merge = tie(actor, records[row.left_id], records[row.right_id], how)
            row.state, row.concluded_at = State.LINKED, timezone.now()
            draw(row)
            row.save(update_fields=["state", "concluded_at", "sampled"])
            event.note(linked=True, merge=str(merge.pk), identities=[str(row.left_id), str(row.right_id)])
    except BadInput:
        return False  # somebody is at these records: the next run looks again
    return True


def _people_spoke(row: MatchCandidate) -> bool:
    """Whether anybody decided about this pair, answered, or undid a tie of it: then people go on with it."""
    undone = Merge.objects.filter(candidate=row, undo_reason__isnull=False)
    return running(row.left_id, row.right_id) is not None or row.reviews.exists() or undone.exists()


def part_again(actor: Actor, candidate: MatchCandidate) -> bool:
    """Take back what the machine itself tied and what does not hold any more; people look, where it is likely still."""
    merge = Merge.objects.filter(candidate=candidate, source=Merge.Source.AUTO, undone_at=None).first()
    if merge is None:
        return False
    try:
        with audit.act(actor, "persons.auto_part", target=f"match:{candidate.pk}") as event:
            authorization.require(actor, "persons.match")
            lock(candidate.left_id, candidate.right_id)
            row = MatchCandidate.objects.select_for_update().get(pk=candidate.pk)
            if row.state != State.LINKED or running(row.left_id, row.right_id):
                return False
            how = Tie(source=Merge.Source.AUTO, model_version=row.model_version)
            part(actor, merge, open_text(merge.journal)["memberships"], how)
            Merge.objects.filter(pk=merge.pk).update(undone_at=timezone.now(), undone_by=actor.label)
            row.state = State.OPEN if row.probability >= JOIN else State.WITHDRAWN
            row.concluded_at, row.sampled = None, False
            row.save(update_fields=["state", "concluded_at", "sampled"])
            event.note(merge=str(merge.pk), identities=[str(row.left_id), str(row.right_id)])
    except BadInput:
        return False
    return True
