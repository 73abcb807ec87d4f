"""From a name as written to its fold, stem and skeleton."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

from kerege.linkage.names import tables

# The number changes with this module, the digest with the tables: an index made by another version is out of date.
FOLD_VERSION = f"1.{tables.DIGEST}"

LONGEST = 400
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʻʼ`´ʹ′＇‛"), "'")
_KAZAKH_2018 = frozenset("áǵńıóú")
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")
_NOT_WORD = re.compile(r"[^a-z0-9'·]+")
_LETTER_OR_DIGIT = re.compile(r"[^a-z0-9]+")
_VOWELS = re.compile(r"[aeiou]+")
_DOUBLED = re.compile(r"(.)\1+")
_SAME_SOUND = str.maketrans({"h": "k", "g": "k", "f": "p"})
_AT_THE_END = {"z": "s", "d": "t", "b": "p", "v": "p"}


def fold(name: str) -> str:
    """The name in one Latin spelling for all scripts and romanisations; words in their order, '' if nothing is left."""
    return " ".join(_folded(name))


def stem(name: str) -> str:
    """`fold` without patronymic endings (-ұлы, -қызы, -ович) and without the gender of surnames (-ов and -ова)."""
    return " ".join(_stem_word(word) for word in _folded(name))


def skeleton(name: str) -> str:
    """The consonants of `stem`; sounds that change between languages count as one, an initial vowel as 'a'."""
    return " ".join(_skeleton_word(word) for word in _folded(name))


def visible(name: str) -> str:
    """The first 400 characters in one Unicode form, lower case, without control and direction marks."""
    text = unicodedata.normalize("NFKC", name[:LONGEST].translate(_APOSTROPHES)).casefold()
    # a tab or line break parts words, a direction mark or a zero-width joiner does not
    text = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in _INVISIBLE)
    return unicodedata.normalize("NFKC", text)


def words(name: str) -> list[str]:
    """The words of a name as written (visible form); a mark such as 'oʻgʻli' alone belongs to the word before it."""
    found: list[str] = []
    for word in re.split(r"[\s\-‐‑–—,.;/]+", visible(name)):
        if found and fold_word(word) in tables.PATRONYMIC_WORDS:
            found[-1] += word
        elif word.strip("'"):
            found.append(word)
    return found


@lru_cache(maxsize=8192)
def fold_word(word: str) -> str:
    """The fold of one visible word, without spaces."""
    text = _latin(word)
    for pattern, becomes in tables.SPELLING:
        text = pattern.sub(becomes, text)
    text = _LETTER_OR_DIGIT.sub("", text)
    for pattern, becomes in tables.SOUND:
        text = pattern.sub(becomes, text)
    return text


def _folded(name: str) -> list[str]:
    return [folded for word in words(name) if (folded := fold_word(word))]


def _latin(word: str) -> str:
    if "ý" in word and _KAZAKH_2018.intersection(word):
        word = word.replace("ý", "u")
    text = word.translate(tables.LETTERS)
    if not text.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
        text = anyascii(bare.translate(tables.LETTERS)).lower()
    return _NOT_WORD.sub("", text)


def _stem_word(word: str) -> str:
    for ending in tables.ENDINGS:
        if word.endswith(ending.text) and len(word) - len(ending.text) >= ending.keep_at_least:
            return word[: -len(ending.text)] + ending.becomes
    return word


def _skeleton_word(word: str) -> str:
    text = re.sub("sh|ch|ts", "c", _stem_word(word)).translate(_SAME_SOUND)
    if not text:
        return ""
    first = "a" if text[0] in "aeiou" else ""
    text = first + _VOWELS.sub("", text)
    text = text[:-1] + _AT_THE_END.get(text[-1], text[-1])
    return _DOUBLED.sub(r"\1", text)
