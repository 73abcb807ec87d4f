"""Reading from the vault: every read of an identity belongs to an audited act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from uuid import UUID

from django.db.models import Case as Choose
from django.db.models import F, IntegerField, Max, OuterRef, Subquery, Value, When

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

ASKED = 500
# a number with fewer letters and digits is no document number
SHORTEST = 6


def read_many(actor: Actor, record_ids: Iterable[UUID]) -> dict[UUID, Identity]:
    """The newest values of every record that the actor may read, as far as they are shared with her agency.

    An erased one has no values.
    """
    newest = IdentityVersion.objects.filter(record=OuterRef("record")).order_by("-number").values("number")[:1]
    records = authorization.scope(actor, IdentityRecord, action="vault.read").filter(pk__in=list(record_ids))
    versions = IdentityVersion.objects.filter(record__in=records, number=Subquery(newest)).select_related(
        "record__data_key"
    )
    found: dict[UUID, Identity] = {}
    for version in versions:
        row = version.record.data_key
        if row.wrapped is None:
            found[version.record_id] = Identity()
            continue
        found[version.record_id] = envelope.unseal_json(
            plain_key(row), version.ciphertext, place(version.record_id, version.number)
        )
    audit.note(identities=[str(record_id) for record_id in found])
    _follow(actor, found, [version.record for version in versions])
    return narrowed(actor, found, {v.record_id for v in versions if v.record.agency_id != actor.agency_id})


def _follow(actor: Actor, found: dict[UUID, Identity], records: Iterable[IdentityRecord]) -> None:
    """Of a record that was merged its own agency reads the values of the surviving one; others what they were told."""
    merged = {
        record.pk: record.superseded_by_id
        for record in records
        if record.superseded_by_id and (record.agency_id == actor.agency_id or OPERATOR in actor.roles)
    }
    if merged:
        surviving = read_many(actor, set(merged.values()))
        found |= {pk: surviving[into] for pk, into in merged.items() if into in surviving}


def read(actor: Actor, record: IdentityRecord) -> Identity:
    """The newest values of one record; raises Denied when the actor may not read it."""
    authorization.require(actor, "vault.read", record)
    return read_many(actor, [record.pk])[record.pk]


def find(actor: Actor, text: str, limit: int = 50) -> list[UUID]:
    """Record ids whose names answer every word of `text`, best first; spelling and script are forgiven.

    A word agrees best by its fold, less by its stem, least by its skeleton; an exact document number outranks names.
    """
    number = normal_number(text)
    exact = IndexEntry.objects.filter(token__in=tokens(f"d:{number}")).values_list("record", flat=True)
    ranked = chain(exact.order_by("record").iterator() if number else (), by_name(text))
    found: dict[UUID, None] = {}
    # a common name answers to very many records: only as many are asked about as are wanted
    while len(found) < limit and (part := _searched(ranked)):
        seen = findable(actor, part)
        found |= dict.fromkeys(record_id for record_id in part if record_id in seen)
    return list(found)[:limit]


def findable(actor: Actor, record_ids: Iterable[UUID]) -> set[UUID]:
    """Those of these records that the actor may find. Of merged ones her agency finds the surviving one alone."""
    allowed = authorization.scope(actor, IdentityRecord, action="vault.find").filter(pk__in=list(record_ids))
    if OPERATOR in actor.roles:
        allowed = allowed.filter(superseded_by=None)
    else:
        allowed = allowed.exclude(superseded_by__isnull=False, agency=actor.agency_id)
    return set(allowed.values_list("pk", flat=True))


def is_number(text: str) -> bool:
    """Whether a text can be a document number: some letters and digits, a digit among them, and one word or two."""
    plain = normal_number(text)
    return len(plain) >= SHORTEST and any(letter.isdigit() for letter in plain)


def with_document(number: str) -> list[UUID]:
    """Every record, whoever may read it, that holds exactly this document number; what they are is not for a page."""
    if not is_number(number):
        return []
    plain = normal_number(number)
    with session_scope.beyond("the index is one; callers say nothing of whose record it is"):
        held = IndexEntry.objects.filter(token__in=tokens(f"d:{plain}")).values_list("record", flat=True)
        return list(with_merged(held))


def with_merged(record_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """These records and every one that was merged into one of them, each with the one of these that stands for it.

    A merged record is found under the surviving one alone, and its cases hang on it still.
    """
    found = {pk: pk for pk in record_ids}
    new = found
    while new:
        rows = IdentityRecord.objects.filter(superseded_by__in=list(new)).values_list("pk", "superseded_by")
        new = {pk: found[into] for pk, into in rows if into is not None and pk not in found}
        found |= new
    return found


def _searched(ranked: Iterator[UUID]) -> list[UUID]:
    """The next of all records that answer: the machine searches across agencies, the rules say what is shown."""
    with session_scope.beyond("the index is one; each record found is asked for under the rules"):
        return list(islice(ranked, ASKED))


def by_name(text: str) -> Iterator[UUID]:
    """Every record, whoever may read it, that holds a key of every word; the best first, ranked by the database."""
    words = [[tokens(f"n:{key}") for key in ways] for ways in search_keys(text)]
    if not words:
        return iter(())
    worth = {f"word_{position}": Max(agreement(ways)) for position, ways in enumerate(words)}
    every = [token for ways in words for same in ways for token in same]
    rows = IndexEntry.objects.filter(token__in=every).order_by().values("record").annotate(**worth)
    rows = rows.filter(**{f"{name}__gt": 0 for name in worth})
    total = sum((F(name) for name in worth), Value(0))
    ranked = rows.annotate(total=total).order_by("-total", "record").values_list("record", flat=True)
    return ranked.iterator(chunk_size=ASKED)


def agreement(ways: list[list[bytes]]) -> Choose:
    """How well an entry agrees with a word: the earlier of its keys agree better, any other not at all."""
    whens = (When(token__in=same, then=Value(len(ways) - rank)) for rank, same in enumerate(ways))
    return Choose(*whens, default=Value(0), output_field=IntegerField())


def tokens(*texts: str) -> list[bytes]:
    """What the blind index holds for keys, one after the other, each under every index key of the ring."""
    ring = keyring.keyring()
    secrets = [ring.get("index", key_id) for key_id in ring.ids("index")]
    return [envelope.token(secret, text) for text in texts for secret in secrets]
