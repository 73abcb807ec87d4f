"""Sending of the log of decisions and the technical log to the target of the audit events.

Every process appends its lines to one file in the home folder (`kerege.base.log_spool`). The worker moves the file
away, and sends it at its next turn, seconds later, when no process writes to it any more. A file is deleted after it
was sent, so lines may arrive twice after a crash.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

from kerege.base.errors import Refused
from kerege.base.log_spool import DECISIONS, LIMIT, spool_folder, spool_path
from kerege.core.audit import forwarding

SECURITY, PROGRAM = 10, 16  # facilities of RFC 5424: security messages, local use 0
SEVERITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}
SUFFIX = ".log"  # suffix of the file beside that of the audit events


@dataclass(frozen=True)
class SpoolState:
    """Bytes that wait, and since when the oldest file waits."""

    size: int
    since: datetime | None

    @property
    def is_full(self) -> bool:
        """Return whether lines are lost."""
        return self.size > LIMIT


def ship_waiting() -> None:
    """Send the lines that wait on this machine; each worker does it."""
    if settings.AUDIT_FORWARD:
        ship(settings.AUDIT_FORWARD)


def ship(target: str) -> int:
    """Send the rotated files, and rotate the current one for the next run; return the line count.

    Raises Refused for a target of another kind, OSError when the target cannot be reached.
    """
    count = 0
    for path in _list_moved():
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        _send(target, lines)
        path.unlink()
        count += len(lines)
    if spool_path().exists():
        spool_path().rename(spool_folder() / f"moved-{time.time_ns():020}.jsonl")
    return count


def read_state() -> SpoolState:
    """Return how much waits, and since when."""
    paths = [*_list_moved(), *filter(Path.exists, [spool_path()])]
    states = [path.stat() for path in paths]
    oldest = min((state.st_mtime for state in states), default=None)
    since = None if oldest is None else datetime.fromtimestamp(oldest, UTC)
    return SpoolState(sum(state.st_size for state in states), since)


def syslog_message(line: str, host: str) -> bytes:
    """Return a log line as a message of RFC 5424."""
    try:
        fields = dict(json.loads(line))
    except (TypeError, ValueError):
        fields = {}
    facility = SECURITY if fields.get("logger") == DECISIONS else PROGRAM
    severity = SEVERITIES.get(str(fields.get("level")), SEVERITIES["warning"])
    stamp = str(fields.get("timestamp") or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    return forwarding.frame_message(facility * 8 + severity, f"{stamp} {host}", str(fields.get("event", "")), line)


def _list_moved() -> list[Path]:
    return sorted(spool_folder().glob("moved-*.jsonl"))


def _send(target: str, lines: list[str]) -> None:
    parts = urlsplit(target)
    if parts.scheme == "file" and parts.path:
        place = Path(unquote(parts.path))
        forwarding.append_lines(place.with_name(place.name + SUFFIX), lines)
    elif parts.scheme == "syslog+tls" and parts.hostname:
        forwarding.send_syslog(parts.hostname, parts.port or forwarding.TLS_PORT, _frame_all(lines))
    else:
        raise Refused("logs go to syslog+tls://HOST:PORT or to file:///PATH: correct KEREGE_AUDIT_FORWARD")


def _frame_all(lines: list[str]) -> Iterator[bytes]:
    own_name = socket.gethostname() or "-"
    return (syslog_message(line, own_name) for line in lines)
