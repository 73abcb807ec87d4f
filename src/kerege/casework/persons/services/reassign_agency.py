"""Agency of pairs, decisions and links: it follows the agency of their records."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, OuterRef, Q, QuerySet, Subquery

from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision
from kerege.casework.persons.thresholds import JOIN
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.authorization import session_scope

M = TypeVar("M", bound=Model)
PAIRS: list[tuple[type[Model], tuple[str, str]]] = [
    (MatchCandidate, ("left", "right")),
    (PairDecision, ("left", "right")),
    (Merge, ("kept", "other")),
]


def update_agencies(records: Collection[UUID]) -> None:
    """Update the agency of rows about transferred records; rows between two agencies get none.

    Each table takes one statement: their number does not show how many pairs with other agencies a record has.
    """
    with session_scope.bypass_row_security(
        "a handover moves the data of a record to another agency; no user sees the data"
    ):
        joined = (
            _rows_about(MatchCandidate, ("left", "right"), records)
            .alias(common=_common_agency("left", "right"))
            .filter(common__isnull=False)
        )
        # risks of a pair between agencies may come from records elsewhere: show only that there are some
        at_risk = joined.filter(agency=None).exclude(risks=[])
        MatchCandidate.objects.filter(pk__in=at_risk.values("pk")).update(risks=["unlikely"])
        # the weight counted the names of other agencies: show none before the next run weighs the pair anew
        MatchCandidate.objects.filter(pk__in=joined.values("pk")).update(
            weight=0, probability=JOIN, parts={}, levels={}
        )
        for model, sides in PAIRS:
            _rows_about(model, sides, records).update(agency=_common_agency(*sides))


def _rows_about(model: type[M], sides: tuple[str, str], records: Collection[UUID]) -> QuerySet[M]:
    """Return the rows of one model with one of the records on either side."""
    left, right = sides
    return model._default_manager.filter(Q(**{f"{left}__in": records}) | Q(**{f"{right}__in": records}))


def _common_agency(left: str, right: str) -> Subquery:
    """Return the expression of the agency of both records of a row; null for a row between two agencies."""
    other_side = IdentityRecord.objects.filter(pk=OuterRef(OuterRef(right))).values("agency")
    return Subquery(IdentityRecord.objects.filter(pk=OuterRef(left), agency__in=other_side).values("agency")[:1])
