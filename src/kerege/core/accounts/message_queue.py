"""Messages to users that wait in the database until the mail server or gateway has taken them.

An act writes them in its transaction; the worker sends them, again with growing pauses after a failure. A row holds no
text: the function of its kind composes the text when it is sent. After four days a message is given up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from smtplib import SMTPDataError, SMTPRecipientsRefused
from uuid import UUID

import structlog
from django.db.models import QuerySet
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
MOST = 200  # messages of a way in one run
BROKEN = 3  # failures in a row after which a way is skipped until the next run
DROPPED, TOO_OLD, REFUSED = "dropped", "too old", "refused by the server"
# RFC 3463: no such mailbox, no such system, bad syntax, moved, accepts no mail; the other codes are not of the address
NO_SUCH_ADDRESS = re.compile(rb"5\.1\.(1|2|3|6|10)\b")
log = structlog.get_logger("kerege.messages")
# each app adds the function that sends a message of its kind
message_kinds: Registry[Entry[Callable[[OutgoingMessage], None]]] = Registry("kinds of messages")


class NothingToSend(Exception):
    """The subject of a message is gone, so that nothing is sent any more."""


class WayNotConfigured(Exception):
    """This worker has no settings for the way of the message, which waits until it has."""


class Blame(Enum):
    """The cause of a failure, as far as the error shows it."""

    WAY = auto()  # the server does not answer, or refuses us
    MESSAGE = auto()  # refused for now, or nothing to send
    RECIPIENT = auto()  # refused for good; when several recipients are, the way is at fault
    ADDRESS = auto()  # the same, because there is no such address


@dataclass
class Streak:
    """The failures of a way in one run since it last took a message."""

    failures: int = 0
    recipients: set[UUID] = field(default_factory=set)  # refused for good
    refused: list[OutgoingMessage] = field(default_factory=list)  # those without such an address

    @property
    def is_broken(self) -> bool:
        """Return whether the way, not the recipients, is at fault."""
        return self.failures + len(self.recipients) >= BROKEN

    def count(self, row: OutgoingMessage, blame: Blame) -> None:
        """Count a failure."""
        self.failures += blame is Blame.WAY
        if blame in (Blame.RECIPIENT, Blame.ADDRESS):
            self.recipients.add(row.user_id)
        if blame is Blame.ADDRESS:
            self.refused.append(row)

    def give_up(self) -> int:
        """Give up the messages to addresses that do not exist, unless the way is at fault; return how many."""
        if self.is_broken or not self.refused:
            return 0
        waiting = OutgoingMessage.objects.filter(pk__in=[row.pk for row in self.refused]).exclude(next_at=None)
        return _give_up(waiting, REFUSED)


@dataclass(frozen=True)
class Waiting:
    """Messages that wait: how many are late, since when; and how many were given up in the last 30 days."""

    late: int
    since: datetime | None
    given_up: int


def put(rows: Iterable[OutgoingMessage]) -> None:
    """Store messages in the transaction of the act, for the worker to send. This function sends nothing."""
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
    """Send the due messages of each way in the order of their time; return how many were taken.

    A way that fails several times in a row is left alone until the next run: the other messages of an outage keep
    their attempts, and the worker waits for no more time-outs. A server that refuses the addresses of several users
    in a row is such a way: their messages wait. No way holds up another one.
    """
    taken, start = 0, elapsed()
    _give_up(OutgoingMessage.objects.filter(next_at__isnull=False, created_at__lt=now - LONGEST), TOO_OLD)
    due = OutgoingMessage.objects.filter(next_at__lte=now).select_related("user").order_by("next_at", "created_at")
    for way in sorted(set(due.order_by().values_list("way", flat=True))):
        streak = Streak()
        for row in due.filter(way=way)[:MOST]:
            if streak.is_broken:
                break
            if not claim(row, now + timedelta(seconds=elapsed() - start)):
                continue
            outcome, blame = _send(row)
            if outcome:
                plan_next(row, outcome, None if outcome == DROPPED else now + _pause(row))
                streak.count(row, blame)
            else:
                settle(row, "sent", now)
                taken += 1
                streak.give_up()
                streak = Streak()
        streak.give_up()
    return taken


def _pause(row: OutgoingMessage) -> timedelta:
    return PAUSES[min(row.attempts, len(PAUSES)) - 1]


def _give_up(waiting: QuerySet[OutgoingMessage], outcome: str) -> int:
    """Give messages up together with their audit event, so that a killed worker leaves both or neither."""
    if not waiting.exists():
        return 0
    with audit.act(Actor.system("messages"), "messages.give_up") as event:
        count = waiting.update(next_at=None, outcome=outcome)
        event.note(count=count)
    return count


def _send(row: OutgoingMessage) -> tuple[str, Blame]:
    """Send a message; return the error, '' if it was sent, and the cause.

    The error may hold an address, so only its class is kept.
    """
    kind = message_kinds.get(row.kind)
    try:
        row.user.refresh_from_db()  # it was read when the run began, minutes ago if the server is slow
        if kind is None or not row.user.is_active:
            raise NothingToSend
        kind.value(row)
    except NothingToSend:
        return DROPPED, Blame.MESSAGE
    except Exception as error:
        outcome = type(error).__name__[:40]
        log.warning("a message could not be sent", task=str(row.pk), error=outcome)
        return outcome, _find_blame(error)
    return "", Blame.MESSAGE


def _find_blame(error: Exception) -> Blame:
    """Return the cause of an error, from the codes of the server's reply."""
    if isinstance(error, SMTPRecipientsRefused):
        replies = list(error.recipients.values())
    elif isinstance(error, SMTPDataError):
        replies = [(error.smtp_code, b"")]  # refused with its text: no reply about an address
    else:
        return Blame.WAY
    if any(code < 500 for code, _text in replies):
        return Blame.MESSAGE
    has_address = any(code not in (550, 551, 553) or not NO_SUCH_ADDRESS.match(text) for code, text in replies)
    return Blame.RECIPIENT if has_address else Blame.ADDRESS


def forget(now: datetime) -> None:
    """Delete messages that were settled 30 days ago."""
    OutgoingMessage.objects.filter(next_at=None, created_at__lt=now - KEPT).delete()


def read_waiting(now: datetime) -> Waiting:
    """Return the messages that are late or were given up."""
    late = OutgoingMessage.objects.filter(next_at__isnull=False, created_at__lt=now - LATE).order_by("created_at")
    lost = OutgoingMessage.objects.filter(next_at=None, delivered_at=None).exclude(outcome=DROPPED)
    first = late.first()
    return Waiting(late.count(), first.created_at if first else None, lost.count())
