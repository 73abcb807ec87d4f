"""Wraps data keys and rebuilds the search index when the key ring changes."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from kerege.casework.vault.services import identities
from kerege.core.security.key_events import collect_used_keys, index_rebuilt, keys_rotated


@receiver(keys_rotated, dispatch_uid="vault.rewrap")
def rewrap(sender: Any, **kwargs: Any) -> int:
    """Wrap every data key under the new key; answer with their number."""
    return identities.rewrap()


@receiver(index_rebuilt, dispatch_uid="vault.reindex")
def reindex(sender: Any, **kwargs: Any) -> int:
    """Rebuild the search index; answer with the number of records."""
    return identities.reindex()


@receiver(collect_used_keys, dispatch_uid="vault.used_keys")
def used_keys(sender: Any, **kwargs: Any) -> set[str]:
    """Answer with the keys without which the vault cannot be read or searched."""
    return identities.used_keys()
