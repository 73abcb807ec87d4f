"""Compares what requests show in two states of one register.

Between the two states, everything that could differ by chance is held equal: the clock, random bytes and numbers of new
rows. Tokens against forgery, nonces and form tokens come from the random bytes, so they are equal too: no answer is
changed before the comparison, except for the time at which a spreadsheet was made.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from difflib import unified_diff
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from kerege.base.steady_clock import CLOCK
from kerege.casework.cases.models.case import ReferenceCounter
from kerege.core.audit import clock
from kerege.core.audit.models import AuditEvent, AuditHead

# numbers of rows that a state or a request adds begin here, whatever was added before
STATE, REQUEST = 10_000, 20_000
START_SEQUENCES = {
    "sqlite": (
        "DELETE FROM sqlite_sequence",
        "INSERT INTO sqlite_sequence SELECT name, {} FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'",
    ),
    "postgresql": ("SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, {}) FROM pg_sequences",),
}

# parts of a statement that differ without another statement: names of savepoints, which are numbered through, and the
# length of lists of parameters
VARYING = re.compile(r'"s\d+_x\d+"|\(%s(?:, %s)*\)')
Restart = Callable[[str], None]
# number and hashes of an event depend on all events before it; no page of an agency shows them
AUDITED = ("at", "actor", "agency", "action", "target", "outcome", "details")


@dataclass(frozen=True)
class Asked:
    """A request: who sends it, a name for reports, and how a browser sends it."""

    who: str
    name: str
    send: Callable[[Client], Any] = field(compare=False)

    def __str__(self) -> str:
        return f"{self.who} {self.name}"


@dataclass(frozen=True)
class Seen:
    """Everything that one request shows: the answers of it and of its redirects, and what it left behind."""

    statuses: tuple[int, ...]
    headers: tuple[str, ...]
    body: bytes
    statements: tuple[str, ...]
    audit: tuple[str, ...]

    def differences(self, other: Seen) -> list[str]:
        """Return the names of what differs."""
        return [part.name for part in fields(self) if getattr(self, part.name) != getattr(other, part.name)]


def changed_lines(one: Seen, other: Seen) -> list[str]:
    """Return the first lines and statements that differ, for the report of a failure."""
    pairs = [
        (one.body.decode(errors="replace").splitlines(), other.body.decode(errors="replace").splitlines()),
        (one.statements, other.statements),
    ]
    return [line[:400] for before, after in pairs for line in list(unified_diff(before, after, n=0, lineterm=""))[2:8]]


@contextmanager
def holding_still(monkeypatch: pytest.MonkeyPatch) -> Iterator[Restart]:
    """Stop the clock and replace random bytes; yield a function that starts the bytes anew from a text."""
    now, stream = datetime.now(UTC), iter(())

    def restart(seed: str) -> None:
        nonlocal stream
        stream = (hashlib.sha256(f"{seed} {number}".encode()).digest() for number in itertools.count())

    def read(size: int) -> bytes:
        return b"".join(itertools.islice(stream, -(-size // 32)))[:size]

    restart("")
    with monkeypatch.context() as patch:
        patch.setattr(os, "urandom", read)
        patch.setattr(random, "_urandom", read)
        patch.setattr(time, "time", now.timestamp)
        patch.setattr(timezone, "now", lambda: now)
        patch.setattr(clock, "now", lambda: now)
        patch.setattr(CLOCK, "now", lambda machine=None: now)  # also the time that the database gets for its policies
        yield restart


def start_counters(first: int) -> None:
    """Let the numbers of new rows and of new cases begin with the same value in every state."""
    with connection.cursor() as cursor:
        for statement in START_SEQUENCES[connection.vendor]:
            cursor.execute(statement.format(first))
    ReferenceCounter.objects.update(value=first)
    cache.clear()


def see(asked: Asked, browser: Client, restart: Restart) -> Seen:
    """Send a request and its redirects, and undo what they wrote."""
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(VARYING.sub("()", sql))
        return execute(sql, params, many, context)

    fresh = Client(raise_request_exception=False)
    fresh.cookies = browser.cookies.__class__(browser.cookies.output(header="", sep=";"))
    fresh.defaults = browser.defaults
    with transaction.atomic():
        start_counters(REQUEST)
        restart(str(asked))
        before = AuditHead.objects.get(pk=1).seq
        with connection.execute_wrapper(note):
            answer = asked.send(fresh)
            body = read_body(answer)
        lines = AuditEvent.objects.filter(seq__gt=before).order_by("seq").values_list(*AUDITED)
        seen = Seen(
            (*(status for _, status in getattr(answer, "redirect_chain", ())), answer.status_code),
            read_headers(answer),
            body,
            tuple(statements),
            tuple(map(str, lines)),
        )
        transaction.set_rollback(True)
    return seen


def read_headers(answer: Any) -> tuple[str, ...]:
    """Return the headers and cookies of an answer, without the length of a spreadsheet."""
    left_out = {"Content-Length"} if "spreadsheet" in answer.get("Content-Type", "") else set()
    headers = sorted(f"{name}: {value}" for name, value in answer.items() if name not in left_out)
    return (*headers, answer.cookies.output())


def read_body(answer: Any) -> bytes:
    """Return the bytes of an answer; of a spreadsheet everything but the time at which it was made."""
    content: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if not content.startswith(b"PK"):
        return content
    with ZipFile(BytesIO(content)) as sheet:
        return b"".join(sheet.read(name) for name in sheet.namelist() if name != "docProps/core.xml")
