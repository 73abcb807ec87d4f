"""Titles in three languages and names that are safe as file names, as specifications and manifests hold them."""

from __future__ import annotations

import re
from typing import Any

from kerege.base.errors import Fault

LANGUAGES = ("kk", "ru", "en")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
Title = dict[str, str]


def name_fault(kind: str, number: int, name: Any, file: str) -> Fault | None:
    """What is wrong with the name of a part of a specification, which is that of a file too; None when nothing is."""
    if not isinstance(name, str) or not name:
        return Fault(f"{kind} {number} has no name", "give it one", file)
    if not NAME.fullmatch(name):
        todo = "use small letters, digits, - and _, at most 64"
        return Fault(f"{kind} {number} has a name that is no safe file name", todo, file)
    return None


def title_of(value: Any) -> Title:
    """A title by language from a text or a table of all three; {} when it is neither."""
    if isinstance(value, str) and value.strip():
        return dict.fromkeys(LANGUAGES, value)
    if isinstance(value, dict) and all(isinstance(value.get(language), str) for language in LANGUAGES):
        return {language: value[language] for language in LANGUAGES}
    return {}
