"""Delivery of webhook events.

Events are signed and sent in parallel: a slow or broken receiver neither delays nor ends the deliveries to others.
Failed ones are retried with growing pauses for about two days.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from urllib.parse import urlsplit

import structlog
from cryptography.exceptions import InvalidTag
from django.conf import settings

from kerege.base import tls
from kerege.base.errors import BadInput, Refused
from kerege.core.accounts import sealed_secrets as sealed
from kerege.core.integrations.models import Webhook, WebhookDelivery
from kerege.core.integrations.services import check_address
from kerege.core.jobs.deliveries import claim, minutes, plan_next, settle

log = structlog.get_logger("kerege.systems")
PAUSES = minutes([1, 5, 15, 60, 180, 360, 720, 1440])
TIMEOUT = 10
SENDERS = 16  # threads that send at once
MOST = 200  # deliveries in one run of the job


def signature(secret: str, at: int, body: bytes) -> str:
    """Return `t=<seconds>,v1=<hex>`: HMAC-SHA256 of `<seconds>.<body>`.

    The time lets the receiver detect replays.
    """
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


def deliver_due(now: datetime) -> int:
    """Send due deliveries; return how many succeeded.

    A conditional UPDATE claims each row before it is sent. Threads use the network only, never the database.
    """
    due = list(WebhookDelivery.objects.filter(next_at__lte=now).select_related("webhook").order_by("next_at")[:MOST])
    claimed = [row for row in due if claim(row, now)]
    with ThreadPoolExecutor(SENDERS) as senders:
        outcomes = list(senders.map(lambda row: post(row, now), claimed))
    return sum(_store(row, outcome, now) for row, outcome in zip(claimed, outcomes, strict=True))


def _store(row: WebhookDelivery, outcome: str, now: datetime) -> bool:
    arrived = outcome.isdigit() and 200 <= int(outcome) < 300
    if arrived:
        settle(row, outcome, now)
    else:
        plan_next(row, outcome, now + PAUSES[row.attempts - 1] if row.attempts <= len(PAUSES) else None)
        log.warning("webhook not delivered", task=str(row.pk), status=outcome)
    return arrived


def post(row: WebhookDelivery, now: datetime) -> str:
    """Send one event; return the HTTP status or the error class. Redirects are not followed.

    No fault of one address or secret ends the deliveries to others.
    """
    try:
        return _post(row, now)
    except BadInput:
        return "host not allowed"
    except (OSError, http.client.HTTPException, ValueError, InvalidTag, Refused) as error:
        return type(error).__name__


def _post(row: WebhookDelivery, now: datetime) -> str:
    body = json.dumps({"id": str(row.pk), "event": row.event, **row.payload}, ensure_ascii=False).encode()
    at = int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "Kerege-Event": row.event,
        "Kerege-Delivery": str(row.pk),
        "Kerege-Signature": signature(sealed.unseal(row.webhook.secret, row.webhook.secret_place), at, body),
    }
    check_address(row.webhook.url)  # the operator may have removed the host from the list
    return str(_send(row.webhook, body, headers))


def _send(hook: Webhook, body: bytes, headers: dict[str, str]) -> int:
    parts = urlsplit(hook.url)
    place = parts.path or "/"
    if parts.query:
        place += f"?{parts.query}"
    host = str(parts.hostname)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            host, parts.port, timeout=TIMEOUT, context=tls.client_context(settings.WEBHOOK_CA)
        )
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT)
    try:
        connection.request("POST", place, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()
