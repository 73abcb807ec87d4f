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
from random import Random
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


# -- random unions -----------------------------------------------------------------------------------------------------
A = Variable(("a",))
B = Variable(("b",))
C = Variable(("c",))
D = Variable(("d",))
KINDS = Variable(("s",), multi=True)
MEANS = Variable(("m",), multi=True)
AGES = Variable(("age_a", "age_b"), bands=True)
FORMS = Variable(
    ("exploitation_form", "exploitation"),
    parents={
        "forced_labour": "labour",
        "child_labour": "labour",
        "begging": "other",
        "sexual_exploitation": "sexual",
    },
)
QUARTERS = Variable(
    ("quarter", "year"), parents={f"{year}-Q{n}": str(year) for year in (2023, 2024) for n in (1, 2, 3)}
)
SCHEMES: dict[str, tuple[Variable, ...]] = {
    "plain": (A, B, C),
    "sets": (KINDS, B),
    "crossed": (KINDS, MEANS),
    "crossed by": (KINDS, MEANS, B),
    "bands": (AGES, B),
    "forms": (FORMS, B),
    "quarters": (QUARTERS, B),
    "growing": (A, B, GROWING),
    "changing": (A, B, CHANGING),
    "growing sets": (KINDS, B, GROWING),
    "growing bands": (AGES, B, GROWING),
    "growing twice": (A, B, GROWING_TWICE),
    "growing files": (A, B, GROWING),
    "halves": (A, B, HALVES),
    "forms and sets": (FORMS, KINDS),
    "four columns": (A, B, C, KINDS),
    "path": (A, B, C, D),
    "star": (B, A, C, KINDS),
}
# schemes in which every table shows one pair of columns: all groups of three columns cross tables
LINKS: dict[str, tuple[tuple[Variable, ...], ...]] = {
    "path": ((A, B), (B, C), (C, D)),
    "star": ((B, A), (B, C), (B, KINDS)),
}
DATES = {
    GROWING.fixed: ["first", "second"],
    CHANGING.fixed: ["first", "second"],
    GROWING_TWICE.fixed: ["one", "two", "three"],
    HALVES.fixed: ["2025-H1", "2025-H2", "2025"],
}
SMALL_CODES: dict[str, list[Code]] = {
    "a": ["p", "q", "r"],
    "b": ["x", "y"],
    "c": ["m", "n", "_U"],
    "d": ["k", "l"],
    "s": [frozenset("u"), frozenset("v"), frozenset("uv"), frozenset()],
    "m": [frozenset("x"), frozenset("y"), frozenset("xy"), frozenset()],
}
BANDS = {"age_a": ("0-14", "15-24", "25+"), "age_b": ("0-17", "18-29", "30+")}
PIECES = (("0-14", "0-17"), ("15-24", "0-17"), ("15-24", "18-29"), ("25+", "18-29"), ("25+", "30+"))


def random_codes(rng: Random, variable: Variable) -> dict[str, Code]:
    """Return the codes of a person in the columns of a variable."""
    if variable.fixed:
        return {ENTERED: rng.choice([*["old"] * 3, *variable.fixed])}
    if variable.bands:
        return dict(zip(variable.columns, rng.choice(PIECES), strict=True))
    if variable.parents:
        child = rng.choice(sorted(variable.parents))
        return dict(zip(variable.columns, (child, variable.parents[child]), strict=True))
    return {variable.columns[0]: rng.choice(SMALL_CODES[variable.columns[0]])}


@dataclass(frozen=True)
class RegisterSize:
    """The size of a random register: kinds of people, people of a kind, the most people, thresholds."""

    kinds: tuple[int, int]
    of_a_kind: tuple[int, ...]
    most: int
    thresholds: tuple[int, ...]


SMALL = RegisterSize((2, 6), (1, 1, 2, 3, 4, 5), 12, (2, 3, 3, 4))
MIDDLE = RegisterSize((3, 6), (2, 3, 4, 4, 5, 6), 24, (3, 4))  # most disclosed groups are no cell of a table
LARGE = RegisterSize((8, 24), (1, 2, 3, 5, 8, 13, 20), 200, (5, 7, 10))


def random_people(rng: Random, variables: Sequence[Variable], size: RegisterSize = SMALL) -> list[Person]:
    """Return the people of a register: some kinds of people with one person, some with several."""
    people: list[Person] = []
    for _ in range(rng.randint(*size.kinds)):
        person: dict[str, Code] = {}
        for variable in variables:
            person |= random_codes(rng, variable)
        people += [person] * rng.choice(size.of_a_kind)
    return people[: size.most]


def random_filter(rng: Random, variables: Sequence[Variable], people: Sequence[Person]) -> Filter:
    """Return a filter by no, one or two columns; a multi-valued column is filtered by one value."""
    where: Filter = {}
    for variable in rng.sample(variables, rng.choice([0, 0, 0, 1, 1, 2] if len(variables) > 1 else [0, 0, 1])):
        column = rng.choice(variable.columns)
        codes = sorted({code for person in people for code in codes_of(person[column])})
        where[column] = tuple(rng.sample(codes, 1 if variable.multi else min(rng.choice([1, 1, 2]), len(codes))))
    return where


