"""Titles in three languages and names that are safe as file names, as specifications and manifests hold them."""

from __future__ import annotations

import re
from typing import Any

LANGUAGES = ("kk", "ru", "en")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
Title = dict[str, str]


def title_of(value: Any) -> Title:
    """A title by language from a text or a table of all three; {} when it is neither."""
    if isinstance(value, str) and value.strip():
        return dict.fromkeys(LANGUAGES, value)
    if isinstance(value, dict) and all(isinstance(value.get(language), str) for language in LANGUAGES):
        return {language: value[language] for language in LANGUAGES}
    return {}
