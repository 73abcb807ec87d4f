"""Receivers of key events: rewrap data keys, rebuild the blind index, report used keys."""

from __future__ import annotations

from django.dispatch import receiver

from kerege.casework.vault.crypto import source_ids
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.services import erasure_log, identities, reseal
from kerege.core.security.key_events import SealedValues, collect_sealed, index_rebuilt, keys_rotated, values_resealed


@receiver(keys_rotated, dispatch_uid="vault.renew")
def renew(sender: object, purpose: str, **kwargs: object) -> int:
    """Renew data keys, or digests of source ids, under the current key; return their number."""
    if purpose == "import":
        return source_ids.rehash(IdentityRecord) + erasure_log.renew()
    return identities.rewrap() if purpose == "kek" else 0


@receiver(values_resealed, dispatch_uid="vault.reseal")
def reseal_values(sender: object, **kwargs: object) -> int:
    """Encrypt identities, texts and files again with the current cipher; return their number."""
    return reseal.reseal_data_keys() + reseal.reseal_versions() + reseal.reseal_texts() + reseal.reseal_files()


@receiver(index_rebuilt, dispatch_uid="vault.reindex")
def reindex(sender: object, **kwargs: object) -> int:
    """Rebuild the blind index; return the number of records."""
    return identities.reindex()


@receiver(collect_sealed, dispatch_uid="vault.sealed")
def count_sealed(sender: object, **kwargs: object) -> list[SealedValues]:
    """Return how many values of the vault need each key."""
    return [
        *identities.count_sealed(),
        *source_ids.count_sealed(IdentityRecord, "source ids of persons"),
        *erasure_log.count_sealed(),
    ]
