"""History of deadlines: a clock keeps the days that were in force when it began.

`KEREGE_HOME/packs/<country>/clocks.json` holds the days of every deadline, and from which day on they apply. An upgrade
that changes a deadline adds an entry; nothing is ever removed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from kerege.base import files
from kerege.vocabulary.pack.search_order import home_folder

FILE_NAME = "clocks.json"


@dataclass(frozen=True)
class ClockDays:
    """Business days of each deadline for clocks that begin after a day, None for all of them."""

    after: date | None
    days: Mapping[str, int]


@dataclass(frozen=True)
class Segment:
    """Days of beginning with the same deadline: after one day, through another; None is open."""

    after: date | None
    through: date | None
    days: int


def read(country: str) -> Sequence[ClockDays]:
    """Return the history of a country, the first entry first; () without one."""
    path = home_folder(country) / FILE_NAME
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return ()
    return _read(path, changed)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Sequence[ClockDays]:
    """Return the entries of a file; the time of its last change is the key of the cache."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [ClockDays(date.fromisoformat(row["after"]) if row["after"] else None, row["days"]) for row in rows]


def note(country: str, days: Mapping[str, int], today: date) -> bool:
    """Add the deadlines in force to the history if they changed; returns whether they did.

    The first entry applies to every clock that began before.
    """
    entries = list(read(country))
    if entries and entries[-1].days == days:
        return False
    entries.append(ClockDays(today if entries else None, dict(days)))
    rows = [{"after": str(entry.after or ""), "days": dict(entry.days)} for entry in entries]
    with files.atomic_file(home_folder(country) / FILE_NAME, durable=True) as path:
        path.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return True


def list_segments(country: str, clock: str, days: int, earlier: Sequence[tuple[date, int]] = ()) -> Iterator[Segment]:
    """Yield the segments of a clock in their order; `days` are those in force.

    Parameters
    ----------
    country, clock : str
        Country and name of the deadline.
    days : int
        Business days in force.
    earlier : sequence of tuple
        Terms before each correction of the installation: the first day of the correction, and the business days before
        it. The first of them is the term of the pack, for which its versions count.

    Yields
    ------
    Segment
        Without a history and a correction there is one segment.
    """
    if not earlier:
        yield from _list_versions(country, clock, days)
        return
    ends = [until - timedelta(days=1) for until, _days in earlier]
    for segment in _list_versions(country, clock, earlier[0][1]):
        if segment.after is None or segment.after < ends[0]:
            yield replace(segment, through=min(segment.through or ends[0], ends[0]))
    for number, (_until, term) in enumerate(earlier[1:], 1):
        yield Segment(ends[number - 1], ends[number], term)
    yield Segment(ends[-1], None, days)


def _list_versions(country: str, clock: str, days: int) -> Iterator[Segment]:
    """Yield the segments of the versions of the pack; `days` are those of the version in use.

    A clock that an entry does not know has the days of the next entry that does.
    """
    entries = [entry for entry in read(country) if clock in entry.days] or [ClockDays(None, {clock: days})]
    for number, entry in enumerate(entries):
        after = entry.after if number else None
        through = entries[number + 1].after if number + 1 < len(entries) else None
        yield Segment(after, through, entry.days[clock])


def days_at(segments: Sequence[Segment], start: date) -> int:
    """Return the days of a clock that begins on a day."""
    return next(segment.days for segment in segments if segment.through is None or start <= segment.through)


def list_overdue(
    segments: Sequence[Segment], due: Callable[[date], date], today: date
) -> Iterator[tuple[date | None, date]]:
    """Yield the days of beginning whose deadline has passed: after one day (None: any), through another.

    `due` returns the last day of the deadline for a day of beginning.
    """
    for segment in segments:
        day = min(today, segment.through or today)
        while (segment.after is None or day > segment.after) and due(day) >= today:
            day -= timedelta(days=1)
        if segment.after is None or day > segment.after:
            yield segment.after, day
