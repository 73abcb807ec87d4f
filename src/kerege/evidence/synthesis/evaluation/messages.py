"""Says an evaluation in one language: the sentences of `page.LANG.toml`, with numbers as they are written there."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from kerege.base.errors import BadInput, Fault
from kerege.base.multilingual_titles import LANGUAGES

HERE = Path(__file__)
GAP = "\u00a0"  # between thousands, and before a per cent sign in Russian


class Words:
    """One language."""

    def __init__(self, lang: str, texts: dict[str, Any]) -> None:
        self.lang, self.texts = lang, texts

    def say(self, key: str, **facts: str) -> str:
        """The sentence `part.name`, its holes filled with facts that are words already."""
        part, _, name = key.partition(".")
        return str(self.texts[part][name]).format(**facts)

    def translated(self, part: str, english: str) -> str:
        """What a file says in English, in this language; English where nobody translated it."""
        return str(self.texts[part].get(english, english))

    def count(self, value: float, digits: int = 0) -> str:
        """A number with the thousands and the decimals of the language."""
        told = f"{value:,.{digits}f}"
        return told if self.lang == "en" else told.replace(",", GAP).replace(".", ",")

    def trimmed(self, value: float) -> str:
        """A number such as epsilon, with no more decimals than it has."""
        return f"{value:g}" if self.lang == "en" else f"{value:g}".replace(".", ",")

    def percent(self, share: float, digits: int = 1) -> str:
        """A share in per cent, of a sentence to a tenth."""
        return f"{self.count(100 * share, digits)}{GAP if self.lang == 'ru' else ''}%"

    def people(self, value: float | None) -> str:
        """People, to a tenth."""
        return "" if value is None else self.count(value, 1)

    def share(self, value: float | None) -> str:
        """A share in whole per cent."""
        return "" if value is None else self.percent(value, 0)


@cache
def words(lang: str) -> Words:
    """The words of a language; raises BadInput for one that there is not."""
    if lang not in LANGUAGES:
        raise BadInput(Fault(f"there is no page in {lang!r}", f"give --lang {', '.join(LANGUAGES)}"))
    return Words(lang, tomllib.loads(HERE.with_name(f"messages.{lang}.toml").read_text(encoding="utf-8")))


ENGLISH = words("en")
