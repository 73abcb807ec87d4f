"""Language-neutral facts that sentences may state; a fact is published, rounded or perturbed, or None."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kerege.publishing.storage.published_tables import TOTAL, PublishedCell, PublishedTable

LEAST_WHOLE = 50  # no share of fewer is printed


@dataclass(frozen=True)
class NumberSource:
    """Cells from which a number follows, or the key of an estimate."""

    kind: str = "cell"  # cell, sum, diff, share, estimate, rule
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class CountFact:
    """Published count; `about` is true when it was rounded or perturbed."""

    n: int
    about: bool = False
    source: NumberSource = NumberSource("rule")


@dataclass(frozen=True)
class ShareFact:
    """Share of published counts, from 0 to 1; `whole` is the number behind 100 per cent."""

    value: float
    about: bool = False
    source: NumberSource = NumberSource("share")
    whole: int = 0


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


def address(table: str, *keys: str) -> str:
    """Return the address of a cell, `table/key/key`; a table without dimensions has only its total."""
    return "/".join((table, *(keys or (TOTAL,))))


def table_fact(table: PublishedTable | None, *keys: str) -> CountFact | None:
    """Return the count of a cell of a table, by default its total; None when it is not published."""
    if table is None:
        return None
    codes = keys or (TOTAL,) * len(table.by)
    return count_fact(table.cell(*codes), address(table.name, *codes))


def count_fact(cell: PublishedCell | None, at: str = "") -> CountFact | None:
    """Return the count of a cell at an address, or None when it is suppressed or was never published."""
    if cell is None or cell.count is None:
        return None
    return CountFact(cell.count, cell.about, NumberSource("cell", (at,)) if at else NumberSource("rule"))


def share_fact(part: CountFact | None, whole: CountFact | None) -> ShareFact | None:
    """Return part / whole, None when one is not published or the whole is small."""
    if part is None or whole is None or whole.n < LEAST_WHOLE:
        return None
    source = NumberSource("share", (*whole.source.addresses[:1], *part.source.addresses))
    return ShareFact(part.n / whole.n, part.about or whole.about, source, whole.n)


def sum_fact(counts: Iterable[CountFact | None]) -> CountFact | None:
    """Return the sum of counts, or None when there is none or one of them is not published."""
    listed = list(counts)
    known = [item for item in listed if item is not None]
    if not known or len(known) < len(listed):
        return None
    source = NumberSource("sum", tuple(at for item in known for at in item.source.addresses))
    return CountFact(sum(item.n for item in known), any(item.about for item in known), source)
