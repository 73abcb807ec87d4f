"""Answers of the user about a file that is read."""

from __future__ import annotations

from dataclasses import dataclass

ASK, DROP, FAIL = "ask", "drop", "fail"


@dataclass(frozen=True)
class ReadOptions:
    """Answers about a file: its format, unknown columns, order of day and month, encoding."""

    format: str = ""
    unknown: str = FAIL
    days: str = ""
    encoding: str = ""
