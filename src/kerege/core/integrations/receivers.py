"""Seals the secrets of webhooks again when the key ring changes."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from kerege.core.accounts import sealed_secrets as sealed
from kerege.core.integrations.models import Webhook
from kerege.core.security.key_events import collect_used_keys, keys_rotated


@receiver(keys_rotated, dispatch_uid="systems.rewrap")
def rewrap(sender: Any, **kwargs: Any) -> int:
    """Seal the secrets of webhooks under the new key; answer with their number."""
    rows = list(Webhook.objects.all())
    for row in rows:
        row.secret = sealed.seal(sealed.unseal(row.secret))
        row.save(update_fields=["secret"])
    return len(rows)


@receiver(collect_used_keys, dispatch_uid="systems.used_keys")
def used_keys(sender: Any, **kwargs: Any) -> set[str]:
    """Answer with the keys that seal webhooks."""
    return {secret.partition("$")[0] for secret in Webhook.objects.values_list("secret", flat=True)}
