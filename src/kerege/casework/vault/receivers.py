"""Receivers of key events: rewrap data keys, rebuild the blind index, report used keys."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from kerege.casework.vault.services import identities
from kerege.core.security.key_events import collect_used_keys, index_rebuilt, keys_rotated


@receiver(keys_rotated, dispatch_uid="vault.rewrap")
def rewrap(sender: Any, **kwargs: Any) -> int:
    """Wrap every data key under the current key-encryption key; return their number."""
    return identities.rewrap()


@receiver(index_rebuilt, dispatch_uid="vault.reindex")
def reindex(sender: Any, **kwargs: Any) -> int:
    """Rebuild the blind index; return the number of records."""
    return identities.reindex()


@receiver(collect_used_keys, dispatch_uid="vault.used_keys")
def used_keys(sender: Any, **kwargs: Any) -> set[str]:
    """Return the ids of the keys that the vault needs to be read or searched."""
    return identities.used_keys()
