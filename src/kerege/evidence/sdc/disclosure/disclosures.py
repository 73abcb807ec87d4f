"""Disclosures, with the published numbers that they follow from and the smallest remedy."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp

from kerege.evidence.counting.frequency_table import NOISED, OK, PERTURBED, TOTAL
from kerege.evidence.sdc.bounds.cell_bounds import NarrowCell, Survey
from kerege.evidence.sdc.bounds.feasible_bounds import is_wide
from kerege.evidence.sdc.constraints.multi_table import JointSystem, join
from kerege.evidence.sdc.disclosure.report import Kind, Source
from kerege.evidence.sdc.linear.highs_solver import EPSILON, build_model
from kerege.evidence.sdc.populations.populations import PublishedPopulation
from kerege.evidence.sdc.published_tables.publication import Sheet
from kerege.evidence.sdc.suppression.joint_repair import cells_to_hide, suppress_cells

SECONDS = 20.0  # for explanations; later disclosures are reported without sources
ROUNDS, MOST_SOURCES, MOST_UNKNOWNS = 4, 60, 60_000


@dataclass(frozen=True)
class Disclosure:
    """A disclosure: a cell or a derived group of at least `lower` and at most `upper` people.

    `kind` is small (published as it is), interval (a hidden cell), difference (a group that no table shows), noise
    (known very probably, by noisy figures), entered (people who entered or left between two dates) or group (all
    members share a value). `about` names the populations that it concerns, as (unit, key).
    """

    kind: Kind
    release: str
    table: str
    cell: dict[str, str]
    lower: int
    upper: int
    sources: tuple[Source, ...] = ()
    hide: tuple[tuple[str, dict[str, str]], ...] = ()  # (table, cell): their suppression stops the disclosure
    drop: str = ""  # the table to leave out where suppression does not help
    where: dict[str, list[str]] = field(default_factory=dict)
    about: frozenset[tuple[str, str]] = frozenset()
    has_shares: bool = False  # whether a share gives a figure to suppress

    @property
    def people(self) -> int:
        """Return the largest number of people that are concerned."""
        return max(abs(self.lower), abs(self.upper))

    @property
    def people_codes(self) -> frozenset[tuple[str, str]]:
        """Return the codes of the people by column."""
        return frozenset(self.cell.items())

    @property
    def key(self) -> tuple[Any, ...]:
        """Return which figure the disclosure is about."""
        return self.kind, self.table, self.release, tuple(sorted(self.cell.items()))

    @property
    def who(self) -> tuple[Any, ...]:
        """Return which people the disclosure is about, independent of the table."""
        where = [(name, " or ".join(sorted(values))) for name, values in self.where.items()]
        kind = self.kind if self.kind in ("difference", "noise", "entered", "group") else "cell"
        return kind, tuple(sorted({*where, *self.cell.items()}))


def codes_of(sheet: Sheet, flat: int) -> dict[str, str]:
    """Return the codes of a cell by column, totals left out."""
    return {name: code for name, code in zip(sheet.by, sheet.keys(flat), strict=True) if code != TOTAL}


def as_source(sheet: Sheet, flat: int) -> Source:
    """Return a published cell as a source of a disclosure."""
    value, printed = int(sheet.counts.flat[flat]), sheet.printed.get(flat)
    share = {"printed": printed} if printed else {}
    return Source(release=sheet.release, table=sheet.name, cell=codes_of(sheet, flat), value=value, **share)


def _record_sources(sheet: Sheet, flat: int) -> list[Source]:
    """Return the counts of records of a cell as sources."""
    return [
        Source(release=file.release, table=file.records, cell=codes_of(sheet, flat), value=int(file.counts[flat]))
        for file in sheet.estimates
        if np.isfinite(file.deviations[flat])
    ]


class Explainer:
    """Sources and remedies of the disclosures of one population, within a time limit."""

    def __init__(
        self, population: PublishedPopulation, joint: JointSystem, own: frozenset[str], threshold: int, deadline: float
    ) -> None:
        self.population, self.joint, self.own = population, joint, own
        self.threshold, self.deadline = threshold, deadline
        self.about = frozenset(
            {(population.unit, population.key), *((population.unit, key) for key in population.alike)}
        )

    def of_cell(self, finding: NarrowCell, kind: Kind) -> Disclosure:
        """Return the disclosure of a narrow cell, with its sources and its remedy."""
        place = self.joint.at(finding.cell)
        sheet, cell = self._derived_group(finding.cell) if place is None else self._table(*place)
        sources = self._sources(finding.cell) if kind != "small" else (as_source(sheet, place[1]),) if place else ()
        hide = self._remedy(finding.cell)
        drop = "" if hide else self._to_drop(sheet, finding.cell)
        is_share = place is not None and place[1] in sheet.printed
        kind = "difference" if place is None else "interval" if is_share else kind
        return Disclosure(
            kind=kind,
            release=sheet.release,
            table=sheet.name,
            cell=cell,
            lower=finding.lower,
            upper=finding.upper,
            sources=sources,
            hide=hide,
            drop=drop,
            where=sheet.where,
            about=self.about,
            has_shares=any(self._is_share(*cell) for cell in hide),
        )

    def _is_share(self, table: str, codes: Mapping[str, str]) -> bool:
        """Return whether a share gives the figure of a cell of a table."""
        sheets = (sheet for sheet in self.joint.tables if isinstance(sheet, Sheet) and sheet.name == table)
        return any(sheet.groups.get(frozenset(codes.items())) in sheet.printed for sheet in sheets)

    def of_noisy_cell(self, finding: NarrowCell) -> Disclosure:
        """Return the disclosure of a cell or group that noisy figures bound; its remedy leaves a table out."""
        place = self.joint.at(finding.cell)
        sheet, cell = self._derived_group(finding.cell) if place is None else self._table(*place)
        noised = [table for table in self.joint.tables if isinstance(table, Sheet) and (table.status == NOISED).any()]
        same_filter = [table for table in noised if table.filter == sheet.filter]
        places = [(table, table.groups.get(frozenset(cell.items()))) for table in same_filter]
        figures = [as_source(table, flat) for table, flat in places if flat is not None]
        if place:
            figures += _record_sources(sheet, place[1])
        sources = (*figures, *(source for source in self._sources(finding.cell) if source not in figures))
        used = {(source.release, source.table) for source in sources}
        own = sorted(
            (table for table in noised if table.release in self.own),
            key=lambda table: (table.release, table.name) not in used,
        )
        drop = own[0].name if own else self._to_drop(sheet, finding.cell)
        return Disclosure(
            kind="noise",
            release=sheet.release,
            table=sheet.name,
            cell=cell,
            lower=finding.lower,
            upper=finding.upper,
            sources=sources,
            drop=drop,
            where=sheet.where,
            about=self.about,
        )

    @property
    def late(self) -> bool:
        """Return whether the time limit is exceeded."""
        return time.thread_time() > self.deadline

    def _sheet(self, number: int) -> Sheet:
        sheet = self.joint.tables[number]
        assert isinstance(sheet, Sheet)  # noqa: S101 - the attack reads published tables only
        return sheet

    def _table(self, number: int, flat: int) -> tuple[Sheet, dict[str, str]]:
        sheet = self._sheet(number)
        return sheet, codes_of(sheet, flat)

    def _derived_group(self, cell: int) -> tuple[Sheet, dict[str, str]]:
        """Return the table that gives a group, the new one if there is one, and the codes of the group."""
        first, second = (self._sheet(number) for number in self.joint.owners[cell])
        labels = self.joint.groups[cell - self.joint.cells].labels
        return (second if second.release in self.own and first.release not in self.own else first), labels

    def _to_drop(self, sheet: Sheet, cell: int) -> str:
        owners = [self._sheet(number) for number in self.joint.owners[cell]]
        return next((table.name for table in [sheet, *owners] if table.release in self.own), "")

    def _remedy(self, cell: int) -> tuple[tuple[str, dict[str, str]], ...]:
        """Return further cells of the new release to suppress, at the least loss; check that they suffice."""
        joint, hide = self.joint, np.zeros(len(self.joint.truth), dtype=bool)
        for _ in range(ROUNDS):
            before = hide.sum()
            if self.late:
                return ()
            hide = hide | cells_to_hide(joint, cell, self.threshold, hide)
            if hide.sum() == before:
                return ()
            low, high = Survey(suppress_cells(joint, hide), self.threshold, held=True).intervals([cell])[cell]
            if low >= self.threshold or is_wide(np.array([low]), np.array([high]), self.threshold)[0]:
                return tuple(self._cell(int(further)) for further in np.flatnonzero(hide))
        return ()

    def _cell(self, cell: int) -> tuple[str, dict[str, str]]:
        place = self.joint.at(cell)
        assert place is not None  # noqa: S101 - only cells of tables are hidden
        sheet, codes = self._table(*place)
        return sheet.name, codes

    @cached_property
    def _plain(self) -> JointSystem:
        """Return the system in which published zeros are equations, so that they can be sources."""
        plain = join(self.population, self.joint.tables, self.joint.groups, loose=True, zeros=False)
        is_usable = plain.sums.shape[1] <= MOST_UNKNOWNS and not plain.large
        return plain if is_usable and len(plain.groups) == len(self.joint.groups) else self.joint

    def _sources(self, cell: int) -> tuple[Source, ...]:
        """Return the published numbers with a dual price in the linear programs of both ends."""
        if self.late:
            return ()
        joint = self._plain if self.joint.own_tables is None else self.joint
        lower, upper = joint.known()
        rows = np.flatnonzero((lower > 0) | np.isfinite(upper))
        matrix = sp.vstack([joint.sums[rows], joint.rules.matrix]).tocsr()
        low, high = (np.concatenate(pair) for pair in ((lower[rows], joint.rules.low), (upper[rows], joint.rules.high)))
        size = matrix.shape[1]
        solver = build_model(matrix, low, high, np.zeros(size), np.full(size, joint.most))
        objective = joint.sums[[cell]].toarray().ravel()
        has_price = np.zeros(len(rows), dtype=bool)
        for sign in (1.0, -1.0):
            solver.changeColsCost(size, np.arange(size, dtype=np.int32), sign * objective)
            solver.setOptionValue("time_limit", max(self.deadline - time.thread_time(), 1.0))
            solver.run()
            duals = np.array(solver.getSolution().row_dual)[: len(rows)]
            has_price |= np.abs(duals) > EPSILON
        return tuple(self._as_sources(rows[has_price].tolist()))[:MOST_SOURCES]

    def _as_sources(self, cells: Iterable[int]) -> Iterable[Source]:
        for cell in cells:
            place = self.joint.at(cell)
            if place is not None and self.joint.tables[place[0]].status.flat[place[1]] in (OK, PERTURBED, NOISED):
                yield as_source(self._sheet(place[0]), place[1])
