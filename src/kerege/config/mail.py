"""E-mail settings from an address `smtp://user:password@host:587?tls=1`; without it no e-mail is sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from kerege.base.errors import BadInput, Fault

SECONDS = 10


def settings_of(url: str) -> dict[str, Any]:
    """Return Django's settings for a mail server such as `smtps://user:password@host:465`.

    Without an address, they discard all e-mail. Raises BadInput for an invalid address.
    """
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        fault = Fault("KEREGE_EMAIL_URL is no address of a mail server", "write smtp://host:587", file="environment")
        raise BadInput(fault)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parse_qs(parts.query).get("tls") == ["1"],
        "EMAIL_TIMEOUT": SECONDS,
    }
