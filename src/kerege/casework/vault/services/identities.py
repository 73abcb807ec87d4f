"""Writes of identities and encrypted texts. Callers hold the transaction and the audited event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault, Refused
from kerege.casework.vault.crypto import envelope, source_ids
from kerege.casework.vault.events import identity_stored
from kerege.casework.vault.identity import Identity, blocking_keys, index_keys
from kerege.casework.vault.models.identities import (
    DataKey,
    IdentityRecord,
    IdentityVersion,
    IndexEntry,
    Membership,
    Person,
    SealedText,
)
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.core.database.bulk_insert import insert, insert_values, new, prepare
from kerege.core.security import keyring
from kerege.core.security.key_events import SealedValues
from kerege.linkage.register_matching import index_version

BATCH = 2000


def place(record_id: UUID, number: int) -> str:
    """Return the place (associated data) of a version's ciphertext."""
    return f"identity:{record_id}:{number}"


def new_key(kek: tuple[str, bytes]) -> tuple[DataKey, bytes]:
    """Return an unsaved data key, wrapped under a (kek id, kek), and its plain bytes."""
    row, plain = new(DataKey, kek_id=kek[0]), envelope.new_data_key()
    row.wrapped = envelope.seal(kek[1], plain, f"key:{row.id}")
    return row, plain


def plain_key(row: DataKey) -> bytes:
    """Return the plain bytes of a stored data key; raise Erased when it was destroyed."""
    return envelope.open_data_key(row.id, row.kek_id, row.wrapped)


IndexRow = tuple[UUID, bytes, str, str]


def index_rows(
    record_id: UUID, identity: Identity, index: tuple[str, bytes], is_merged: bool = False
) -> list[IndexRow]:
    """Return blind-index rows of a record: record, token, fold version, index key id.

    `index` is (index key id, index key). A `merged` record gets no blocking keys: record linkage scores the surviving
    record. It keeps names and document numbers, so that an agency with a share of its case finds it by its own values.
    """
    key_id, key = index
    texts = index_keys(identity) - blocking_keys(identity) if is_merged else index_keys(identity)
    return [(record_id, envelope.token(key, text), index_version(), key_id) for text in sorted(texts)]


def store_index(rows: Iterable[IndexRow]) -> None:
    """Store blind-index rows without building a model object for each: the largest table of the register."""
    prepare_id = prepare(IndexEntry._meta.get_field("record")) or (lambda record_id: record_id)
    values = [(prepare_id(record_id), *rest) for record_id, *rest in rows]
    insert_values(IndexEntry, ("record_id", "token", "fold_version", "key_id"), values)


@transaction.atomic
def store_records(actor: Actor, drafts: Sequence[tuple[Agency, Identity, str]]) -> list[tuple[IdentityRecord, bytes]]:
    """Store identities, each (agency, values, own id or ''), as new records, each of a new person.

    Returns the records with their plain data keys, so that the caller can encrypt texts of the same event.
    """
    authorization.require(actor, "vault.write")
    now = timezone.now()
    kek, index = keyring.keyring().current("kek"), keyring.keyring().current("index")
    stored: list[tuple[IdentityRecord, bytes]] = []
    data_keys, versions, entries, persons, memberships = [], [], [], [], []
    for agency, identity, source_id in drafts:
        row, plain = new_key(kek)
        record = new(IdentityRecord, agency=agency, data_key=row, created_at=now)
        for name, value in source_ids.build_columns(record, agency.id, source_id).items():
            setattr(record, name, value)
        person = new(Person, created_at=now)
        data_keys.append(row)
        stored.append((record, plain))
        persons.append(person)
        sealed = envelope.seal_json(plain, identity, place(record.id, 1))
        common = {"record": record, "created_by": actor.label}
        versions.append(
            new(IdentityVersion, number=1, ciphertext=sealed, created_at=now, author_id=actor.user_id, **common)
        )
        source = Membership.Source.REGISTRATION.value
        memberships.append(new(Membership, person=person, from_at=now, source=source, **common))
        entries.extend(index_rows(record.id, identity, index))
    for rows in (data_keys, [record for record, _ in stored], versions, persons, memberships):
        insert(rows)
    store_index(entries)
    identity_stored.send(IdentityRecord, record_ids=[record.id for record, _ in stored])
    return stored


