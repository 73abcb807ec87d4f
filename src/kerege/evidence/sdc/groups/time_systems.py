"""Systems of the tables of several dates of one register, under every hypothesis that fits.

The first hypothesis is that nobody left the register. When not all tables fit it, the largest part that fits is one
system. The other tables are examined for two dates at a time: once as if nobody left, once as if nobody entered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from kerege.base.message_text import listed
from kerege.evidence.sdc.bounds.cell_bounds import Contradiction, Survey
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.groups.decisions import Part, RiskFindings, assess_groups
from kerege.evidence.sdc.populations.populations import PublishedPopulation
from kerege.evidence.sdc.populations.time_hypotheses import (
    DatedPopulation,
    TimedTables,
    is_unstated,
    mixed_hypotheses,
    series_name,
    time_hypotheses,
    timed_tables,
)
from kerege.evidence.sdc.published_tables.sheet import Sheet


@dataclass(frozen=True)
class TimeSystem:
    """Consistent tables of several dates, and the bounds that follow from them."""

    tables: TimedTables
    sheets: list[Sheet]
    assessment: RiskFindings


class TimeAssessment:
    """The assessment of the populations of one unit over time; `own` names releases to be changed.

    Without `exact`, the ends of what is not safe are bounds by linear programs. `is_enough` is as in
    `GroupRiskAssessment`.
    """

    def __init__(
        self,
        populations: Sequence[PublishedPopulation],
        threshold: int,
        own: frozenset[str],
        *,
        exact: bool = True,
        is_enough: Callable[[Part], bool] | None = None,
    ) -> None:
        self.populations, self.threshold, self.own = populations, threshold, own
        self.exact, self.is_enough = exact, is_enough
        self.notes: list[str] = []
        self.systems: list[TimeSystem] = []
        for dated in time_hypotheses(populations):
            if not _are_same_people(dated):
                self.systems += self._assess(dated)
        for dated in mixed_hypotheses(populations):
            system = self._whole(dated)
            self.systems += [system] if system is not None else []
        unstated = list(dict.fromkeys(item.own[0].release for item in populations if is_unstated(item)))
        if unstated and self.systems:
            self.notes.append(
                f"nothing says whether the tables of {listed(unstated)} count everybody up to their date or the people"
                " of one period, so both were assumed"
            )
        about = f"{populations[0].unit} at several dates"
        if late := self.undecided:
            self.notes.append(f"{late} figures of {about} could not be examined in time")
        if any(system.assessment.left_out for system in self.systems):
            self.notes.append(f"groups of {about} by some three columns were too many to be examined")

    @property
    def undecided(self) -> int:
        """Return the cells and groups that are undecided, in systems with a table that can be changed."""
        return sum(
            system.assessment.undecided
            for system in self.systems
            if any(sheet.release in self.own for sheet in system.sheets)
        )

    @property
    def examined(self) -> int:
        """Return the number of groups that were examined."""
        return sum(system.assessment.examined for system in self.systems)

    def _assess(self, dated: list[DatedPopulation]) -> Iterator[TimeSystem]:
        """Yield the systems of some dates: one where all tables fit, else parts of them."""
        whole = self._whole(dated)
        if whole is not None:
            yield whole
            return
        tables = timed_tables(dated)
        part = _largest_part(tables)
        if sum(bool(part & {*sheets}) for sheets in tables.dates) > 1:
            yield from self._systems([(tables, [sheet for sheet in tables.sheets if sheet in part])])
        left = [[place for place, sheet in enumerate(sheets) if sheet not in part] for sheets in tables.dates]
        for first, second in combinations(range(len(dated)), 2):
            if left[first] or left[second]:
                pair = [dated[first], dated[second]]
                yield from self._assess_pair(pair, [left[first], left[second]], is_new=len(dated) > len(pair))

    def _whole(self, dated: list[DatedPopulation]) -> TimeSystem | None:
        """Return all tables as one system: nobody left, or else nobody entered."""
        for is_shrinking in (False, True) if _can_shrink(dated) else (False,):
            tables = timed_tables(dated, is_shrinking=is_shrinking)
            if (system := self._system(tables, tables.sheets)) is not None:
                return system
        return None

    def _assess_pair(self, pair: list[DatedPopulation], left: list[list[int]], *, is_new: bool) -> Iterator[TimeSystem]:
        """Yield the systems of two dates of which some tables did not fit.

        `left` has the places of these tables. `is_new` if the two dates were not tried alone.
        """
        whole = self._whole(pair) if is_new else None
        if whole is not None:
            yield whole
            return
        parts: list[tuple[TimedTables, list[Sheet]]] = []
        for is_shrinking in (False, True) if _can_shrink(pair) else (False,):
            parts += _parts_with(timed_tables(pair, is_shrinking=is_shrinking), left)
        yield from self._systems(parts)
        self.notes.append(
            f"the tables of {pair[0].release} and of {pair[1].release} do not fit one register that only grows or only"
            " shrinks, so only tables that do were examined over time"
        )

    def _system(self, tables: TimedTables, sheets: list[Sheet]) -> TimeSystem | None:
        """Return some tables as one system, None when they contradict one another."""
        fixed = frozenset(number for number, sheet in enumerate(sheets) if sheet.release not in self.own)
        try:
            assessment = assess_groups(
                tables.population, sheets, self.threshold, fixed=fixed, exact=self.exact, is_enough=self.is_enough
            )
        except Contradiction:
            return None
        return TimeSystem(tables, sheets, assessment)

    def _systems(self, parts: Sequence[tuple[TimedTables, list[Sheet]]]) -> Iterator[TimeSystem]:
        for tables, sheets in parts:
            if (system := self._system(tables, sheets)) is not None:
                yield system


def _can_shrink(dated: Sequence[DatedPopulation]) -> bool:
    """Return whether some dates can be those of one register that people leave.

    All count the whole register, and a manifest states the unit, or some table has the same name at all dates.
    """
    if any(item.start != dated[0].start for item in dated):
        return False
    sheets = [sheet for item in dated for sheet in item.population.own]
    names = [{series_name(sheet) for sheet in item.population.own} for item in dated]
    return all(sheet.stated for sheet in sheets) or bool(set.intersection(*names))


def _are_same_people(dated: Sequence[DatedPopulation]) -> bool:
    """Return whether equal totals show that all tables count the same people, who are assessed already."""
    sheets = [sheet for item in dated for sheet in item.population.own]
    if any({*sheets} - {*item.population.sheets} for item in dated):
        return False
    totals: dict[object, set[tuple[float, float]]] = {}
    for sheet in sheets:
        lower, upper = sheet.bounded.get(frozenset(), (0.0, float("inf")))
        totals.setdefault(sheet.filter, set()).add((lower, upper))
    return all(len(ends) == 1 and {low == high for low, high in ends} == {True} for ends in totals.values())


def _fits(tables: TimedTables, sheets: Sequence[Sheet]) -> bool:
    """Return whether some register fits all figures of some tables."""
    try:
        Survey(JointBuilder(tables.population, sheets, loose=True).build(), 1, whole=True)
    except Contradiction:
        return False
    return True


def _largest_part(tables: TimedTables) -> set[Sheet]:
    """Return the largest part found: dates, or else their tables, are added from either end."""
    forwards, backwards = (_add_dates(tables, order) for order in (tables.dates, tables.dates[::-1]))
    return {*(backwards if len(backwards) > len(forwards) else forwards)}


def _add_dates(tables: TimedTables, dates: Sequence[Sequence[Sheet]]) -> list[Sheet]:
    """Return the tables of the dates in order, without those that do not fit."""
    kept: list[Sheet] = []
    for sheets in dates:
        if _fits(tables, [*kept, *sheets]):
            kept += sheets
        elif len(sheets) > 1:
            for sheet in sheets:
                kept += [sheet] if _fits(tables, [*kept, sheet]) else []
    return kept


def _parts_with(tables: TimedTables, left: list[list[int]]) -> Iterator[tuple[TimedTables, list[Sheet]]]:
    """Yield, for each table that was left, that table and those of the other date that fit with it."""
    parts: dict[frozenset[Sheet], None] = {}
    for date, other in ((0, 1), (1, 0)):
        for place in left[date]:
            sheet = tables.dates[date][place]
            kept = [sheet]
            if _fits(tables, kept):
                for candidate in tables.dates[other]:
                    kept += [candidate] if _fits(tables, [*kept, candidate]) else []
            if len(kept) > 1:
                parts.setdefault(frozenset(kept))
    yield from ((tables, [sheet for sheet in tables.sheets if sheet in part]) for part in parts)
