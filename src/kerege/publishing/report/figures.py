"""Figures of the report, language-neutral: tables, cells, and the facts that sentences may state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kerege.charts import Kind
from kerege.publishing.report import context
from kerege.publishing.report.facts import (
    CountFact,
    Facts,
    TextFact,
    count_fact,
    share_fact,
    table_fact,
)
from kerege.publishing.storage.published_tables import NOT_REPORTED, OTHERS, TOTAL, PublishedCell, PublishedTable
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary.profile import active

MAIN_SOURCE = "main_source"  # replaced by the code of the profile's main source of crimes
REST = (OTHERS, NOT_REPORTED)  # residual codes, which come last in a table in this order


@dataclass(frozen=True)
class GridRow:
    """Row of a figure's table: its code and one cell per column."""

    list: str
    code: str
    cells: tuple[PublishedCell | None, ...]


@dataclass(frozen=True)
class Grid:
    """Table under a figure. `columns` are codes of `column_list`; empty means a single count column."""

    row_list: str
    lines: tuple[GridRow, ...]
    column_list: str = ""
    columns: tuple[str, ...] = ()
    whole: CountFact | None = None  # denominator of the shares; None shows no shares


@dataclass(frozen=True)
class ReportFigure:
    """Figure as published in the releases; without tables it is shown as not published."""

    id: str
    noun: str
    cohort: str
    tables: tuple[PublishedTable, ...] = ()
    chart: Kind = "bars"
    grid: Grid | None = None
    facts: Facts = field(default_factory=dict)
    marks: tuple[tuple[str, CountFact], ...] = ()  # published totals by country of origin: circles on the map
    targets: tuple[tuple[str, CountFact], ...] = ()  # published totals by country of exploitation abroad: rings

    @property
    def published(self) -> bool:
        """Return whether the releases of the year hold the figure."""
        return self.grid is not None and bool(self.grid.lines)

    @property
    def withheld(self) -> int:
        """Return the number of suppressed cells in the figure's table."""
        lines = self.grid.lines if self.grid else ()
        return sum(cell is not None and cell.count is None for line in lines for cell in line.cells)

    @property
    def together(self) -> bool:
        """Return whether small categories are shown only as a group."""
        return any(OTHERS in line.code.split(">") for line in self.grid.lines) if self.grid else False

    @property
    def rounding(self) -> Facts:
        """Return the largest distance of a rounded cell from the true count; {} when no cell is rounded."""
        for table in self.tables:
            half_width = table.entry.params.get("half_width")
            if half_width is not None and any(row.cell.about for row in table.rows):
                return {"half_width": CountFact(int(half_width))}
        return {}


def _rest(pair: tuple[str, PublishedCell]) -> int:
    """Return the sort key that moves residual codes to the end and keeps the order of the others."""
    return REST.index(pair[0]) + 1 if pair[0] in REST else 0


def _rank(pair: tuple[str, PublishedCell]) -> tuple[int, bool, int]:
    """Return the sort key for largest first, suppressed cells after them, residual codes last."""
    return _rest(pair), pair[1].count is None, -(pair[1].count or 0)


def _one_way_facts(table: PublishedTable) -> Facts:
    whole = table_fact(table)
    facts: Facts = {"total": whole}
    for code in table.codes():
        facts[f"c_{code}"] = n = table_fact(table, code)
        facts[f"s_{code}"] = share_fact(n, whole)
    return facts


@dataclass(frozen=True)
class OneWayFigure:
    """Figure of a one-dimensional table, largest first; `ordered` keeps the order of the code list."""

    id: str
    table: str
    list: str
    noun: str = "people"
    cohort: str = "iom"
    ordered: bool = False

    def build(self, year_releases: YearReleases) -> ReportFigure:
        """Return the figure from the releases of a year."""
        table = year_releases.table(self.table)
        if table is None:
            return ReportFigure(self.id, self.noun, self.cohort)
        pairs = sorted(table.along(), key=_rest if self.ordered else _rank)
        lines = [GridRow(self.list, code, (cell,)) for code, cell in pairs]
        if table.total is not None:
            lines.append(GridRow(self.list, TOTAL, (table.total,)))
        grid = Grid(self.list, tuple(lines), whole=table_fact(table))
        facts = _one_way_facts(table)
        return ReportFigure(id=self.id, noun=self.noun, cohort=self.cohort, tables=(table,), grid=grid, facts=facts)


