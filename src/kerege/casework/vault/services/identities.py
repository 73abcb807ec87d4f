"""Writing to the vault. Callers (the rooms) hold the transaction and the audited act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault, Refused
from kerege.casework.vault.crypto import envelope
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
from kerege.linkage.register_matching import index_version

BATCH = 2000


def place(record_id: UUID, number: int) -> str:
    """Where a version's ciphertext belongs."""
    return f"identity:{record_id}:{number}"


def new_key(kek: tuple[str, bytes]) -> tuple[DataKey, bytes]:
    """An unsaved data key under a (kek id, kek), and its plain bytes."""
    row, plain = new(DataKey, kek_id=kek[0]), envelope.new_data_key()
    row.wrapped = envelope.seal(kek[1], plain, f"key:{row.id}")
    return row, plain


def plain_key(row: DataKey) -> bytes:
    """The plain bytes of a stored data key; raises Erased when it was destroyed."""
    return envelope.open_data_key(row.id, row.kek_id, row.wrapped)


IndexRow = tuple[UUID, bytes, str, str]


def index_rows(record_id: UUID, identity: Identity, index: tuple[str, bytes], merged: bool = False) -> list[IndexRow]:
    """Blind-index rows of a record, under an (index key id, index key): record, token, fold version, key id.

    One that was `merged` into another has no keys for the machine, which weighs the surviving one. Its names and
    documents stay: an agency with which its case alone is shared finds it by what that agency was told.
    """
    key_id, key = index
    texts = index_keys(identity) - blocking_keys(identity) if merged else index_keys(identity)
    return [(record_id, envelope.token(key, text), index_version(), key_id) for text in sorted(texts)]


def store_index(rows: Iterable[IndexRow]) -> None:
    """Store blind-index rows: the largest table of the register, so without an object a row."""
    way = prepare(IndexEntry._meta.get_field("record")) or (lambda record_id: record_id)
    values = [(way(record_id), *rest) for record_id, *rest in rows]
    insert_values(IndexEntry, ("record_id", "token", "fold_version", "key_id"), values)


@transaction.atomic
def store_records(
    actor: Actor, drafts: Sequence[tuple[Agency, Identity, bytes | None]]
) -> list[tuple[IdentityRecord, bytes]]:
    """Store identities, each (agency, values, source key), as new records, each a person of one.

    Returns the records with their plain data keys, so that the caller can seal texts of the same act.
    """
    authorization.require(actor, "vault.write")
    now = timezone.now()
    kek, index = keyring.keyring().current("kek"), keyring.keyring().current("index")
    stored: list[tuple[IdentityRecord, bytes]] = []
    data_keys, versions, entries, persons, memberships = [], [], [], [], []
    for agency, identity, source_key in drafts:
        row, plain = new_key(kek)
        record = new(IdentityRecord, agency=agency, data_key=row, source_key=source_key, created_at=now)
        person = new(Person, created_at=now)
        data_keys.append(row)
        stored.append((record, plain))
        persons.append(person)
        sealed = envelope.seal_json(plain, identity, place(record.id, 1))
        by = {"record": record, "created_by": actor.label}
        versions.append(new(IdentityVersion, number=1, ciphertext=sealed, created_at=now, **by))
        source = Membership.Source.REGISTRATION.value
        memberships.append(new(Membership, person=person, from_at=now, source=source, **by))
        entries.extend(index_rows(record.id, identity, index))
    for rows in (data_keys, [record for record, _ in stored], versions, persons, memberships):
        insert(rows)
    store_index(entries)
    identity_stored.send(IdentityRecord, record_ids=[record.id for record, _ in stored])
    return stored


