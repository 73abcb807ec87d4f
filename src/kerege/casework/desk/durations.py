"""Days between two days, counted by the database, and what a reader wants to know of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.db.models import Func, IntegerField


class DaysBetween(Func):
    """Whole days from one date to another."""

    arity = 2
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite counts Julian days."""
        first, last, params = self._compiled(compiler)
        return f"CAST(julianday({last}) - julianday({first}) AS INTEGER)", params

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """PostgreSQL subtracts dates."""
        first, last, params = self._compiled(compiler)
        return f"(({last})::date - ({first})::date)", params

    def _compiled(self, compiler: Any) -> tuple[str, str, tuple[Any, ...]]:
        (first, first_params), (last, last_params) = map(compiler.compile, self.get_source_expressions())
        return first, last, (*last_params, *first_params)


@dataclass(frozen=True)
class Spread:
    """Of how many it is known, of how many not, and how long it took: the middle, and nine of ten."""

    known: int
    unknown: int
    median: float | None
    ninety: int | None

    @property
    def of(self) -> int:
        """The denominator."""
        return self.known + self.unknown


def spread(counts: Iterable[tuple[int | None, int]], waiting: int = 0) -> Spread:
    """Of a count by days (None: not yet). A negative number of days is a date in the wrong order, so unknown."""
    known: dict[int, int] = {}
    for days, n in counts:
        if days is None or days < 0:
            waiting += n
        else:
            known[days] = known.get(days, 0) + n
    total = sum(known.values())
    if not total:
        return Spread(0, waiting, None, None)
    middle = (_at(known, (total + 1) // 2) + _at(known, total // 2 + 1)) / 2
    return Spread(total, waiting, middle, _at(known, ceil(total * 0.9)))


def _at(known: dict[int, int], rank: int) -> int:
    """The value of the case at a rank, the shortest first."""
    seen = 0
    for days in sorted(known):
        seen += known[days]
        if seen >= rank:
            return days
    raise ValueError("no such rank")
