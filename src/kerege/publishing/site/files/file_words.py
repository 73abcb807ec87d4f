"""Words of the files and of their pages, in three languages: `text/LANG.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from django.utils import translation

from kerege.vocabulary import languages
from kerege.web import partial_dates

TEXTS = Path(__file__).parent / "text"


@dataclass(frozen=True)
class Words:
    """Words of one language; sections and keys are those of the file."""

    lang: str
    text: Mapping[str, Mapping[str, str]]

    def __getitem__(self, section: str) -> dict[str, str]:
        """Return a section."""
        return dict(self.text[section])

    def status(self, status: str) -> str:
        """Return the status of a value in words."""
        return str(self.text["status"][status])

    def day(self, day: date) -> str:
        """Return a day in words."""
        with translation.override(self.lang):
            return partial_dates.words(day)

    def month(self, day: date) -> str:
        """Return the month of a day in words."""
        with translation.override(self.lang):
            return partial_dates.words(day, partial_dates.MONTH)

    def minute(self, moment: datetime) -> str:
        """Return a moment to the minute in the time of the programme, with its distance from UTC."""
        with translation.override(self.lang):
            return f"{partial_dates.with_time(moment)} ({_offset(partial_dates.local(moment))})"


def _offset(moment: datetime) -> str:
    """Return the distance from UTC, such as UTC+5."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


@cache
def get_words(lang: str) -> Words:
    """Return the words of a language; the file is read once."""
    return Words(lang, tomllib.loads(languages.read_words(TEXTS, "site-files", lang).text))
