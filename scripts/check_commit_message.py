#!/usr/bin/env python3
"""Check that a commit message begins with `type(scope): verb object`. Argument: the file of git."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

LIMIT = 72
TYPES = ("bench", "build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test")
SUBJECT = re.compile(rf"(?:{'|'.join(TYPES)})\([a-z0-9][a-z0-9_, -]*\)!?: [a-z][\w-]* \S.*[^.\s]")
WRITTEN_BY_GIT = ("Merge ", 'Revert "', "fixup! ", "squash! ", "amend! ")


def find_faults(message: str) -> list[str]:
    """Return the faults of a message, one sentence each; messages that git writes are accepted."""
    lines = [line for line in message.splitlines() if not line.startswith("#")]
    subject = lines[0] if lines else ""
    if subject.startswith(WRITTEN_BY_GIT):
        return []
    faults = []
    if len(subject) > LIMIT:
        faults.append(f"The first line has {len(subject)} characters: shorten it to {LIMIT}.")
    if not SUBJECT.fullmatch(subject):
        faults.append(f"Write type(scope): verb object, with no full stop. Types: {', '.join(TYPES)}.")
    if len(lines) > 1 and lines[1].strip():
        faults.append("Leave the second line empty.")
    return faults


def main(argv: Sequence[str]) -> int:
    """Print the faults of the message in the file; exit 1 when there are any."""
    faults = find_faults(Path(argv[0]).read_text(encoding="utf-8"))
    for fault in faults:
        print(fault)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
