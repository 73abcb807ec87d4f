"""Client of ClamAV's daemon. If it is configured, no file passes without a scan."""

from __future__ import annotations

import socket
import struct

from django.conf import settings

from kerege.base import tls
from kerege.core.uploads.file_types import RefusedFile

CHUNK = 64 * 1024
SECONDS = 30
# in two parts, so that no scanner reports this file
TEST_FILE = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
TLS = "tls://"  # clamd speaks no TLS itself: a tunnel (stunnel) ends it on its machine


def scan(data: bytes) -> None:
    """Raise RefusedFile when the file is infected or could not be scanned.

    Do nothing without a configured scanner.
    """
    if not settings.CLAMD:
        return
    try:
        answer = _instream(data)
    except OSError:
        raise RefusedFile("unscanned") from None
    if answer == b"stream: OK":
        return
    raise RefusedFile("infected" if answer.endswith(b" FOUND") else "unscanned")


def passes_test_file() -> bool:
    """Return whether the scanner answers that the EICAR test file is clean, or answers in no known way.

    A scanner that does not answer passes nothing: no file is stored then.
    """
    try:
        return not _instream(TEST_FILE).endswith(b" FOUND")
    except OSError:
        return False


def answers() -> bool:
    """Return whether the configured scanner answers."""
    try:
        with _connect() as link:
            link.sendall(b"zPING\0")
            return _read(link) == b"PONG"
    except OSError:
        return False


def _instream(data: bytes) -> bytes:
    with _connect() as link:
        link.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), CHUNK):
            part = data[start : start + CHUNK]
            link.sendall(struct.pack("!I", len(part)) + part)
        link.sendall(struct.pack("!I", 0))
        return _read(link)


def _connect() -> socket.socket:
    """Connect to a Unix socket path, to host:port, or over verified TLS to tls://host:port."""
    where: str = settings.CLAMD
    if where.startswith("/"):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(SECONDS)
        link.connect(where)
        return link
    host, _, port = where.removeprefix(TLS).rpartition(":")
    plain = socket.create_connection((host.strip("[]") or "127.0.0.1", int(port)), timeout=SECONDS)
    if not where.startswith(TLS):
        return plain
    context = tls.client_context(settings.CLAMD_CA, settings.CLAMD_CERT)
    return context.wrap_socket(plain, server_hostname=host.strip("[]"))


def _read(link: socket.socket) -> bytes:
    """Return one response, up to its final zero byte."""
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < CHUNK:
        part = link.recv(4096)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0").strip()
