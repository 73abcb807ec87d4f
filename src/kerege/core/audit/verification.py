"""Verification of the chain from the first event to the head.

It names the first row that does not match.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Max

from kerege.base.errors import Refused
from kerege.core.audit import daily_root, subjects
from kerege.core.audit.canonical_json import event_hash
from kerege.core.audit.clock import TOLERANCE
from kerege.core.audit.models import AuditEvent, AuditHead, AuditSubject

CHUNK = 5000


@dataclass(frozen=True)
class Verification:
    """Result of a verification.

    `first_broken` is the number of the first changed, removed or inserted row. `clock_steps` counts how often the time
    ran backwards from one event to the next, `last_step` is the last event before which it did, and `longest_step` the
    longest step in seconds. Such a step does not break the chain.

    `is_outside`: the chain is unbroken, but the ledger or a release is not the one that a daily root names.
    """

    ok: bool
    rows: int
    first_broken: int | None = None
    reason: str = ""
    clock_steps: int = 0
    last_step: int | None = None
    longest_step: float = 0.0
    is_outside: bool = False

    @property
    def fault(self) -> str:
        """Return the sentence on a fault."""
        return (
            self.reason if self.is_outside else f"the audit chain is broken at event {self.first_broken}: {self.reason}"
        )


@dataclass
class ClockSteps:
    """Events that are dated earlier than the event before them."""

    count: int = 0
    last: int | None = None
    longest: timedelta = timedelta()
    _before: datetime | None = None

    def add(self, seq: int, at: datetime) -> None:
        """Compare an event with the one before it; clocks of several machines may differ by TOLERANCE."""
        step = self._before - at if self._before else timedelta()
        if step > TOLERANCE:
            self.count, self.last, self.longest = self.count + 1, seq, max(self.longest, step)
        self._before = at


def verify(copies: Iterable[Path] = (), witnessed: tuple[Path, bytes] | None = None) -> Verification:
    """Check all hashes, the numbering, the head, the count of subjects and the daily roots.

    `copies` are copies of the daily roots from other machines, `witnessed` is the log of a witness with its public key
    (PEM). Rows are streamed. The register may write meanwhile: the verification ends at the head that it read first.
    """
    last = max(rows.objects.aggregate(last=Max("seq"))["last"] or 0 for rows in (AuditEvent, AuditSubject))
    head = AuditHead.objects.filter(pk=1).first() or AuditHead()
    columns = ("seq", "at", "actor", "agency", "action", "target", "outcome", "details", "prev_hash", "hash")
    prev, rows, named, steps = AuditHead().hash, 0, 0, ClockSteps()
    for seq, at, *fields, details, prev_hash, own in (
        AuditEvent.objects.filter(seq__lte=head.seq).order_by("seq").values_list(*columns).iterator(chunk_size=CHUNK)
    ):
        expected = rows + 1
        if seq != expected:
            return Verification(False, rows, expected, "a row is missing or was put in")
        if prev_hash != prev or own != _hash_of(prev, seq, at, fields, details):
            return Verification(False, rows, seq, "its content does not match its hash")
        steps.add(seq, at)
        prev, rows, named = own, seq, named + len(subjects.of(fields[3], details))
    # the last rows were read before the head, so they can only be at the head or before it
    if last > head.seq or (head.seq, head.hash) != (rows, prev):
        return Verification(False, rows, rows + 1, "the chain was cut: the head names another last row")
    if AuditSubject.objects.filter(seq__lte=head.seq).count() != named:
        return Verification(False, rows, rows + 1, "the table of whom the events are about does not fit them")
    if (wrong := daily_root.broken()) is not None:
        return Verification(False, rows, *wrong)
    for copy in copies:
        if (wrong := daily_root.broken_copy(copy)) is not None:
            return Verification(False, rows, *wrong)
    if witnessed and (reason := daily_root.refused_by_witness(*witnessed)):
        return Verification(False, rows, rows, reason)
    if faults := daily_root.list_stated_faults():
        return Verification(False, rows, *faults[0], is_outside=True)
    return Verification(
        True, rows, clock_steps=steps.count, last_step=steps.last, longest_step=steps.longest.total_seconds()
    )


def _hash_of(prev: str, seq: int, at: datetime, fields: Sequence[str], details: object) -> str:
    """Return the hash of an event; '' if it names an unknown algorithm."""
    try:
        actor, agency, action, target, outcome = fields
        return event_hash(prev, seq, at, (actor, agency, action, target, outcome), details)
    except Refused:
        return ""
