"""Part of an erasure in this app: pairs, answers, decisions and journals about the person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Q

from kerege.casework.persons.models import MatchBasis, MatchCandidate, MatchDue, Merge, PairDecision, PairReview
from kerege.casework.vault.models.identities import IdentityVersion, SealedText
from kerege.casework.vault.services.identities import open_text


def delete_person_rows(records: Collection[UUID]) -> Iterable[UUID]:
    """Delete all rows about these records, also texts encrypted under the key of the other record.

    Runs inside an erasure, with row-level security bypassed. Returns no further data keys: texts under the person's own
    key are destroyed with it.
    """
    pairs = Q(left__in=records) | Q(right__in=records)
    merges = Merge.objects.filter(Q(kept__in=records) | Q(other__in=records)).select_related("journal__data_key")
    for merge in _merges_with_values(records):
        _empty_versions(merge)
    texts = set(
        PairReview.objects.filter(candidate__in=MatchCandidate.objects.filter(pairs)).values_list("reason", flat=True)
    )
    decisions = PairDecision.objects.filter(pairs)
    texts |= set(decisions.values_list("end_reason", flat=True))
    for column in ("journal", "reason", "undo_reason"):
        texts |= set(merges.values_list(column, flat=True))
    merges.delete()
    MatchCandidate.objects.filter(pairs).delete()
    decisions.delete()
    MatchDue.objects.filter(record__in=records).delete()
    MatchBasis.objects.filter(record__in=records).delete()
    SealedText.objects.filter(pk__in=texts - {None}).delete()
    return ()


def _merges_with_values(records: Collection[UUID]) -> Iterable[Merge]:
    """Return merges that copied the records' values into other records, also through a later merge."""
    rows = Merge.objects.filter(kind=Merge.Kind.MERGE).select_related("journal__data_key")
    merges: dict[UUID, Merge] = {}
    queue = list(rows.filter(other__in=records).exclude(kept__in=records))
    while queue:
        merge = queue.pop()
        merges[merge.pk] = merge
        later = rows.filter(other=merge.kept_id, made_at__gte=merge.made_at).exclude(pk__in=merges)
        queue += later.filter(made_at__lt=merge.undone_at) if merge.undone_at else later
    return merges.values()


def _empty_versions(merge: Merge) -> None:
    """Empty the versions of the surviving record that contain the person's values.

    From the merge to its undo, or to the newest version.
    """
    journal = open_text(merge.journal) or {}
    if first := journal.get("merged_version"):
        rows = IdentityVersion.objects.filter(record=merge.kept_id, number__gte=first)
        if last := journal.get("restored_version"):
            rows = rows.filter(number__lt=last)
        rows.update(ciphertext=b"")
