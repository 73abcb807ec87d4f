"""Alphabetical order of words in Kazakh, Russian, English and the languages of neighbours."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# letters in the order of the language; one of them can be two signs
ALPHABETS = {
    "kk": "а ә б в г ғ д е ё ж з и й к қ л м н ң о ө п р с т у ұ ү ф х һ ц ч ш щ ъ ы і ь э ю я",
    "ru": "а б в г д е ё ж з и й к л м н о п р с т у ф х ц ч ш щ ъ ы ь э ю я",
    "ky": "а б в г д е ё ж з и й к л м н ң о ө п р с т у ү ф х ц ч ш щ ъ ы ь э ю я",
    "tg": "а б в г ғ д е ё ж з и ӣ й к қ л м н о п р с т у ӯ ф х ҳ ч ҷ ш ъ э ю я",
    "uz-Cyrl": "а б в г д е ё ж з и й к л м н о п р с т у ф х ц ч ш ъ ь э ю я ў қ ғ ҳ",
    "uz": "a b d e f g h i j k l m n o p q r s t u v x y z oʻ gʻ sh ch",
    "tk": "a b ç d e ä f g h i j ž k l m n ň o ö p r s ş t u ü w y ý z",
    "fa": "آ ا ب پ ت ث ج چ ح خ د ذ ر ز ژ س ش ص ض ط ظ ع غ ف ق ک گ ل م ن و ه ی",
}
# other signs of the same letters: apostrophes of Uzbek, Arabic forms of Persian letters
SAME = str.maketrans({"‘": "ʻ", "’": "ʻ", "'": "ʻ", "ي": "ی", "ى": "ی", "ك": "ک"})
Key = tuple[tuple[int, int], ...]


def sort_key(text: str, lang: str) -> Key:
    """Return the sort key of a text in the alphabet of a language, otherwise Latin without accents.

    Spaces, signs and digits sort before letters. Letters of another alphabet sort after those of the language.

    Examples
    --------
    >>> sorted(["шах", "ҷон", "чой", "хона", "ҳар"], key=lambda word: sort_key(word, "tg"))
    ['хона', 'ҳар', 'чой', 'ҷон', 'шах']
    """
    places = _places(lang)
    if not places:
        plain = unicodedata.normalize("NFKD", text.casefold())
        return tuple(_place(char, places) for char in plain if not unicodedata.combining(char))
    letters = _letters(lang).findall(text.casefold().translate(SAME))
    return tuple(_place(letter, places) for letter in letters if not unicodedata.combining(letter[0]))


@cache
def _places(lang: str) -> dict[str, int]:
    alphabet = ALPHABETS.get(lang) or ALPHABETS.get(lang.partition("-")[0], "")
    return {letter: place for place, letter in enumerate(alphabet.split())}


@cache
def _letters(lang: str) -> re.Pattern[str]:
    """Return the pattern of a letter: one of two signs of the alphabet, or any sign."""
    double = [letter for letter in _places(lang) if len(letter) > 1]
    return re.compile("|".join([*map(re.escape, double), "."]), re.DOTALL)


def _place(letter: str, places: dict[str, int]) -> tuple[int, int]:
    if not letter[0].isalpha():
        return 0, ord(letter[0])
    place = places.get(letter)
    return (1, place) if place is not None else (2, ord(letter[0]))
