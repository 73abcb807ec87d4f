"""Reads of identities. The caller holds the audited event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID

from django.db import connection
from django.db.models import Case as Choose
from django.db.models import F, IntegerField, Max, OuterRef, QuerySet, Subquery, Value, When

from kerege.casework.vault.crypto import envelope
from kerege.casework.vault.identity import Identity, normal_number
from kerege.casework.vault.models.identities import IdentityRecord, IdentityVersion, IndexEntry
from kerege.casework.vault.queries.field_access import narrowed
from kerege.casework.vault.services.identities import place, plain_key
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope
from kerege.core.authorization.actor import OPERATOR
from kerege.core.security import keyring
from kerege.linkage.names import search_keys

PER_QUERY = 500
# one statement, however long the chains of merges are: their length is not disclosed
MERGED = """WITH RECURSIVE merged(id, survivor) AS (
    SELECT r.id, r.superseded_by_id FROM vault_identityrecord r WHERE r.superseded_by_id IN ({})
    UNION SELECT r.id, m.survivor FROM vault_identityrecord r JOIN merged m ON r.superseded_by_id = m.id
) SELECT id, survivor FROM merged"""
# fewest letters and digits of a document number
SHORTEST = 6


def read_many(actor: Actor, record_ids: Iterable[UUID]) -> dict[UUID, Identity]:
    """Return the newest values of the records that the actor may read, reduced to the shared fields.

    An erased record has empty values; a record that the actor may not read has no entry.
    """
    newest = IdentityVersion.objects.filter(record=OuterRef("record")).order_by("-number").values("number")[:1]
    records = authorization.scope(actor, IdentityRecord, action="vault.read").filter(pk__in=list(record_ids))
    versions = IdentityVersion.objects.filter(record__in=records, number=Subquery(newest)).select_related(
        "record__data_key"
    )
    identities: dict[UUID, Identity] = {}
    for version in versions:
        data_key = version.record.data_key
        if data_key.wrapped is None:
            identities[version.record_id] = Identity()
            continue
        identities[version.record_id] = envelope.unseal_json(
            plain_key(data_key), version.ciphertext, place(version.record_id, version.number)
        )
    audit.note(identities=[str(record_id) for record_id in identities])
    _follow_merges(actor, identities, [version.record for version in versions])
    return narrowed(actor, identities, {v.record_id for v in versions if v.record.agency_id != actor.agency_id})


def _follow_merges(actor: Actor, identities: dict[UUID, Identity], records: Iterable[IdentityRecord]) -> None:
    """Replace the values of a merged record by those of the surviving record, for its own agency.

    Other agencies read the merged record's own values.
    """
    merged = {
        record.pk: record.superseded_by_id
        for record in records
        if record.superseded_by_id and (record.agency_id == actor.agency_id or OPERATOR in actor.roles)
    }
    if merged:
        surviving = read_many(actor, set(merged.values()))
        identities |= {pk: surviving[into] for pk, into in merged.items() if into in surviving}


def read(actor: Actor, record: IdentityRecord) -> Identity:
    """Return the newest values of one record; raise Denied when the actor may not read it."""
    authorization.require(actor, "vault.read", record)
    return read_many(actor, [record.pk])[record.pk]


def find(actor: Actor, text: str, limit: int = 50) -> list[UUID]:
    """Return ids of records whose names match every word of `text`, the best match first.

    Spelling and script may differ. A word matches best by its fold, then by its stem, then by its skeleton. An exact
    document number ranks above names.

    The number of queries and their results depend only on records that the actor may find: neither the result nor the
    work discloses that another agency knows the name.
    """
    number, allowed = normal_number(text), findable(actor)
    with session_scope.bypass_row_security("one index covers all agencies; the query itself keeps to the rules"):
        by_number = IndexEntry.objects.filter(token__in=tokens(f"d:{number}"), record__in=allowed)
        numbered = list(by_number.order_by("record").values_list("record", flat=True)) if number else []
        matches = dict.fromkeys([*numbered, *islice(by_name(text, allowed), limit)])
    return list(matches)[:limit]


def findable(actor: Actor) -> QuerySet[IdentityRecord, UUID]:
    """Return the ids of the records that the actor may find; for their own agency, without merged ones."""
    allowed = authorization.scope(actor, IdentityRecord, action="vault.find")
    if OPERATOR in actor.roles:
        allowed = allowed.filter(superseded_by=None)
    else:
        allowed = allowed.exclude(superseded_by__isnull=False, agency=actor.agency_id)
    return allowed.order_by().values_list("pk", flat=True)


def survivors_of(findable: QuerySet[IdentityRecord, UUID]) -> dict[UUID, list[UUID]]:
    """Return by surviving record the findable records to show in its place.

    These are merged records of other agencies that share a case of them: only the surviving record has blocking keys.
    """
    merged = findable.filter(superseded_by__isnull=False).values_list("pk", "superseded_by")
    tops: dict[UUID, UUID] = {pk: into for pk, into in merged if into is not None}
    later = tops
    while later:
        rows = IdentityRecord.objects.filter(pk__in=set(later.values()), superseded_by__isnull=False)
        into = dict(rows.values_list("pk", "superseded_by"))
        later = {pk: above for pk, top in later.items() if (above := into.get(top)) is not None}
        tops |= later
    shown: dict[UUID, list[UUID]] = {}
    if tops:
        shown = {pk: [pk] for pk in findable.filter(pk__in=set(tops.values()))}
    for pk, top in sorted(tops.items()):
        shown.setdefault(top, []).append(pk)
    return shown


def is_number(text: str) -> bool:
    """Return whether a text may be a document number: at least SHORTEST letters and digits, one digit."""
    plain = normal_number(text)
    return len(plain) >= SHORTEST and any(letter.isdigit() for letter in plain)


def with_document(number: str) -> list[UUID]:
    """Return every record with exactly this document number; bypasses row-level security.

    Includes records that were merged into such a record. Callers do not show the result as it is.
    """
    if not is_number(number):
        return []
    plain = normal_number(number)
    with session_scope.bypass_row_security("one index covers all agencies; callers do not show whose record it is"):
        records = IndexEntry.objects.filter(token__in=tokens(f"d:{plain}")).values_list("record", flat=True)
        return list(with_merged(records))


def with_merged(record_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Map each of these records, and each record merged into one of them, to its surviving record.

    The index finds a merged record under the surviving one, and its cases still belong to it.
    """
    survivors = {pk: pk for pk in record_ids}
    if not survivors:
        return {}
    native = connection.features.has_native_uuid_field
    with connection.cursor() as cursor:
        places = ", ".join(["%s"] * len(survivors))
        cursor.execute(MERGED.format(places), [pk if native else pk.hex for pk in survivors])
        merged = cursor.fetchall()
    rows = merged if native else [(UUID(hex=pk), UUID(hex=into)) for pk, into in merged]
    return {pk: into for pk, into in rows if pk not in survivors} | survivors


