"""Messages of the report page in three languages (`messages.LANG.toml`), with number formats."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from kerege.base.errors import BadInput, Fault
from kerege.base.multilingual_titles import LANGUAGES

HERE = Path(__file__)
GAP = "\u00a0"  # thousands separator, and the space before a per cent sign in Russian


class PageMessages:
    """The messages and number formats of one language."""

    def __init__(self, lang: str, texts: dict[str, Any]) -> None:
        self.lang, self.texts = lang, texts

    def say(self, key: str, **facts: str) -> str:
        """Return the message `part.name` with its placeholders filled by formatted facts."""
        part, _, name = key.partition(".")
        return str(self.texts[part][name]).format(**facts)

    def translated(self, part: str, english: str) -> str:
        """Return the translation of an English text of a file; the English text if there is none."""
        return str(self.texts[part].get(english, english))

    def count(self, value: float, digits: int = 0) -> str:
        """Return a number with the thousands separator and decimal mark of the language."""
        formatted = f"{value:,.{digits}f}"
        return formatted if self.lang == "en" else formatted.replace(",", GAP).replace(".", ",")

    def trimmed(self, value: float) -> str:
        """Return a number such as epsilon without trailing zeros."""
        return f"{value:g}" if self.lang == "en" else f"{value:g}".replace(".", ",")

    def percent(self, share: float, digits: int = 1) -> str:
        """Return a share in per cent, by default with one decimal."""
        return f"{self.count(100 * share, digits)}{GAP if self.lang == 'ru' else ''}%"

    def people(self, value: float | None) -> str:
        """Return a number of people with one decimal; '' for None."""
        return "" if value is None else self.count(value, 1)

    def share(self, value: float | None) -> str:
        """Return a share in whole per cent; '' for None."""
        return "" if value is None else self.percent(value, 0)


@cache
def words(lang: str) -> PageMessages:
    """Return the messages of a language. Raise BadInput for an unknown language."""
    if lang not in LANGUAGES:
        raise BadInput(Fault(f"there is no page in {lang!r}", f"give --lang {', '.join(LANGUAGES)}"))
    return PageMessages(lang, tomllib.loads(HERE.with_name(f"messages.{lang}.toml").read_text(encoding="utf-8")))


ENGLISH = words("en")


def name_combinations(length: int, messages: PageMessages = ENGLISH) -> str:
    """Return the name of combinations of a length."""
    name = f"length.{length}"
    return (
        messages.say(name)
        if str(length) in messages.texts["length"]
        else messages.say("length.more", length=str(length))
    )


def band_name(least: int, most: int | None, messages: PageMessages = ENGLISH) -> str:
    """Return the text of a band of counts."""
    return f"{messages.count(least)}+" if most is None else f"{messages.count(least)}–{messages.count(most)}"
