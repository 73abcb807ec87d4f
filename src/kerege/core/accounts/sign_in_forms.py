"""Forms of allauth that check a password, a code or a passkey, with limits on attempts."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django.core.exceptions import ValidationError

from kerege.core import audit
from kerege.core.accounts import attempts
from kerege.core.accounts.actors import NOBODY
from kerege.core.accounts.client_address import client_ip
from kerege.core.accounts.second_factor import matching_authenticator
from kerege.core.accounts.sign_in_events import counted_attempt
from kerege.core.authorization import Denied

# errors of the parsers of JSON and CBOR for a passkey that no browser sent; allauth handles some of them
MALFORMED = (AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error)


@contextmanager
def refusing_malformed() -> Iterator[None]:
    """Treat a passkey that breaks its parser like a wrong one: anyone can send any JSON."""
    try:
        yield
    except MALFORMED as error:
        raise get_adapter().validation_error("incorrect_code") from error


class SecondFactorForm(AuthenticateForm):  # type: ignore[misc]
    """Form for the code after the password. It counts each attempt and records a wrong code."""

    def clean_code(self) -> str:
        """Return a correct code. Raises ValidationError for a wrong one, TooManyAttempts beyond the limits."""
        code = str(self.cleaned_data["code"])
        with counted_attempt(self.user, context.request):
            self.authenticator = matching_authenticator(self.user, code)
            if self.authenticator is None:
                raise get_adapter().validation_error("incorrect_code")
        return code


class ConfirmCodeForm(ReauthenticateForm):  # type: ignore[misc]
    """Form for the code that confirms the identity on allauth's own pages."""

    clean_code = SecondFactorForm.clean_code


class SecondPasskeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]
    """Form for the passkey after the password."""

    def clean_credential(self) -> Authenticator:
        """Check the passkey and return it. Raises ValidationError, or TooManyAttempts beyond the limits."""
        with counted_attempt(self.user, context.request), refusing_malformed():
            return super().clean_credential()


class ConfirmPasskeyForm(SecondPasskeyForm, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Form for the passkey that confirms the identity on allauth's own pages."""


class PasskeyForm(LoginWebAuthnForm):  # type: ignore[misc]
    """Form to sign in with a passkey alone. No user is known before the check, so the address is counted."""

    def clean_credential(self) -> Authenticator:
        """Check the passkey and return it. Raises ValidationError, or TooManyAttempts beyond the limits.

        The audit event of a failure names nobody: anyone can send the id of any user.
        """
        counters = attempts.of_address(client_ip(context.request))
        attempts.begin(counters)
        try:
            with refusing_malformed():
                authenticator = super().clean_credential()
        except ValidationError:
            audit.refuse(NOBODY, Denied("accounts.sign_in"))
            raise
        attempts.succeed(counters)
        return authenticator


class NewPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """Form to add a passkey."""

    def clean(self) -> dict[str, object]:
        """Return the checked values. Raises ValidationError for a passkey that no browser made."""
        with refusing_malformed():
            return cast("dict[str, object]", super().clean())


class ConfirmPasswordForm(AllauthReauthenticateForm):  # type: ignore[misc]
    """Form for the password that confirms the identity on allauth's own pages."""

    def clean_password(self) -> str:
        """Return the right password. Raises ValidationError, or TooManyAttempts beyond the limits."""
        with counted_attempt(self.user, context.request):
            return str(super().clean_password())


class ChangePasswordForm(AllauthChangePasswordForm):  # type: ignore[misc]
    """Form to change a password. It asks for the present one."""

    def clean_oldpassword(self) -> str:
        """Return the present password. Raises ValidationError, or TooManyAttempts beyond the limits."""
        with counted_attempt(self.user, context.request):
            return str(super().clean_oldpassword())
