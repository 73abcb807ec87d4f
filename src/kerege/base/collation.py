"""Alphabetical order of words in Kazakh, Russian and English."""

from __future__ import annotations

import unicodedata

ALPHABETS = {
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
}
Key = tuple[tuple[int, int], ...]


def sort_key(text: str, lang: str) -> Key:
    """Return the sort key of a text in an alphabet: `kk`, `ru`, otherwise Latin without accents.

    Spaces, signs and digits sort before letters. Letters of another alphabet sort after those of the language.
    """
    alphabet = ALPHABETS.get(lang, "")
    plain = text.casefold() if alphabet else unicodedata.normalize("NFKD", text.casefold())
    return tuple(_place(char, alphabet) for char in plain if not unicodedata.combining(char))


def _place(char: str, alphabet: str) -> tuple[int, int]:
    if not char.isalpha():
        return 0, ord(char)
    place = alphabet.find(char)
    return (1, place) if place >= 0 else (2, ord(char))
