"""State of the clock of this machine: the kernel of Linux says whether a time service synchronises it."""

from __future__ import annotations

import ctypes
import struct
import sys

UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
BUFFER = 512  # bytes, more than a struct timex has; modes = 0 only reads
MAXERROR = struct.Struct("@i4l")  # modes, offset, freq, maxerror, esterror of a struct timex


def is_synchronised() -> bool | None:
    """Return whether the clock is synchronised; None if the kernel does not say."""
    return _read_state(_ask_kernel()[0])


def _ask_kernel() -> tuple[int, bytes]:
    """Return the answer of adjtimex(2), and the struct timex that it filled; -1 from another kernel."""
    if not sys.platform.startswith("linux"):
        return -1, b""
    buffer = ctypes.create_string_buffer(BUFFER)
    state = ctypes.CDLL(None, use_errno=True).adjtimex(buffer)
    return state, buffer.raw


def _read_state(state: int) -> bool | None:
    return None if state < 0 else state != UNSYNCHRONISED


def measure_error() -> float | None:
    """Return by how many seconds the clock may be wrong; None if no time service keeps it.

    This is the largest error that the kernel computes from the last comparison with a time server.
    """
    return _read_error(*_ask_kernel())


def _read_error(state: int, content: bytes) -> float | None:
    return MAXERROR.unpack_from(content)[3] / 1e6 if _read_state(state) else None
