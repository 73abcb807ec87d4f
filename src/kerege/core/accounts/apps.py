"""Accounts: sign-ins leave a trace, and the secrets of second factors follow the key ring."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Agencies, users, roles, sessions, second factor."""

    name = "kerege.core.accounts"

    def ready(self) -> None:
        """Connect what listens."""
        from kerege.core.accounts import sealed_secrets, sign_in_events  # noqa: F401
