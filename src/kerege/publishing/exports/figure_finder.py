"""Search for published figures of a group of people in all tables of the releases of a year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from kerege.publishing.storage.published_tables import OTHERS, TOTAL, WITHHELD, PublishedCell, PublishedTable
from kerege.publishing.storage.year_releases import YearReleases

OK, PERTURBED, NOISED = "ok", "perturbed", "noised"
RANK = (OK, PERTURBED, NOISED, WITHHELD)  # the most informative status first
COUNTED = frozenset({"suppress", "none"})  # methods that list every category that occurs
Values = tuple[str, ...]
Conditions = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class PublishedFigure:
    """Published figure; `count` is None exactly when suppressed, `half` bounds the error of a rounded one.

    A suppressed figure is not zero, unless `can_be_zero`.
    """

    count: int | None
    status: str
    tables: tuple[str, ...]
    half: int | None = None
    can_be_zero: bool = False

    @property
    def exact(self) -> bool:
        """Return whether the count is the true one."""
        return self.status == OK

    @property
    def bounds(self) -> tuple[int, int] | None:
        """Return the interval of the true count, where the release states it."""
        if self.count is None or self.half is None:
            return None
        return max(0, self.count - self.half), self.count + self.half

    @property
    def words(self) -> str:
        """Return the note that belongs to the figure, '' for an exact one."""
        if self.status == WITHHELD:
            return f"suppressed: not published, to protect people; it {'can be' if self.can_be_zero else 'is not'} zero"
        if self.bounds is not None:
            return "rounded: the true count lies within {} of it, from {} to {}".format(self.half, *self.bounds)
        if self.status == PERTURBED:
            return "changed by a small random amount, to protect people"
        return "with noise, to protect people" if self.status == NOISED else ""


@dataclass(frozen=True)
class Slice:
    """Table along the dimensions `by`, with every other dimension fixed at one code."""

    table: PublishedTable
    by: Values
    fixed: Mapping[str, str]

    def codes(self, dimension: str) -> list[str]:
        """Return the codes of a dimension in the order of the table, without the total."""
        return self.table.codes(self.table.by.index(dimension))

    def figure(self, *codes: str) -> PublishedFigure | None:
        """Return the figure of these codes, one per dimension of `by`; None when the table has no such row."""
        chosen = dict(self.fixed) | dict(zip(self.by, codes, strict=True))
        cell = self.table.cell(*[chosen.get(name, TOTAL) for name in self.table.by])
        return None if cell is None else _figure(self.table, cell)

    def rows(self) -> Iterator[tuple[Values, PublishedFigure]]:
        """Yield (codes, figure) of every row, totals first."""
        for codes in product(*[[TOTAL, *self.codes(name)] for name in self.by]):
            figure = self.figure(*codes)
            if figure is not None:
                yield codes, figure

    def lists_all(self, dimension: str) -> bool:
        """Return whether a category that the table does not list counts nobody."""
        params = self.table.entry.params
        is_coarsened = (
            f"coarsened:{dimension}" in params or "small_categories" in params or OTHERS in self.codes(dimension)
        )
        return self.table.entry.method in COUNTED and not is_coarsened


class Finder:
    """Tables of the releases of a year, searched by what they count."""

    def __init__(self, year_releases: YearReleases) -> None:
        self.year_releases = year_releases

    def slices(self, of: str, by: Sequence[str], conditions: Conditions) -> list[Slice]:
        """Return the tables with the dimensions `by` for the people who meet the conditions.

        A condition is met by the filter of a table, or by one of its dimensions at that code. The table with the fewest
        dimensions comes first.
        """
        required = {name: _values(value) for name, value in conditions.items()}
        slices = (_slice(table, of, tuple(by), required) for table in self.year_releases.tables.values())
        return sorted((item for item in slices if item), key=lambda item: (len(item.table.by), item.table.name))

    def figure(self, of: str, conditions: Conditions) -> PublishedFigure | None:
        """Return the most informative figure of the people who meet the conditions, or None."""
        return most_informative(item.figure() for item in self.slices(of, (), conditions))


def most_informative(figures: Iterable[PublishedFigure | None]) -> PublishedFigure | None:
    """Return the most informative of several figures of the same people, or None."""
    known = [figure for figure in figures if figure is not None]
    return min(known, key=lambda figure: (RANK.index(figure.status), figure.half or 0), default=None)


def add_figures(figures: Sequence[PublishedFigure]) -> PublishedFigure:
    """Return the sum of figures of disjoint groups.

    It is suppressed when one of them is, and its error bound is the sum of theirs.
    """
    tables = tuple(dict.fromkeys(name for figure in figures for name in figure.tables))
    status = max((figure.status for figure in figures), key=RANK.index, default=OK)
    if status == WITHHELD:
        return PublishedFigure(None, WITHHELD, tables, can_be_zero=any(figure.can_be_zero for figure in figures))
    halves = [0 if figure.exact else figure.half for figure in figures]
    known = [half for half in halves if half is not None]
    half = sum(known) if status == PERTURBED and len(known) == len(halves) else None
    return PublishedFigure(sum(figure.count or 0 for figure in figures), status, tables, half)


def _figure(table: PublishedTable, cell: PublishedCell) -> PublishedFigure:
    if cell.count is None:
        return PublishedFigure(None, WITHHELD, (table.name,), can_be_zero=can_be_zero(table))
    status = cell.status if cell.status in RANK else NOISED
    half = table.entry.params.get("half_width") if status == PERTURBED else None
    return PublishedFigure(cell.count, status, (table.name,), int(half) if isinstance(half, int) else None)


def _slice(table: PublishedTable, of: str, by: Values, required: Mapping[str, frozenset[str]]) -> Slice | None:
    filters = table_filter(table)
    if table.entry.of != of or not set(by) <= set(table.by):
        return None
    if any(name not in required or required[name] != values for name, values in filters.items()):
        return None
    rest = {name: values for name, values in required.items() if name not in filters}
    if any(name not in table.by or name in by or len(values) != 1 for name, values in rest.items()):
        return None
    return Slice(table, by, {name: next(iter(values)) for name, values in rest.items()})


def table_filter(table: PublishedTable) -> dict[str, frozenset[str]]:
    """Return the filter of a table: the values by column."""
    return {name: frozenset(values) for name, values in table.entry.where.items()}


def can_be_zero(table: PublishedTable) -> bool:
    """Return whether a suppressed figure of a table can be zero."""
    return bool(table.entry.params.get("least_suppressed", 1) == 0)


def _values(value: str | Sequence[str]) -> frozenset[str]:
    return frozenset({value} if isinstance(value, str) else value)
