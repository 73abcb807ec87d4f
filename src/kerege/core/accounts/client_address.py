"""Where a request comes from, and as whom."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The peer's address; the header of a proxy counts only when the proxy is declared."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.TRUSTED_PROXY else ""
    return forwarded.rsplit(",", 1)[-1].strip() or str(request.META.get("REMOTE_ADDR", ""))


def tried_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The user name of an attempt to sign in, in the one spelling that user names have."""
    return str((credentials or {}).get("username") or request.POST.get("login", "")).strip().lower()[:60]
