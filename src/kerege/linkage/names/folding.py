"""Fold, stem and skeleton of a name."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

from kerege.linkage.names import palladius, rule_tables

# Raise the number when this module, `palladius` or a key of `person_fields` changes; the digest follows the tables.
# Another version needs a new index.
FOLD_VERSION = f"4.{rule_tables.DIGEST}"

LONGEST = 400
_CACHED = 1 << 16
# upper bound of passes, so that folding terminates; no word needs as many
_PASSES = 8
# one sign for all apostrophes; ı becomes i, because both have the capital I in Python and in passports; Mª is Ma.
_AS_TYPED = {**dict.fromkeys(map(ord, "'’‘ʻʼʽ`´ʹ′＇‛՚"), "'"), ord("ı"): "i", ord("ª"): "a."}
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")
# < separates words in machine-readable zones
_BETWEEN = re.compile(r"[\s\-‐‑–—,.;/()<]+")
_ABBREVIATED = re.compile(rf"\b({'|'.join(rule_tables.ABBREVIATIONS)})\.\s*(?=[a-z])")
_NOT_WORD = re.compile(r"[^a-z0-9']+")
_LETTER_OR_DIGIT = re.compile(r"[^a-z0-9]+")
_VOWELS = re.compile(r"[aeiou]+")
_DOUBLED = re.compile(r"(.)\1+")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_LATIN = re.compile("[a-z\u00c0-\u024f]")
# capitals that look alike, for words typed on two keyboards; not h, which can be Kazakh һ or н
_LATIN_LOOK, _CYRILLIC_LOOK = "aceopxykmtbi", "асеорхукмтві"
_TO_CYRILLIC = str.maketrans(_LATIN_LOOK, _CYRILLIC_LOOK)
_TO_LATIN = str.maketrans(_CYRILLIC_LOOK, _LATIN_LOOK)
# Kazakh in Arabic script has letters of its own, or writes every vowel: then no two consonants meet at the start of a
# word, or at the end of a short one (Arabic omits short vowels)
_CONSONANT, _VOWEL = "[بگعدجزكقلمنپرستفحھچش]", "[اويى]+"
_SYLLABLES = f"(?:{_VOWEL}{_CONSONANT}{{1,2}})"
_TOTE = re.compile(
    f"[ەۇۆۋڭٴ]|^ء|^{_CONSONANT}?(?:{_SYLLABLES}*{_VOWEL}{_CONSONANT}?|{_SYLLABLES}+{_VOWEL}{_CONSONANT}{{2}})$"
)
_SAME_SOUND = str.maketrans({"h": "k", "g": "k", "f": "p", "z": "s"})
_HISSING = re.compile("sh|ch|ts|zh")
_AT_THE_END = {"d": "t", "b": "p", "v": "p"}


def fold(name: str) -> str:
    """Write a name in one Latin spelling for all scripts and romanisations; '' if nothing is left.

    Folding is idempotent and keeps the order of the words. `data/letters.csv` holds the letters, `data/rules.csv` the
    spellings and sounds.

    Parameters
    ----------
    name : str
        Any text in any script; the first 400 characters are read.

    Returns
    -------
    str
        Words of a to z and 0 to 9, separated by one space.

    Notes
    -----
    The romanisations that it unites are listed with their sources in `data/schemes.csv`. `docs/decisions` records how
    the tables were measured.

    Examples
    --------
    >>> fold("Айгүл Серікова") == fold("Aigul Serikova"), fold("Щербаков") == fold("Shcherbakov")
    (True, True)
    """
    return " ".join(_fold_words(name))


def stem(name: str) -> str:
    """Return `fold` without patronymic endings (-ұлы, -қызы, -ович) and gender of surnames (-ов and -ова).

    Parameters
    ----------
    name : str
        Any text in any script.

    Returns
    -------
    str
        One stem for each word, separated by one space.

    Examples
    --------
    >>> stem("Серікова") == stem("Serikov"), stem("Серікқызы") == stem("Серікұлы")
    (True, True)
    """
    return stem_folded(fold(name))


def skeleton(name: str) -> str:
    """Return the consonants of a name without its endings, so that spellings of one name agree.

    Sounds that vary between languages, or that German, French and Turkish passports write alike (ж ш ч ц, з с), count
    as one. An initial vowel becomes 'a'.

    Parameters
    ----------
    name : str
        Any text in any script.

    Returns
    -------
    str
        One skeleton for each word, separated by one space.

    Examples
    --------
    >>> skeleton("Сейтқали") == skeleton("Seytkaliev")
    True
    """
    return skeleton_folded(fold(name))


def stem_folded(folded: str) -> str:
    """Return the stem of a folded name."""
    return " ".join(map(_find_stem, folded.split()))


def skeleton_folded(folded: str) -> str:
    """Return the skeleton of a folded name."""
    return " ".join(map(_reduce_to_skeleton, folded.split()))


def normalise_text(name: str) -> str:
    """Return the first 400 characters in NFKC form and lower case, without control and direction marks."""
    name = name[:LONGEST].translate(_AS_TYPED)
    if name.isascii() and name.isprintable():
        return name.lower()
    text = unicodedata.normalize("NFKC", name).casefold()
    if text.isprintable():  # no control or direction marks
        return unicodedata.normalize("NFKC", text)
    # a tab or line break separates words; a direction mark or a zero-width joiner is dropped
    text = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in _INVISIBLE)
    return unicodedata.normalize("NFKC", text)


def split_words(name: str) -> list[str]:
    """Return the words of a name in visible form; a separate mark such as 'oʻgʻli' joins the word before.

    It joins the last word that has a letter or digit: signs between them are lost when the name is folded.
    """
    result: list[str] = []
    spoken = 0  # place of the last word with a letter or digit
    for word in _BETWEEN.split(_write_out(normalise_text(name))):
        folded = fold_word(word)
        if result and folded in rule_tables.PATRONYMIC_WORDS:
            result[spoken] += word
        elif word.strip("'"):
            result.append(word)
            spoken = len(result) - 1 if folded or not fold_word(result[spoken]) else spoken
    return result


def _write_out(text: str) -> str:
    """Return a lower-case text with the usual abbreviations of Spanish and Filipino names in full."""
    if "." not in text:
        return text
    return _ABBREVIATED.sub(lambda match: rule_tables.ABBREVIATIONS[match[1]] + " ", text)


@lru_cache(maxsize=_CACHED)
def fold_word(word: str) -> str:
    """Return the fold of one visible word without spaces."""
    folded = _fold_plain(word)
    for language in rule_tables.COUNTRY_SPELLINGS:
        folded = _spell_as(language, word, folded)
    return folded


def _spell_as(language: str, word: str, folded: str) -> str:
    """Return the fold of a word by the spellings of a language of the country.

    Known names of other languages keep their fold, and no other word receives it.
    """
    others = _names_of_others(language)
    if folded in others:
        return folded
    text = word
    for _ in range(_PASSES):
        before, text = text, _fold_plain(_respell(language, text))
        if text == before:
            break
    return folded if text in others else text


def _respell(language: str, text: str) -> str:
    for written, becomes in rule_tables.COUNTRY_SPELLINGS[language]:
        text = text.replace(written, becomes)
    return text


@lru_cache(maxsize=16)
def _names_of_others(language: str) -> frozenset[str]:
    """Return the folds of the known names of all languages but one."""
    known = [(row["name"], row["language"]) for name in ("given.csv", "common.csv") for row in rule_tables.rows(name)]
    known += [(row["full"], row["language"]) for row in rule_tables.rows("diminutives.csv")]
    own = {name for name, of in known if of == language}
    return frozenset(_fold_plain(word) for name, _ in known if name not in own for word in _visible_words(name))


def _visible_words(name: str) -> list[str]:
    return [word for word in _BETWEEN.split(normalise_text(name)) if word]


def _fold_plain(word: str) -> str:
    text = _pass(palladius.write_pinyin(_unify_script(word)))
    for _ in range(_PASSES):
        before, text = text, _pass(text)
        if text == before:
            break
    return text


def _pass(word: str) -> str:
    text = _apply(rule_tables.SPELLING, _romanise_word(_apply(rule_tables.WRITING, word)))
    return _apply(rule_tables.SOUND, _LETTER_OR_DIGIT.sub("", text))


def _apply(rules: list[rule_tables.ReplacementRule], text: str) -> str:
    for needs, when, pattern, becomes in rules:
        if needs in text and (when is None or when.search(text)):
            text = pattern.sub(becomes, text)
    return text


def _fold_words(name: str) -> list[str]:
    return [folded for word in split_words(name) if (folded := fold_word(word))]


def _unify_script(word: str) -> str:
    """Return a word of mixed Latin and Cyrillic letters in its majority script, if look-alikes allow it."""
    if word.isascii():
        return word
    cyrillic, latin = _CYRILLIC.findall(word), _LATIN.findall(word)
    if not cyrillic or not latin:
        return word
    if len(cyrillic) >= len(latin) and all(letter in _LATIN_LOOK for letter in latin):
        return word.translate(_TO_CYRILLIC)
    if len(latin) >= len(cyrillic) and all(letter in _CYRILLIC_LOOK for letter in cyrillic):
        return word.translate(_TO_LATIN)
    return word


def _romanise_word(word: str) -> str:
    if word.isascii():
        return _NOT_WORD.sub("", word)
    if _TOTE.search(word):
        word = word.translate(rule_tables.TOTE)
    text = word.translate(rule_tables.LETTERS)
    if not text.isascii():
        base_letters = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
        text = anyascii(base_letters.translate(rule_tables.LETTERS)).lower()
    return _NOT_WORD.sub("", text)


@lru_cache(maxsize=_CACHED)
def stem_and_kind(word: str) -> tuple[str, str]:
    """Return the stem of a folded word and the kind of its ending ('' without one)."""
    for ending in rule_tables.ENDINGS:
        match = ending.pattern.search(word)
        if match and match.start() >= ending.keep_at_least:
            return (
                (word, "")
                if ending.kind == "whole"
                else (word[: match.start()] + match.expand(ending.becomes), ending.kind)
            )
    return word, ""


def _find_stem(word: str) -> str:
    return stem_and_kind(word)[0]


@lru_cache(maxsize=_CACHED)
def _reduce_to_skeleton(word: str) -> str:
    text = _HISSING.sub("c", _find_stem(word)).translate(_SAME_SOUND)
    if not text:
        return ""
    first = "a" if text[0] in "aeiou" else ""
    text = first + _VOWELS.sub("", text)
    text = text[:-1] + _AT_THE_END.get(text[-1], text[-1])
    return _DOUBLED.sub(r"\1", text)