@dataclass(frozen=True)
class TwoWayFigure:
    """Figure of a two-dimensional table, with totals unless the columns must not be `summed`."""

    id: str
    table: str
    row_list: str
    column_list: str
    noun: str
    cohort: str
    chart: Kind = "stacked"
    ordered: bool = True
    summed: bool = True

    def build(self, year_releases: YearReleases) -> ReportFigure:
        """Return the figure from the releases of a year."""
        table = year_releases.table(self.table)
        if table is None:
            return ReportFigure(self.id, self.noun, self.cohort)
        pairs = sorted(table.along(0), key=_rest if self.ordered else _rank)
        columns = [code for code, cell in table.along(1) if code != NOT_REPORTED or cell.count != 0]
        lines = [self._line(table, code, columns) for code, _ in pairs]
        shown_columns = (*columns, TOTAL) if self.summed else tuple(columns)
        grid = Grid(self.row_list, tuple(lines), self.column_list, shown_columns)
        return ReportFigure(
            id=self.id,
            noun=self.noun,
            cohort=self.cohort,
            tables=(table,),
            chart=self.chart,
            grid=grid,
            facts=self._facts(table, columns),
        )

    def _line(self, table: PublishedTable, code: str, columns: Iterable[str]) -> GridRow:
        if not self.summed:
            # The sources count separately: zero for a whole year means that the source did not count then.
            cells = (table.cell(code, column) for column in columns)
            return GridRow(self.row_list, code, tuple(cell if cell and cell.count != 0 else None for cell in cells))
        return GridRow(self.row_list, code, tuple(table.cell(code, column) for column in (*columns, TOTAL)))

    def _facts(self, table: PublishedTable, columns: Iterable[str]) -> Facts:
        facts: Facts = {"total": table_fact(table)}
        for code, _ in table.along(0):
            facts[f"c_{code}"] = whole = table_fact(table, code, TOTAL)
            for column in columns:
                part = table_fact(table, code, column)
                facts |= {f"c_{code}_{column}": part, f"s_{code}_{column}": share_fact(part, whole)}
        years = [code for code, _ in table.along(0) if code.isdigit()]
        if self.row_list == "year" and years:
            complete = [year for year in years if all(facts.get(f"c_{year}_{column}") for column in columns)] or years
            facts |= _ends(facts, min(complete), max(complete), columns)
        return facts


def _ends(facts: Facts, first: str, last: str, columns: Iterable[str]) -> Facts:
    """Return the facts of two years under the names `first_...` and `last_...`, for comparisons."""
    ends: Facts = {"first": TextFact(first), "last": TextFact(last)}
    for name, year in (("first", first), ("last", last)):
        ends[f"{name}_n"] = facts.get(f"c_{year}")
        for column in columns:
            ends[f"{name}_n_{column}"] = facts.get(f"c_{year}_{column}")
            ends[f"{name}_s_{column}"] = facts.get(f"s_{year}_{column}")
    return ends


@dataclass(frozen=True)
class SeriesFigure:
    """Figure of several tables by the same dimension, side by side and never summed."""

    id: str
    tables: tuple[tuple[str, str], ...]  # column code, table
    list: str
    noun: str
    cohort: str

    def build(self, year_releases: YearReleases) -> ReportFigure:
        """Return the figure from the releases of a year."""
        named = ((active().main_source if code == MAIN_SOURCE else code, name) for code, name in self.tables)
        tables = [(code, table) for code, name in named if (table := year_releases.table(name)) is not None]
        codes = sorted({code for _, table in tables for code in table.codes() if code != NOT_REPORTED})
        lines = tuple(GridRow(self.list, code, tuple(table.cell(code) for _, table in tables)) for code in codes)
        if lines and all(cell is None or cell.count is None for line in lines for cell in line.cells):
            lines = (GridRow(self.list, TOTAL, tuple(table.total for _, table in tables)),)  # only totals are public
        grid = Grid(self.list, lines, "series", tuple(code for code, _ in tables))
        facts: Facts = {}
        for code, table in tables:
            facts |= _series_facts(code, table)
        return ReportFigure(
            id=self.id,
            noun=self.noun,
            cohort=self.cohort,
            tables=tuple(table for _, table in tables),
            chart="columns",
            grid=grid,
            facts=facts,
        )


def _series_facts(name: str, table: PublishedTable) -> Facts:
    codes = sorted(code for code in table.codes() if code not in REST)
    if not codes:
        return {}
    facts: Facts = {f"{name}_{code}": table_fact(table, code) for code in codes}
    facts |= {f"{name}_first": TextFact(codes[0]), f"{name}_last": TextFact(codes[-1])}
    return facts | {f"{name}_last_n": table_fact(table, codes[-1]), f"{name}_total": table_fact(table)}


@dataclass(frozen=True)
class CorridorFigure:
    """Figure of the flows from country of origin to country of exploitation; published pairs only."""

    id: str = "corridors"
    table: str = "corridor"

    def build(self, year_releases: YearReleases) -> ReportFigure:
        """Return the figure from the releases of a year."""
        table = year_releases.table(self.table)
        if table is None:
            return ReportFigure(self.id, "people", "iom", chart="flow")
        pairs = [row for row in table.rows if not {TOTAL, NOT_REPORTED} & set(row.keys)]
        published = sorted((row for row in pairs if row.cell.count), key=lambda row: -(row.cell.count or 0))
        lines = tuple(GridRow("corridor", ">".join(row.keys), (row.cell,)) for row in published)
        suppressed = sum(row.cell.count is None for row in pairs)
        facts: Facts = {
            "total": table_fact(table),
            "hidden": CountFact(suppressed),
            "shown": CountFact(len(published)),
        }
        facts["inside"] = table_fact(table, context.home_country(), context.home_country())
        grid = Grid("corridor", lines, whole=None)
        abroad = tuple(mark for mark in _marks(year_releases, "destination") if mark[0] != context.home_country())
        return ReportFigure(
            id=self.id,
            noun="people",
            cohort="iom",
            tables=(table,),
            chart="flow",
            grid=grid,
            facts=facts,
            marks=_marks(year_releases, "origin"),
            targets=abroad,
        )


def _marks(year_releases: YearReleases, name: str) -> tuple[tuple[str, CountFact], ...]:
    table = year_releases.table(name)
    return tuple((code, n) for code, cell in table.along() if (n := count_fact(cell)) and n.n) if table else ()


Builder = OneWayFigure | TwoWayFigure | SeriesFigure | CorridorFigure
