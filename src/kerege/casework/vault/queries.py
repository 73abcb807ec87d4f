"""Reading from the vault: every read of an identity belongs to an audited act."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from kerege.casework.vault import crypto
from kerege.casework.vault.identity import Identity, normal_number
from kerege.casework.vault.models import IdentityRecord, IdentityVersion, IndexEntry
from kerege.casework.vault.services import place, plain_key
from kerege.core import access, audit, keys
from kerege.core.access import Actor
from kerege.linkage.names import search_keys


def read_many(actor: Actor, record_ids: Iterable[UUID]) -> dict[UUID, Identity]:
    """The newest values of every record that the actor may read; an erased one has no values."""
    newest = IdentityVersion.objects.filter(record=OuterRef("record")).order_by("-number").values("number")[:1]
    records = access.scope(actor, IdentityRecord, action="vault.read").filter(pk__in=list(record_ids))
    versions = IdentityVersion.objects.filter(record__in=records, number=Subquery(newest)).select_related(
        "record__data_key"
    )
    found: dict[UUID, Identity] = {}
    for version in versions:
        row = version.record.data_key
        if row.wrapped is None:
            found[version.record_id] = Identity()
            continue
        found[version.record_id] = crypto.unseal_json(
            plain_key(row), version.ciphertext, place(version.record_id, version.number)
        )
    audit.note(identities=[str(record_id) for record_id in found])
    return found


def read(actor: Actor, record: IdentityRecord) -> Identity:
    """The newest values of one record; raises Denied when the actor may not read it."""
    access.require(actor, "vault.read", record)
    return read_many(actor, [record.pk])[record.pk]


def find(actor: Actor, text: str, limit: int = 50) -> list[UUID]:
    """Record ids whose names answer every word of `text`, best first; spelling and script are forgiven.

    A word agrees best by its fold, less by its stem, least by its skeleton; an exact document number outranks names.
    """
    allowed = access.scope(actor, IdentityRecord, action="vault.read")
    by_number = matches(allowed, [f"d:{normal_number(text)}"]) if normal_number(text) else set()
    words = search_keys(text)
    scores: dict[UUID, int] | None = None
    for alternatives in words:
        word = word_scores(allowed, alternatives)
        scores = word if scores is None else {r: scores[r] + s for r, s in word.items() if r in scores}
    ranked = sorted((scores or {}).items(), key=lambda item: (-item[1], str(item[0])))
    return [*sorted(by_number, key=str), *(r for r, _ in ranked if r not in by_number)][:limit]


def word_scores(allowed: QuerySet[IdentityRecord], alternatives: Sequence[str]) -> dict[UUID, int]:
    """For one word of a query: records that hold one of its keys; earlier alternatives agree better."""
    scores: dict[UUID, int] = {}
    for worth, key in zip(range(len(alternatives), 0, -1), alternatives, strict=True):
        for record_id in matches(allowed, [f"n:{key}"]):
            scores.setdefault(record_id, worth)
    return scores


def matches(allowed: QuerySet[IdentityRecord], texts: list[str]) -> set[UUID]:
    """Ids of allowed records that have one of the keys in the blind index."""
    ring = keys.keyring()
    every = [ring.get("index", key_id) for key_id in ring.ids("index")]
    tokens = [crypto.token(key, text) for key in every for text in texts]
    entries = IndexEntry.objects.filter(token__in=tokens, record__in=allowed)
    return set(entries.values_list("record_id", flat=True))
