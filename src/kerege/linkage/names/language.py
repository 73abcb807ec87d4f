"""Language of a name by its spelling, to measure whether names of all languages are read equally well.

It does not show a person's origin, spoken language or citizenship.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from kerege.linkage.names import folding, rule_tables
from kerege.linkage.names.romanisation import common_names

LANGUAGES = frozenset({"kk", "ru", "uz", "ky", "tg", "tk"})
Languages = frozenset[str]


def detect_language(given: str, middle: str = "", family: str = "") -> str:
    """Return the language of a name by its spelling: kk, ru, uz, ky, tg or tk; '' if several remain.

    Parameters
    ----------
    given, middle, family : str
        Fields of the name, in any script. Other Slavic names count as ru.

    Returns
    -------
    str
        Code of the language. It does not show a person's origin, spoken language or citizenship.

    Notes
    -----
    Letters and the form of the patronymic narrow the languages first, then known names. A known name that excludes all
    remaining languages is ignored: a Kazakh woman can bear a Russian family name. Known names alone must agree. The
    patterns are in `data/languages.csv`, the names in `data/common.csv`.

    Examples
    --------
    >>> detect_language("Айгүл", "Серікқызы", "Серікова"), detect_language("Иван", "Петрович", "Сидоров")
    ('kk', 'ru')
    """
    given_name, father, family_name = (folding.normalise_text(text).strip() for text in (given, middle, family))
    remaining = LANGUAGES
    for languages in _find_spelling_evidence(given_name, father, family_name):
        remaining = remaining & languages or remaining
    narrowed = [remaining & languages for languages in _name_evidence(given_name, father, family_name)]
    remaining = remaining.intersection(*(languages for languages in narrowed if languages))
    return min(remaining) if len(remaining) == 1 else ""


def _find_spelling_evidence(given: str, father: str, family: str) -> Iterator[Languages]:
    """Yield the languages that the spelling allows, the most certain evidence first.

    A patronymic can follow the given or the family name in their field.
    """
    yield from _match_patterns("any", " ".join((given, father, family)))
    for text in (father, family, given if " " in given else ""):
        yield from _match_patterns("father", text)


def _name_evidence(given: str, father: str, family: str) -> Iterator[Languages]:
    """Yield the languages in which each name is known, and those of an ending unique to one language."""
    yield from _look_up_names("given", given, folding.fold)
    yield from _look_up_names("surname", family, folding.stem)
    yield from _look_up_names("patronymic", father, folding.stem)
    yield from _match_patterns("ending", family)


@lru_cache(maxsize=1)
def _read_patterns() -> list[tuple[str, re.Pattern[str], Languages]]:
    rows = rule_tables.rows("languages.csv")
    return [(row["part"], re.compile(row["pattern"]), frozenset(row["languages"].split())) for row in rows]


def _match_patterns(part: str, text: str) -> Iterator[Languages]:
    return (
        languages
        for pattern_part, pattern, languages in _read_patterns()
        if pattern_part == part and pattern.search(text)
    )


@lru_cache(maxsize=1)
def _read_known_names() -> dict[tuple[str, str], Languages]:
    """Return the languages of each known name, by kind and fold (given names) or stem (others)."""
    result: dict[tuple[str, str], Languages] = {}
    for known in common_names():
        normalise = folding.fold if known.kind == "given" else folding.stem
        key = (known.kind, normalise(known.name))
        result[key] = result.get(key, frozenset()) | {known.language}
    return result


def _look_up_names(kind: str, text: str, normalise: Callable[[str], str]) -> Iterator[Languages]:
    return (_read_known_names()[kind, word] for word in normalise(text).split() if (kind, word) in _read_known_names())
