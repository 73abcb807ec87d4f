"""Division of a full name into given name, patronymic and family name, as it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kerege.linkage.names import folding, rule_tables

FAMILY_FIRST, GIVEN_FIRST = "family-first", "given-first"
ORDERS = (FAMILY_FIRST, GIVEN_FIRST)


class FullName(NamedTuple):
    """Parts of a full name as written; a part that the name lacks is ''."""

    given: str
    patronymic: str
    family: str


def divide(text: str, order: str = "") -> FullName | None:
    """Return the parts of a full name; None if neither endings nor the order decide.

    Parameters
    ----------
    text : str
        Full name in one cell.
    order : str
        Answer of a person for names whose endings do not decide: one of `ORDERS`, or '' without an answer.

    Returns
    -------
    FullName or None
        The words as written. An ending such as `ұлы`, written as a word, belongs to the word before it.

    Notes
    -----
    A patronymic (-ұлы, -қызы, -вич, -вна, oʻgʻli, уулу) in third place follows family and given name; in second place
    it is between given and family name. Of two words, one with the ending of a family name (-ов, -ская) decides.
    Initials and names of four words or more are never divided.

    Examples
    --------
    >>> divide("Сидорова Анна Петровна")
    FullName(given='Анна', patronymic='Петровна', family='Сидорова')
    >>> divide("Ким Ли") is None, divide("Ким Ли", "family-first").given
    (True, 'Ли')
    """
    words = _words(text)
    if not 2 <= len(words) <= 3 or any("." in word or not word.strip("-'") for word in words):
        return None
    kinds = [_kind(word) for word in words]
    return (_of_three if len(words) == 3 else _of_two)(words, kinds, order)


def _words(text: str) -> list[str]:
    words: list[str] = []
    for word in text.replace(",", " ").split():
        if words and folding.fold_word(word) in rule_tables.PATRONYMIC_WORDS:
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words


def _kind(word: str) -> str:
    return folding.stem_and_kind(folding.fold_word(word.replace(" ", "")))[1]


def _of_three(words: Sequence[str], kinds: Sequence[str], order: str) -> FullName | None:
    first, second, third = words
    places = [place for place, kind in enumerate(kinds) if kind == "patronymic"]
    # no order begins with a patronymic: there, the ending is that of a family name such as Абрамович
    places = [place for place in places if place] if len(places) > 1 else places
    if places == [2]:
        if kinds[1] == "surname" and kinds[0] != "surname":
            return FullName(first, third, second)
        return FullName(second, third, first)
    if places == [1]:
        return FullName(first, second, third)
    if places or "descent" in kinds or not order:
        return None
    return FullName(second, third, first) if order == FAMILY_FIRST else FullName(first, second, third)


def _of_two(words: Sequence[str], kinds: Sequence[str], order: str) -> FullName | None:
    first, second = words
    surnames = [place for place, kind in enumerate(kinds) if kind == "surname"]
    if kinds[1] == "patronymic":
        return FullName(first, second, "") if kinds[0] == "" and order == GIVEN_FIRST else None
    if len(surnames) == 1 and not {"patronymic", "descent"} & set(kinds):
        return FullName(second, "", first) if surnames == [0] else FullName(first, "", second)
    if order and "patronymic" not in kinds:
        return FullName(second, "", first) if order == FAMILY_FIRST else FullName(first, "", second)
    return None
