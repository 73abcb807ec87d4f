"""Hypotheses on tables of several dates: how the people of one table relate to those of another.

Files do not say whether a person left a register, nor always whether a table counts a whole register or a period. Each
hypothesis makes one system of tables, in which time is a variable. An intruder uses any hypothesis that fits.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise, product
from typing import NamedTuple

from kerege.evidence.sdc.populations.populations import PublishedPopulation, share_multi_valued
from kerege.evidence.sdc.published_tables.publication_dates import TableTime
from kerege.evidence.sdc.published_tables.sheet import Sheet
from kerege.evidence.sdc.published_tables.time_line import OPEN, TimeLine, TimeSpan


class TimeCut(NamedTuple):
    """A point in time: a day (0 without one), and a number among the publications of that day."""

    day: int
    number: int


BEGIN, END = TimeCut(-1, 0), TimeCut(10**9, 0)
MOST_MIXED = 4  # most tables that do not state what they count: 2 to that power hypotheses


@dataclass(frozen=True)
class DatedPopulation:
    """The tables of one date or period: their people entered the register after `start` and up to `end`."""

    population: PublishedPopulation
    start: TimeCut
    end: TimeCut

    @property
    def release(self) -> str:
        """Return the publication of the tables."""
        return self.population.own[0].release


@dataclass(frozen=True)
class TimedTables:
    """Tables of several dates as one population; `dates` has the tables of each date, oldest first.

    `keys` names the population of each table. `prefixes` maps a piece of the line to the population that all pieces up
    to it make up.
    """

    population: PublishedPopulation
    dates: tuple[tuple[Sheet, ...], ...]
    line: TimeLine
    keys: Mapping[Sheet, str]
    prefixes: Mapping[int, str]

    @property
    def sheets(self) -> list[Sheet]:
        """Return all tables, oldest first."""
        return [sheet for sheets in self.dates for sheet in sheets]


def time_hypotheses(populations: Sequence[PublishedPopulation]) -> Iterator[list[DatedPopulation]]:
    """Yield sets of populations that overlap in time, for each hypothesis on what tables count.

    `populations` of one unit are in the order of publication. What a table counts is tried both ways when nothing
    says it, with the same answer for all such tables.
    """
    for series in _series(populations):
        yield from _of_series(series)


def mixed_hypotheses(populations: Sequence[PublishedPopulation]) -> Iterator[list[DatedPopulation]]:
    """Yield hypotheses in which some tables count a whole register and others a period.

    Only tables that do not state it are mixed. Of more than a few of them no hypothesis is yielded.
    """
    for series in _series(populations):
        times = [TableTime.of_sheet(population.own[0]) for population in series]
        unstated = [number for number, time in enumerate(times) if time.is_whole is None and time.period]
        if not 1 < len(unstated) <= MOST_MIXED or not all(time.period for time in times):
            continue
        for choice in product((True, False), repeat=len(unstated)):
            if len(set(choice)) > 1:
                is_whole = [time.is_whole is True for time in times]
                for number, whole in zip(unstated, choice, strict=True):
                    is_whole[number] = whole
                yield from filter(_adds_periods, _linked(_dated(series, times, is_whole)))


def _adds_periods(dated: Sequence[DatedPopulation]) -> bool:
    """Return whether every period lies between two dates of a register, so that it adds a constraint."""
    ends = [item.end.day for item in dated if item.start == BEGIN]
    periods = [item for item in dated if item.start != BEGIN]
    return bool(periods) and all(
        any(end <= item.start.day for end in ends) and any(end >= item.end.day for end in ends) for item in periods
    )


def is_unstated(population: PublishedPopulation) -> bool:
    """Return whether a population with a period does not state what its tables count."""
    time = TableTime.of_sheet(population.own[0])
    return time.is_whole is None and time.period is not None


def _series(populations: Sequence[PublishedPopulation]) -> list[list[PublishedPopulation]]:
    """Group the populations that can be one register at several dates.

    Where a publication without dates has several populations, those whose first tables have equal names belong
    together.
    """
    undated = [population for population in populations if TableTime.of_sheet(population.own[0]).period is None]
    releases = [population.own[0].release for population in undated]
    if len(set(releases)) == len(releases):
        return [list(populations)]
    by_name: dict[str, list[PublishedPopulation]] = {}
    for population in populations:
        by_name.setdefault(series_name(population.own[0]), []).append(population)
    return list(by_name.values())


def series_name(sheet: Sheet) -> str:
    """Return the name of a table without digits and signs, equal for all dates of a series."""
    return re.sub(r"[\d\W_]+", "", sheet.name).casefold()


def _of_series(populations: Sequence[PublishedPopulation]) -> Iterator[list[DatedPopulation]]:
    """Yield the hypotheses on one register.

    Where the order of the tables of one publication is not stated, only its dated tables are ordered.
    """
    releases = [population.own[0].release for population in populations]
    if len(set(releases)) < len(releases):
        populations = [item for item in populations if TableTime.of_sheet(item.own[0]).period is not None]
    times = [TableTime.of_sheet(population.own[0]) for population in populations]
    stated = [time.is_whole for time in times]
    yield from _linked(_dated(populations, times, [is_whole is not False for is_whole in stated]))
    if any(is_whole is None and time.period for is_whole, time in zip(stated, times, strict=True)):
        yield from _linked(_dated(populations, times, [is_whole is True for is_whole in stated]))
    yield from _versions(populations, times)


def _dated(
    populations: Sequence[PublishedPopulation], times: Sequence[TableTime], is_whole: Sequence[bool]
) -> list[DatedPopulation]:
    """Return the populations with their cuts; those of a period only where all have a date."""
    has_dates = all(time.period for time, whole in zip(times, is_whole, strict=True) if whole)
    used: Counter[int] = Counter()
    ends: dict[int, TimeCut] = {}
    for number, (time, whole) in enumerate(zip(times, is_whole, strict=True)):
        if whole:
            day = time.period.last.toordinal() if has_dates and time.period else 0
            ends[number] = TimeCut(day, used[day])
            used[day] += 1
    result = [DatedPopulation(populations[number], BEGIN, end) for number, end in ends.items()]
    for number, time in enumerate(times):
        if number not in ends and has_dates and time.period:
            days = time.period.first.toordinal() - 1, time.period.last.toordinal()
            start, end = (TimeCut(day, max(used[day] - 1, 0)) for day in days)
            result.append(DatedPopulation(populations[number], start, end))
    return result


def _linked(dated: Sequence[DatedPopulation]) -> Iterator[list[DatedPopulation]]:
    """Yield the populations that overlap in time, directly or through others, oldest first."""
    groups: list[list[DatedPopulation]] = []
    for item in dated:
        linked = [group for group in groups if any(_overlap(item, other) for other in group)]
        groups = [group for group in groups if group not in linked]
        groups.append([*[other for group in linked for other in group], item])
    yield from (sorted(group, key=lambda item: item.end) for group in groups if len(group) > 1)


def _overlap(first: DatedPopulation, second: DatedPopulation) -> bool:
    return first.start < second.end and second.start < first.end


def _versions(
    populations: Sequence[PublishedPopulation], times: Sequence[TableTime]
) -> Iterator[list[DatedPopulation]]:
    """Yield the versions of each period that was published several times, each with more people."""
    by_period: dict[object, list[PublishedPopulation]] = {}
    for population, time in zip(populations, times, strict=True):
        if time.is_whole is False and time.period:
            by_period.setdefault(time.period, []).append(population)
    for versions in by_period.values():
        if len(versions) > 1:
            yield [DatedPopulation(version, BEGIN, TimeCut(0, number)) for number, version in enumerate(versions)]


def timed_tables(dated: Sequence[DatedPopulation], *, is_shrinking: bool = False) -> TimedTables:
    """Return the tables of some dates as one population in which time is a variable.

    With `is_shrinking` nobody entered, and people left: a table counts those who left later. Tables of one and the same
    period have no variable of time.
    """
    cuts = sorted({cut for item in dated for cut in (item.start, item.end)})
    points = [*cuts[1:], END] if is_shrinking else cuts
    pieces = list(pairwise(points))[:: -1 if is_shrinking else 1]
    releases = {item.end: item.release for item in dated}
    starts, ends = zip(*[_labels(first, last, releases) for first, last in pieces], strict=True)
    line = TimeLine(starts, ends, is_shrinking)
    dates, prefixes = [], {}
    for item in dated:
        first = 0 if is_shrinking else cuts.index(item.start)
        last = len(cuts) - 1 - cuts.index(item.end) if is_shrinking else cuts.index(item.end) - 1
        span = TimeSpan(line, first, last) if len(pieces) > 1 else None
        dates.append(tuple(replace(sheet, span=span) for sheet in item.population.own))
        if first == 0:
            prefixes[last] = item.population.key
    sheets = tuple(sheet for of_date in dates for sheet in of_date)
    share_multi_valued(sheets)
    keys = {sheet: item.population.key for item, of_date in zip(dated, dates, strict=True) for sheet in of_date}
    population = PublishedPopulation(dated[0].population.unit, "", sheets)
    return TimedTables(population, tuple(dates), line, keys, prefixes)


def _labels(start: TimeCut, end: TimeCut, releases: Mapping[TimeCut, str]) -> tuple[str, str]:
    """Return the ends of a piece: its first and last day, or the publications around it."""
    has_days = start.day != end.day and (start.day > 0 or start == BEGIN) and (end.day > 0 or end == END)
    if has_days:
        first = OPEN if start == BEGIN else date.fromordinal(start.day + 1).isoformat()
        return first, OPEN if end == END else date.fromordinal(end.day).isoformat()
    before, after = (releases.get(cut, OPEN).replace("/", "-") for cut in (start, end))
    return before, after
