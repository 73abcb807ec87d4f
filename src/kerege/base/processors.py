"""Processors of this machine."""

from __future__ import annotations

import os


def processor_count() -> int:
    """Return the number of processors that this process may use: fewer than the machine's in a container."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
