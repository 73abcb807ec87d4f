"""Words of the public site in one language, from `text/LANGUAGE.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from django.utils.translation import get_language

from kerege.publishing.report.localiser import Localiser, Words, get_localiser
from kerege.publishing.report.profile_words import write_profile_words
from kerege.publishing.storage.published_tables import TOTAL, PublishedTable
from kerege.vocabulary import languages, snapshot_columns
from kerege.vocabulary.profile import ProfileState, active_state

TEXTS = Path(__file__).parent / "text"
PAIR_WORDS = " → "
HOLE = re.compile(r"\{(\w+)\}")


def read_words(lang: str) -> Words:
    """Return the words of the site in a language, with those of the active profile."""
    return _read_words(lang, active_state())


@lru_cache(maxsize=64)
def _read_words(lang: str, state: ProfileState) -> Words:
    words = languages.read_words(TEXTS, "site", lang)
    return tomllib.loads(write_profile_words(words.text, words.language))


def site_localiser(lang: str) -> Localiser:
    """Return the localiser of a language, which also knows the nouns of the site."""
    return _site_localiser(lang, active_state())


@lru_cache(maxsize=64)
def _site_localiser(lang: str, state: ProfileState) -> Localiser:
    report = get_localiser(lang)
    return Localiser(lang, report.text | {"nouns": report.text["nouns"] | read_words(lang)["nouns"]}, report.written_in)


def current_language() -> str:
    """Return the language of the page, that of the country if it has none."""
    return get_language() or languages.default()


def join_sentences(first: str, second: str) -> str:
    """Return two sentences; the first may end with an abbreviation, such as a Russian date.

    Examples
    --------
    >>> from kerege.publishing.site.site_words import join_sentences
    >>> join_sentences("Состояние на 31 декабря 2024 г.", "Считает других.")
    'Состояние на 31 декабря 2024 г. Считает других.'
    """
    return f"{first.removesuffix('.')}. {second}"


def fill(template: str, values: Mapping[str, object]) -> str:
    """Return words with their holes filled; an unknown hole is an error.

    Examples
    --------
    >>> from kerege.publishing.site.site_words import fill
    >>> fill("{n} of {all} withheld", {"n": 9, "all": 41})
    '9 of 41 withheld'
    """
    return HOLE.sub(lambda hole: str(values[hole[1]]), template)


def list_name(unit: str, column: str) -> str:
    """Return the code list of a column of a snapshot; an unknown column is a list of its own name."""
    try:
        return snapshot_columns.column(unit, column).list
    except LookupError:
        return column


def mark_label(lang: str, table: PublishedTable | None, axis: list[str], mark: str) -> str:
    """Return the label of a mark: a period, a category, a pair of categories, or the total."""
    words = read_words(lang)
    if mark == TOTAL:
        return str(words["page"]["total"])
    unit = table.entry.of if table else ""
    parts = [
        _code_label(lang, list_name(unit, column), code) for column, code in zip(axis, mark.split(">"), strict=True)
    ]
    return PAIR_WORDS.join(parts)


def axis_label(lang: str, table: PublishedTable | None, axis: list[str], mark: str) -> str:
    """Return the label of a mark under a chart, where a half-year is short."""
    if axis == ["half"] and mark != TOTAL:
        year, _, half = mark.partition("-")
        return str(read_words(lang)["half_axis"][half]).replace("{year}", year)
    return mark_label(lang, table, axis, mark)


def _code_label(lang: str, name: str, code: str) -> str:
    if name == "half" and code[:1] != "_":
        year, _, half = code.partition("-")
        return str(read_words(lang)["half_short"][half]).replace("{year}", year)
    return site_localiser(lang).head(name, code)


def series_label(lang: str, table: PublishedTable | None, split: str | None, code: str) -> str:
    """Return the label of a series: a code of the split column, or a name of the site."""
    words = read_words(lang)
    if code == TOTAL:
        return str(words["page"]["total"])
    if code in words["series"]:
        return str(words["series"][code])
    return site_localiser(lang).head(list_name(table.entry.of if table else "", split or ""), code)
