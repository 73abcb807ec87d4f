"""Tokens and webhooks of an agency's systems."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.utils import timezone

from kerege.core.integrations.models import SystemToken, Webhook

POST_ONLY = {"systems:revoke", "systems:stop"}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """A token and a webhook."""
    now = timezone.now()
    by = {"agency": own.agency, "created_at": now, "created_by": "tests"}
    token = SystemToken.objects.create(name="Register", digest=uuid4().bytes * 2, expires_at=now, **by)
    return {"token": token, "webhook": Webhook.objects.create(url="https://register.example/", secret="x", **by)}
