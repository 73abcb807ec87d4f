"""Daily roots: signed heads of the audit chain, one per line, each with the hash of the previous line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from kerege.base import hashes
from kerege.base.file_model import OpenModel

START = "0" * 64  # the hash that the first root names as its previous one


class DailyRoot(OpenModel):
    """A daily root: the head of the chain at a time, and the root before it. A signature covers both.

    Roots of version 0.1 have no number and name no previous root. Further keys are statements of other apps.
    """

    at: str
    seq: int
    hash: str
    key: str
    number: int | None = None
    previous: str | None = None
    signature: str = ""

    @property
    def signed(self) -> bytes:
        """Return the bytes that the signature covers."""
        content = {name: value for name, value in self.tree.items() if name != "signature"}
        return json.dumps(content, sort_keys=True).encode()


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file of roots that are not blank; none if there is no file."""
    if path.is_file():
        yield from (line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip())


def hash_of(line: str) -> str:
    """Return the hash of a line, as the next root names it."""
    return hashes.hash_line(line)
