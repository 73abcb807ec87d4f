"""Figure of the report in one language: heading, chart, sentences and table."""

from __future__ import annotations

from kerege.publishing.report.facts import Facts, ShareFact, address, count_fact, share_fact
from kerege.publishing.report.figure_chart import Caption, draw_figure
from kerege.publishing.report.figures import Grid, GridRow, ReportFigure
from kerege.publishing.report.localiser import Localiser
from kerege.publishing.report.omissions import is_incomplete
from kerege.publishing.report.proof import Sentence
from kerege.publishing.report.prose import Prose
from kerege.publishing.report.views import FigureView, TableRow, csv_name
from kerege.publishing.storage.published_tables import TOTAL
from kerege.publishing.storage.year_releases import YearReleases


def view_figure(prose: Prose, year_releases: YearReleases, figure: ReportFigure, common: Facts) -> FigureView:
    """Return a figure in words, with its chart and its table."""
    localiser = prose.localiser
    text = localiser.text["figure"][figure.id]
    facts = common | figure.facts
    heading = prose.first(text["finding"], facts, is_heading=True)
    if not figure.published or figure.grid is None:
        return FigureView(figure.id, heading, False, missing=localiser.fill(localiser.text["site"]["missing"], facts))
    alt = prose.first(text["alt"], facts)
    columns = _columns(localiser, figure.grid, text["row"])
    return FigureView(
        id=figure.id,
        heading=heading,
        published=True,
        alt=alt,
        note=prose.first(text["note"], facts),
        unit=localiser.text["units"][figure.noun],
        cohort=prose.first(localiser.text["cohort"][figure.cohort], facts),
        source=_figure_source(localiser, year_releases, figure),
        sentences=tuple(prose.sentences(text["sentences"], facts)),
        columns=columns,
        rows=tuple(_row(prose, figure, figure.grid, line) for line in figure.grid.lines),
        tables=tuple(table.name for table in figure.tables),
        drawing=draw_figure(figure, localiser, Caption(heading, alt, year_releases.invented)),
        protection=tuple(_protection(prose, figure, is_incomplete(prose, text, figure, common))),
        csv=tuple((csv_name(year_releases, table.name), table.name) for table in figure.tables),
    )


def _protection(prose: Prose, figure: ReportFigure, has_omission: bool) -> list[Sentence]:
    """Return the notes on how the figure's table is protected, and on the sentences that this omits."""
    words = prose.localiser.text["words"]
    notes = [words["withheld_note"]] if figure.withheld else []
    notes += [words["together_note"]] if figure.together else []
    notes += [words["omitted_note"]] if has_omission else []
    return prose.sentences([*notes, words["rounded_note"]], figure.rounding)


def _figure_source(localiser: Localiser, year_releases: YearReleases, figure: ReportFigure) -> str:
    releases = {year_releases.release_of(table).digest: year_releases.release_of(table) for table in figure.tables}
    titles = "; ".join(
        f"{release.title.get(localiser.lang, '')}, {localiser.day(release.created)}" for release in releases.values()
    )
    names = ", ".join(table.name for table in figure.tables)
    return f"{titles} ({localiser.text['words']['table'].lower()}: {names})"


def _columns(localiser: Localiser, grid: Grid, row_head: str) -> tuple[str, ...]:
    words = localiser.text["words"]
    if grid.columns:
        return (row_head, *(localiser.head(grid.column_list, code) for code in grid.columns))
    return (row_head, words["count"], *([words["share"]] if grid.whole else []))


def _row(prose: Prose, figure: ReportFigure, grid: Grid, line: GridRow) -> TableRow:
    cells = [prose.cell(cell, _address(figure, grid, line, place)) for place, cell in enumerate(line.cells)]
    if grid.whole and not grid.columns:
        cells.append(_share(prose, figure, grid, line))
    return TableRow(prose.localiser.head(line.list, line.code), tuple(cells), line.code == TOTAL)


def _address(figure: ReportFigure, grid: Grid, line: GridRow, place: int) -> str:
    """Return the address of a cell of the figure's table."""
    codes = line.code.split(">")
    if grid.column_list == "series":
        return address(figure.tables[place].name, *codes)
    return address(figure.tables[0].name, *codes, *grid.columns[place : place + 1])


def _share(prose: Prose, figure: ReportFigure, grid: Grid, line: GridRow) -> Sentence:
    cell = line.cells[0]
    if cell is None or cell.count is None:
        return prose.cell(cell, "")
    part = share_fact(count_fact(cell, _address(figure, grid, line, 0)), grid.whole)
    return Sentence.of(prose.number(part) if isinstance(part, ShareFact) else [])
