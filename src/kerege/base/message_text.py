"""Foreign text made safe for messages: one line, no control characters, limited length."""

from __future__ import annotations

import re
from collections.abc import Sequence

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def shown(name: str, most: int = 60) -> str:
    """Return a name for a message: one line, no control or direction marks, at most `most` characters."""
    clean = CONTROL.sub("?", name)
    return clean if len(clean) <= most else clean[: most - 3] + "..."


def count_noun(number: int, noun: str) -> str:
    """Return a number with its noun, `1 table` or `2 tables`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(names: Sequence[str], most: int = 12) -> str:
    """Return the first `most` names for a message, separated by commas, and the number of the rest."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shown(name) for name in names[:most]) + more
