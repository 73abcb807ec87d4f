"""Log lines that wait in the home folder until the worker has sent them to another machine."""

from __future__ import annotations

import io
import os
from logging import LogRecord
from logging.handlers import WatchedFileHandler
from pathlib import Path

from kerege.base import files

DECISIONS = "kerege.decisions"  # logger of every decision about a user or a system
LIMIT = 256 * 1024**2  # bytes that wait at most; then the newest lines are lost, and `kerege doctor` fails


def spool_folder() -> Path:
    """Return the folder of the waiting lines."""
    return files.home() / "logs"


def spool_path() -> Path:
    """Return the file to which all processes append their lines."""
    return spool_folder() / "waiting.jsonl"


class SpoolHandler(WatchedFileHandler):
    """Appends lines to the spool; opens it again after the worker has moved it away."""

    def __init__(self) -> None:
        super().__init__(spool_path(), encoding="utf-8", delay=True)

    def emit(self, record: LogRecord) -> None:
        """Append a line, unless the spool is full."""
        try:
            is_full = spool_path().stat().st_size > LIMIT
        except OSError:
            is_full = False
        if not is_full:
            super().emit(record)

    def _open(self) -> io.TextIOWrapper:
        spool_folder().mkdir(mode=0o700, exist_ok=True)
        handle = os.open(spool_path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return io.TextIOWrapper(io.FileIO(handle, "ab"), encoding="utf-8", write_through=True)
