"""A published table as an intruder knows it: bounds of every cell, and statements of the files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from kerege.evidence.counting.frequency_table import TOTAL, WITHHELD, Table
from kerege.evidence.sdc.linear.linear_system import Floats
from kerege.evidence.sdc.published_tables.people_tie import PeopleTie
from kerege.evidence.sdc.published_tables.time_line import TimeSpan
from kerege.evidence.sdc.reading.options import PossibleReading
from kerege.evidence.sdc.reading.shares import Ratio
from kerege.vocabulary import snapshot_columns as standard

UNNAMED = "records"
LAYER = re.compile(r" \(codes \d+\)$")  # behind the name of a set of disjoint codes of a table
Group = frozenset[tuple[str, str]]  # (column, code) pairs; all other columns are summed over


@dataclass(frozen=True)
class CellEstimates:
    """Noisy counts of the cells of a table in a file of records, and their deviations, flat.

    The deviation is infinite where the file states nothing about a cell.
    """

    records: str
    release: str
    counts: Floats
    deviations: Floats


@dataclass(eq=False)
class Sheet(Table):
    """A published table, with the bounds that the publisher states for every cell.

    A cell without a row is withheld. `notes` are sentences about the reading of the file. `ratios` are shares of a
    number that the table does not state, as rows over two of its cells. `unread` names the columns of the file that
    were not understood: nothing is known of what they say, so that the table is undecided.
    """

    lower: Floats = field(default_factory=lambda: np.zeros(0))
    upper: Floats = field(default_factory=lambda: np.zeros(0))
    release: str = ""
    origin: str = ""  # fingerprint of the snapshot, '' when it is not stated
    as_of: str = ""
    period: str = ""
    is_cumulative: bool | None = None  # whether it counts a whole register, or a period; None when it is not stated
    stated: bool = True  # whether a manifest states unit and filter
    incomplete: frozenset[str] = frozenset()  # columns that may leave out values that occur
    sensitive: frozenset[str] = frozenset()
    ratios: tuple[Ratio, ...] = ()
    unread: tuple[str, ...] = ()
    printed: Mapping[int, str] = field(default_factory=dict)  # the share that gives a cell, by flat position
    estimates: tuple[CellEstimates, ...] = ()  # by files of records of the same people
    ties: tuple[PeopleTie, ...] = ()  # that the manifest states of the unit
    marks_read: bool = (
        False  # whether `lower` says which suppressed figures are at least 1, as marks of a foreign file do
    )

    named_multi: frozenset[str] = frozenset()  # columns of another publisher that the user or a manifest calls so
    named_single: frozenset[str] = frozenset()  # columns in which nobody has two values, as the user says
    doubtful: tuple[tuple[str, int], ...] = ()  # parts that can be parts of others, and by how many people they differ
    title: str = ""  # above the table in its sheet or file
    possible: tuple[PossibleReading, ...] = ()  # readings of its values that nothing proves

    span: TimeSpan | None = None  # the time in which its people entered the register, among tables of several dates

    __eq__ = object.__eq__  # compared by identity: two tables may have equal content
    __hash__ = object.__hash__

    def group(self, flat: int) -> Group:
        """Return the codes of a cell by column, totals and the filter left out."""
        return frozenset((c, k) for c, k in zip(self.by, self.keys(flat), strict=True) if k != TOTAL)

    @property
    def filter(self) -> frozenset[tuple[str, tuple[str, ...]]]:
        """Return the filter in a hashable form."""
        return frozenset((column, tuple(sorted(values))) for column, values in self.where.items())

    @cached_property
    def groups(self) -> dict[Group, int]:
        """Return the position of every group that has a row in the table."""
        rows = np.flatnonzero(self.status.ravel() != WITHHELD).tolist()
        return {self.group(flat): flat for flat in rows}

    @cached_property
    def bounded(self) -> dict[Group, tuple[float, float]]:
        """Return the bounds of every group for which the table states an upper bound."""
        lower, upper = self.lower.ravel(), self.upper.ravel()
        return {
            group: (float(lower[flat]), float(upper[flat]))
            for group, flat in self.groups.items()
            if np.isfinite(upper[flat])
        }


def is_multi_valued(unit: str, name: str) -> bool:
    """Return whether the standard allows several values of a row in a column."""
    try:
        return standard.column(unit, name).multi
    except LookupError:
        return False


def is_known_multi_valued(name: str) -> bool:
    """Return whether the standard has a column of this name in which a row can have several values."""
    return any(is_multi_valued(unit, name) for unit in standard.units())


def exceeds_total(sheet: Sheet, d: int) -> bool:
    """Return whether the published values of a dimension certainly sum to more than their total."""
    published = np.where(np.isinf(sheet.upper), 0.0, sheet.lower)
    lower, upper = np.moveaxis(published, d, 0), np.moveaxis(sheet.upper, d, 0)
    return bool((lower[1:].sum(axis=0) > upper[0]).any())


def incomplete_columns(sheet: Sheet) -> frozenset[str]:
    """Return the columns whose values do not reach their total: some people have none of the values.

    In all other columns everybody has a listed value. A table that a manifest states lists all values of a column in
    which a person has one value.
    """
    columns = set()
    for d, name in enumerate(sheet.by):
        lower, upper = np.moveaxis(sheet.lower, d, 0), np.moveaxis(sheet.upper, d, 0)
        if (name in sheet.multi or not sheet.stated) and (lower[0] > upper[1:].sum(axis=0)).any():
            columns.add(name)
    return frozenset(columns)


def without_single_codes(sheet: Sheet) -> Sheet:
    """Return a sheet without the columns that show the total alone: they say nothing about anybody.

    As complete columns without a value they would say that nobody is counted.
    """
    kept = [d for d, axis in enumerate(sheet.axes) if len(axis) > 1]
    if len(kept) == len(sheet.by):
        return sheet
    by = tuple(sheet.by[d] for d in kept)
    shape = [len(sheet.axes[d]) for d in kept]
    figures = {name: getattr(sheet, name).reshape(shape) for name in ("counts", "status", "lower", "upper")}
    return replace(
        sheet,
        by=by,
        axes=tuple(sheet.axes[d] for d in kept),
        multi=sheet.multi & {*by, *sheet.where},
        incomplete=sheet.incomplete & {*by},
        sensitive=sheet.sensitive & {*by},
        **figures,
    )


def is_same_table(first: Sheet, second: Sheet) -> bool:
    """Return whether two sheets hold codes of one table of a publication."""
    names = (LAYER.sub("", sheet.name) for sheet in (first, second))
    return first.release == second.release and len(set(names)) == 1


def renamed_columns(sheet: Sheet, by: tuple[str, ...]) -> Sheet:
    """Return a sheet with other names of columns."""
    new = dict(zip(sheet.by, by, strict=True))
    multi, incomplete, sensitive, named_multi, named_single = (
        frozenset(new.get(name, name) for name in names)
        for names in (sheet.multi, sheet.incomplete, sheet.sensitive, sheet.named_multi, sheet.named_single)
    )
    return replace(
        sheet,
        by=by,
        multi=multi,
        incomplete=incomplete,
        sensitive=sensitive,
        named_multi=named_multi,
        named_single=named_single,
    )