@transaction.atomic
def add_version(actor: Actor, record: IdentityRecord, identity: Identity) -> IdentityVersion:
    """Add a version of a record's values and rebuild its index; of a merged record, the surviving one's.

    Raises BadInput when the record was merged or unmerged since the caller read it.
    """
    authorization.require(actor, "vault.change", record)
    target = _lock_current_survivor(record)
    number = (target.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    sealed = envelope.seal_json(plain_key(target.data_key), identity, place(target.id, number))
    version = target.versions.create(
        number=number,
        ciphertext=sealed,
        created_at=timezone.now(),
        created_by=actor.label,
        author_id=actor.user_id,
    )
    rebuild_index(target, identity)
    identity_stored.send(IdentityRecord, record_ids=[target.id])
    return version


def locked(record_id: UUID) -> IdentityRecord:
    """Return a record, locked against changes and merges; rows that refer to it may still be added."""
    # read the data key after the lock: a join would return its state from before the wait
    return IdentityRecord.objects.select_for_update(no_key=True).get(pk=record_id)


def surviving_record_id(record_id: UUID) -> UUID:
    """Return the id of the surviving record; the record's own id when it was not merged."""
    pk: UUID | None = record_id
    while pk is not None:
        record_id = pk
        pk = IdentityRecord.objects.values_list("superseded_by", flat=True).get(pk=record_id)
    return record_id


def lock_surviving_record(record_id: UUID) -> IdentityRecord:
    """Lock and return the surviving record, so that merges and other writes are serialised.

    Locks this record alone: two writers that start at two records of one person wait, and do not deadlock.
    """
    while True:
        with transaction.atomic():
            row = locked(surviving_record_id(record_id))
            if surviving_record_id(record_id) == row.pk:
                return row
            transaction.set_rollback(True)  # release the lock: locking a second row out of order could deadlock


def _lock_current_survivor(record: IdentityRecord) -> IdentityRecord:
    """Lock and return the surviving record; raise BadInput if the record was merged or unmerged meanwhile."""
    row = lock_surviving_record(record.pk)
    if IdentityRecord.objects.values_list("superseded_by", flat=True).get(pk=record.pk) != record.superseded_by_id:
        raise BadInput(
            Fault(gettext_noop("this record was merged or unmerged meanwhile"), gettext_noop("reload the page"))
        )
    return row


def rebuild_index(record: IdentityRecord, identity: Identity) -> None:
    """Replace the index rows of a record by those of these values."""
    record.index_entries.all().delete()
    store_index(
        index_rows(record.pk, identity, keyring.keyring().current("index"), record.superseded_by_id is not None)
    )


def seal_text(row: DataKey, value: Any, plain: bytes | None = None) -> SealedText:
    """Return an unsaved encrypted text of any JSON value."""
    text = new(SealedText, data_key=row, created_at=timezone.now())
    text.ciphertext = envelope.seal_json(plain or plain_key(row), value, f"text:{text.id}")
    return text


def save_text(row: DataKey, value: Any) -> SealedText:
    """Encrypt a JSON value under a data key and store it."""
    text = seal_text(row, value)
    text.save()
    return text


def open_text(text: SealedText | None) -> Any:
    """Decrypt a text; return None when there is none or the person was erased."""
    if text is None or text.data_key.wrapped is None:
        return None
    return envelope.unseal_json(plain_key(text.data_key), text.ciphertext, f"text:{text.id}")


def link(actor: Actor, record: IdentityRecord, person: Person) -> None:
    """Record the human decision that a record belongs to a person; the earlier membership ends."""
    with audit.act(actor, "vault.link", target=f"record:{record.id}") as event:
        authorization.require(actor, "vault.link", record)
        now = timezone.now()
        record.memberships.filter(to_at=None).update(to_at=now)
        record.memberships.create(person=person, from_at=now, source=Membership.Source.HUMAN, created_by=actor.label)
        event.note(person=str(person.id))


def link_many(actor: Actor, persons: Mapping[UUID, UUID]) -> None:
    """Link many records to persons, by their ids, in one audit event. For filling a register."""
    with audit.act(actor, "vault.link", target="records") as event:
        authorization.require(actor, "vault.link")
        now, human = timezone.now(), Membership.Source.HUMAN
        for batch in batches(iter(persons)):
            Membership.objects.filter(record__in=batch, to_at=None).update(to_at=now)
        insert(
            [
                Membership(record_id=record, person_id=person, from_at=now, source=human, created_by=actor.label)
                for record, person in persons.items()
            ]
        )
        event.note(records=len(persons))


def rewrap() -> int:
    """Wrap every data key under the current key-encryption key; return their number.

    `kerege keys rotate` calls it in its transaction.
    """
    kek_id, kek = keyring.keyring().current("kek")
    count = 0
    for batch in batches(DataKey.objects.filter(wrapped__isnull=False).exclude(kek_id=kek_id).iterator(BATCH)):
        for row in batch:
            row.wrapped = envelope.seal(kek, plain_key(row), f"key:{row.id}")
            row.kek_id = kek_id
        DataKey.objects.bulk_update(batch, ["wrapped", "kek_id"], batch_size=500)
        count += len(batch)
    return count


def reindex() -> int:
    """Rebuild the blind index under the current index key and fold version; return the number of records."""
    count, index = 0, keyring.keyring().current("index")
    unerased = IdentityRecord.objects.filter(data_key__wrapped__isnull=False).select_related("data_key")
    for batch in batches(unerased.iterator(BATCH)):
        IndexEntry.objects.filter(record__in=batch).delete()
        store_index(
            row
            for record in batch
            for row in index_rows(record.id, newest(record), index, record.superseded_by_id is not None)
        )
        count += len(batch)
    return count


def newest(record: IdentityRecord) -> Identity:
    """Decrypt the newest values of one record, without access check; pages read through `queries`."""
    version = record.versions.order_by("-number").first()
    if version is None:
        raise Refused("this record has no values")
    values: Identity = envelope.unseal_json(
        plain_key(record.data_key), version.ciphertext, place(record.id, version.number)
    )
    return values


def batches(rows: Iterable[Any]) -> Iterable[list[Any]]:
    """Cut a stream of rows into lists of at most BATCH."""
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def count_sealed() -> Iterator[SealedValues]:
    """Yield the number of data keys and of index entries under each key."""
    keys = DataKey.objects.filter(wrapped__isnull=False).values_list("kek_id").annotate(n=Count("pk"))
    entries = IndexEntry.objects.values_list("key_id").annotate(n=Count("pk"))
    for kind, rows in (("data keys", keys), ("index entries", entries)):
        for key_id, number in rows.order_by():
            yield SealedValues(kind, key_id, number)
