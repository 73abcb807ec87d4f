"""Pairs, decisions and ties stand under the agency of both records: where records move, they follow."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Model, Q

from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.authorization import session_scope

PAIRS: list[tuple[type[Model], tuple[str, str]]] = [
    (MatchCandidate, ("left", "right")),
    (PairDecision, ("left", "right")),
    (Merge, ("kept", "other")),
]


def follow(records: Collection[UUID]) -> None:
    """Records of a handover have another agency now; what lies between two agencies is the coordinator's."""
    with session_scope.beyond("a handover moves what stands under a record; nobody is shown it"):
        between = list(
            MatchCandidate.objects.filter(agency=None)
            .exclude(risks=[])
            .filter(Q(left__in=records) | Q(right__in=records))
            .values_list("pk", flat=True)
        )
        for model, sides in PAIRS:
            _follow(model, sides, records)
        # what was said of a pair between agencies may come from records elsewhere
        MatchCandidate.objects.filter(pk__in=between).exclude(agency=None).update(risks=["unlikely"])


def _follow(model: type[Model], sides: tuple[str, str], records: Collection[UUID]) -> None:
    one, two = sides
    rows = model._default_manager.filter(Q(**{f"{one}__in": records}) | Q(**{f"{two}__in": records}))
    pairs = list(rows.values_list("pk", f"{one}_id", f"{two}_id"))
    ids = {pk for _, *both in pairs for pk in both}
    agencies = dict(IdentityRecord.objects.filter(pk__in=ids).values_list("pk", "agency_id"))
    for pk, left, right in pairs:
        both = {agencies[left], agencies[right]}
        model._default_manager.filter(pk=pk).update(agency=both.pop() if len(both) == 1 else None)
