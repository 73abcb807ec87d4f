"""Audit events of sign-ins, sign-outs and failed attempts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY as RECORDS
from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from kerege.core import audit
from kerege.core.accounts import attempts, session_risk, sessions
from kerege.core.accounts.actors import NOBODY, actor_for
from kerege.core.accounts.client_address import client_ip
from kerege.core.accounts.events import attempts_blocked
from kerege.core.accounts.models import User
from kerege.core.accounts.second_factor import ExpiredCode
from kerege.core.audit import clock
from kerege.core.authorization import Denied


def signed_in(sender: Any, user: User, request: Any = None, **kwargs: Any) -> None:
    """Record a sign-in, list its session, and remember its address."""
    sessions.remember(request)
    if request is not None and request.META.get("REMOTE_ADDR"):
        session_risk.remember_circumstances(request, user)
        attempts.remember_address(user.username, client_ip(request))
    audit.record(actor_for(user), "accounts.sign_in", f"user:{user.pk}", methods=_methods(request, user))


def _methods(request: HttpRequest | None, user: User) -> list[str]:
    """Return the methods of the sign-in, such as password and totp; a demo button has none."""
    records = get_authentication_records(request, user) if request is not None else []
    return [str(record.get("type") or record["method"]) for record in records]


def step_completed(sender: object, request: HttpRequest, reauthenticated: object = False, **kwargs: object) -> None:
    """Give the newest authentication record the time of the clock that never runs backwards.

    A confirmation on a page of allauth also gives the session a new token.
    """
    records: list[dict[str, Any]] = request.session.get(RECORDS, [])
    if records:
        request.session[RECORDS] = [*records[:-1], records[-1] | {"at": clock.now().timestamp()}]
    if reauthenticated:
        sessions.renew(request)


def password_changed(sender: object, user: User, **kwargs: object) -> None:
    """Record that a user set a new password."""
    audit.record(actor_for(user), "accounts.change_password", f"user:{user.pk}")


def factor_added(sender: object, user: User, authenticator: Authenticator, **kwargs: object) -> None:
    """Record that a user added a second factor or drew new recovery codes."""
    audit.record(actor_for(user), "accounts.change_factor", f"user:{user.pk}", added=authenticator.type)


def factor_removed(sender: object, user: User, authenticator: Authenticator, **kwargs: object) -> None:
    """Record that a user removed a second factor."""
    audit.record(actor_for(user), "accounts.change_factor", f"user:{user.pk}", removed=authenticator.type)


def signed_out(sender: Any, user: User | None, **kwargs: Any) -> None:
    """Record a sign-out or the end of a session."""
    if user is not None:
        audit.record(actor_for(user), "accounts.sign_out", f"user:{user.pk}")


def failed(sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
    """Record a failed sign-in.

    It names only a known user, since the typed text can be anything, even a password.
    """
    name = str(credentials.get("username", ""))[:60]
    user = User.objects.filter(username__iexact=name).first()
    audit.refuse(NOBODY, Denied("accounts.sign_in", f"user:{user.pk}" if user else ""))
    if user is not None and request is not None:
        _report(user, attempts.of_password(user.username, client_ip(request)))


@contextmanager
def counted_attempt(user: User, request: HttpRequest, action: str = "accounts.second_factor") -> Iterator[None]:
    """Count the check of a code or a password; a ValidationError inside is a failure.

    The user is signed in, or gave the right password. Raises TooManyAttempts beyond the limits, before the check.
    A failure is recorded as a refusal of `action`; a code that has just expired is neither counted nor recorded.
    """
    counters = attempts.of_code(str(user.pk), client_ip(request))
    attempts.begin(counters)
    try:
        yield
    except ExpiredCode:
        attempts.take_back(counters)
        raise
    except ValidationError:
        _secret_failed(user, counters, action)
        raise
    attempts.succeed(counters)


def _secret_failed(user: User, counters: Sequence[attempts.Counted], action: str) -> None:
    audit.refuse(actor_for(user), Denied(action, f"user:{user.pk}"))
    _report(user, counters)


def _report(user: User, counters: Sequence[attempts.Counted]) -> None:
    """Record that attempts on an account are refused for a while, and notify the user and the auditor."""
    account = [counter for counter in counters if counter.limit != "address"]
    if attempts.is_blocked(account):
        audit.refuse(NOBODY, Denied("accounts.blocked", f"user:{user.pk}"))
        attempts_blocked.send(User, user=user)
