"""Comparison of two values for the reviewer: equal, near, different or not comparable; no score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kerege.casework.cases.identity_mapping import birth
from kerege.casework.persons.messages import FIELDS
from kerege.casework.persons.queries.pair_card import CardLine, PairCard
from kerege.casework.persons.queries.side_by_side import FieldPair
from kerege.casework.vault.identity import Identity
from kerege.linkage.names import agreement, name_keys, search_keys
from kerege.web import partial_dates

EQUAL, NEAR, DIFFERENT, NOT_COMPARABLE = "equal", "near", "different", ""
Values = Sequence[str]


@dataclass(frozen=True)
class ComparedField:
    """Field of a pair as the page shows it.

    `mark` is EQUAL, NEAR, DIFFERENT or NOT_COMPARABLE. `agrees` compares hidden numbers; None without them.
    """

    field: str
    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    mark: str
    agrees: bool | None


def compare_card(card: PairCard) -> list[ComparedField]:
    """Return every field of a card with its mark."""
    return [
        ComparedField(line.field, line.label, *_format_line(line), compare_line(line), line.agrees)
        for line in card.lines
    ]


def compare_line(line: CardLine) -> str:
    """Return the mark of a line."""
    if line.agrees is not None:
        return EQUAL if line.agrees else DIFFERENT if _comparable(line) else NOT_COMPARABLE
    if not line.left or not line.right:
        return NOT_COMPARABLE
    if line.field == "documents":
        return NOT_COMPARABLE  # kinds of documents are not evidence without their numbers
    return COMPARED.get(line.field, _compare_lists)(line.left, line.right)


def _comparable(line: CardLine) -> bool:
    """Return whether different numbers count against a link.

    Numbers of documents do so only for the same kind and country of document.
    """
    return line.field != "documents" or bool(set(line.left) & set(line.right))


def _compare_lists(left: Values, right: Values) -> str:
    """Return EQUAL for the same set, NEAR for a common element, else DIFFERENT."""
    if set(left) == set(right):
        return EQUAL
    return NEAR if set(left) & set(right) else DIFFERENT


def _compare_names(left: Values, right: Values) -> str:
    """Return EQUAL for a common spelling, NEAR for names that match by sound, else DIFFERENT."""
    if {text.casefold() for text in left} & {text.casefold() for text in right}:
        return EQUAL
    is_near = any(
        _matches_by_sound(left_name, right_name) or _matches_by_sound(right_name, left_name)
        for left_name in left
        for right_name in right
    )
    return NEAR if is_near else DIFFERENT


def _matches_by_sound(query: str, name: str) -> bool:
    """Return whether each word of the first name has a counterpart in the second, in any script."""
    return agreement(search_keys(query), name_keys([name])) is not None


def _compare_births(left: Values, right: Values) -> str:
    """Return NEAR for a less precise date, swapped day and month, or years at most one apart."""
    [left_date], [right_date] = left, right
    if left_date == right_date:
        return EQUAL
    if not (left_date[:4].isdigit() and right_date[:4].isdigit()):
        return NOT_COMPARABLE
    left_year, right_year = int(left_date[:4]), int(right_date[:4])
    if (
        left_date.startswith(right_date)
        or right_date.startswith(left_date)
        or sorted(left_date.split("-")) == sorted(right_date.split("-"))
    ):
        return NEAR
    return NEAR if abs(left_year - right_year) <= 1 else DIFFERENT


COMPARED: dict[str, Callable[[Values, Values], str]] = {"names": _compare_names, "birth_date": _compare_births}


def format_pairs(pairs: Sequence[FieldPair]) -> list[FieldPair]:
    """Return the fields of a merge in the order of the pages, with dates in words."""
    order = list(FIELDS)
    formatted = [
        replace(pair, left=tuple(map(date_in_words, pair.left)), right=tuple(map(date_in_words, pair.right)))
        if pair.name == "birth_date"
        else pair
        for pair in pairs
    ]
    return sorted(formatted, key=lambda pair: order.index(pair.name))


def _format_line(line: CardLine) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the values of a line, with dates in words."""
    if line.field != "birth_date":
        return line.left, line.right
    return tuple(map(date_in_words, line.left)), tuple(map(date_in_words, line.right))


def date_in_words(text: str) -> str:
    """Return a date in words with its precision; other text unchanged."""
    partial_date = birth(Identity(birth_date=text))
    return partial_dates.words(partial_date.date, partial_date.precision) if partial_date else text
