"""What was learned, from which published numbers, and the least change that would have kept it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp

from kerege.evidence.counting.frequency_table import OK, PERTURBED, TOTAL
from kerege.evidence.sdc.constraints.cell_bounds import Finding, Survey
from kerege.evidence.sdc.constraints.differences import Difference
from kerege.evidence.sdc.constraints.domains import REST
from kerege.evidence.sdc.constraints.highs_solver import EPSILON, model
from kerege.evidence.sdc.constraints.multi_table import Joint, join
from kerege.evidence.sdc.constraints.populations import Population
from kerege.evidence.sdc.constraints.publication import Group, Sheet
from kerege.evidence.sdc.constraints.table_views import Box
from kerege.evidence.sdc.disclosure.report import Kind, Source
from kerege.evidence.sdc.suppression.joint_repair import hidden, widen

SECONDS = 20.0  # for explaining; what remains is told without its sources
ROUNDS, MOST_SOURCES, MOST_UNKNOWNS = 4, 60, 60_000


@dataclass(frozen=True)
class Disclosure:
    """People who can be found: a cell or difference that is at least `lower` and at most `upper`.

    `kind` is small (published as it is), interval (a hidden cell), difference (of tables with other filters), revision
    (of two dates) or group (all members share a value). `about` names the registers of which it tells.
    """

    kind: Kind
    release: str
    table: str
    cell: dict[str, str]
    lower: int
    upper: int
    sources: tuple[Source, ...] = ()
    hide: tuple[tuple[str, dict[str, str]], ...] = ()  # cells of tables that stop it when suppressed as well
    drop: str = ""  # the table to leave out where suppressing does not help
    where: dict[str, list[str]] = field(default_factory=dict)
    about: frozenset[tuple[str, str]] = frozenset()

    @property
    def people(self) -> int:
        """About how many people, at most."""
        return max(abs(self.lower), abs(self.upper))

    @property
    def key(self) -> tuple[Any, ...]:
        """Which figure it is about."""
        return self.kind, self.table, self.release, tuple(sorted(self.cell.items()))

    @property
    def who(self) -> tuple[Any, ...]:
        """The people it is about, whichever table tells of them."""
        where = [(name, " or ".join(sorted(values))) for name, values in self.where.items()]
        several = self.kind if self.kind in ("difference", "revision", "group") else "cell"
        return several, tuple(sorted({*where, *self.cell.items()}))


def codes_of(sheet: Sheet, flat: int) -> dict[str, str]:
    """The codes of a cell by column, totals left out."""
    return {name: code for name, code in zip(sheet.by, sheet.keys(flat), strict=True) if code != TOTAL}


def as_codes(group: Group) -> dict[str, str]:
    """The codes of a group by column."""
    return dict(sorted(group))


def published(sheet: Sheet, flat: int) -> Source:
    """A cell as a source."""
    return Source(
        release=sheet.release, table=sheet.name, cell=codes_of(sheet, flat), value=int(sheet.counts.flat[flat])
    )


class Explainer:
    """Sources and remedies of what was found in one register, as long as there is time."""

    def __init__(
        self, population: Population, joint: Joint, own: frozenset[str], threshold: int, deadline: float
    ) -> None:
        self.population, self.joint, self.own = population, joint, own
        self.threshold, self.deadline = threshold, deadline
        self.about = frozenset(
            {(population.unit, population.key), *((population.unit, key) for key in population.alike)}
        )

    def of_cell(self, finding: Finding, kind: Kind) -> Disclosure:
        """A finding in words that can be printed."""
        place = self.joint.at(finding.cell)
        sheet, cell = self._difference(finding.cell) if place is None else self._table(*place)
        sources = self._sources(finding.cell) if kind != "small" else (published(sheet, place[1]),) if place else ()
        hide = self._remedy(finding.cell)
        drop = "" if hide else self._to_drop(sheet, finding.cell)
        kind = kind if place else "difference"
        return Disclosure(kind, sheet.release, sheet.name, cell, finding.lower, finding.upper, sources, hide, drop,
                          sheet.where, self.about)  # fmt: skip

    @property
    def late(self) -> bool:
        """Whether time is up."""
        return time.monotonic() > self.deadline

    def _sheet(self, number: int) -> Sheet:
        sheet = self.joint.tables[number]
        assert isinstance(sheet, Sheet)  # noqa: S101 - the attack reads published tables only
        return sheet

    def _table(self, number: int, flat: int) -> tuple[Sheet, dict[str, str]]:
        sheet = self._sheet(number)
        return sheet, codes_of(sheet, flat)

    def _difference(self, cell: int) -> tuple[Sheet, dict[str, str]]:
        """The table that gives a difference away, the new one if either is, and who is meant."""
        each = self.joint.differences[cell - self.joint.cells]
        one, two = (self._sheet(number) for number in each.tables)
        told = _who(self.joint, each)
        return (two if two.release in self.own and one.release not in self.own else one), told

    def _to_drop(self, sheet: Sheet, cell: int) -> str:
        owners = [self._sheet(number) for number in self.joint.owners[cell]]
        return next((each.name for each in [sheet, *owners] if each.release in self.own), "")

    def _remedy(self, cell: int) -> tuple[tuple[str, dict[str, str]], ...]:
        """Further cells of the new release to suppress: least loss, checked by attacking again."""
        joint, hide = self.joint, np.zeros(len(self.joint.truth), dtype=bool)
        for _ in range(ROUNDS):
            before = hide.sum()
            if self.late:
                return ()
            hide = hide | widen(joint, cell, self.threshold, hide)
            if hide.sum() == before:
                return ()
            low, high = Survey(hidden(joint, hide), self.threshold, held=True).intervals([cell])[cell]
            if low >= self.threshold or high - low >= self.threshold:
                return tuple(self._cell(int(each)) for each in np.flatnonzero(hide))
        return ()

    def _cell(self, cell: int) -> tuple[str, dict[str, str]]:
        place = self.joint.at(cell)
        assert place is not None  # noqa: S101 - only cells of tables are hidden
        sheet, told = self._table(*place)
        return sheet.name, told

    @cached_property
    def _plain(self) -> Joint:
        """The system in which a published zero is a number like any other."""
        plain = join(self.population, self.joint.tables, loose=True, zeros=False)
        return plain if plain.sums.shape[1] <= MOST_UNKNOWNS and not plain.large else self.joint

    def _where_zeros_are_numbers(self, cell: int) -> tuple[Joint, int]:
        """The plain system and what a cell is there: it may know more differences, in another order."""
        if cell < self.joint.cells or self._plain is self.joint:
            return self._plain, cell
        meant = self.joint.differences[cell - self.joint.cells]
        for number, each in enumerate(self._plain.differences):
            if each.tables == meant.tables and _who(self._plain, each) == _who(self.joint, meant):
                return self._plain, self._plain.cells + number
        return self.joint, cell

    def _sources(self, cell: int) -> tuple[Source, ...]:
        """The published numbers that carry the proof: those with a price in the programmes of both ends."""
        if self.late:
            return ()
        joint, cell = self._where_zeros_are_numbers(cell)
        lower, upper = joint.known()
        rows = np.flatnonzero((lower > 0) | np.isfinite(upper))
        matrix = sp.vstack([joint.sums[rows], joint.rules.matrix]).tocsr()
        low, high = (np.concatenate(pair) for pair in ((lower[rows], joint.rules.low), (upper[rows], joint.rules.high)))
        size = matrix.shape[1]
        solver = model(matrix, low, high, np.zeros(size), np.full(size, joint.most))
        aim = joint.sums[[cell]].toarray().ravel()
        priced = np.zeros(len(rows), dtype=bool)
        for sign in (1.0, -1.0):
            solver.changeColsCost(size, np.arange(size, dtype=np.int32), sign * aim)
            solver.setOptionValue("time_limit", max(self.deadline - time.monotonic(), 1.0))
            solver.run()
            duals = np.array(solver.getSolution().row_dual)[: len(rows)]
            priced |= np.abs(duals) > EPSILON
        return tuple(self._told(rows[priced].tolist()))[:MOST_SOURCES]

    def _told(self, cells: Iterable[int]) -> Iterable[Source]:
        for each in cells:
            place = self.joint.at(each)
            if place is not None and self.joint.tables[place[0]].status.flat[place[1]] in (OK, PERTURBED):
                yield published(self._sheet(place[0]), place[1])


def _who(joint: Joint, difference: Difference) -> dict[str, str]:
    """Who is counted by a difference: columns and codes."""
    told = _named(joint, difference.boxes[0])
    for box in difference.boxes[1:]:
        without = _named(joint, box).items()
        told |= {f"without {name}": code for name, code in without if told.get(name) != code}
    return told


def _named(joint: Joint, box: Box) -> dict[str, str]:
    told = {}
    for family, mask in box.masks.items():
        columns, atoms = joint.families[family].columns, joint.families[family].atoms
        on = [atom for atom, chosen in zip(atoms, mask, strict=True) if chosen]
        off = [atom for atom, chosen in zip(atoms, mask, strict=True) if not chosen]
        values = [({atom[place] for atom in on}, {atom[place] for atom in off}) for place in range(len(columns))]
        plain = [place for place, (inside, outside) in enumerate(values) if not inside & outside]
        for place in plain[:1] or range(len(columns)) if off else ():
            inside, outside = values[place]
            if outside - inside:
                told[columns[place]] = " or ".join("another" if v == REST else v for v in sorted(inside))
    return told | ({box.pick[0]: box.pick[1]} if box.pick else {})
