"""Unions of releases as a publisher makes them from one register, and as they lie on disk.

A person is a mapping from columns to codes; a multi-valued column holds a set of codes. In a register that changes, the
column `entered` states who was counted at which date: `old` at both dates, `later` only at the second, `left` only at
the first. A table of the first date counts `old` and `left`, a table of the second `old` and `later`. Of three dates,
`middle` came between the first two. A table of a year counts people of both halves. The column is in no file: the dates
and periods say it, or the order of publication.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

from tests.evidence import made_folders
from tests.evidence.sdc.oracle.registers import Code, Variable, is_counted

TOTAL, ENTERED = "_T", "entered"
COUNTED_AT = {
    "first": ("old", "left"),
    "second": ("old", "later"),
    "one": ("old",),
    "two": ("old", "middle"),
    "three": ("old", "middle", "later"),
    "2025-H1": ("half 1",),
    "2025-H2": ("half 2",),
    "2025": ("half 1", "half 2"),
}
AS_OF = {
    "": "2024-12-31",
    "first": "2024-12-31",
    "second": "2025-12-31",
    "one": "2023-12-31",
    "two": "2024-12-31",
    "three": "2025-12-31",
}
GROWING = Variable((ENTERED,), fixed=("old", "later"))
CHANGING = Variable((ENTERED,), fixed=("old", "later", "left"))
SHRINKING = Variable((ENTERED,), fixed=("old", "left"))
GROWING_TWICE = Variable((ENTERED,), fixed=("old", "middle", "later"))
HALVES = Variable((ENTERED,), fixed=("half 1", "half 2"))
Person = Mapping[str, Code]
Key = tuple[str, ...]
Filter = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class PublishedCell:
    """A row of a table: its text, its status, and what the intruder knows of the figure."""

    text: str
    status: str
    lower: int
    upper: int | None
    percent: str = ""


@dataclass(frozen=True)
class PublishedTable:
    """A published table.

    `where` includes the dates of entry. `complete` states that the axes list every value that occurs. A cell without a
    row is unknown.
    """

    name: str
    by: Key
    where: Filter
    cells: dict[Key, PublishedCell]
    complete: bool = True
    half_width: int | None = None
    date: str = ""

    def lines(self) -> list[str]:
        """Return the rows as text: the codes, the bounds of the figure, and the status."""
        return [
            f"  {','.join(key)}: {cell.lower} to {cell.upper}, {cell.status}" for key, cell in self.cells.items()
        ] + ([] if self.complete else ["  some codes are left out"])

    @property
    def stated_filter(self) -> Filter:
        """Return the filter that the manifest states."""
        return {column: codes for column, codes in self.where.items() if column != ENTERED}


@dataclass(frozen=True)
class ReleaseUnion:
    """All releases of one unit: the variables, and the tables by folder, oldest first.

    Without a manifest the folders are the CSV files of another publisher: filters and half widths are not stated.
    """

    variables: tuple[Variable, ...]
    folders: dict[str, list[PublishedTable]]
    people: list[Person] = field(default_factory=list)
    has_manifest: bool = True

    @property
    def tables(self) -> list[PublishedTable]:
        """Return the tables of all folders."""
        return [table for tables in self.folders.values() for table in tables]

    @property
    def entry(self) -> str:
        """Return how the register changes between its dates: '' for one date, `growing`, or `changing`."""
        return "changing" if {"later", "left"} <= {*self.pieces} else "growing" if self.pieces else ""

    @property
    def pieces(self) -> tuple[str, ...]:
        """Return the codes of the time in which people entered or left, in order."""
        return next((variable.fixed for variable in self.variables if variable.columns == (ENTERED,)), ())

    def assuming(self, entry: Variable) -> ReleaseUnion:
        """Return the same releases for an intruder who assumes `GROWING`, `SHRINKING` or `CHANGING`."""
        others = tuple(variable for variable in self.variables if variable.columns != (ENTERED,))
        return replace(self, variables=(*others, entry))

    @property
    def multi(self) -> set[str]:
        """Return the multi-valued columns."""
        return {variable.columns[0] for variable in self.variables if variable.multi}

    def describe(self) -> str:
        """Return all tables as text, for a failed comparison."""
        return "\n".join(
            line
            for name, tables in self.folders.items()
            for table in tables
            for line in (f"{name}/{table.name} by {list(table.by)} where {table.where}", *table.lines())
        )

    def write(self, root: Path) -> list[Path]:
        """Write the folders, oldest first."""
        return [self._write_folder(root / name, tables) for name, tables in self.folders.items()]

    def _write_folder(self, folder: Path, tables: list[PublishedTable]) -> Path:
        date = tables[0].date
        entries = [write_table(table, self.multi) for table in tables]
        is_period = date not in AS_OF
        as_of, period = ("", date) if is_period else (AS_OF[date], "")
        stated = {"sha": f"snapshot {date}", "as_of": as_of, "period": period}
        stated |= {"cumulative": False} if is_period else {}
        return made_folders.write(folder, entries, manifest=self.has_manifest, **stated)


def write_table(table: PublishedTable, multi: Collection[str]) -> dict[str, Any]:
    """Return a table as a file and the entry of its manifest."""
    has_percent = any(cell.percent for cell in table.cells.values())
    header = [*table.by, *(["percent"] if has_percent else []), "count", "status"]
    rows = [
        [*key, *([cell.percent] if has_percent else []), cell.text, cell.status] for key, cell in table.cells.items()
    ]
    params: dict[str, object] = {} if table.half_width is None else {"half_width": table.half_width}
    if not table.complete:
        params["small_categories"] = "not shown"
    columns = sorted(set(multi) & {*table.by, *table.where})
    where = table.stated_filter
    entry = made_folders.table(table.name, [header, *rows], where=where, params=params, multi=columns)
    entry["entry"]["by"] = list(table.by)
    return entry


# -- counting and publishing -------------------------------------------------------------------------------------------
def is_inside(person: Person, where: Mapping[str, Iterable[str]]) -> bool:
    """Check whether a filter accepts a person."""
    return all(any(is_counted(person[column], code) for code in codes) for column, codes in where.items())


def count_cells(people: Iterable[Person], by: Sequence[str], where: Filter) -> dict[Key, int]:
    """Return the true count of every cell with all margins; the axes list the values that occur."""
    inside = [person for person in people if is_inside(person, where)]
    axes = [[TOTAL, *sorted({code for person in inside for code in codes_of(person[column])})] for column in by]
    alike = Counter(tuple(person[column] for column in by) for person in inside)
    return {
        key: sum(
            count
            for values, count in alike.items()
            if all(code == TOTAL or is_counted(value, code) for value, code in zip(values, key, strict=True))
        )
        for key in product(*axes)
    }


def codes_of(value: Code) -> list[str]:
    """Return the codes of the rows that count a value."""
    return [value] if isinstance(value, str) else sorted(value) or ["_U"]


def exact(count: int) -> PublishedCell:
    """Return a cell with its true count."""
    return PublishedCell(str(count), "ok", count, count)


def suppressed() -> PublishedCell:
    """Return a suppressed cell: the intruder knows that it is at least 1."""
    return PublishedCell("", "suppressed", 1, None)


def perturbed(figure: int, half_width: int) -> PublishedCell:
    """Return a perturbed cell with the stated half width."""
    return PublishedCell(str(figure), "perturbed", max(figure - half_width, 0), figure + half_width)


def dated(where: Mapping[str, Sequence[str]], date: str) -> Filter:
    """Return a filter with the people who are counted at a date."""
    entered = {ENTERED: COUNTED_AT[date]} if date else {}
    return {column: tuple(codes) for column, codes in where.items()} | entered


def make_table(
    people: Iterable[Person],
    name: str,
    by: Key = (),
    where: Mapping[str, Sequence[str]] | None = None,
    hidden: Collection[Key] = (),
    date: str = "",
) -> PublishedTable:
    """Return an exact table with some cells suppressed."""
    counted_where = dated(where or {}, date)
    counts = count_cells(people, by, counted_where)
    cells = {key: suppressed() if key in hidden else exact(count) for key, count in counts.items()}
    return PublishedTable(name, by, counted_where, cells, date=date)