def by_name(text: str, allowed: QuerySet[IdentityRecord, UUID] | None = None) -> Iterator[UUID]:
    """Yield every record that has a key of each word, the best match first; ranked by the database.

    `allowed` restricts the records.
    """
    words = [[tokens(f"n:{key}") for key in keys] for keys in search_keys(text)]
    if not words:
        return iter(())
    scores = {f"word_{position}": Max(agreement(keys)) for position, keys in enumerate(words)}
    all_tokens = [token for keys in words for same in keys for token in same]
    entries = IndexEntry.objects.filter(token__in=all_tokens)
    entries = entries if allowed is None else entries.filter(record__in=allowed)
    rows = entries.order_by().values("record").annotate(**scores)
    rows = rows.filter(**{f"{name}__gt": 0 for name in scores})
    total = sum((F(name) for name in scores), Value(0))
    ranked = rows.annotate(total=total).order_by("-total", "record").values_list("record", flat=True)
    return ranked.iterator(chunk_size=PER_QUERY)


def agreement(ways: list[list[bytes]]) -> Choose:
    """Return the SQL expression for the agreement of an entry with a word: earlier keys score higher."""
    whens = (When(token__in=tokens, then=Value(len(ways) - rank)) for rank, tokens in enumerate(ways))
    return Choose(*whens, default=Value(0), output_field=IntegerField())


def tokens(*texts: str) -> list[bytes]:
    """Return the blind-index tokens of keys: for each key one token for each index key of the key ring."""
    ring = keyring.keyring()
    secrets = [ring.get("index", key_id) for key_id in ring.ids("index")]
    return [envelope.token(secret, text) for text in texts for secret in secrets]
