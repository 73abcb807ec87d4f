"""Romanisation by published standards, as in another agency's records, a passport or a library.

The schemes are data: `schemes.csv` names each with its source, `scheme_letters.csv` holds its letters. They follow the
standards and not the folding tables, so that a benchmark of folding is independent of them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from kerege.linkage.names.rule_tables import rows

_VOWELS = frozenset("аәеёиіоөуұүўӣӯыэюя")
# after these, е begins a syllable (BGN/PCGN: 'after vowels, й, ъ and ь')
_PARTING = _VOWELS | frozenset("йъь")
_LETTERS = re.compile(r"[^\W\d_]+")
_LONGEST = 3
_HAMZA = "\u0674"


@dataclass(frozen=True)
class Scheme:
    """Published scheme for Cyrillic names; `languages` are those that use it in practice."""

    name: str
    title: str
    languages: tuple[str, ...]
    extends: str
    source: str


@dataclass(frozen=True)
class CommonName:
    """Common name in Cyrillic; `kind` is given, patronymic or surname (masculine form)."""

    name: str
    language: str
    kind: str
    sex: str


@lru_cache(maxsize=1)
def schemes() -> dict[str, Scheme]:
    """Return every scheme by its name."""
    return {
        row["scheme"]: Scheme(
            row["scheme"], row["title"], tuple(row["languages"].split()), row["extends"], row["source"]
        )
        for row in rows("schemes.csv")
    }


@lru_cache(maxsize=1)
def common_names() -> tuple[CommonName, ...]:
    """Return 400 common names in each of six languages: known names and test data of folding."""
    return tuple(CommonName(row["name"], row["language"], row["kind"], row["sex"]) for row in rows("common.csv"))


def romanise(text: str, scheme: str) -> str:
    """Write a Cyrillic text by a published scheme; capitals and other signs are kept.

    Parameters
    ----------
    text : str
        Cyrillic text. A letter outside the scheme is first replaced by its Russian equivalent (Ғ by Г), as registrars
        did.
    scheme : str
        Name of a scheme, such as `icao9303`. `schemes` returns all of them.

    Returns
    -------
    str
        The text in Latin letters; with the scheme `kk_arabic`, in Arabic ones.

    Raises
    ------
    KeyError
        If there is no such scheme and the text has a Cyrillic letter.

    Notes
    -----
    `schemes()[scheme].source` names the standard of each scheme, such as ICAO Doc 9303.

    Examples
    --------
    >>> romanise("Щербакова", "icao9303")
    'Shcherbakova'
    """
    table = _read_table(scheme)
    return _LETTERS.sub(lambda word: _romanise_word(word.group(), table, scheme), unicodedata.normalize("NFC", text))


@lru_cache(maxsize=64)
def _read_table(scheme: str) -> dict[tuple[str, str], str]:
    letters = {(row["letters"], row["where"]): row["latin"] for row in _read_letters() if row["scheme"] == scheme}
    parent = schemes()[scheme].extends
    return {**_read_table(parent), **letters} if parent else letters


@lru_cache(maxsize=1)
def _read_letters() -> tuple[dict[str, str], ...]:
    return tuple(rows("scheme_letters.csv"))


def _romanise_word(word: str, table: dict[tuple[str, str], str], scheme: str) -> str:
    lower = word.lower()
    written, at = "", 0
    while at < len(lower):
        letters, becomes = _match_letters(lower, at, table)
        written += becomes
        at += letters
    if scheme == "kk_arabic":
        return _add_hamza(lower, written)
    if len(word) > 1 and word.isupper():
        return written.upper()
    return written[:1].upper() + written[1:] if word[:1].isupper() else written


def _match_letters(word: str, at: int, table: dict[tuple[str, str], str]) -> tuple[int, str]:
    """Return how many letters from here form one unit, and its romanisation."""
    for length in range(_LONGEST, 0, -1):
        letters = word[at : at + length]
        if len(letters) < length:
            continue
        for where in (*_list_positions(word, at, length), ""):
            if (letters, where) in table:
                return length, table[letters, where]
    russian = _read_table("russified").get((word[at], ""), "")
    if not russian:
        return 1, word[at]
    return 1, "".join(_match_letters(russian, i, table)[1] for i in range(len(russian)))


def _list_positions(word: str, at: int, length: int) -> list[str]:
    before, after = word[at - 1 : at] if at else "", word[at + length : at + length + 1]
    positions = []
    if not before.isalpha():
        positions.append("start")
    if before in _VOWELS and after and after in _VOWELS:
        positions.append("between")
    if before and before in _PARTING:
        positions.append("vowel")
    if before.isalpha() and before not in _PARTING:
        positions.append("consonant")
    if not after.isalpha():
        positions.append("end")
    return positions


def _add_hamza(cyrillic: str, arabic: str) -> str:
    # with ک, گ or ە no hamza is written: they show the front vowels
    needs_hamza = any(letter in cyrillic for letter in "әөүі") and not any(letter in cyrillic for letter in "кге")
    return _HAMZA + arabic if needs_hamza else arabic
