"""Taking back every tie between two records, where people concluded that they are two persons."""

from __future__ import annotations

from django.utils import timezone

from kerege.casework.persons.models import MatchCandidate, Merge
from kerege.casework.persons.services.people import Tie, part, person_of
from kerege.casework.vault.services import open_text
from kerege.core.access import Actor


def separate(actor: Actor, candidate: MatchCandidate) -> bool:
    """Undo the links of this pair; of locked records, beyond the wall. Merged records have a service of their own.

    False, and nothing is undone, where the two are one person by way of a third record.
    """
    rows = Merge.objects.filter(candidate=candidate, kind=Merge.Kind.LINK, undone_at=None).select_related(
        "journal__data_key"
    )
    for merge in rows:
        if not part(actor, merge, open_text(merge.journal)["memberships"], Tie()):
            return False
        Merge.objects.filter(pk=merge.pk).update(undone_at=timezone.now(), undone_by=actor.label)
    return person_of(candidate.left_id) != person_of(candidate.right_id)
