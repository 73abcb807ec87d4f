"""Demo sign-in: one button for each role, no password. It works only if three conditions hold.

The server was started as a demo, the register was filled by the demo generator, and the request comes from this
machine without a proxy.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from kerege.base.tls import is_loopback
from kerege.core.accounts.models import Installation, Role, User

SESSION_KEY = "demo"
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_HOST", "HTTP_VIA")
LOOPBACK_NAMES = {"localhost", "127.0.0.1", "[::1]"}


def is_allowed(request: HttpRequest) -> bool:
    """Return whether this request may sign in without a password."""
    return bool(settings.DEMO and is_local(request) and Installation.is_demo())


def is_local(request: HttpRequest) -> bool:
    """Return whether the request comes from this machine, to a loopback name, without a proxy."""
    if any(header in request.META for header in FORWARDED):
        return False
    host = str(request.META.get("HTTP_HOST", ""))
    # an IPv6 literal holds colons, so only a suffix behind its bracket is a port
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    return name.lower() in LOOPBACK_NAMES and is_loopback(str(request.META.get("REMOTE_ADDR", "")))


def is_demo_session(request: HttpRequest) -> bool:
    """Return whether the session began with a demo button and `is_allowed` still holds."""
    return bool(request.session.get(SESSION_KEY)) and is_allowed(request)


def demo_user(role: str) -> User | None:
    """Return the demo user of a role, whose user name is the role with dashes; None when there is none."""
    if role not in Role.values:
        return None
    return User.objects.filter(username=role.replace("_", "-"), is_active=True, assignments__role=role).first()


def offered_roles() -> list[Role]:
    """Return the roles that have a demo user, in the order of `Role`."""
    names = set(User.objects.filter(is_active=True).values_list("username", flat=True))
    return [role for role in Role if role.value.replace("_", "-") in names]
