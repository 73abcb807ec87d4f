"""Agency of pairs, decisions and links: it follows the agency of their records."""

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


def update_agencies(records: Collection[UUID]) -> None:
    """Update the agency of rows about transferred records; rows between two agencies get none."""
    with session_scope.bypass_row_security(
        "a handover moves the data of a record to another agency; no user sees the data"
    ):
        between_ids = list(
            MatchCandidate.objects.filter(agency=None)
            .exclude(risks=[])
            .filter(Q(left__in=records) | Q(right__in=records))
            .values_list("pk", flat=True)
        )
        for model, sides in PAIRS:
            _update_rows(model, sides, records)
        # risks of a pair between agencies may come from records elsewhere: show only that there are some
        MatchCandidate.objects.filter(pk__in=between_ids).exclude(agency=None).update(risks=["unlikely"])


def _update_rows(model: type[Model], sides: tuple[str, str], records: Collection[UUID]) -> None:
    """Update the agency of the rows of one model."""
    left_field, right_field = sides
    rows = model._default_manager.filter(Q(**{f"{left_field}__in": records}) | Q(**{f"{right_field}__in": records}))
    pairs = list(rows.values_list("pk", f"{left_field}_id", f"{right_field}_id"))
    ids = {pk for _, *both in pairs for pk in both}
    agencies = dict(IdentityRecord.objects.filter(pk__in=ids).values_list("pk", "agency_id"))
    for pk, left, right in pairs:
        agency_ids = {agencies[left], agencies[right]}
        model._default_manager.filter(pk=pk).update(agency=agency_ids.pop() if len(agency_ids) == 1 else None)
