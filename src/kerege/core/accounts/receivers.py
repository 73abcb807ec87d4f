"""Records sign-ins in the audit, and seals the secrets of second factors again when the key ring changes."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from kerege.core.accounts import sealed_secrets, sign_in_events
from kerege.core.security.key_events import collect_used_keys, keys_rotated

user_logged_in.connect(sign_in_events.signed_in, weak=False, dispatch_uid="accounts.signed_in")
user_logged_out.connect(sign_in_events.signed_out, weak=False, dispatch_uid="accounts.signed_out")
user_login_failed.connect(sign_in_events.failed, weak=False, dispatch_uid="accounts.sign_in_failed")


@receiver(keys_rotated, dispatch_uid="accounts.rewrap")
def rewrap(sender: Any, **kwargs: Any) -> int:
    """Seal the secrets of second factors under the new key; answer with their number."""
    return sealed_secrets.rewrap()


@receiver(collect_used_keys, dispatch_uid="accounts.used_keys")
def used_keys(sender: Any, **kwargs: Any) -> set[str]:
    """Answer with the keys that seal second factors."""
    return sealed_secrets.used()
