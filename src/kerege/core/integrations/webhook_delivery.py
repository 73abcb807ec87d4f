"""Delivery of webhook events.

Events are signed and sent in parallel: a slow or broken receiver neither delays nor ends the deliveries to others.
Failed ones are retried with growing pauses for about two days.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import socket
import threading
from collections import deque
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from urllib.parse import urlsplit

import structlog
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db.models import Window
from django.db.models.functions import RowNumber

from kerege.base import tls
from kerege.base.errors import BadInput, Refused
from kerege.base.steady_clock import elapsed
from kerege.core.accounts import sealed_secrets as sealed
from kerege.core.integrations.models import Webhook, WebhookDelivery
from kerege.core.integrations.services import check_address
from kerege.core.jobs.deliveries import claim, minutes, plan_next, settle

log = structlog.get_logger("kerege.systems")
PAUSES = minutes([1, 5, 15, 60, 180, 360, 720, 1440])
TIMEOUT = 10  # seconds without a byte
LONGEST = 20  # seconds from the connection to the answer: a receiver can send a byte now and then for hours
SENDERS = 16  # threads that send at once
OF_ONE = 50  # events that a webhook gets in one run of the job
LASTS = 60  # seconds after which a run begins no other delivery

Queue = deque[WebhookDelivery]


def signature(secret: str, at: int, body: bytes) -> str:
    """Return `t=<seconds>,v1=<hex>`: HMAC-SHA256 of `<seconds>.<body>`.

    The time lets the receiver detect replays.
    """
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


def deliver_due(now: datetime) -> int:
    """Send due deliveries; return how many succeeded.

    A webhook gets one event at a time, the oldest first. After a failure its other events wait for the next run: a
    receiver that answers late, or never, holds up nobody else.
    """
    count, run = 0, _Run(now)
    with ThreadPoolExecutor(SENDERS) as senders:
        for queue in _list_queues(now):
            run.begin_next(senders, queue)
        while run.sending:
            for row, outcome, queue in run.collect():
                if _store(row, outcome, now):
                    count += 1
                    run.begin_next(senders, queue)
    return count


class _Run:
    """Deliveries on their way, with the queue of the webhook of each.

    A conditional UPDATE claims a row before it is sent. Threads use the network only, never the database.
    """

    def __init__(self, now: datetime) -> None:
        self.sending: dict[Future[str], tuple[WebhookDelivery, Queue]] = {}
        self._now, self._start = now, elapsed()

    def moment(self) -> datetime:
        """Return the time now: that of the run and what has passed since."""
        return self._now + timedelta(seconds=elapsed() - self._start)

    def begin_next(self, senders: ThreadPoolExecutor, queue: Queue) -> None:
        """Claim and send the next row of a queue that no other worker has; none after `LASTS`."""
        moment = self.moment()
        while queue and moment - self._now < timedelta(seconds=LASTS):
            row = queue.popleft()
            if claim(row, moment):
                self.sending[senders.submit(post, row, moment)] = row, queue
                return

    def collect(self) -> Iterable[tuple[WebhookDelivery, str, Queue]]:
        """Wait until a delivery ends; return the ended ones, with outcome and queue."""
        done, _others = wait(self.sending, return_when=FIRST_COMPLETED)
        return [(row, future.result(), queue) for future in done for row, queue in [self.sending.pop(future)]]


def _list_queues(now: datetime) -> list[Queue]:
    """Return the oldest due deliveries of each webhook."""
    place = Window(RowNumber(), partition_by="webhook", order_by=["next_at", "pk"])
    due = WebhookDelivery.objects.filter(next_at__lte=now).annotate(place=place).filter(place__lte=OF_ONE)
    rows = due.select_related("webhook").order_by("webhook", "next_at", "pk")
    return [deque(of_one) for _webhook, of_one in groupby(rows, key=attrgetter("webhook_id"))]


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
    limit = threading.Timer(LONGEST, _cut, [connection])
    limit.daemon = True
    try:
        connection.connect()
        limit.start()
        connection.request("POST", place, body, headers)
        return connection.getresponse().status
    finally:
        limit.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection) -> None:
    """End a connection whose receiver answers too slowly; the waiting thread gets an error."""
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)
