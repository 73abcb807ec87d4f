"""Verification of the chain from the first event to the head.

It names the first row that does not match.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kerege.core.audit import daily_root, subjects
from kerege.core.audit.canonical_json import event_hash
from kerege.core.audit.models import AuditEvent, AuditHead, AuditSubject

CHUNK = 5000


@dataclass(frozen=True)
class Verification:
    """Result of a verification.

    `first_broken` is the number of the first changed, removed or inserted row.
    """

    ok: bool
    rows: int
    first_broken: int | None = None
    reason: str = ""


def verify(copies: Iterable[Path] = (), witnessed: tuple[Path, bytes] | None = None) -> Verification:
    """Check all hashes, the numbering, the head, the count of subjects and the daily roots.

    `copies` are copies of the daily roots from other machines, `witnessed` is the log of a witness with its public key
    (PEM). Rows are streamed.
    """
    head = AuditHead.objects.filter(pk=1).first() or AuditHead()
    columns = ("seq", "at", "actor", "agency", "action", "target", "outcome", "details", "prev_hash", "hash")
    prev, rows, named = AuditHead().hash, 0, 0
    for seq, at, *fields, details, prev_hash, own in (
        AuditEvent.objects.order_by("seq").values_list(*columns).iterator(chunk_size=CHUNK)
    ):
        expected = rows + 1
        if seq != expected:
            return Verification(False, rows, expected, "a row is missing or was put in")
        if prev_hash != prev or own != event_hash(prev, seq, at, tuple(fields), details):
            return Verification(False, rows, seq, "its content does not match its hash")
        prev, rows, named = own, seq, named + len(subjects.of(fields[3], details))
    if (head.seq, head.hash) != (rows, prev):
        return Verification(False, rows, rows + 1, "the chain was cut: the head names another last row")
    if AuditSubject.objects.count() != named:
        return Verification(False, rows, rows + 1, "the table of whom the events are about does not fit them")
    if (wrong := daily_root.broken()) is not None:
        return Verification(False, rows, *wrong)
    for copy in copies:
        if (wrong := daily_root.broken_copy(copy)) is not None:
            return Verification(False, rows, *wrong)
    if witnessed and (reason := daily_root.refused_by_witness(*witnessed)):
        return Verification(False, rows, rows, reason)
    return Verification(True, rows)
