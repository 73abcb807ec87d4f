"""Chart of a figure: its records in one language, drawn at two widths."""

from __future__ import annotations

from kerege.publishing.report.charts import flow_map
from kerege.publishing.report.charts.sheet import (
    CODE_COLOURS,
    COLOURS,
    GREY,
    NARROW,
    WIDE,
    Body,
    Caption,
    Drawing,
    sheet,
)
from kerege.publishing.report.charts.vega import Panel, Record, picture
from kerege.publishing.report.figures import Figure, Line
from kerege.publishing.report.localiser import Voice
from kerege.publishing.storage.published_tables import NOT_REPORTED, TOTAL, Cell

MOST_BARS = 12


def draw(figure: Figure, voiced: Voice, caption: Caption) -> Drawing | None:
    """Return the drawing of a figure, or None when only a total is published."""
    if not _lines(figure):
        return None
    wide, narrow = (_body(figure, voiced, size, width) for size, width in (("w", WIDE), ("n", NARROW)))
    footer = _footer(figure, voiced, caption)

    def finished(body: Body, suffix: str, titled: bool = False) -> str:
        name = f"{figure.id}-{suffix}"
        return sheet(body, caption, name=name, lang=voiced.lang, footer=footer, titled=titled)

    return Drawing(
        finished(wide, "w"), finished(narrow, "n"), finished(wide, "a", titled=True), min(1.0, wide.width / WIDE)
    )


def _footer(figure: Figure, voiced: Voice, caption: Caption) -> list[str]:
    words = voiced.text["words"]
    lines = [words["invented"]] if caption.invented else []
    if figure.chart == "flow":
        lines += [words["simulated"], words["map_key"]]
    return lines


def _body(figure: Figure, voiced: Voice, size: str, width: int) -> Body:
    if figure.chart == "flow":
        return flow_map.body(figure, voiced, width)
    panel = Panel(f"{figure.id}-{size}", width, size == "w")
    if figure.chart == "bars":
        return picture("bars", _single(figure, voiced), [], panel)
    records, legend = _several(figure, voiced)
    return picture(figure.chart, records, legend, panel)


def _value(voiced: Voice, cell: Cell | None, short: bool = False) -> str:
    if cell is not None and cell.count is not None and short:
        return ("≈" if cell.about else "") + voiced.number(cell.count)
    return voiced.cell(cell)


def _lines(figure: Figure) -> list[Line]:
    lines = figure.grid.lines if figure.grid else ()
    return [line for line in lines if line.code != TOTAL and not _empty_rest(line)]


def _empty_rest(line: Line) -> bool:
    """Return whether a row is "not reported" and counts nobody."""
    return line.code == NOT_REPORTED and all(cell is None or cell.count == 0 for cell in line.cells)


def _single(figure: Figure, voiced: Voice) -> list[Record]:
    """Return the bars of a one-dimensional table, at most 12 known ones.

    More than three suppressed rows are merged into one line.
    """
    lines = _lines(figure)
    shown = [line for line in lines if line.cells[0] is not None and line.cells[0].count is not None][:MOST_BARS]
    hidden = [line for line in lines if line.cells[0] is not None and line.cells[0].count is None]
    if len(hidden) <= 3:
        shown = [line for line in lines if line in shown or line in hidden]
    records = [
        {
            "label": voiced.head(line.list, line.code),
            "value": (line.cells[0].count or 0) if line.cells[0] else 0,
            "text": _value(voiced, line.cells[0]),
            "known": line in shown and line not in hidden,
        }
        for line in shown
    ]
    if len(hidden) > 3:
        further = voiced.text["words"]["further"].replace("{n}", voiced.number(len(hidden)))
        records.append({"label": further, "value": 0, "text": "", "known": False})
    return [record | {"at": at} for at, record in enumerate(records)]


def _several(figure: Figure, voiced: Voice) -> tuple[list[Record], list[str]]:
    """Return the records of a two-dimensional table in long form, and the names of its columns."""
    if figure.grid is None:
        return [], []
    columns = [code for code in figure.grid.columns if code != TOTAL]
    legend = [voiced.head(figure.grid.column_list, code) for code in columns]
    split = str(voiced.text["words"]["split_withheld"]) if figure.chart.startswith("stacked") else ""
    records: list[Record] = []
    for at, line in enumerate(_lines(figure)):
        own = [
            _record(voiced, line, at, series, cell)
            | {"series": legend[series], "colour": CODE_COLOURS.get(code, COLOURS[series % len(COLOURS)])}
            for series, (code, cell) in enumerate(zip(columns, line.cells, strict=False))
            if cell is not None
        ]
        records += _with_sum(voiced, line, own, len(columns), split)
    if any(record["series"] == split for record in records):
        legend.append(split)
    return _stacked(records), legend


def _with_sum(voiced: Voice, line: Line, own: list[Record], columns: int, split: str) -> list[Record]:
    """Return the records of a row with its published total; the suppressed remainder is one grey piece."""
    whole = line.cells[-1] if len(line.cells) > columns else None
    if whole is None or whole.count is None:
        return [record | {"sum": record["text"], "sum_known": record["known"]} for record in own]
    rest = whole.count - sum(record["value"] for record in own)
    if split and rest > 0 and not all(record["known"] for record in own):
        grey = own[0] | {"series": split, "colour": GREY, "order": columns, "value": rest, "known": True, "text": ""}
        own = [record for record in own if record["known"]] + [grey]
    return [record | {"sum": _value(voiced, whole, short=True), "sum_known": True} for record in own]


def _record(voiced: Voice, line: Line, at: int, series: int, cell: Cell) -> Record:
    return {
        "at": at,
        "label": voiced.head(line.list, line.code),
        "order": series,
        "value": cell.count or 0,
        "text": _value(voiced, cell, short=True),
        "known": cell.count is not None,
    }


def _stacked(records: list[Record]) -> list[Record]:
    """Add to each record where its piece of the stack starts and ends."""
    tops: dict[int, int] = {}
    for record in records:
        record["start"] = tops.get(record["at"], 0)
        record["end"] = tops[record["at"]] = record["start"] + record["value"]
    return records
