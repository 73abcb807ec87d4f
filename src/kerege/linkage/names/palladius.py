"""Chinese names in Russian spelling (the system of Palladius), written in pinyin as in passports."""

from __future__ import annotations

import re
from functools import lru_cache

from kerege.linkage.names import rule_tables

# spellings that are rare in Russian and Turkic names. Without one of them a word stays as it is, because names such as
# Лина and Люся consist of Chinese syllables too.
_CHINESE = re.compile(r"чж|цз|ц[яю]|цинь?(?!а)|сю[йэна]|ся[он]|юй|юэ|уэй|[бвгдмнфш]эй|жу[йа]|жэн")
LABIALS = ("b", "p", "m", "f")  # о is o after them, uo after others
LONGEST = 6  # letters of a syllable: чжуань
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
    The system of Palladius (Kafarov, Popov 1888), as Russian consulates and passports use it. If a word can be divided
    in several ways, the first syllable is the longest possible one, then the second: сяо rather than ся-о.

    Examples
    --------
    >>> write_pinyin("сяомин"), write_pinyin("чжан"), write_pinyin("люся")
    ('xiaoming', 'zhang', 'люся')
    """
    if not _CHINESE.search(word):
        return word
    return _divide(word, _syllables()) or word


def _divide(word: str, syllables: dict[str, str]) -> str:
    """Return the pinyin of a word, '' if it is no sequence of syllables.

    It is built from the end, so that no part of the word is divided twice: the time grows with the length only.
    """
    pinyin_from = {len(word): ""}
    for start in reversed(range(len(word))):
        for end in range(min(len(word), start + LONGEST), start, -1):
            if end in pinyin_from and (first := syllables.get(word[start:end])):
                pinyin_from[start] = first + pinyin_from[end]
                break
    return pinyin_from.get(0, "")


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
