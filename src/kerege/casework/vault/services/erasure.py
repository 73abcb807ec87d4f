"""Erasure of a person: the data keys of all their records are destroyed.

The ciphertexts are removed as well. The coded attributes that statistics need stay on the case.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from kerege.casework.vault.crypto.source_ids import NO_SOURCE
from kerege.casework.vault.events import person_erased
from kerege.casework.vault.models.drafts import Draft
from kerege.casework.vault.models.files import StoredFile
from kerege.casework.vault.models.identities import (
    DataKey,
    IdentityRecord,
    IdentityVersion,
    IndexEntry,
    Person,
    SealedText,
)
from kerege.casework.vault.services import erasure_log
from kerege.casework.vault.services import files as file_services
from kerege.core import audit, authorization
from kerege.core.answers import collect_answers
from kerege.core.authorization import Actor, session_scope


@dataclass(frozen=True)
class Destroyed:
    """Numbers of records, texts and files that an erasure made unreadable."""

    records: int = 0
    texts: int = 0
    files: int = 0


def records_of(person: Person) -> list[UUID]:
    """Return the ids of the records that belong to a person now, at every agency."""
    rows = IdentityRecord.objects.filter(memberships__person=person, memberships__to_at=None)
    return list(rows.values_list("pk", flat=True))


def _locked_records(person: Person) -> list[UUID]:
    """Lock the person's records in the order of their ids, and return the ids.

    Serialises the erasure with merges, answers and edits of the same records.
    """
    while True:
        with transaction.atomic():
            records = records_of(person)
            rows = IdentityRecord.objects.select_for_update(no_key=True).filter(pk__in=records)
            list(rows.order_by("pk").values_list("pk"))
            if set(records_of(person)) == set(records):
                return records
            transaction.set_rollback(True)  # release the locks: locking more rows out of order could deadlock


def lock_person_of(record_id: UUID) -> Person:
    """Lock all records of the person to whom a record belongs now, and return the person.

    A merge, a link or their undo moves a record to another person; while the lock is held none can.
    """
    while True:
        with transaction.atomic():
            person = Person.objects.get(memberships__record=record_id, memberships__to_at=None)
            if record_id in _locked_records(person):
                return person
            transaction.set_rollback(True)


def erase(actor: Actor, person: Person) -> Destroyed:
    """Destroy the data keys of a person's records, and the keys that other apps report.

    The result counts the records that could be read until now.
    """
    with audit.act(actor, "vault.erase", target=f"person:{person.id}") as event:
        authorization.require(actor, "vault.erase")
        with session_scope.bypass_row_security("an approved erasure covers the records of all agencies"):
            records = _locked_records(person)
            keys = set(IdentityRecord.objects.filter(pk__in=records).values_list("data_key", flat=True))
            keys.update(*collect_answers(person_erased, Person, record_ids=records))
            counts = shred(keys, records)
        event.note(identities=[str(pk) for pk in records], **vars(counts))
    return counts


def destroy_keys(keys: Collection[UUID]) -> Destroyed:
    """Destroy data keys without a record, such as those of signals. The caller holds the audited event."""
    return shred(set(keys), [])


@transaction.atomic
def shred(keys: set[UUID], records: Collection[UUID]) -> Destroyed:
    """Make everything under these keys unreadable: keys, ciphertexts, files, index entries and drafts.

    The erasure log is written after the commit.
    """
    overwrite()
    readable = IdentityRecord.objects.filter(pk__in=records, data_key__wrapped__isnull=False).count()
    IndexEntry.objects.filter(record__in=records).delete()
    IdentityVersion.objects.filter(record__in=records).update(ciphertext=b"")
    IdentityRecord.objects.filter(pk__in=records).update(**NO_SOURCE)
    Draft.objects.filter(data_key__in=keys).delete()
    texts = SealedText.objects.filter(data_key__in=keys).update(ciphertext=b"")
    files = file_services.destroy(StoredFile.objects.filter(data_key__in=keys, wrapped__isnull=False))
    unerased = DataKey.objects.filter(pk__in=keys, wrapped__isnull=False)
    unerased.update(wrapped=None, destroyed_at=timezone.now())
    transaction.on_commit(erasure_log.write)
    return Destroyed(readable, texts, files)


def overwrite() -> None:
    """Make SQLite overwrite deleted data with zeros. On PostgreSQL a key rotation has that effect."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def replay(actor: Actor, destroyed: erasure_log.Logged) -> Destroyed:
    """Repeat the erasures of a log after an older backup was restored."""
    with audit.act(actor, "vault.replay") as event:
        authorization.require(actor, "vault.replay")
        unerased = DataKey.objects.filter(wrapped__isnull=False)
        keys = {pk for pk in unerased.values_list("pk", flat=True).iterator() if pk in destroyed.keys}
        records = list(IdentityRecord.objects.filter(data_key__in=keys).values_list("pk", flat=True))
        counts = shred(keys, records)
        unerased_files = StoredFile.objects.filter(wrapped__isnull=False)
        file_count = file_services.destroy([row for row in unerased_files.iterator() if row.pk in destroyed.files])
        event.note(identities=[str(pk) for pk in records], records=counts.records, files=counts.files + file_count)
    return Destroyed(counts.records, counts.texts, counts.files + file_count)
