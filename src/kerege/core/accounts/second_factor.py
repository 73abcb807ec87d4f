"""Check of a second factor: one function for sign-in, for allauth's own pages and for confirmations."""

from __future__ import annotations

import hmac
import time
from base64 import b32decode
from contextlib import suppress
from datetime import timedelta

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kerege.core import audit
from kerege.core.accounts import attempts
from kerege.core.accounts.actors import NOBODY
from kerege.core.accounts.models import UsedCode, User
from kerege.core.audit import clock
from kerege.core.authorization import Denied

KEPT = timedelta(days=1)  # longer than any code is accepted, also when the clock is set back in the meantime


class ExpiredCode(ValidationError):
    """The code is the one that the app of the user showed in the period before: no guess."""

    def __init__(self) -> None:
        super().__init__(_("This code has expired: each code is valid for 30 seconds. Write the code shown now."))


def matching_authenticator(user: User, code: str) -> Authenticator | None:
    """Return the authenticator of which this is a current and unused code, and use the code up; else None.

    The caller has counted the attempt (`attempts.begin`). Raises ExpiredCode for the code of the period before.
    """
    for row in Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN):
        if _is_code_of(row, code):
            row.user = user
            # a recovery code knows by itself that it was used
            return row if row.type == Authenticator.Type.RECOVERY_CODES or _use_up(user, code) else None
    if has_just_expired(user, code):
        raise ExpiredCode
    return None


def has_just_expired(user: User, code: str) -> bool:
    """Return whether an authenticator app of the user showed this code in the period before."""
    before = int(time.time()) - app_settings.TOTP_PERIOD
    for row in Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP):
        with suppress(InvalidTag):  # recorded by the check of the present code
            secret = b32decode(decrypt(row.data["secret"]), casefold=True)
            sha1 = SHA1()  # noqa: S303  # nosec B303: apps use it (RFC 6238)
            app = TOTP(secret, app_settings.TOTP_DIGITS, sha1, app_settings.TOTP_PERIOD)
            if hmac.compare_digest(app.generate(before), _characters(code).encode()):
                return True
    return False


def _is_code_of(row: Authenticator, code: str) -> bool:
    try:
        return bool(row.wrap().validate_code(code))
    except InvalidTag:
        # an intruder with the database put the secret of another row here: the event names whose account it is
        audit.refuse(NOBODY, Denied("accounts.moved_secret", f"user:{row.user_id}"))
        return False


def _characters(code: str) -> str:
    """Return the letters and digits of a code: allauth accepts it with other separators too."""
    return "".join(filter(str.isalnum, code)).upper()


def _use_up(user: User, code: str) -> bool:
    """Return whether a code is used for the first time; all processes share the table of used codes."""
    now = clock.now()
    UsedCode.objects.filter(expires_at__lt=now).delete()
    subject = f"{user.pk}|{_characters(code)}"
    older = attempts.older_keyed("used", subject)
    if older and UsedCode.objects.filter(key__in=older).exists():
        return False
    key = attempts.keyed("used", subject)
    try:
        with transaction.atomic():
            UsedCode.objects.create(key=key, expires_at=now + KEPT)
    except IntegrityError:
        return False
    return True
