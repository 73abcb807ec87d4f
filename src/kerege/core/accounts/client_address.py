"""Client address of a request, and the user name of a sign-in attempt."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """Return the client's address; X-Forwarded-For counts only with the setting TRUSTED_PROXY."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.TRUSTED_PROXY else ""
    return forwarded.rsplit(",", 1)[-1].strip() or str(request.META.get("REMOTE_ADDR", ""))


def tried_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return the user name of a sign-in attempt, normalised: stripped, lower case, at most 60 characters."""
    return str((credentials or {}).get("username") or request.POST.get("login", "")).strip().lower()[:60]
