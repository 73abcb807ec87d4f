"""Titles by language and names that are safe as file names, for specifications and manifests."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kerege.base.errors import Fault

LANGUAGES = ("kk", "ru", "en")  # those in which Kerege itself is written
TAG = re.compile("[a-z]{2,3}(-[A-Z][a-z]{3})?")  # of a language, such as ky or uz-Latn
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
Title = dict[str, str]


def name_fault(kind: str, number: int, name: object, file: str) -> Fault | None:
    """Return the fault of the name of a part of a specification, or None. The name is a file name too.

    `kind` and `number` name the part in the message.
    """
    if not isinstance(name, str) or not name:
        return Fault(f"{kind} {number} has no name", "give it one", file)
    if not NAME.fullmatch(name):
        todo = "use small letters, digits, - and _, at most 64"
        return Fault(f"{kind} {number} has a name that is not a safe file name", todo, file)
    return None


def title_of(value: object, languages: Sequence[str] = LANGUAGES) -> Title:
    """Return a title by language from one text or from a table of all the languages.

    {} for any other value, and where a text is empty.
    """
    if isinstance(value, str):
        value = dict.fromkeys(languages, value)
    texts = value if isinstance(value, dict) else {}
    title = {language: text for language in languages if isinstance(text := texts.get(language), str) and text.strip()}
    return title if len(title) == len(languages) else {}
