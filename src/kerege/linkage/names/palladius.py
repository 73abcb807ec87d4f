"""Chinese names in Russian spelling (the system of Palladius), written in pinyin as in passports."""

from __future__ import annotations

import re
from functools import lru_cache

from kerege.linkage.names import rule_tables

# spellings that Russian and Turkic names hold rarely; a word of syllables alone can be a name of theirs: Лина, Люся
_CHINESE = re.compile(r"чж|цз|ц[яю]|цинь?(?!а)|сю[йэна]|ся[он]|юй|юэ|уэй|[бвгдмнфш]эй|жу[йа]|жэн")
LABIALS = ("b", "p", "m", "f")  # о is o after them, uo after others
_FRONT = {"z": "j", "c": "q", "s": "x"}


def write_pinyin(word: str) -> str:
    """Return a Chinese name of Palladius' system in pinyin; any other word as it is.

    Parameters
    ----------
    word : str
        One word in lower case.

    Returns
    -------
    str
        Pinyin without tones where the whole word consists of Chinese syllables and one of them is unusual in other
        names.

    Notes
    -----
    The system of Palladius (Kafarov, Popov 1888), as Russian consulates and passports use it. A syllable ends where
    the next can begin; of two divisions, the one with the longer first syllable is taken.

    Examples
    --------
    >>> write_pinyin("сяомин"), write_pinyin("чжан"), write_pinyin("люся")
    ('xiaoming', 'zhang', 'люся')
    """
    if not _CHINESE.search(word):
        return word
    return _divide(word, _syllables()) or word


def _divide(word: str, syllables: dict[str, str]) -> str:
    """Return the pinyin of a word, '' if it is no sequence of syllables."""
    if word in syllables:
        return syllables[word]
    for length in range(min(len(word) - 1, 6), 0, -1):
        if (first := syllables.get(word[:length])) and (rest := _divide(word[length:], syllables)):
            return first + rest
    return ""


@lru_cache(maxsize=1)
def _syllables() -> dict[str, str]:
    """Return every syllable in Cyrillic with its pinyin."""
    rows = rule_tables.rows("palladius.csv")
    by_part = {part: [row for row in rows if row["part"] == part] for part in ("initial", "back", "front", "alone")}
    result = {row["cyrillic"]: row["pinyin"] for row in by_part["alone"]}
    for initial in by_part["initial"]:
        for part in ("back", "front"):
            start = _FRONT.get(initial["pinyin"], initial["pinyin"]) if part == "front" else initial["pinyin"]
            for final in by_part[part]:
                ends = "uo" if final["cyrillic"] == "о" and start not in LABIALS else final["pinyin"]
                result[initial["cyrillic"] + final["cyrillic"]] = start + ends
    return result
