"""In which language a name is, as far as its spelling tells: to see whether names of each are read equally well.

It says nothing of who somebody is, which language she speaks, or what she is a citizen of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from kerege.linkage.names import folding, rule_tables
from kerege.linkage.names.romanisation import common_names

LANGUAGES = frozenset({"kk", "ru", "uz", "ky", "tg", "tk"})
Languages = frozenset[str]


def language(given: str, middle: str = "", family: str = "") -> str:
    """kk, ru, uz, ky, tg or tk; '' where several are as likely. Names of other Slavic languages count as ru.

    Letters and the way in which a father is named leave fewer languages; then names that are known. A known name of
    none of these is passed over, for a Kazakh woman may bear a Russian family name; known names alone have to agree.
    The patterns are `data/languages.csv`, the names `data/common.csv`.
    """
    named, father, house = (folding.visible(text).strip() for text in (given, middle, family))
    left = LANGUAGES
    for found in _written(named, father, house):
        left = left & found or left
    told = [left & found for found in _known(named, father, house)]
    left = left.intersection(*(found for found in told if found))
    return min(left) if len(left) == 1 else ""


def _written(given: str, father: str, family: str) -> Iterator[Languages]:
    """What the spelling says, the surest first. A father may stand in the field of another name, behind it."""
    yield from _signs("any", " ".join((given, father, family)))
    for text in (father, family, given if " " in given else ""):
        yield from _signs("father", text)


def _known(given: str, father: str, family: str) -> Iterator[Languages]:
    """In which languages each name is known, and an ending that one language alone has."""
    yield from _listed("given", given, folding.fold)
    yield from _listed("surname", family, folding.stem)
    yield from _listed("patronymic", father, folding.stem)
    yield from _signs("ending", family)


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, re.Pattern[str], Languages]]:
    rows = rule_tables.rows("languages.csv")
    return [(row["part"], re.compile(row["pattern"]), frozenset(row["languages"].split())) for row in rows]


def _signs(part: str, text: str) -> Iterator[Languages]:
    return (languages for where, pattern, languages in _patterns() if where == part and pattern.search(text))


@lru_cache(maxsize=1)
def _names() -> dict[tuple[str, str], Languages]:
    """The languages in which a known name is known, by its kind and fold (given) or stem."""
    found: dict[tuple[str, str], Languages] = {}
    for known in common_names():
        write = folding.fold if known.kind == "given" else folding.stem
        key = (known.kind, write(known.name))
        found[key] = found.get(key, frozenset()) | {known.language}
    return found


def _listed(kind: str, text: str, write: Callable[[str], str]) -> Iterator[Languages]:
    return (_names()[kind, word] for word in write(text).split() if (kind, word) in _names())
