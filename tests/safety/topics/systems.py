"""Tokens and webhooks of an agency's systems."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.utils import timezone

from kerege.core.integrations.models import SystemToken, Webhook, WebhookDelivery

POST_ONLY = {"systems:revoke", "systems:confirm", "systems:stop", "systems:renew-secret", "systems:redeliver"}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Create a token, a webhook and a delivery."""
    now = timezone.now()
    by = {"agency": own.agency, "created_at": now, "created_by": "tests"}
    token = SystemToken.objects.create(name="Register", digest=uuid4().bytes * 2, expires_at=now, **by)
    webhook = Webhook.objects.create(url="https://register.example/", secret="x", **by)
    delivery = WebhookDelivery.objects.create(webhook=webhook, event="referral.sent", created_at=now)
    return {"token": token, "webhook": webhook, "delivery": delivery}
