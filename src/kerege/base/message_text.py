"""Names of columns and values as messages show them."""

from __future__ import annotations

import re
from collections.abc import Sequence


def shown(name: str) -> str:
    """A name fit for a message: one line, no control or direction marks, at most 60 characters."""
    clean = re.sub(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", "?", name)
    return clean if len(clean) <= 60 else clean[:57] + "..."


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names for a message, the first dozen of them."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shown(name) for name in names[:most]) + more
