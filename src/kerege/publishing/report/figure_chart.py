"""Chart of a figure of the report: its cells in one language, drawn at two widths."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kerege.charts import NARROW, WIDE, Break, Chart, Flag, Period, Series, Value, draw_svg
from kerege.publishing.report.context import home_country
from kerege.publishing.report.facts import CountFact
from kerege.publishing.report.figures import GridRow, ReportFigure
from kerege.publishing.report.localiser import Localiser
from kerege.publishing.storage.published_tables import NOT_REPORTED, TOTAL, PublishedCell
from kerege.vocabulary.languages import nearest

ORIGIN, TARGET, PEOPLE = "origin", "target", "people"
SERIES_OF_A_BREAK = 2


@dataclass(frozen=True)
class Caption:
    """Text of a chart: its finding, its text alternative, and whether its data are invented."""

    heading: str
    alt: str
    invented: bool


@dataclass(frozen=True)
class Drawing:
    """Chart for wide and narrow screens, and for download with its heading."""

    wide: str
    narrow: str
    titled: str


def draw_chart(chart: Chart) -> Drawing:
    """Return a chart at both widths, and once with its heading."""
    titled = draw_svg(replace(chart, name=f"{chart.name}-a"), WIDE, titled=True)
    return Drawing(draw_svg(chart, WIDE), draw_svg(chart, NARROW), titled)


def draw_figure(figure: ReportFigure, localiser: Localiser, caption: Caption) -> Drawing | None:
    """Return the drawing of a figure, or None when only a total is published."""
    return draw_chart(build_chart(figure, localiser, caption)) if _lines(figure) else None


def build_chart(figure: ReportFigure, localiser: Localiser, caption: Caption) -> Chart:
    """Return the chart of a figure."""
    words = localiser.text["words"]
    chart = Chart(
        kind=figure.chart,
        title=caption.heading,
        description=caption.alt,
        series=_series(figure, localiser),
        periods=_periods(figure, localiser),
        values=_values(figure),
        lang=nearest(localiser.lang),
        name=figure.id,
        words={name: words[name] for name in ("withheld", "split_withheld", "further", "invented")},
        flags=frozenset({"invented"} if caption.invented else ()),
    )
    if figure.chart != "flow":
        return replace(chart, breaks=_breaks(figure, words["break_payer"]))
    flags: frozenset[Flag] = frozenset({"invented", "simulated"} if caption.invented else ())
    return replace(chart, flags=flags, notes=(words["map_key"],), home=home_country())


def _breaks(figure: ReportFigure, words: str) -> tuple[Break, ...]:
    """Return the place where one group of people ends and another begins, counted in another way."""
    if len(figure.tables) != SERIES_OF_A_BREAK or figure.grid is None:
        return ()
    groups = [[line.code for line in figure.grid.lines if line.cells[place] is not None] for place in (0, 1)]
    is_apart = all(groups) and max(groups[0]) < min(groups[1])
    return (Break(max(groups[0]), words),) if is_apart else ()


def _lines(figure: ReportFigure) -> list[GridRow]:
    lines = figure.grid.lines if figure.grid else ()
    return [line for line in lines if line.code != TOTAL and not _empty_rest(line)]


def _empty_rest(line: GridRow) -> bool:
    """Return whether a row is "not reported" and counts nobody."""
    return line.code == NOT_REPORTED and all(cell is None or cell.count == 0 for cell in line.cells)


def _columns(figure: ReportFigure) -> list[str]:
    """Return the codes of the series; one series of people without columns."""
    return list(figure.grid.columns) if figure.grid and figure.grid.columns else [PEOPLE]


def _series(figure: ReportFigure, localiser: Localiser) -> tuple[Series, ...]:
    if figure.chart == "flow":
        return tuple(Series(code, "") for code in (PEOPLE, ORIGIN, TARGET))
    column_list = figure.grid.column_list if figure.grid else ""
    names = {PEOPLE: localiser.text["units"][figure.noun]}
    return tuple(
        Series(code, names.get(code) or localiser.head(column_list, code)) for code in _columns(figure) if code != TOTAL
    )


def _periods(figure: ReportFigure, localiser: Localiser) -> tuple[Period, ...]:
    rows = [Period(line.code, localiser.head(line.list, line.code)) for line in _lines(figure)]
    places = dict.fromkeys(code for code, _ in (*figure.marks, *figure.targets))
    return (*rows, *(Period(code, localiser.head("country", code)) for code in places))


def _values(figure: ReportFigure) -> dict[tuple[str, str], Value]:
    """Return the cells of a figure as values; the column of totals has the code of the total."""
    half_width = figure.rounding.get("half_width")
    half = half_width.n if isinstance(half_width, CountFact) else 0
    values = {
        (column, line.code): value_of(cell, half)
        for line in _lines(figure)
        for column, cell in zip(_columns(figure), line.cells, strict=False)
    }
    for series, marks in ((ORIGIN, figure.marks), (TARGET, figure.targets)):
        values |= {(series, code): Value.rounded(n.n, half) if n.about else Value.exact(n.n) for code, n in marks}
    return values


def value_of(cell: PublishedCell | None, half_width: int = 0) -> Value:
    """Return a published cell as the value of a chart; a rounded one differs by at most the half width."""
    if cell is None:
        return Value.absent()
    if cell.count is None:
        return Value.withheld(float("inf"))
    return Value.rounded(cell.count, half_width) if cell.about else Value.exact(cell.count)
