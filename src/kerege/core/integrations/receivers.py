"""Receivers that re-encrypt webhook secrets after a key rotation."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from kerege.core.accounts import sealed_secrets as sealed
from kerege.core.integrations.models import Webhook
from kerege.core.security.key_events import collect_used_keys, keys_rotated


@receiver(keys_rotated, dispatch_uid="systems.rewrap")
def rewrap(sender: Any, **kwargs: Any) -> int:
    """Re-encrypt webhook secrets under the new key; return their number."""
    rows = list(Webhook.objects.all())
    for row in rows:
        row.secret = sealed.seal(sealed.unseal(row.secret, row.secret_place), row.secret_place)
        row.save(update_fields=["secret"])
    return len(rows)


@receiver(collect_used_keys, dispatch_uid="systems.used_keys")
def used_keys(sender: Any, **kwargs: Any) -> set[str]:
    """Return the ids of the keys that encrypt webhook secrets."""
    return {secret.partition("$")[0] for secret in Webhook.objects.values_list("secret", flat=True)}
