"""E-mail settings from an address `smtp://user:password@host:587`; without it no e-mail is sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from kerege.base.accepted_risks import refuse_unless_accepted
from kerege.base.errors import BadInput, Fault
from kerege.base.tls import is_loopback

SECONDS = 10


def settings_of(url: str) -> dict[str, Any]:
    """Return Django's settings for a mail server such as `smtps://user:password@host:465`.

    A server on another machine is reached over TLS; one on this machine only with `?tls=1`. Without an address, the
    settings discard all e-mail. Raises BadInput for an invalid address, and for `?tls=0` to another machine.
    """
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        fault = Fault("KEREGE_EMAIL_URL names no mail server", "write smtp://host:587", file="environment")
        raise BadInput(fault)
    has_tls = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "kerege.core.verified_mail.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if has_tls else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": has_tls,
        "EMAIL_USE_TLS": not has_tls and _begins_tls(parts.hostname, parse_qs(parts.query).get("tls", [""])[-1]),
        "EMAIL_TIMEOUT": SECONDS,
    }


def _begins_tls(host: str, wish: str) -> bool:
    """Return whether the connection begins TLS before it sends anything."""
    if is_loopback(host):
        return wish == "1"
    if wish == "0":
        refuse_unless_accepted("plain-mail", "the mail server is on another machine", "leave tls=0 out")
        return False
    return True
