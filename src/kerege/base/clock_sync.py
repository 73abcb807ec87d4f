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
    if not sys.platform.startswith("linux"):
        return None
    return _read_state(ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(BUFFER)))


def _read_state(state: int) -> bool | None:
    return None if state < 0 else state != UNSYNCHRONISED


def measure_error() -> float | None:
    """Return by how many seconds the clock may be wrong; None if no time service keeps it.

    This is the largest error that the kernel computes from the last comparison with a time server.
    """
    if not sys.platform.startswith("linux"):
        return None
    buffer = ctypes.create_string_buffer(BUFFER)
    state = ctypes.CDLL(None, use_errno=True).adjtimex(buffer)
    return _read_error(state, buffer.raw)


def _read_error(state: int, content: bytes) -> float | None:
    return MAXERROR.unpack_from(content)[3] / 1e6 if _read_state(state) else None
