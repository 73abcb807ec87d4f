"""How allauth behaves here: nobody signs up alone, and sign-ins leave a trace."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.urls import reverse

from kerege.core.accounts.client_address import client_ip


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Account rules of Kerege."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an administrator makes the account."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The user's home, in her language."""
        return reverse("accounts:start")

    def get_client_ip(self, request: HttpRequest) -> str:
        """The peer's address."""
        return client_ip(request)

    def send_mail(self, template_prefix: str, email: str, context: Any) -> None:
        """No mail: accounts are set up by a one-time link that an administrator hands over."""


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors; their secrets are sealed under the key ring."""

    def encrypt(self, text: str) -> str:
        """Seal a secret before it goes to the database."""
        from kerege.core.accounts.sealed_secrets import seal

        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret."""
        from kerege.core.accounts.sealed_secrets import unseal

        return unseal(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The name that an authenticator shows."""
        return super().get_public_key_credential_rp_entity() | {"name": "Kerege"}  # type: ignore[no-any-return]
