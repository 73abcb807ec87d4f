"""Grouping of published tables by the people that they count, as an intruder would group them.

Tables of one snapshot count the same people, and so do tables of one unit and date. Tables of two snapshots do when
their filter selects equal figures at both dates. A table that states neither unit nor filter (an article) is assigned
to the tables with which its figures agree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import combinations, product

import polars as pl

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER
from kerege.evidence.sdc.populations.code_correspondence import translate_codes
from kerege.evidence.sdc.published_tables.publication import UNNAMED, Publication, Sheet, is_multi_valued
from kerege.evidence.sdc.published_tables.publication_dates import MonthSpan, TableTime
from kerege.vocabulary import codes
from kerege.vocabulary import snapshot_columns as standard


@dataclass(frozen=True)
class PublishedPopulation:
    """People at one date, and the tables that count them.

    `own` are the tables of that date; `guests` are tables of other dates that agree with them. `possible` are tables of
    other publications that state the same unit and the same date or none, and contradict no figure.
    """

    unit: str
    key: str
    own: tuple[Sheet, ...]
    guests: tuple[Sheet, ...] = ()
    alike: frozenset[str] = frozenset()  # keys of populations at other dates with the same people, as far as known
    possible: tuple[Sheet, ...] = ()

    @property
    def sheets(self) -> list[Sheet]:
        """Return all tables."""
        return [*self.own, *self.guests, *self.possible]

    @cached_property
    def multi(self) -> frozenset[str]:
        """Return the columns in which one person can have several values."""
        filters = {name for sheet in self.sheets for name in sheet.where if is_multi_valued(self.unit, name)}
        return frozenset().union(filters, *(sheet.multi for sheet in self.sheets))

    @property
    def frame(self) -> pl.DataFrame | None:
        """Return None: an intruder has no rows."""
        return None

    def list_of(self, column: str) -> str:
        """Return the code list of a column: that of the standard, or the list with the column's name."""
        try:
            return standard.column(self.unit, column).list
        except LookupError:
            return self._guessed_lists.get(column, column if column in codes.names() else "")

    @cached_property
    def _guessed_lists(self) -> dict[str, str]:
        """Return the code lists of other columns whose codes fit a list and its parent list."""
        values: dict[str, set[str]] = {}
        for sheet in self.sheets:
            for name, axis in zip(sheet.by, sheet.axes, strict=True):
                values.setdefault(name, set()).update(set(axis[1:]) - {NOT_REPORTED, OTHER})
        lists: dict[str, str] = {}
        for name in (child for child in codes.names() if codes.code_list(child).parent_list):
            above = codes.code_list(name).parent_list or ""
            children, parents = _columns_within(values, name), _columns_within(values, above)
            if children and parents:
                lists |= dict.fromkeys(children, name) | dict.fromkeys(parents, above)
        return lists


def _columns_within(values: dict[str, set[str]], name: str) -> list[str]:
    """Return the columns with several values, all of them codes of the list."""
    codes_of = set(codes.code_list(name).codes) if name in codes.names() else set()
    return [column for column, values_of in values.items() if len(values_of) > 1 and values_of <= codes_of]


def find_populations(publications: Sequence[Publication]) -> list[PublishedPopulation]:
    """Return all tables grouped by the people that they count, in the order of the publications."""
    by_key: dict[tuple[str, str], list[Sheet]] = {}
    sheets = [sheet for publication in publications for sheet in publication.sheets if standard.personal(sheet.of)]
    dated = {(sheet.of, sheet.as_of): sheet.origin for sheet in sheets if sheet.origin and sheet.as_of}
    for sheet in sheets:
        origin = sheet.origin or (dated.get((sheet.of, sheet.as_of)) if sheet.as_of else None)
        by_key.setdefault((sheet.of, origin) if origin else _population_key(sheet, by_key), []).append(sheet)
    for own in by_key.values():
        share_multi_valued(own)
    separate = [PublishedPopulation(unit, key, tuple(own)) for (unit, key), own in by_key.items()]
    return [_with_guests(population, separate) for population in separate]


def share_multi_valued(sheets: Sequence[Sheet]) -> None:
    """Treat a column as multi-valued in all tables when one table shows that it is."""
    multi = frozenset().union(*(sheet.multi for sheet in sheets))
    for sheet in sheets:
        sheet.multi = multi & {*sheet.by, *sheet.where}


def _population_key(sheet: Sheet, by_key: dict[tuple[str, str], list[Sheet]]) -> tuple[str, str]:
    """Return the key of a table without a snapshot: its publication, split where tables disagree."""
    key = (sheet.of, f"in {sheet.release} {sheet.as_of or sheet.period}".rstrip())
    if sheet.stated or sheet.of != UNNAMED:
        return key
    number = 1
    while any(agree(sheet, earlier) is False for earlier in by_key.get(key, ()) if earlier.filter == sheet.filter):
        number += 1
        key = (sheet.of, f"in {sheet.release} {sheet.as_of or sheet.period} {number}")
    return key


def assign_unstated(publications: Sequence[Publication]) -> list[Publication]:
    """Assign unstated tables the unit and filter of the stated table whose figures they share.

    A table in the form of another publisher whose unit is stated keeps it.
    """
    stated = [sheet for publication in publications for sheet in publication.sheets if sheet.stated]
    if not stated:
        return list(publications)
    return [
        replace(
            publication,
            sheets=[
                sheet if sheet.stated else _assign(translate_codes(sheet, stated), stated)
                for sheet in publication.sheets
            ],
        )
        for publication in publications
    ]


