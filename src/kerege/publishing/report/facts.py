"""Facts: what a sentence may say. Neutral of language; each is published, rounded, or not to be said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kerege.publishing.storage.published_tables import Cell


@dataclass(frozen=True)
class Count:
    """A published count; `about` when it was rounded or perturbed before it was published."""

    n: int
    about: bool = False


@dataclass(frozen=True)
class Share:
    """A share of published counts, between 0 and 1."""

    value: float
    about: bool = False


@dataclass(frozen=True)
class Code:
    """A code with a label in every language."""

    list: str
    code: str


@dataclass(frozen=True)
class Plain:
    """A text that is the same in every language: a year, a hash, a telephone number."""

    text: str


@dataclass(frozen=True)
class Day:
    """A calendar day, written in full; `year` says whether with its year."""

    day: date
    year: bool = True


Fact = Count | Share | Code | Plain | Day
Facts = dict[str, Fact | None]


def count(cell: Cell | None) -> Count | None:
    """The count of a cell, or None when it is withheld or was never published."""
    return None if cell is None or cell.count is None else Count(cell.count, cell.about)


def share(part: Count | None, whole: Count | None) -> Share | None:
    """Part of whole; None when either is not published or the whole is zero."""
    if part is None or whole is None or whole.n == 0:
        return None
    return Share(part.n / whole.n, part.about or whole.about)


def total(cells: Iterable[Cell | None]) -> Count | None:
    """The sum of cells; None as soon as one of them is not published."""
    counts = [count(cell) for cell in cells]
    known = [item for item in counts if item is not None]
    if not known or len(known) < len(counts):
        return None
    return Count(sum(item.n for item in known), any(item.about for item in known))
