"""Receivers that re-encrypt webhook secrets after a key rotation."""

from __future__ import annotations

from collections import Counter

from django.dispatch import receiver

from kerege.core.accounts import sealed_secrets as sealed
from kerege.core.integrations.models import Webhook
from kerege.core.security.key_events import SealedValues, collect_sealed, keys_rotated, values_resealed


@receiver(keys_rotated, dispatch_uid="systems.rewrap")
def rewrap(sender: object, purpose: str, **kwargs: object) -> int:
    """Re-encrypt webhook secrets under a new key-encryption key; return their number."""
    rows = list(Webhook.objects.all()) if purpose == "kek" else []
    for row in rows:
        row.secret = sealed.seal(sealed.unseal(row.secret, row.secret_place), row.secret_place)
        row.save(update_fields=["secret"])
    return len(rows)


@receiver(values_resealed, dispatch_uid="systems.reseal")
def reseal(sender: object, **kwargs: object) -> int:
    """Encrypt webhook secrets again with the current cipher; return their number."""
    return rewrap(sender, "kek")


@receiver(collect_sealed, dispatch_uid="systems.sealed")
def count_sealed(sender: object, **kwargs: object) -> list[SealedValues]:
    """Return the number of webhook secrets under each key."""
    counts = Counter(secret.partition("$")[0] for secret in Webhook.objects.values_list("secret", flat=True))
    return [SealedValues("webhook secrets", key_id, count) for key_id, count in counts.items()]
