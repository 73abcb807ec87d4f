"""Durations in whole days, counted by the database, and their summary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import Any

from django.db.models import Func, IntegerField


class DaysBetween(Func):
    """Whole days from one date to another."""

    arity = 2
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return the difference of Julian days."""
        first, last, params = self._compiled(compiler)
        return f"CAST(julianday({last}) - julianday({first}) AS INTEGER)", params

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return the difference of dates."""
        first, last, params = self._compiled(compiler)
        return f"(({last})::date - ({first})::date)", params

    def _compiled(self, compiler: Any) -> tuple[str, str, tuple[Any, ...]]:
        (first, first_params), (last, last_params) = map(compiler.compile, self.get_source_expressions())
        return first, last, (*last_params, *first_params)


@dataclass(frozen=True)
class DurationSummary:
    """Summary of durations: known and unknown counts, median, and 90th percentile in days."""

    known: int
    unknown: int
    median: float | None
    ninety: int | None

    @property
    def of(self) -> int:
        """Return the number of known and unknown durations."""
        return self.known + self.unknown


def summarise_durations(counts: Iterable[tuple[int | None, int]], waiting: int = 0) -> DurationSummary:
    """Summarise counts by number of days; None counts as unknown.

    A negative number comes from dates in the wrong order, so it counts as unknown. `waiting` is added to the unknown.
    """
    known: dict[int, int] = {}
    for days, n in counts:
        if days is None or days < 0:
            waiting += n
        else:
            known[days] = known.get(days, 0) + n
    total = sum(known.values())
    if not total:
        return DurationSummary(0, waiting, None, None)
    middle = (_days_at_rank(known, (total + 1) // 2) + _days_at_rank(known, total // 2 + 1)) / 2
    return DurationSummary(total, waiting, middle, _days_at_rank(known, ceil(total * 0.9)))


def _days_at_rank(known: dict[int, int], rank: int) -> int:
    """Return the number of days at a rank, counted from the shortest duration."""
    counted = 0
    for days in sorted(known):
        counted += known[days]
        if counted >= rank:
            return days
    raise ValueError("no such rank")


def decided_share(spans: Iterable[tuple[int, bool]]) -> list[tuple[int, float]]:
    """Return the share of cases that are decided by each day, open cases included.

    A span is the days from the registration to the decision, or to today for an open case, and whether there is a
    decision. Kaplan and Meier 1958, "Nonparametric estimation from incomplete observations", JASA 53. Days in the wrong
    order are left out.
    """
    known = sorted((days, decided) for days, decided in spans if days >= 0)
    open_share, at_risk, curve = 1.0, len(known), [(0, 0.0)]
    for day, group in groupby(known, key=lambda span: span[0]):
        states = [decided for _, decided in group]
        open_share *= 1 - sum(states) / at_risk
        at_risk -= len(states)
        curve.append((day, 1 - open_share))
    return curve[1:] if curve[1:2] and curve[1][0] == 0 else curve