def _assign(sheet: Sheet, stated: list[Sheet]) -> Sheet:
    """Return a table with unit, filter and snapshot of the best match, unchanged when there is none."""
    if sheet.of != UNNAMED:
        return sheet
    scores: dict[tuple[str, str, str], tuple[int, Sheet]] = {}
    conflicting = set()
    for candidate in stated:
        key = (candidate.of, candidate.origin or f"in {candidate.release}", str(sorted(candidate.filter)))
        shared = shared_cells(sheet, candidate)
        if agree(sheet, candidate) and shared:
            scores[key] = max(scores.get(key, (0, candidate)), (len(shared), candidate), key=lambda pair: pair[0])
        elif agree(sheet, candidate) is False:
            conflicting.add(key)
    best = max(
        (score for key, score in scores.items() if key not in conflicting), key=lambda pair: pair[0], default=(0, sheet)
    )
    if best[0] <= 0:
        return sheet
    matched = best[1]
    multi = frozenset(name for name in sheet.by if name in sheet.multi or is_multi_valued(matched.of, name))
    return replace(
        sheet, of=matched.of, where=dict(matched.where), origin=matched.origin, as_of=matched.as_of, multi=multi
    )


def contradictions(populations: Sequence[PublishedPopulation]) -> list[tuple[Sheet, Sheet]]:
    """Return tables of one publication with equal totals and filters whose other figures disagree.

    Tables without a stated snapshot are taken to count other people where they disagree. With an equal total they are
    of the same people, and one of them is wrong.
    """
    pairs = []
    undated = [population for population in populations if population.own[0].of == UNNAMED]
    for first, second in combinations(undated, 2):
        for a, b in product(first.own, second.own):
            is_same = a.release == b.release and a.filter == b.filter and (a.as_of, a.period) == (b.as_of, b.period)
            if is_same and (total := exact_total(a)) and total == exact_total(b) and agree(a, b) is False:
                pairs.append((a, b))
    return pairs


def exact_total(sheet: Sheet) -> float:
    """Return the people of a table, stated or as the sum of a column; 0 if it is not published."""
    lower, upper = sheet.bounded.get(frozenset(), (0.0, math.inf))
    if lower == upper:
        return lower
    for d, name in enumerate(sheet.by):
        index = tuple(slice(1, None) if k == d else 0 for k in range(len(sheet.by)))
        ends = sheet.lower[index], sheet.upper[index]
        if name not in sheet.multi | sheet.incomplete and (ends[0] == ends[1]).all():
            return float(ends[0].sum())
    return 0.0


def shared_cells(first: Sheet, second: Sheet) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the bounds that two tables state of the groups that both show."""
    first_bounds, second_bounds = first.bounded, second.bounded
    return [(first_bounds[group], second_bounds[group]) for group in first_bounds.keys() & second_bounds.keys()]


def agree(first: Sheet, second: Sheet) -> bool | None:
    """Return whether two tables state equal figures, None when no positive figure decides.

    Any conflict of bounds gives False.
    """
    shared = shared_cells(first, second)
    if not shared:
        return None
    if any(a[0] > b[1] or b[0] > a[1] for a, b in shared):
        return False
    return True if any(a == b and a[0] == a[1] > 0 for a, b in shared) else None


def _with_guests(own: PublishedPopulation, others: Sequence[PublishedPopulation]) -> PublishedPopulation:
    """Add the tables of other dates whose filter selects people that seem unchanged."""
    guests: list[Sheet] = []
    possible: list[Sheet] = []
    alike = set()
    for population in others:
        if population is own or population.unit != own.unit:
            continue
        if _has_same_date(own, population):
            possible += population.own
            alike.add(population.key)
            continue
        for where in dict.fromkeys(sheet.filter for sheet in population.own):
            candidates = [sheet for sheet in population.own if sheet.filter == where]
            if _is_unchanged([sheet for sheet in own.own if sheet.filter == where], candidates):
                guests += candidates
                alike.add(population.key)
    return replace(own, guests=tuple(guests), alike=frozenset(alike), possible=tuple(possible))


def _has_same_date(first: PublishedPopulation, second: PublishedPopulation) -> bool:
    """Return whether two populations state one unit and one date, or none, and no figures differ.

    Nothing says then that a person entered or left between the two publications. Two snapshots are two dates.
    """
    one, other = first.own[0], second.own[0]
    if first.unit == UNNAMED or (one.origin and other.origin) or _date(one) != _date(other):
        return False
    return all(agree(a, b) is not False for a, b in product(first.own, second.own) if a.filter == b.filter)


def _date(sheet: Sheet) -> MonthSpan | date | None:
    """Return the date up to which a table counts people, or the period if it counts those alone."""
    time = TableTime.of_sheet(sheet)
    return time.period if time.is_whole is False or time.period is None else time.period.last


def _is_unchanged(first: Sequence[Sheet], second: Sequence[Sheet]) -> bool:
    verdicts = {agree(a, b) for a in first for b in second}
    return True in verdicts and False not in verdicts