@transaction.atomic
def add_version(actor: Actor, record: IdentityRecord, identity: Identity) -> IdentityVersion:
    """Add a new state of a record's values and rebuild its index rows; of a merged record, those of the surviving one.

    Raises BadInput when the record was merged or taken apart since the caller read it.
    """
    authorization.require(actor, "vault.change", record)
    target = _standing(record)
    number = (target.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    sealed = envelope.seal_json(plain_key(target.data_key), identity, place(target.id, number))
    version = target.versions.create(
        number=number, ciphertext=sealed, created_at=timezone.now(), created_by=actor.label
    )
    rebuild_index(target, identity)
    identity_stored.send(IdentityRecord, record_ids=[target.id])
    return version


def locked(record_id: UUID) -> IdentityRecord:
    """A record, locked against everybody who changes or merges it; what hangs on it may still be added to."""
    # the data key is read after the lock: what is joined to a row that was waited for is as old as the question
    return IdentityRecord.objects.select_for_update(no_key=True).get(pk=record_id)


def stands_for(record_id: UUID) -> UUID:
    """The id of the record that stands for this one since a merge; its own when it was not merged."""
    pk: UUID | None = record_id
    while pk is not None:
        record_id = pk
        pk = IdentityRecord.objects.values_list("superseded_by", flat=True).get(pk=record_id)
    return record_id


def locked_standing(record_id: UUID) -> IdentityRecord:
    """The record that stands for this one, locked: of a merge and whatever else is done to the person one comes first.

    It alone, so that two who begin at two records of one person wait for each other and do not block each other.
    """
    while True:
        with transaction.atomic():
            row = locked(stands_for(record_id))
            if stands_for(record_id) == row.pk:
                return row
            transaction.set_rollback(True)  # lets go: a second one is not locked out of order


def _standing(record: IdentityRecord) -> IdentityRecord:
    """The record that stands for this one, locked; refused if this one was merged or taken apart since it was read."""
    row = locked_standing(record.pk)
    if IdentityRecord.objects.values_list("superseded_by", flat=True).get(pk=record.pk) != record.superseded_by_id:
        raise BadInput(
            Fault(gettext_noop("this record was merged or taken apart meanwhile"), gettext_noop("reload the page"))
        )
    return row


def rebuild_index(record: IdentityRecord, identity: Identity) -> None:
    """Index a record by these values, as far as it stands for itself."""
    record.index_entries.all().delete()
    store_index(
        index_rows(record.pk, identity, keyring.keyring().current("index"), record.superseded_by_id is not None)
    )


def seal_text(row: DataKey, value: Any, plain: bytes | None = None) -> SealedText:
    """An unsaved sealed text holding any JSON value."""
    text = new(SealedText, data_key=row, created_at=timezone.now())
    text.ciphertext = envelope.seal_json(plain or plain_key(row), value, f"text:{text.id}")
    return text


def save_text(row: DataKey, value: Any) -> SealedText:
    """Seal and store a text under a record's key."""
    text = seal_text(row, value)
    text.save()
    return text


def open_text(text: SealedText | None) -> Any:
    """The value of a sealed text; None when there is none, or none any more because the person was erased."""
    if text is None or text.data_key.wrapped is None:
        return None
    return envelope.unseal_json(plain_key(text.data_key), text.ciphertext, f"text:{text.id}")


def link(actor: Actor, record: IdentityRecord, person: Person) -> None:
    """A human decides that a record belongs to a person; the earlier membership ends, nothing is overwritten."""
    with audit.act(actor, "vault.link", target=f"record:{record.id}") as event:
        authorization.require(actor, "vault.link", record)
        now = timezone.now()
        record.memberships.filter(to_at=None).update(to_at=now)
        record.memberships.create(person=person, from_at=now, source=Membership.Source.HUMAN, created_by=actor.label)
        event.note(person=str(person.id))


def link_many(actor: Actor, persons: Mapping[UUID, UUID]) -> None:
    """Link many records, each to its person, by their ids; one event. For filling a register."""
    with audit.act(actor, "vault.link", target="records") as event:
        authorization.require(actor, "vault.link")
        now, human = timezone.now(), Membership.Source.HUMAN
        for some in batches(iter(persons)):
            Membership.objects.filter(record__in=some, to_at=None).update(to_at=now)
        insert(
            [
                Membership(record_id=record, person_id=person, from_at=now, source=human, created_by=actor.label)
                for record, person in persons.items()
            ]
        )
        event.note(records=len(persons))


def rewrap() -> int:
    """Wrap every data key under the current key-encryption key (called by `kerege keys rotate`, in its transaction)."""
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
    """Rebuild the blind index under the current index key and fold version; returns the number of records."""
    count, index = 0, keyring.keyring().current("index")
    living = IdentityRecord.objects.filter(data_key__wrapped__isnull=False).select_related("data_key")
    for batch in batches(living.iterator(BATCH)):
        IndexEntry.objects.filter(record__in=batch).delete()
        store_index(
            row
            for record in batch
            for row in index_rows(record.id, newest(record), index, record.superseded_by_id is not None)
        )
        count += len(batch)
    return count


def newest(record: IdentityRecord) -> Identity:
    """The newest values of one record, unsealed. Not for pages: those read through `queries`, with the actor."""
    version = record.versions.order_by("-number").first()
    if version is None:
        raise Refused("this record has no values")
    values: Identity = envelope.unseal_json(
        plain_key(record.data_key), version.ciphertext, place(record.id, version.number)
    )
    return values


def batches(rows: Iterable[Any]) -> Iterable[list[Any]]:
    """Cut a stream of rows into lists of BATCH."""
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def used_keys() -> set[str]:
    """Ids of the keys without which the vault cannot be read or searched."""
    keks = DataKey.objects.filter(wrapped__isnull=False).values_list("kek_id", flat=True).distinct()
    return {*keks, *IndexEntry.objects.values_list("key_id", flat=True).distinct()}
