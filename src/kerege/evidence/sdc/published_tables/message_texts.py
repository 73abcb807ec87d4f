"""Texts of the disclosure risk assessment in Kazakh, Russian and English."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ENGLISH = "en"
HERE = Path(__file__)
FIELD = re.compile(r"\\\{(\w+)\\\}")  # a field of an escaped text


def say(key: str, language: str = ENGLISH, **facts: object) -> str:
    """Return a text of the language with its facts.

    Examples
    --------
    >>> say("total", "ru"), say("total")
    ('всего', 'the total')
    """
    return _texts(language)[key].format(**facts)


@cache
def _texts(language: str) -> Mapping[str, str]:
    texts: dict[str, str] = tomllib.loads(HERE.with_name(f"messages.{language}.toml").read_text(encoding="utf-8"))
    return texts


def translate_note(note: str, language: str) -> str:
    """Return a note of a report in a language; an unknown note stays in English.

    Examples
    --------
    >>> translate_note("undecided: column Rate of table t", "ru")
    'не решено: графа Rate таблицы t не понята'
    """
    if language == ENGLISH:
        return note
    for pattern, texts in _notes():
        if match := pattern.fullmatch(note):
            facts = match.groupdict()
            if "note" in facts:
                facts["note"] = translate_note(facts["note"], language)
            return texts[language].format(**facts)
    return note


@cache
def _notes() -> list[tuple[re.Pattern[str], Mapping[str, str]]]:
    """Return the notes as patterns of their English text, each with its translations."""
    notes = tomllib.loads(HERE.with_name("notes.toml").read_text(encoding="utf-8"))["note"]
    return [(re.compile(FIELD.sub(r"(?P<\1>.+?)", re.escape(texts["en"])), re.DOTALL), texts) for texts in notes]
