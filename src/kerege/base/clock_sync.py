"""State of the clock of this machine: the kernel of Linux says whether a time service synchronises it."""

from __future__ import annotations

import ctypes
import sys

UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
BUFFER = 512  # bytes, more than a struct timex has; modes = 0 only reads


def is_synchronised() -> bool | None:
    """Return whether the clock is synchronised; None if the kernel does not say."""
    if not sys.platform.startswith("linux"):
        return None
    return _read_state(ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(BUFFER)))


def _read_state(state: int) -> bool | None:
    return None if state < 0 else state != UNSYNCHRONISED
