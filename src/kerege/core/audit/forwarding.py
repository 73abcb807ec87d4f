"""Forwarding of audit events to another machine, in near real time.

The target is `syslog+tls://HOST[:PORT]` (RFC 5424 messages over TLS as in RFC 5425) or `file:///PATH` on another mount.
The worker sends waiting events every few seconds, in the order of the chain. Each event is sent whole, with its hash,
so a receiver can verify the chain without the register. Events hold no identities.

An event may be sent twice after a crash, and never left out: the number of the last event is stored after it was sent.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils import timezone

from kerege.base import files, mounts, tls
from kerege.base.errors import Refused
from kerege.core.audit.models import AuditEvent, AuditHead, Outcome

BATCH = 1_000  # events that are read and sent together
TLS_PORT = 6514  # RFC 5425
FACILITY, INFORMATIONAL, WARNING = 13, 6, 4  # log audit; severities of RFC 5424
TIMEOUT = 10.0  # seconds
LATE = timedelta(minutes=2)  # an event that waits longer is reported
NAME_LENGTH = 32  # characters of a message id in RFC 5424

Send = Callable[[Sequence[AuditEvent]], None]


@dataclass(frozen=True)
class ForwardingState:
    """The last event that was sent, how many wait, and since when the oldest of them waits."""

    sent: int
    waiting: int
    since: datetime | None


def state_path() -> Path:
    """Return the path of the file that holds the number of the last event that was sent."""
    return files.home() / "audit" / "forwarded.json"


def leaves_machine(target: str) -> bool:
    """Return whether a target is on another machine: a syslog server, or a file on a network file system."""
    parts = urlsplit(target)
    if parts.scheme == "syslog+tls" and parts.hostname:
        return not tls.is_loopback(parts.hostname)
    return parts.scheme == "file" and bool(parts.path) and mounts.is_network_path(Path(unquote(parts.path)))


def forward(target: str) -> int:
    """Send all waiting events to a target; return their number.

    Raises Refused for a target of another kind, OSError when the target cannot be reached.
    """
    send, count = _sender(target), 0
    while batch := list(AuditEvent.objects.filter(seq__gt=_last_sent(target)).order_by("seq")[:BATCH]):
        send(batch)
        _store(target, batch[-1].seq)
        count += len(batch)
    return count


def read_state(target: str) -> ForwardingState:
    """Return the state of the forwarding to a target: the last event sent and the number not yet sent."""
    sent = _last_sent(target)
    head = AuditHead.objects.filter(pk=1).values_list("seq", flat=True).first() or 0
    oldest = AuditEvent.objects.filter(seq__gt=sent).order_by("seq").values_list("at", flat=True).first()
    return ForwardingState(sent, max(head - sent, 0), oldest)


def forward_waiting(now: datetime) -> None:
    """Send what waits, if the operator has set a target (a scheduled job)."""
    if settings.AUDIT_FORWARD:
        forward(settings.AUDIT_FORWARD)


def event_line(event: AuditEvent) -> str:
    """Return an event as one line of JSON with sorted keys."""
    fields = ("seq", "actor", "agency", "action", "target", "outcome", "details", "prev_hash", "hash")
    stamp = event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return json.dumps({name: getattr(event, name) for name in fields} | {"at": stamp}, sort_keys=True)


def syslog_message(event: AuditEvent, host: str) -> bytes:
    """Return an event as a message of RFC 5424 with the octet count that RFC 5425 asks for."""
    severity = WARNING if event.outcome == Outcome.REFUSED else INFORMATIONAL
    stamp = event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return frame_message(FACILITY * 8 + severity, f"{stamp} {host}", event.action, event_line(event))


def frame_message(priority: int, origin: str, name: str, text: str) -> bytes:
    """Return a framed message; `origin` is its time and the name of this machine."""
    message_id = "".join(letter for letter in name if "!" <= letter <= "~")[:NAME_LENGTH] or "-"
    header = f"<{priority}>1 {origin} kerege {os.getpid()} {message_id} - "
    message = header.encode("ascii") + b"\xef\xbb\xbf" + text.encode()
    return str(len(message)).encode() + b" " + message


def _sender(target: str) -> Send:
    parts = urlsplit(target)
    if parts.scheme == "file" and parts.path:
        path = Path(unquote(parts.path))
        return lambda events: append_lines(path, map(event_line, events))
    if parts.scheme == "syslog+tls" and parts.hostname:
        host, port, own_name = parts.hostname, parts.port or TLS_PORT, socket.gethostname() or "-"
        return lambda events: send_syslog(host, port, (syslog_message(event, own_name) for event in events))
    raise Refused("audit events go to syslog+tls://HOST:PORT or to file:///PATH: correct KEREGE_AUDIT_FORWARD")


def append_lines(path: Path, lines: Iterable[str]) -> None:
    """Append lines to a file and wait until the disk has them."""
    text = "".join(f"{line}\n" for line in lines)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        if file.seek(0, os.SEEK_END) and not _ends_a_line(file.fileno()):
            text = "\n" + text  # a line that was torn by a crash stands alone
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def _ends_a_line(handle: int) -> bool:
    return os.pread(handle, 1, os.lseek(handle, 0, os.SEEK_END) - 1) == b"\n"


def send_syslog(host: str, port: int, messages: Iterable[bytes]) -> None:
    """Send framed messages over TLS and close the connection in order.

    Syslog has no receipt. A receiver that ends with unread data resets the connection, which raises OSError here.
    """
    context = tls.client_context(settings.AUDIT_FORWARD_CA, settings.AUDIT_FORWARD_CERT)
    with (
        socket.create_connection((host, port), timeout=TIMEOUT) as plain,
        context.wrap_socket(plain, server_hostname=host) as connection,
    ):
        for message in messages:
            connection.sendall(message)
        # Some servers close without the reply that TLS asks for; they have read to our end all the same.
        with suppress(ssl.SSLEOFError):
            connection.unwrap()


def _last_sent(target: str) -> int:
    """Return the number of the last event that was sent to this target; a new target gets the whole chain."""
    try:
        stored = json.loads(state_path().read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return 0
    return int(stored["seq"]) if stored.get("target") == target else 0


def _store(target: str, seq: int) -> None:
    with files.atomic_file(state_path()) as part:
        part.write_text(json.dumps({"target": target, "seq": seq, "at": timezone.now().isoformat()}))
