"""Redaction of tracebacks: the frames stay, the values are removed."""

from __future__ import annotations

import re
import traceback
from pathlib import PurePath

FRAME = re.compile(r'^  File ".+", line \d+, in \S+$')
FRAMES = 12


def places(error: BaseException) -> list[str]:
    """Return the innermost frames of an exception as `file:line function`, at most FRAMES."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def frames_only(text: str) -> str:
    """Return the frame lines of a formatted traceback, without source lines and messages."""
    return "\n".join(line for line in text.splitlines() if FRAME.match(line))
