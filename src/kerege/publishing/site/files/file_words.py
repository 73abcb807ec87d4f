"""Words of the files and of their pages, in three languages: `text/LANG.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from kerege.vocabulary import profile

TEXTS = Path(__file__).parent / "text"
LANGUAGES = ("kk", "ru", "en")


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
        return format_date(day, self.text["format"]["day"], locale=self.lang)

    def month(self, day: date) -> str:
        """Return the month of a day in words."""
        return format_date(day, self.text["format"]["month"], locale=self.lang)

    def minute(self, moment: datetime) -> str:
        """Return a moment to the minute in the time of the country, with its distance from UTC."""
        local = moment.astimezone(ZoneInfo(profile.active().time_zone))
        return f"{format_datetime(local, self.text['format']['minute'], locale=self.lang)} ({_offset(local)})"


def _offset(moment: datetime) -> str:
    """Return the distance from UTC, such as UTC+5."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


@cache
def get_words(lang: str) -> Words:
    """Return the words of a language; the file is read once."""
    return Words(lang, tomllib.loads((TEXTS / f"{lang}.toml").read_text(encoding="utf-8")))