def random_table(
    rng: Random,
    people: Sequence[Person],
    variables: Sequence[Variable],
    name: str,
    threshold: int,
    date: str = "",
    *,
    is_bare: bool = False,
) -> PublishedTable | None:
    """Return a table by up to three columns; None where a filter accepts nobody.

    A bare table is one without a manifest: it has no filter, and no half width.
    """
    shown = [variable for variable in variables if not variable.fixed]
    columns = [column for variable in shown for column in variable.columns]
    by = tuple(rng.sample(columns, min(rng.choice([0, 1, 1, 1, 2, 2, 2, 3]), len(columns))))
    where = dated({} if is_bare else random_filter(rng, shown, people), date)
    counts = count_cells(people, by, where)
    if not counts[(TOTAL,) * len(by)]:
        return None
    table = publish(rng, PublishedTable(name, by, where, {}, date=date), counts, threshold, is_bare=is_bare)
    if is_bare:
        return table
    if by and rng.random() < 0.15:
        table = without_margin(rng, table)
    if by and rng.random() < 0.1:
        table = without_rows(rng, table)
    is_multi = any(variable.multi and variable.columns[0] in by for variable in variables)
    if by and not is_multi and rng.random() < 0.1:
        table = without_codes(rng, table)
    return table


def publish(
    rng: Random, table: PublishedTable, counts: Mapping[Key, int], threshold: int, *, is_bare: bool = False
) -> PublishedTable:
    """Return the table with exact, suppressed or perturbed cells; a zero is never suppressed."""
    methods = ["exact", "some suppressed", "small suppressed", "small suppressed", "perturbed", "both"]
    method = rng.choice(methods[: 4 if is_bare else 6])
    share = {"exact": 0.0, "some suppressed": rng.choice([0.2, 0.5, 0.8]), "both": 0.3, "perturbed": 0.0}.get(
        method, 0.3
    )
    half_width = rng.choice([1, 1, 2]) if method in ("perturbed", "both") else None
    cells = {}
    for key, count in counts.items():
        is_small = method == "small suppressed" and 0 < count < threshold
        if is_small or (count and rng.random() < share):
            cells[key] = suppressed()
        elif half_width is None:
            cells[key] = exact(count)
        else:
            cells[key] = perturbed(max(count + rng.randint(-half_width, half_width), 0), half_width)
    return replace(table, cells=cells, half_width=half_width)


def without_margin(rng: Random, table: PublishedTable) -> PublishedTable:
    """Return the table without the totals of one column."""
    place = rng.randrange(len(table.by))
    return _with_cells(table, {key: cell for key, cell in table.cells.items() if key[place] != TOTAL})


def without_rows(rng: Random, table: PublishedTable) -> PublishedTable:
    """Return the table without some of its rows."""
    return _with_cells(table, {key: cell for key, cell in table.cells.items() if rng.random() < 0.85})


def without_codes(rng: Random, table: PublishedTable) -> PublishedTable:
    """Return the table without the rows of one code, stated as incomplete."""
    place = rng.randrange(len(table.by))
    codes = sorted({key[place] for key in table.cells} - {TOTAL})
    if len(codes) < 2:
        return table
    code = rng.choice(codes)
    cells = {key: cell for key, cell in table.cells.items() if key[place] != code}
    return replace(table, cells=cells, complete=False)


def _with_cells(table: PublishedTable, cells: dict[Key, PublishedCell]) -> PublishedTable:
    """Return the table with fewer cells, unchanged where a code would vanish from an axis."""
    axes, left = ([{key[d] for key in some} - {TOTAL} for d in range(len(table.by))] for some in (table.cells, cells))
    return replace(table, cells=cells) if axes == left and cells else table


def random_union(rng: Random, scheme: str, threshold: int, size: RegisterSize = SMALL) -> ReleaseUnion:
    """Return one to four tables of one register, in one or two folders.

    A register that changes has a folder for each date.
    """
    variables = SCHEMES[scheme]
    links = LINKS.get(scheme, (variables,))
    people = random_people(rng, variables, size)
    pieces = next((variable.fixed for variable in variables if variable.fixed), ())
    dates = DATES.get(pieces) or [""] * rng.choice([1, 1, 2])
    is_bare = scheme.endswith("files")
    folders: dict[str, list[PublishedTable]] = {}
    for number, date in enumerate(dates):
        number_of_tables = rng.randint(1, 2) if len(dates) > 1 else rng.randint(1, 4)
        tables = [
            random_table(rng, people, links[n % len(links)], f"t{number}{n}", threshold, date, is_bare=is_bare)
            for n in range(max(number_of_tables, len(links)))
        ]
        published = [table for table in tables if table is not None]
        folders[f"release{number}"] = published or [make_table(people, f"t{number}0", date=date)]
    return ReleaseUnion(variables, folders, people, has_manifest=not is_bare)
