"""The parts of a person's name, as far as endings and places tell them: for comparing like with like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from kerege.linkage.names import folding, rule_tables

# (word of a name, stem, kind of ending)
_Word = tuple[str, str, str]


@dataclass(frozen=True)
class Parts:
    """What a name says: `given` folded, `family` and `patronymic` as stems, each '' where nobody can tell.

    `unordered` holds the stems of all words but the patronymic, in alphabetical order: two names whose family and given
    parts are swapped agree there, and one comparison of it counts the evidence once.
    """

    given: str
    family: str
    patronymic: str
    unordered: tuple[str, ...]


def parts(name: str, middle: str = "", family: str = "") -> Parts:
    """The parts of one full name, or of a given, middle and family name.

    A patronymic is known by its ending (-ұлы, -қызы, -ович, oʻgʻli, уулу, -зода ...), in the middle field or anywhere
    in one full name. Without fields, a family name is known by its ending (-ов, -ский ...) or by its place beside a
    patronymic ('family given patronymic', 'given patronymic family'). Where neither decides, only `unordered` is
    filled.
    """
    if middle.strip() or family.strip():
        return _of_fields(_words(name), _words(middle), _words(family))
    return _of_one_string(_words(name))


@lru_cache(maxsize=1)
def _diminutives() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    stands = [(row["diminutive"], row["full"]) for row in rule_tables.rows("diminutives.csv")]
    stands += [(row["variant"], row["name"]) for row in rule_tables.rows("variants.csv")]
    for short, full in stands:
        found.setdefault(folding.fold(short), set()).add(folding.fold(full))
    return {short: frozenset(full - {short}) for short, full in found.items()}


def diminutives(given_fold: str) -> frozenset[str]:
    """The folds of the names for which a folded name may stand: Саша is Александр or Александра, Юсуп is Юсуф.

    Empty for a name that stands for itself only. The tables are `data/diminutives.csv`, with the language of each row,
    and `data/variants.csv`: names that languages write with other consonants or vowels than folding makes one.
    """
    return _diminutives().get(given_fold, frozenset())


def _words(text: str) -> list[_Word]:
    folded = filter(None, map(folding.fold_word, folding.words(text)))
    return [(word, *folding.stem_and_kind(word)) for word in folded]


def _of_fields(given: list[_Word], middle: list[_Word], family: list[_Word]) -> Parts:
    father = _father(middle) or middle[:1]
    if not father:
        # a registrar without the field writes it after the given name, or after the family name
        father = next((found for field in (given, family) if len(field) > 1 and (found := _father(field[1:]))), [])
    given = [word for word in given if word not in father]
    family = [word for word in family if word not in father]
    return _parts(given, family, father, [*given, *family])


def _of_one_string(words: list[_Word]) -> Parts:
    father = _father(words) if len(words) > 1 else []
    rest = [word for word in words if word not in father]
    surnames = [word for word in rest if word[2] in ("surname", "descent")]
    if len(surnames) == 1:
        family = surnames
    elif len(rest) == 2 and father:
        family = rest[1:] if words.index(father[0]) == 1 else rest[:1]
    elif len(rest) > 1:
        return _parts([], [], father, rest)
    else:
        family = []
    return _parts([word for word in rest if word not in family], family, father, rest)


def _father(words: Sequence[_Word]) -> list[_Word]:
    """The last word that names the father. -зода beside one other word only is as likely a surname."""
    plain = [word for word in words if word[2] == "patronymic"]
    descent = [word for word in words if word[2] == "descent"]
    return plain[-1:] or (descent[-1:] if len(words) > 2 else [])


def _parts(given: list[_Word], family: list[_Word], father: list[_Word], unordered: list[_Word]) -> Parts:
    return Parts(
        given=" ".join(word[0] for word in given),
        family=" ".join(word[1] for word in family),
        patronymic=" ".join(word[1] for word in father),
        unordered=tuple(sorted(word[1] for word in unordered)),
    )
