"""Encryption of all stored values with another cipher, under the keys that they have."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from kerege.casework.vault.crypto import envelope
from kerege.casework.vault.models.files import StoredFile, new_blob
from kerege.casework.vault.models.identities import DataKey, IdentityVersion, SealedText
from kerege.casework.vault.services import files, identities
from kerege.core.security import keyring

BATCH = 500


def reseal_data_keys() -> int:
    """Wrap every data key again under its key-encryption key; return their number."""
    count = 0
    for batch in identities.batches(DataKey.objects.filter(wrapped__isnull=False).iterator(BATCH)):
        for row in batch:
            kek = keyring.keyring().get("kek", row.kek_id)
            row.wrapped = envelope.seal(kek, identities.plain_key(row), f"key:{row.id}")
        DataKey.objects.bulk_update(batch, ["wrapped"], batch_size=BATCH)
        count += len(batch)
    return count


def reseal_versions() -> int:
    """Encrypt every version of an identity again; return their number."""
    rows = IdentityVersion.objects.filter(record__data_key__wrapped__isnull=False).exclude(ciphertext=b"")
    count = 0
    for batch in identities.batches(rows.select_related("record__data_key").iterator(BATCH)):
        for row in batch:
            key, place = identities.plain_key(row.record.data_key), identities.place(row.record_id, row.number)
            row.ciphertext = envelope.seal(key, envelope.unseal(key, row.ciphertext, place), place)
        IdentityVersion.objects.bulk_update(batch, ["ciphertext"], batch_size=BATCH)
        count += len(batch)
    return count


def reseal_texts() -> int:
    """Encrypt every text again; return their number. Drafts end by themselves."""
    rows = SealedText.objects.filter(data_key__wrapped__isnull=False).select_related("data_key")
    count = 0
    for batch in identities.batches(rows.iterator(BATCH)):
        for row in batch:
            key, place = identities.plain_key(row.data_key), f"text:{row.id}"
            row.ciphertext = envelope.seal(key, envelope.unseal(key, row.ciphertext, place), place)
        SealedText.objects.bulk_update(batch, ["ciphertext"], batch_size=BATCH)
        count += len(batch)
    return count


def reseal_files() -> int:
    """Encrypt every file again under a new name; the old bytes are deleted after the commit."""
    rows = list(StoredFile.objects.filter(wrapped__isnull=False, data_key__wrapped__isnull=False))
    for row in rows:
        data, old = files.read(row), row.blob
        key, row.blob = envelope.new_data_key(), new_blob()
        row.wrapped = envelope.seal(identities.plain_key(row.data_key), key, f"file-key:{row.id}")
        files.write(row, key, data)
        row.save(update_fields=["blob", "wrapped"])
        transaction.on_commit(partial(files.path(old).unlink, missing_ok=True))
    return len(rows)
