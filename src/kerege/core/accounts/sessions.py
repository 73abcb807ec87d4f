"""Sessions: which a user has, and how they end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils.translation import gettext as _

from kerege.core.accounts.models import User


@dataclass(frozen=True)
class Seen:
    """What an administrator sees of a session: when it began and from what kind of address, no more."""

    began: datetime
    address: str


def remember(request: HttpRequest | None) -> None:
    """List the session that has just begun, also of the demo's sign-in."""
    if request is not None and request.META.get("REMOTE_ADDR"):
        UserSession.objects.create_from_request(request)


def end_all(user: User) -> int:
    """End every session of a user; part of an act. Returns how many."""
    return end(UserSession.objects.filter(user=user))


def end(rows: Iterable[UserSession]) -> int:
    """End these sessions; return how many there were."""
    count = 0
    for row in rows:
        row.end()
        count += 1
    return count


def of(user: User) -> list[Seen]:
    """The sessions of a user that have not ended, the newest first."""
    rows = sorted(UserSession.objects.purge_and_list(user), key=lambda row: row.created_at, reverse=True)
    return [Seen(row.created_at, address_class(row.ip)) for row in rows]


def address_class(text: str) -> str:
    """Where an address lies: this machine, an inner network, or outside; never the address itself."""
    try:
        address = ip_address(text)
    except ValueError:
        return _("unknown")
    if address.is_loopback:
        return _("this server")
    return _("an inner network") if address.is_private else _("the internet")
