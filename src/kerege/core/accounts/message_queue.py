"""Messages to users that wait in the database until the mail server or gateway has taken them.

An act writes them in its transaction; the worker sends them, again with growing pauses after a failure. A row holds no
text: the function of its kind composes the text when it is sent. After four days a message is given up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused

import structlog
from django.utils import timezone

from kerege.base.registry import Entry, Registry
from kerege.base.steady_clock import CLOCK, elapsed
from kerege.core import audit
from kerege.core.accounts.models import OutgoingMessage, User
from kerege.core.authorization import Actor
from kerege.core.jobs import requests
from kerege.core.jobs.deliveries import claim, minutes, plan_next, settle

DELIVER = "messages.deliver"  # name of the task that sends what is due at once
PAUSES = minutes([1, 5, 15, 60, 180, 360, 720, 1440])  # the last one repeats
LONGEST = timedelta(days=4)  # a weekend and a holiday without the mail server
LATE = timedelta(hours=1)
KEPT = timedelta(days=30)
MOST = 200  # messages in one run
BROKEN = 3  # failures in a row after which a way is left alone until the next run
DROPPED, TOO_OLD, REFUSED = "dropped", "too old", "refused by the server"
OF_ONE_RECIPIENT = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError)
log = structlog.get_logger("kerege.messages")
# each app adds the function that sends a message of its kind
message_kinds: Registry[Entry[Callable[[OutgoingMessage], None]]] = Registry("kinds of messages")


class NothingToSend(Exception):
    """The subject of a message is gone, so that nothing is sent any more."""


@dataclass(frozen=True)
class Waiting:
    """Messages that wait: how many are late, since when; and how many were given up in the last 30 days."""

    late: int
    since: datetime | None
    given_up: int


def put(rows: Iterable[OutgoingMessage]) -> None:
    """Store messages in the transaction of the act, and ask the worker to send them. Nothing is sent here."""
    now = CLOCK.now(timezone.now())
    new = list(rows)
    for row in new:
        row.created_at = row.next_at = now
    if new:
        OutgoingMessage.objects.bulk_create(new)
        requests.ask(DELIVER)


def drop(kind: str, user: User) -> None:
    """Drop the messages of a kind to a user that wait, because a new one replaces them."""
    waiting = OutgoingMessage.objects.filter(kind=kind, user=user).exclude(next_at=None)
    waiting.update(next_at=None, outcome=DROPPED)


def deliver_now() -> None:
    """Send the due messages; the worker runs this as a task."""
    deliver_due(CLOCK.now(timezone.now()))


def deliver_due(now: datetime) -> int:
    """Send the due messages in the order of their time; return how many were taken.

    A way that fails several times in a row is left alone until the next run: the other messages of an outage keep
    their attempts, and the worker waits for no more time-outs.
    """
    given_up = _give_up_old(now)
    taken, failures, start = 0, Counter[str](), elapsed()
    due = OutgoingMessage.objects.filter(next_at__lte=now).select_related("user").order_by("next_at", "created_at")
    for row in due[:MOST]:
        if failures[row.way] >= BROKEN or not claim(row, now + timedelta(seconds=elapsed() - start)):
            continue
        outcome, is_way_broken = _send(row)
        failures[row.way] = failures[row.way] + 1 if is_way_broken else 0
        taken += not outcome
        if outcome:
            plan_next(row, outcome, None if outcome in (DROPPED, REFUSED) else now + _pause(row))
        else:
            settle(row, "sent", now)
        given_up += outcome == REFUSED
    if given_up:
        audit.record(Actor.system("messages"), "messages.give_up", count=given_up)
    return taken


def _pause(row: OutgoingMessage) -> timedelta:
    return PAUSES[min(row.attempts, len(PAUSES)) - 1]


def _give_up_old(now: datetime) -> int:
    old = OutgoingMessage.objects.filter(next_at__isnull=False, created_at__lt=now - LONGEST)
    return old.update(next_at=None, outcome=TOO_OLD)


def _send(row: OutgoingMessage) -> tuple[str, bool]:
    """Send a message; return '' or why it did not leave, and whether the fault is of the way.

    The error may hold an address, so that only its class is kept.
    """
    kind = message_kinds.get(row.kind)
    try:
        if kind is None or not row.user.is_active:
            raise NothingToSend
        kind.value(row)
    except NothingToSend:
        return DROPPED, False
    except Exception as error:
        outcome = REFUSED if _is_final(error) else type(error).__name__[:40]
        log.warning("a message could not be sent", task=str(row.pk), error=outcome)
        return outcome, not isinstance(error, OF_ONE_RECIPIENT)
    return "", False


def _is_final(error: Exception) -> bool:
    """Return whether the mail server refuses the address for good."""
    return isinstance(error, SMTPRecipientsRefused) and all(code >= 500 for code, _why in error.recipients.values())


def forget(now: datetime) -> None:
    """Delete messages that were settled 30 days ago."""
    OutgoingMessage.objects.filter(next_at=None, created_at__lt=now - KEPT).delete()


def read_waiting(now: datetime) -> Waiting:
    """Return the messages that are late or were given up."""
    late = OutgoingMessage.objects.filter(next_at__isnull=False, created_at__lt=now - LATE).order_by("created_at")
    lost = OutgoingMessage.objects.filter(next_at=None, delivered_at=None).exclude(outcome=DROPPED)
    first = late.first()
    return Waiting(late.count(), first.created_at if first else None, lost.count())
