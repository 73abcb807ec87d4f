"""How two told values stand to each other, for eyes: equal, near, different, or nothing to compare. No score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kerege.casework.cases.identity_mapping import birth
from kerege.casework.persons.messages import FIELDS
from kerege.casework.persons.queries.pair_card import Line, PairCard
from kerege.casework.persons.queries.side_by_side import FieldPair
from kerege.casework.vault.identity import Identity
from kerege.linkage.names import agreement, name_keys, search_keys
from kerege.web import partial_dates

EQUAL, NEAR, DIFFERENT, UNTOLD = "equal", "near", "different", ""
Values = Sequence[str]


@dataclass(frozen=True)
class Row:
    """One field as the page shows it: `mark` is one of the words above; `agrees` speaks of numbers not shown."""

    field: str
    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    mark: str
    agrees: bool | None


def rows(card: PairCard) -> list[Row]:
    """Every field of a card with its mark."""
    return [Row(line.field, line.label, *_shown(line), mark(line), line.agrees) for line in card.lines]


def mark(line: Line) -> str:
    """How the two sides of a line stand to each other."""
    if line.agrees is not None:
        return EQUAL if line.agrees else DIFFERENT if _comparable(line) else UNTOLD
    if not line.left or not line.right:
        return UNTOLD
    if line.field == "documents":
        return UNTOLD  # two passports say nothing: their numbers would
    return COMPARED.get(line.field, _of_lists)(line.left, line.right)


def _comparable(line: Line) -> bool:
    """Whether different numbers speak against one person: those of a passport and of an identity card never agree."""
    return line.field != "documents" or bool(set(line.left) & set(line.right))


def _of_lists(left: Values, right: Values) -> str:
    if set(left) == set(right):
        return EQUAL
    return NEAR if set(left) & set(right) else DIFFERENT


def _of_names(left: Values, right: Values) -> str:
    """Equal as written, or near: each word of one has its counterpart in the other, in whatever script."""
    if {text.casefold() for text in left} & {text.casefold() for text in right}:
        return EQUAL
    alike = any(_sounds(one, two) or _sounds(two, one) for one in left for two in right)
    return NEAR if alike else DIFFERENT


def _sounds(one: str, two: str) -> bool:
    return agreement(search_keys(one), name_keys([two])) is not None


def _of_births(left: Values, right: Values) -> str:
    """Near: one is the other less finely told, days and months are swapped, or the years are next to each other."""
    [one], [two] = left, right
    if one == two:
        return EQUAL
    if not (one[:4].isdigit() and two[:4].isdigit()):
        return UNTOLD
    year, other = int(one[:4]), int(two[:4])
    if one.startswith(two) or two.startswith(one) or sorted(one.split("-")) == sorted(two.split("-")):
        return NEAR
    return NEAR if abs(year - other) <= 1 else DIFFERENT


COMPARED: dict[str, Callable[[Values, Values], str]] = {"names": _of_names, "birth_date": _of_births}


def readable(pairs: Sequence[FieldPair]) -> list[FieldPair]:
    """The fields of a merge in the order of the pages, dates in words."""
    order = list(FIELDS)
    dated = [
        replace(pair, left=tuple(map(date_in_words, pair.left)), right=tuple(map(date_in_words, pair.right)))
        if pair.name == "birth_date"
        else pair
        for pair in pairs
    ]
    return sorted(dated, key=lambda pair: order.index(pair.name))


def _shown(line: Line) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if line.field != "birth_date":
        return line.left, line.right
    return tuple(map(date_in_words, line.left)), tuple(map(date_in_words, line.right))


def date_in_words(text: str) -> str:
    """A date in words, as finely as it was told."""
    told = birth(Identity(birth_date=text))
    return partial_dates.words(told.date, told.precision) if told else text
