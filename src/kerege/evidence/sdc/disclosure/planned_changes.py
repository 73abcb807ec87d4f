"""Changes of a publication before it is published: figures to suppress, and tables to leave out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kerege.evidence.counting.frequency_table import SUPPRESSED, WITHHELD
from kerege.evidence.sdc.disclosure.report import Codes, Finding, Remedy
from kerege.evidence.sdc.linear.linear_system import least_suppressed
from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.published_tables.sheet import Group, Sheet
from kerege.evidence.sdc.reading.hierarchies import STEP
from kerege.evidence.sdc.reading.nested_codes import base_name

PART = re.compile(r"(?: \((?:codes )?\d+\))+$")  # behind the name of a part of one table
Cell = tuple[str, Group]  # the table, and the codes of the cell by column


@dataclass(frozen=True)
class PlannedChanges:
    """Cells to suppress, in the order of their finding, and tables to leave out."""

    cells: tuple[Cell, ...] = ()
    tables: frozenset[str] = frozenset()

    @property
    def remedies(self) -> list[Remedy]:
        """Return the changes by table."""
        names = dict.fromkeys(table for table, _ in self.cells if table not in self.tables)
        hidden = [Remedy(table=name, action="hide", cells=list(self._cells_of(name))) for name in names]
        return [*hidden, *(Remedy(table=name, action="drop", cells=[]) for name in sorted(self.tables))]

    def _cells_of(self, name: str) -> Iterator[Codes]:
        yield from (dict(sorted(codes)) for table, codes in self.cells if table == name)

    def with_advice(self, findings: Iterable[Finding]) -> PlannedChanges:
        """Return the changes with the cells that findings advise, or with the tables where there is no other."""
        advice = [step for finding in findings for step in finding.advice]
        cells = [
            (table_name(step.table), frozenset(cell.items()))
            for step in advice
            if step.action == "hide"
            for cell in step.cells
        ]
        more = tuple(cell for cell in dict.fromkeys(cells) if cell not in self.cells)
        if more:
            return replace(self, cells=(*self.cells, *more))
        left_out = {table_name(step.table) for step in advice if step.action == "drop"}
        return replace(self, tables=self.tables | left_out)

    def without(self, change: Cell | str) -> PlannedChanges:
        """Return the changes that keep the figure of a cell, or a table."""
        cells = tuple(cell for cell in self.cells if cell != change)
        return PlannedChanges(cells, self.tables - {change} if isinstance(change, str) else self.tables)

    def of(self, publication: Publication) -> Publication:
        """Return a publication with the changes."""
        kept = [sheet for sheet in publication.sheets if table_name(sheet.name) not in self.tables]
        return replace(publication, sheets=[self._changed(sheet) for sheet in kept])

    def _changed(self, sheet: Sheet) -> Sheet:
        name = table_name(sheet.name)
        to_hide = {_plain(codes) for table, codes in self.cells if table == name}
        flat = [place for group, place in sheet.groups.items() if _plain(group) in to_hide] if to_hide else []
        return _with_suppressed(sheet, flat) if flat else sheet


NO_CHANGES = PlannedChanges()


def table_name(name: str) -> str:
    """Return the name of a table, without the number of a part of it."""
    return PART.sub("", name)


def _plain(codes: Group) -> Group:
    """Return codes without what a reading adds to them: paths, and numbers of sets of codes."""
    return frozenset((base_name(column), code.rpartition(STEP)[2]) for column, code in codes)


def _with_suppressed(sheet: Sheet, places: Sequence[int]) -> Sheet:
    """Return a table in which some figures are suppressed, as counts and as shares."""
    counts, status = sheet.counts.copy(), sheet.status.copy()
    lower, upper = sheet.lower.copy(), sheet.upper.copy()
    for flat in places:
        if status.flat[flat] != WITHHELD and upper.flat[flat] > 0:
            counts.flat[flat], status.flat[flat] = 0, SUPPRESSED
            lower.flat[flat], upper.flat[flat] = least_suppressed(sheet), np.inf
    return replace(
        sheet,
        counts=counts,
        status=status,
        lower=lower,
        upper=upper,
        ratios=tuple(ratio for ratio in sheet.ratios if not {ratio.numerator, ratio.denominator} & {*places}),
        printed={flat: text for flat, text in sheet.printed.items() if flat not in places},
    )
