"""Language-neutral facts that sentences may state; a fact is published, rounded or perturbed, or None."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kerege.publishing.storage.published_tables import PublishedCell


@dataclass(frozen=True)
class CountFact:
    """Published count; `about` is true when it was rounded or perturbed."""

    n: int
    about: bool = False


@dataclass(frozen=True)
class ShareFact:
    """Share of published counts, from 0 to 1."""

    value: float
    about: bool = False


@dataclass(frozen=True)
class CodeFact:
    """Code of a code list, with a label in every language."""

    list: str
    code: str


@dataclass(frozen=True)
class TextFact:
    """Text that is the same in every language: a year, a hash, a telephone number."""

    text: str


@dataclass(frozen=True)
class DayFact:
    """Calendar day, written in full; `year` says whether its year is written."""

    day: date
    year: bool = True


Fact = CountFact | ShareFact | CodeFact | TextFact | DayFact
Facts = dict[str, Fact | None]


def count_fact(cell: PublishedCell | None) -> CountFact | None:
    """Return the count of a cell, or None when it is suppressed or was never published."""
    return None if cell is None or cell.count is None else CountFact(cell.count, cell.about)


def share_fact(part: CountFact | None, whole: CountFact | None) -> ShareFact | None:
    """Return part / whole, or None when either is not published or the whole is zero."""
    if part is None or whole is None or whole.n == 0:
        return None
    return ShareFact(part.n / whole.n, part.about or whole.about)


def sum_fact(cells: Iterable[PublishedCell | None]) -> CountFact | None:
    """Return the sum of cells, or None when there is no cell or one of them is not published."""
    counts = [count_fact(cell) for cell in cells]
    known = [item for item in counts if item is not None]
    if not known or len(known) < len(counts):
        return None
    return CountFact(sum(item.n for item in known), any(item.about for item in known))
