"""Scheduled jobs of the accounts app."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.management import call_command

from kerege.base.registry import Entry
from kerege.core.accounts import (
    addresses,
    attempts,
    fact_confirmations,
    fact_corrections,
    invitations,
    message_queue,
    originators,
    recovery_codes,
)
from kerege.core.accounts.access_reviews import run_reviews
from kerege.core.accounts.forbidden_roles import end_forbidden_roles
from kerege.core.jobs.registry import Job, jobs
from kerege.core.jobs.requests import originator_checks, queued_work


def clear_sessions(now: datetime) -> None:
    """Delete expired sessions, and counters of attempts that no longer count."""
    call_command("clearsessions")
    attempts.forget_old()


def deliver_messages(now: datetime) -> None:
    """Send the due messages."""
    message_queue.deliver_due(now)


def hash_old_codes(now: datetime) -> None:
    """Replace seeds of recovery codes that an older version stored, a few users at a time."""
    recovery_codes.hash_seeds()


def write_confirmations(now: datetime) -> None:
    """Write the files of corrected and confirmed facts again where one is lost or older than the database."""
    fact_corrections.write_file()
    fact_confirmations.write_file()


message_queue.message_kinds.add(
    Entry(addresses.SEND, addresses.send_link), Entry(invitations.INVITE, invitations.send_invitation)
)
originator_checks.add(Entry("rights", originators.require_right))
queued_work.add(Entry(message_queue.DELIVER, message_queue.deliver_now), Entry(addresses.SEND, addresses.queue_link))
jobs.add(Job("sessions.clear", timedelta(days=1), clear_sessions, order=70))
jobs.add(
    Job("messages.deliver", timedelta(minutes=1), deliver_messages, order=88),
    Job("messages.forget", timedelta(days=1), message_queue.forget, order=89),
)
jobs.add(Job("accounts.hash_codes", timedelta(minutes=1), hash_old_codes, order=95))
jobs.add(Job("access.forbidden", timedelta(hours=1), end_forbidden_roles, order=74))
jobs.add(Job("facts.write", timedelta(hours=1), write_confirmations, order=76))
jobs.add(Job("access.review", timedelta(days=1), run_reviews, order=75))
