"""The order of words in Kazakh, Russian and English, for lists that people look something up in."""

from __future__ import annotations

import unicodedata

ALPHABETS = {
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
}
Key = tuple[tuple[int, int], ...]


def sort_key(text: str, lang: str) -> Key:
    """A key by which texts stand in the alphabet of a language (`kk`, `ru`, else Latin without its accents).

    Spaces, signs and figures come before letters, letters of another alphabet after those of the language.
    """
    alphabet = ALPHABETS.get(lang, "")
    plain = text.casefold() if alphabet else unicodedata.normalize("NFKD", text.casefold())
    return tuple(_place(char, alphabet) for char in plain if not unicodedata.combining(char))


def _place(char: str, alphabet: str) -> tuple[int, int]:
    if not char.isalpha():
        return 0, ord(char)
    place = alphabet.find(char)
    return (1, place) if place >= 0 else (2, ord(char))
