"""What comparisons and their levels are called, in words: data/words.csv."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib import resources


def said(text: str, language: str) -> str:
    """A name of a comparison or level in a language; in English, or as it is, where nobody translated it."""
    return _words().get(text, {}).get(language) or text


@lru_cache
def _words() -> dict[str, dict[str, str]]:
    text = (resources.files(__package__) / "data" / "labels.csv").read_text("utf-8")
    return {row["key"]: row for row in csv.DictReader(text.splitlines())}
