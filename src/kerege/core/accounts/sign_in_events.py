"""Audit events of sign-ins, sign-outs and failed attempts."""

from __future__ import annotations

from typing import Any

from kerege.core import audit
from kerege.core.accounts import sessions
from kerege.core.accounts.actors import NOBODY, actor_for
from kerege.core.accounts.models import User
from kerege.core.authorization import Denied


def signed_in(sender: Any, user: User, request: Any = None, **kwargs: Any) -> None:
    """Record a sign-in and list its session."""
    sessions.remember(request)
    audit.record(actor_for(user), "accounts.sign_in", f"user:{user.pk}")


def signed_out(sender: Any, user: User | None, **kwargs: Any) -> None:
    """Record a sign-out or the end of a session."""
    if user is not None:
        audit.record(actor_for(user), "accounts.sign_out", f"user:{user.pk}")


def failed(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Record a failed sign-in.

    It names only a known user, since the typed text can be anything, even a password.
    """
    user = User.objects.filter(username__iexact=str(credentials.get("username", ""))[:60]).first()
    audit.refuse(NOBODY, Denied("accounts.sign_in", f"user:{user.pk}" if user else ""))
