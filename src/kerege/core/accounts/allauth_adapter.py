"""Adapters for allauth: no self-registration, no e-mail, encrypted second-factor secrets."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.urls import reverse

from kerege.core.accounts import attempts
from kerege.core.accounts.client_address import client_ip, tried_name
from kerege.core.accounts.home_page import home_path


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Account behaviour of allauth in Kerege."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: only an administrator creates accounts."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the path of the home page: in the user's language after a sign-in.

        allauth asks by GET only for a user who opens a sign-in page although they are signed in: that user stays in the
        language of the address.
        """
        return home_path() if request.method == "GET" else reverse("accounts:start")

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address of the client."""
        return client_ip(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Return the user of a name and a password, or None; raise TooManyAttempts beyond the limits."""
        counters = attempts.of_password(tried_name(request, credentials), client_ip(request))
        attempts.begin(counters)
        user = super().authenticate(request, **credentials)
        if user is not None:
            attempts.succeed(counters)
        return user

    def send_mail(self, template_prefix: str, email: str, context: Any) -> None:
        """Send nothing: an administrator gives the user a one-time link instead."""


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors, whose secrets are encrypted under the key ring."""

    def encrypt(self, text: str) -> str:
        """Encrypt a secret; a receiver binds it to its row when it is stored."""
        from kerege.core.accounts.sealed_secrets import seal

        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt a stored secret; raise InvalidTag when it was moved from another row."""
        from kerege.core.accounts.sealed_secrets import unseal_stored

        return unseal_stored(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the relying party with the name that an authenticator displays."""
        return super().get_public_key_credential_rp_entity() | {"name": "Kerege"}  # type: ignore[no-any-return]
