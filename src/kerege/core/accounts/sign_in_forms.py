"""Forms of allauth that check a password, a code or a passkey, with limits on attempts."""

from __future__ import annotations

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from django.core.exceptions import ValidationError

from kerege.core.accounts import attempts, sign_in_events
from kerege.core.accounts.client_address import client_ip
from kerege.core.accounts.second_factor import matching_authenticator


class _LimitedCode:
    """The check of a code: counted before it is checked, used once, recorded when it is wrong."""

    def clean_code(self) -> str:
        """Return a correct code. Raises ValidationError for a wrong one, TooManyAttempts beyond the limits."""
        user, code = self.user, self.cleaned_data["code"]  # type: ignore[attr-defined]
        counters = attempts.of_code(str(user.pk), client_ip(context.request))
        attempts.begin(counters)
        authenticator = matching_authenticator(user, code)
        if authenticator is None:
            sign_in_events.secret_failed(user, counters)
            raise get_adapter().validation_error("incorrect_code")
        attempts.succeed(counters)
        self.authenticator = authenticator
        return str(code)


class SecondFactorForm(_LimitedCode, AuthenticateForm):  # type: ignore[misc]
    """The code after the password."""


class ConfirmCodeForm(_LimitedCode, ReauthenticateForm):  # type: ignore[misc]
    """The code that confirms the identity on allauth's own pages."""


class _LimitedPasskey:
    """The check of a passkey: counted for the address, and for the user when the password named one."""

    def clean_credential(self) -> Authenticator:
        """Return the authenticator. Raises ValidationError, or TooManyAttempts beyond the limits."""
        user, address = self.user, client_ip(context.request)  # type: ignore[attr-defined]
        counters = attempts.of_code(str(user.pk), address) if user else attempts.of_address(address)
        attempts.begin(counters)
        try:
            authenticator: Authenticator = super().clean_credential()  # type: ignore[misc]
        except ValidationError:
            if user:
                sign_in_events.secret_failed(user, counters)
            raise
        attempts.succeed(counters)
        return authenticator


class SecondPasskeyForm(_LimitedPasskey, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The passkey after the password."""


class PasskeyForm(_LimitedPasskey, LoginWebAuthnForm):  # type: ignore[misc]
    """Sign-in with a passkey alone."""


class ConfirmPasskeyForm(_LimitedPasskey, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """The passkey that confirms the identity on allauth's own pages."""


class ConfirmPasswordForm(AllauthReauthenticateForm):  # type: ignore[misc]
    """The password that confirms the identity on allauth's own pages."""

    def clean_password(self) -> str:
        """Return the right password. Raises ValidationError, or TooManyAttempts beyond the limits."""
        counters = attempts.of_code(str(self.user.pk), client_ip(context.request))
        attempts.begin(counters)
        try:
            password = str(super().clean_password())
        except ValidationError:
            sign_in_events.secret_failed(self.user, counters)
            raise
        attempts.succeed(counters)
        return password


class ChangePasswordForm(AllauthChangePasswordForm):  # type: ignore[misc]
    """The change of a password, which asks for the present one."""

    def clean_oldpassword(self) -> str:
        """Return the present password. Raises ValidationError, or TooManyAttempts beyond the limits."""
        counters = attempts.of_code(str(self.user.pk), client_ip(context.request))
        attempts.begin(counters)
        try:
            password = str(super().clean_oldpassword())
        except ValidationError:
            sign_in_events.secret_failed(self.user, counters)
            raise
        attempts.succeed(counters)
        return password
