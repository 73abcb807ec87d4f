"""Chart of a figure: its records in one language, drawn at two widths."""

from __future__ import annotations

from kerege.publishing.report.charts import flow_map
from kerege.publishing.report.charts.chart_cache import draw_chart
from kerege.publishing.report.charts.chart_panel import ChartPanel, Record
from kerege.publishing.report.charts.sheet import (
    CODE_COLOURS,
    COLOURS,
    GREY,
    NARROW,
    WIDE,
    Body,
    Caption,
    Drawing,
    draw_sheet,
)
from kerege.publishing.report.figures import GridRow, ReportFigure
from kerege.publishing.report.localiser import Localiser
from kerege.publishing.storage.published_tables import NOT_REPORTED, TOTAL, PublishedCell

MOST_BARS = 12


def draw_figure(figure: ReportFigure, localiser: Localiser, caption: Caption) -> Drawing | None:
    """Return the drawing of a figure, or None when only a total is published."""
    if not _lines(figure):
        return None
    wide, narrow = (_body(figure, localiser, size, width) for size, width in (("w", WIDE), ("n", NARROW)))
    footer = _footer(figure, localiser, caption)

    def finished(body: Body, suffix: str, titled: bool = False) -> str:
        name = f"{figure.id}-{suffix}"
        return draw_sheet(body, caption, name=name, lang=localiser.lang, footer=footer, titled=titled)

    return Drawing(
        finished(wide, "w"), finished(narrow, "n"), finished(wide, "a", titled=True), min(1.0, wide.width / WIDE)
    )


def _footer(figure: ReportFigure, localiser: Localiser, caption: Caption) -> list[str]:
    words = localiser.text["words"]
    lines = [words["invented"]] if caption.invented else []
    if figure.chart == "flow":
        lines += [words["simulated"]] if caption.invented else []
        lines.append(words["map_key"])
    return lines


def _body(figure: ReportFigure, localiser: Localiser, size: str, width: int) -> Body:
    if figure.chart == "flow":
        return flow_map.draw_map(figure, localiser, width)
    panel = ChartPanel(f"{figure.id}-{size}", width, size == "w")
    if figure.chart == "bars":
        return draw_chart("bars", _bar_records(figure, localiser), [], panel)
    records, legend = _grouped_records(figure, localiser)
    return draw_chart(figure.chart, records, legend, panel)


def _value(localiser: Localiser, cell: PublishedCell | None, short: bool = False) -> str:
    if cell is not None and cell.count is not None and short:
        return ("≈" if cell.about else "") + localiser.number(cell.count)
    return localiser.cell(cell)


def _lines(figure: ReportFigure) -> list[GridRow]:
    lines = figure.grid.lines if figure.grid else ()
    return [line for line in lines if line.code != TOTAL and not _empty_rest(line)]


def _empty_rest(line: GridRow) -> bool:
    """Return whether a row is "not reported" and counts nobody."""
    return line.code == NOT_REPORTED and all(cell is None or cell.count == 0 for cell in line.cells)


def _bar_records(figure: ReportFigure, localiser: Localiser) -> list[Record]:
    """Return the bars of a one-dimensional table, at most 12 known ones.

    More than three suppressed rows are merged into one line.
    """
    lines = _lines(figure)
    bars = [line for line in lines if line.cells[0] is not None and line.cells[0].count is not None][:MOST_BARS]
    suppressed = [line for line in lines if line.cells[0] is not None and line.cells[0].count is None]
    if len(suppressed) <= 3:
        bars = [line for line in lines if line in bars or line in suppressed]
    records = [
        {
            "label": localiser.head(line.list, line.code),
            "value": (line.cells[0].count or 0) if line.cells[0] else 0,
            "text": _value(localiser, line.cells[0]),
            "known": line in bars and line not in suppressed,
        }
        for line in bars
    ]
    if len(suppressed) > 3:
        further = localiser.text["words"]["further"].replace("{n}", localiser.number(len(suppressed)))
        records.append({"label": further, "value": 0, "text": "", "known": False})
    return [record | {"at": at} for at, record in enumerate(records)]


def _grouped_records(figure: ReportFigure, localiser: Localiser) -> tuple[list[Record], list[str]]:
    """Return the records of a two-dimensional table in long form, and the names of its columns."""
    if figure.grid is None:
        return [], []
    columns = [code for code in figure.grid.columns if code != TOTAL]
    legend = [localiser.head(figure.grid.column_list, code) for code in columns]
    split = str(localiser.text["words"]["split_withheld"]) if figure.chart.startswith("stacked") else ""
    records: list[Record] = []
    for at, line in enumerate(_lines(figure)):
        row_records = [
            _record(localiser, line, at, series, cell)
            | {"series": legend[series], "colour": CODE_COLOURS.get(code, COLOURS[series % len(COLOURS)])}
            for series, (code, cell) in enumerate(zip(columns, line.cells, strict=False))
            if cell is not None
        ]
        records += _with_sum(localiser, line, row_records, len(columns), split)
    if any(record["series"] == split for record in records):
        legend.append(split)
    return _stacked(records), legend


def _with_sum(localiser: Localiser, line: GridRow, row_records: list[Record], columns: int, split: str) -> list[Record]:
    """Return the records of a row with its published total; the suppressed remainder is one grey piece."""
    row_total = line.cells[-1] if len(line.cells) > columns else None
    if row_total is None or row_total.count is None:
        return [record | {"sum": record["text"], "sum_known": record["known"]} for record in row_records]
    rest = row_total.count - sum(record["value"] for record in row_records)
    if split and rest > 0 and not all(record["known"] for record in row_records):
        grey = row_records[0] | {
            "series": split,
            "colour": GREY,
            "order": columns,
            "value": rest,
            "known": True,
            "text": "",
        }
        row_records = [record for record in row_records if record["known"]] + [grey]
    return [record | {"sum": _value(localiser, row_total, short=True), "sum_known": True} for record in row_records]


def _record(localiser: Localiser, line: GridRow, at: int, series: int, cell: PublishedCell) -> Record:
    return {
        "at": at,
        "label": localiser.head(line.list, line.code),
        "order": series,
        "value": cell.count or 0,
        "text": _value(localiser, cell, short=True),
        "known": cell.count is not None,
    }


def _stacked(records: list[Record]) -> list[Record]:
    """Add to each record where its piece of the stack starts and ends."""
    heights: dict[int, int] = {}
    for record in records:
        record["start"] = heights.get(record["at"], 0)
        record["end"] = heights[record["at"]] = record["start"] + record["value"]
    return records
