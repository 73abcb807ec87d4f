"""What of this room goes when a person is erased: pairs, answers, decisions and journals about her records."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Q

from kerege.casework.persons.models import MatchCandidate, MatchDue, Merge, PairDecision, Review
from kerege.casework.vault.models.identities import IdentityVersion, SealedText
from kerege.casework.vault.services.identities import open_text


def forget(records: Collection[UUID]) -> Iterable[UUID]:
    """Remove everything about these records, also what is sealed under the key of the other record of a pair.

    Part of an erasure, beyond the wall. Names no further key: what stands under her own goes with it.
    """
    pairs = Q(left__in=records) | Q(right__in=records)
    merges = Merge.objects.filter(Q(kept__in=records) | Q(other__in=records)).select_related("journal__data_key")
    for merge in _spread(records):
        _blank(merge)
    texts = set(
        Review.objects.filter(candidate__in=MatchCandidate.objects.filter(pairs)).values_list("reason", flat=True)
    )
    decisions = PairDecision.objects.filter(pairs)
    texts |= set(decisions.values_list("end_reason", flat=True))
    for column in ("journal", "reason", "undo_reason"):
        texts |= set(merges.values_list(column, flat=True))
    merges.delete()
    MatchCandidate.objects.filter(pairs).delete()
    decisions.delete()
    MatchDue.objects.filter(record__in=records).delete()
    SealedText.objects.filter(pk__in=texts - {None}).delete()
    return ()


def _spread(records: Collection[UUID]) -> Iterable[Merge]:
    """Merges by which their values came into other records, also by way of a record that was merged on meanwhile."""
    rows = Merge.objects.filter(kind=Merge.Kind.MERGE).select_related("journal__data_key")
    found: dict[UUID, Merge] = {}
    new = list(rows.filter(other__in=records).exclude(kept__in=records))
    while new:
        merge = new.pop()
        found[merge.pk] = merge
        on = rows.filter(other=merge.kept_id, made_at__gte=merge.made_at).exclude(pk__in=found)
        new += on.filter(made_at__lt=merge.undone_at) if merge.undone_at else on
    return found.values()


def _blank(merge: Merge) -> None:
    """Versions of the other record in which her values stood, until a merge was undone: nobody reads them any more."""
    journal = open_text(merge.journal) or {}
    if first := journal.get("merged_version"):
        rows = IdentityVersion.objects.filter(record=merge.kept_id, number__gte=first)
        if last := journal.get("restored_version"):
            rows = rows.filter(number__lt=last)
        rows.update(ciphertext=b"")
