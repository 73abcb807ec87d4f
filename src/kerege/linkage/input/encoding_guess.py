"""Guess of the encoding of a text: UTF-8, UTF-16, or 8 bits of Cyrillic by its letters.

An 8-bit encoding leaves no mark in a file. Each one turns the same bytes into other letters, and the wrong ones give
rare letters and capitals inside words. The frequencies of letters are those of common names of the region
(`names/data/common.csv`). A guess that is not clear is no guess: the user names the encoding.
"""

from __future__ import annotations

import codecs
import math
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

from kerege.base.text_files import UTF_8, encoding_of
from kerege.linkage.names.romanisation import common_names

# the first of several that give the same text is stated; kz1048 is the Kazakh standard STRK1048
CYRILLIC = ("cp1251", "kz1048", "koi8-r", "koi8-u", "cp866", "mac_cyrillic")
# letters that kz1048 has and no language written in cp1251 puts in their place
KAZAKH = frozenset("әңқ")
# Ukrainian and Belarusian letters, which the list of common names lacks, with their share of letters in per mille
OTHER_LETTERS = {"є": 5, "ї": 6, "і": 40, "ґ": 0.2, "ё": 2, "ў": 10}
BLOCK = 1 << 20
# bytes that a guess reads
SAMPLE = 1 << 18
# natural logarithm of the share of a sign that no name has, and of a capital after a small letter
STRANGE, FAULT = -12.0, -8.0
# least mean of a text that is taken for names, and least distance to the second encoding, per letter
LEAST, MARGIN = -5.0, 0.05
_INNER_CAPITAL = re.compile(r"(?<=[а-яёіїєґәғқңөұүһўҳҷӣӯ])[А-ЯЁІЇЄҐӘҒҚҢӨҰҮҺЎҲҶӢӮ]")
_MIXED = re.compile(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")


def guess_encoding(path: Path, named: str = "") -> tuple[str, bool]:
    """Return the encoding of a text file, and whether it is a guess by letters.

    Parameters
    ----------
    path : Path
        A text file.
    named : str, default ""
        The encoding that the user named; it is not checked against the content.

    Returns
    -------
    str
        `named`; otherwise UTF-16 by its mark or its zero bytes, UTF-8, or an 8-bit encoding of Cyrillic. UTF-8 too
        where no guess is clear: the caller finds out that it cannot be read.
    bool
        True for an encoding that no mark shows.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "people.csv")
    ...     _ = file.write_bytes("Фамилия;Имя;Дата рождения\\nИванова;Анна;01.02.1990\\n".encode("koi8-r"))
    ...     guess_encoding(file)
    ('koi8-r', True)
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    known = encoding_of(head[:2], named)
    if named or known != UTF_8:
        return known, False
    if wide := _find_utf_16(head):
        return wide, True
    if _is_utf_8(path):
        return UTF_8, False
    guess = guess_cyrillic(head)
    return (guess, True) if guess else (UTF_8, False)


def _find_utf_16(head: bytes) -> str:
    """Return UTF-16 with its order of bytes, by the zero bytes beside separators; '' for other texts."""
    if not head.count(b"\0"):
        return ""
    little = sum(head.count(bytes((mark, 0))) for mark in b",;\t\n")
    big = sum(head.count(bytes((0, mark))) for mark in b",;\t\n")
    name = "utf-16-le" if little > big else "utf-16-be"
    text = head[: len(head) // 2 * 2].decode(name, errors="replace")
    return name if "\n" in text and not {"\0", "\ufffd"} & set(text[:1000]) else ""


def _is_utf_8(path: Path) -> bool:
    """Return whether a file is UTF-8, perhaps cut off within a letter."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(BLOCK):
                decoder.decode(block)
        except UnicodeDecodeError:
            return False
    return True


def guess_cyrillic(sample: bytes) -> str:
    """Return the 8-bit encoding in which bytes are names of the region; '' if none is clearly best.

    Examples
    --------
    >>> guess_cyrillic("Тегі;Аты\\nСерікқызы;Әйгерім".encode("kz1048")), guess_cyrillic("Müller".encode("cp1252"))
    ('kz1048', '')
    """
    scores: dict[str, float] = {}
    names: dict[str, str] = {}
    for name in CYRILLIC:
        text = sample.decode(name, errors="replace")
        if text not in names and not (name == "kz1048" and not KAZAKH & set(text.lower())):
            names[text], scores[name] = name, _score(text)
    best, *others = sorted(scores, key=lambda name: -scores[name])
    is_clear = scores[best] >= LEAST and all(scores[best] - scores[other] >= MARGIN for other in others)
    return best if is_clear else ""


def _score(text: str) -> float:
    """Return the mean log share of the letters outside ASCII, less for faults of case and alphabet."""
    counts = Counter(letter for letter in text if letter > "\x7f")
    total = sum(counts.values())
    if not total:
        return STRANGE
    shares = _log_shares()
    letters = sum(count * shares.get(letter.lower(), STRANGE) for letter, count in counts.items())
    faults = len(_INNER_CAPITAL.findall(text)) + len(_MIXED.findall(text))
    return (letters + FAULT * faults) / total


@lru_cache(maxsize=1)
def _log_shares() -> dict[str, float]:
    """Return the natural logarithm of the share of each Cyrillic letter in names of the region."""
    counts = Counter(letter for name in common_names() for letter in name.name.lower() if letter > "\x7f")
    total = sum(counts.values())
    shares = {letter: share / 1000 for letter, share in OTHER_LETTERS.items()}
    shares |= {letter: max(count / total, shares.get(letter, 0)) for letter, count in counts.items()}
    # dashes, quotes, and the sign for 'number'
    shares |= dict.fromkeys("№«»–—’“”\xa0", 1e-3)
    return {letter: math.log(share) for letter, share in shares.items()}
