"""Check of the dates on a page: each language has one format, that of `kerege.web.formats`.

A machine format (2025-03-14) may stand in `code` and `pre` only, and in attributes, which nobody reads.
"""

from __future__ import annotations

import html
import re

from django.utils import translation
from django.utils.dates import MONTHS, MONTHS_ALT

UNREAD = re.compile(r"<(script|style|code|pre|template)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.S | re.I)
BLOCK = re.compile(r"</?(?:[dt][dhrt]|li|p|div|h\d|br)\b[^>]*>", re.I)  # a date does not go on in the next one
NUMBERS = re.compile(r"\b(?:\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{4})\b|\b\d{1,2}:\d\d ?[ap]\.?m\b", re.I)
# a day and a month, with a year before or behind them
DAY_FIRST = r"(?:\d{{4}}(?: ж\.)?,? )?\b\d{{1,2}}(?:st|nd|rd|th)? {month}\b(?:,? \d{{4}}\b(?: г\.)?)?"
MONTH_FIRST = r"\b{month} \d{{1,2}}\b,? \d{{4}}\b"
# the official title of a law has its own: "от 5 июля 2024 года"
FORMATS = {
    "en": r"\b\d{{1,2}} {month} \d{{4}}\b",
    "ru": r"\b\d{{1,2}} {month} \d{{4}} г\.|\bот \d{{1,2}} {month} \d{{4}} года",
    "kk": r"\b\d{{4}} ж\. \d{{1,2}} {month}",
}


def text_of(page: str) -> str:
    """Return the text of a page that a reader sees, with single spaces and a bar between blocks."""
    return " ".join(html.unescape(UNREAD.sub(" ", BLOCK.sub(" | ", page))).split())


def month_names(language: str) -> str:
    """Return an alternative of all names of months within a date."""
    with translation.override(language):
        names = {str(name) for months in (MONTHS, MONTHS_ALT) for name in months.values()}
    return f"(?:{'|'.join(sorted(map(re.escape, names)))})"


def wrong_dates(page: str, language: str) -> list[str]:
    """Return the dates and times of a page that are not in the format of its language."""
    text, month = text_of(page), month_names(language)
    rest = re.sub(FORMATS[language].format(month=month), "|", text)  # a number beside a right date is not its year
    written = re.findall(f"{DAY_FIRST}|{MONTH_FIRST}".format(month=month), rest)
    return NUMBERS.findall(rest) + [words for words in written if re.search(r"\d{4}", words)]
