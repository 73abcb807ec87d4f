"""Random unions of releases: people are drawn, counted by random tables, and published by a scheme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from tests.evidence.sdc.oracle.registers import Code, Variable
from tests.evidence.sdc.oracle.releases import (
    CHANGING,
    ENTERED,
    GROWING,
    GROWING_TWICE,
    HALVES,
    TOTAL,
    Filter,
    Key,
    Person,
    PublishedCell,
    PublishedTable,
    ReleaseUnion,
    codes_of,
    count_cells,
    dated,
    exact,
    make_table,
    perturbed,
    suppressed,
)

A = Variable(("a",))
B = Variable(("b",))
C = Variable(("c",))
D = Variable(("d",))
KINDS = Variable(("s",), multi=True)
MEANS = Variable(("m",), multi=True)
TOPICS = Variable(("t",), multi=True)
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
    "three values": (TOPICS,),
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
    "t": [frozenset("u"), frozenset("v"), frozenset("uv"), frozenset("uw"), frozenset("uvw"), frozenset()],
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
MIDDLE = RegisterSize((3, 6), (2, 3, 4, 4, 5, 6), 24, (3, 4))  # most disclosed groups are not cells of a table
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
