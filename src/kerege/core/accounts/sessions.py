"""Sessions of a user: listing and ending them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils.translation import gettext as _

from kerege.core.accounts import attempts
from kerege.core.accounts.models import UsedCode, User
from kerege.core.audit import client_place, clock

# a request that the browser sent with the token from before a confirmation arrives within this time
LATE = timedelta(minutes=10)
# session key for the first token, which opens nothing once a confirmation replaced it
FIRST = "browser_secret"


@dataclass(frozen=True)
class Seen:
    """A session as an administrator sees it: its start and the kind of its address, nothing else."""

    began: datetime
    address: str


def remember(request: HttpRequest | None) -> None:
    """Store the session that has just begun in the user's list of sessions, demo sign-ins included."""
    if request is not None and request.META.get("REMOTE_ADDR"):
        UserSession.objects.create_from_request(request)


def renew(request: HttpRequest) -> None:
    """Give the session a new token after a confirmation; the key of unsent words in the browser stays."""
    old = request.session.session_key
    request.session.setdefault(FIRST, old)
    request.session.cycle_key()
    UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)
    if old:
        UsedCode.objects.get_or_create(key=_replaced(old), defaults={"expires_at": clock.now() + LATE})


def is_replaced(token: str) -> bool:
    """Return whether a confirmation replaced this token a short while ago."""
    return UsedCode.objects.filter(key=_replaced(token), expires_at__gt=clock.now()).exists()


def _replaced(token: str) -> str:
    return attempts.keyed("replaced", token)


def browser_secret(request: HttpRequest) -> str:
    """Return the secret from which the key of unsent words is derived; '' without a session."""
    return str(request.session.get(FIRST) or request.session.session_key or "")


def end_all(user: User) -> int:
    """End all sessions of a user; return their number. Call it inside an audited act."""
    return end(UserSession.objects.filter(user=user))


def end(rows: Iterable[UserSession]) -> int:
    """End these sessions; return their number."""
    count = 0
    for row in rows:
        row.end()
        count += 1
    return count


def of(user: User) -> list[Seen]:
    """Return the open sessions of a user, the newest first."""
    rows = sorted(UserSession.objects.purge_and_list(user), key=lambda row: row.created_at, reverse=True)
    return [Seen(row.created_at, address_class(row.ip)) for row in rows]


def address_class(text: str) -> str:
    """Return the kind of an address, never the address itself.

    The kinds are this server, an inner network and the internet.
    """
    kinds = {"loopback": _("this server"), "inner": _("an inner network"), "internet": _("the internet")}
    return kinds.get(client_place.network_kind(text), _("unknown"))
