"""Comparison of the clock with a time server, by the simple network time protocol (RFC 4330)."""

from __future__ import annotations

import socket
import struct
import time

from kerege.base.errors import Refused

PORT, SECONDS = 123, 5.0
REQUEST = bytes([0x23]) + bytes(47)  # version 4, client
SINCE_1900 = 2_208_988_800  # seconds from 1900 to 1970
TIMES = struct.Struct("!32xIIII")  # received and sent, in whole and 1 / 2**32 seconds
UNSYNCHRONISED_STRATA = {0, 16}


def measure_offset(server: str) -> float:
    """Return by how many seconds the clock of a time server is ahead of the own clock.

    `server` is HOST or HOST:PORT. Raises Refused without a usable answer.
    """
    host, _, port = server.partition(":")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
            connection.settimeout(SECONDS)
            connection.connect((host, int(port or PORT)))
            return _ask(connection)
    except (OSError, ValueError, struct.error):
        raise Refused(f"the time server {server} did not answer, so the clock was not compared") from None


def _ask(connection: socket.socket) -> float:
    """Send one request; the way there and the way back are taken to last equally long."""
    asked = time.time()
    connection.send(REQUEST)
    answer = connection.recv(512)
    answered = time.time()
    received, received_part, sent, sent_part = map(float, TIMES.unpack_from(answer))
    if answer[1] in UNSYNCHRONISED_STRATA:
        raise ValueError("the server does not know the time itself")
    there = received + received_part / 2**32 - SINCE_1900 - asked
    back = sent + sent_part / 2**32 - SINCE_1900 - answered
    return (there + back) / 2
