"""Parts of a person's name by endings and positions, so that equal parts are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from kerege.linkage.names import folding, rule_tables

# (word of a name, stem, kind of ending)
_Word = tuple[str, str, str]


@dataclass(frozen=True)
class Parts:
    """Parts of a name: `given` as fold, `family` and `patronymic` as stems, each '' if undecided.

    `unordered` holds the stems of all words except the patronymic, sorted. Two names with swapped family and given name
    agree there; a comparison of it counts the evidence once.
    """

    given: str
    family: str
    patronymic: str
    unordered: tuple[str, ...]


def parts(name: str, middle: str = "", family: str = "") -> Parts:
    """Return the parts of one full name, or of a given, middle and family name.

    Parameters
    ----------
    name : str
        Full name, or the given name if one of the other fields is filled.
    middle, family : str
        Other fields of the name; '' if the name is in one field.

    Returns
    -------
    Parts
        Given name, family name and patronymic; each is '' if undecided.

    Notes
    -----
    A patronymic is recognised by its ending (-ұлы, -қызы, -ович, oʻgʻli, уулу, -зода ...), in the middle field or
    anywhere in a full name. In a full name, the family name is recognised by its ending (-ов, -ский ...) or by its
    position beside a patronymic ('family given patronymic', 'given patronymic family'). If neither decides, only
    `unordered` is filled.

    Examples
    --------
    >>> known = parts("Сидоров Иван Петрович")
    >>> known.given, known.family == parts("Ivan", "Petrovich", "Sidorov").family
    ('ivan', True)
    """
    if middle.strip() or family.strip():
        return _sort_fields(_fold_text(name), _fold_text(middle), _fold_text(family))
    return _sort_full_name(_fold_text(name))


@lru_cache(maxsize=1)
def _read_diminutives() -> dict[str, frozenset[str]]:
    full_forms: dict[str, set[str]] = {}
    pairs = [(row["diminutive"], row["full"]) for row in rule_tables.rows("diminutives.csv")]
    pairs += [(row["variant"], row["name"]) for row in rule_tables.rows("variants.csv")]
    for short, full in pairs:
        full_forms.setdefault(folding.fold(short), set()).add(folding.fold(full))
    return {short: frozenset(full - {short}) for short, full in full_forms.items()}


def diminutives(given_fold: str) -> frozenset[str]:
    """Return the folds of the full names of a folded name; empty for a name without another form.

    Parameters
    ----------
    given_fold : str
        `fold` of a given name.

    Returns
    -------
    frozenset of str
        Folds of the full names: Саша gives Александр and Александра, Юсуп gives Юсуф.

    Notes
    -----
    The tables are `data/diminutives.csv`, with the language of each row, and `data/variants.csv`: spellings with
    consonants or vowels that folding does not unite.

    Examples
    --------
    >>> folding.fold("Александр") in diminutives(folding.fold("Саша"))
    True
    """
    return _read_diminutives().get(given_fold, frozenset())


def _fold_text(text: str) -> list[_Word]:
    folded = filter(None, map(folding.fold_word, folding.split_words(text)))
    return [(word, *folding.stem_and_kind(word)) for word in folded]


def _sort_fields(given: list[_Word], middle: list[_Word], family: list[_Word]) -> Parts:
    patronymic_words = _find_patronymic(middle) or middle[:1]
    if not patronymic_words:
        # a form without a middle field has the patronymic after the given or the family name
        patronymic_words = next(
            (patronymic for field in (given, family) if len(field) > 1 and (patronymic := _find_patronymic(field[1:]))),
            [],
        )
    given = [word for word in given if word not in patronymic_words]
    family = [word for word in family if word not in patronymic_words]
    return _build_parts(given, family, patronymic_words, [*given, *family])


def _sort_full_name(words: list[_Word]) -> Parts:
    patronymic_words = _find_patronymic(words) if len(words) > 1 else []
    rest = [word for word in words if word not in patronymic_words]
    surnames = [word for word in rest if word[2] in ("surname", "descent")]
    if len(surnames) == 1:
        family = surnames
    elif len(rest) == 2 and patronymic_words:
        family = rest[1:] if words.index(patronymic_words[0]) == 1 else rest[:1]
    elif len(rest) > 1:
        return _build_parts([], [], patronymic_words, rest)
    else:
        family = []
    return _build_parts([word for word in rest if word not in family], family, patronymic_words, rest)


def _find_patronymic(words: Sequence[_Word]) -> list[_Word]:
    """Return the last word that is a patronymic; of two words, one in -зода can as well be the surname."""
    plain = [word for word in words if word[2] == "patronymic"]
    descent = [word for word in words if word[2] == "descent"]
    return plain[-1:] or (descent[-1:] if len(words) > 2 else [])


def _build_parts(
    given: list[_Word], family: list[_Word], patronymic_words: list[_Word], unordered: list[_Word]
) -> Parts:
    return Parts(
        given=" ".join(word[0] for word in given),
        family=" ".join(word[1] for word in family),
        patronymic=" ".join(word[1] for word in patronymic_words),
        unordered=tuple(sorted(word[1] for word in unordered)),
    )
