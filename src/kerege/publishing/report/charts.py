"""Bars and columns: specified with Altair, drawn on the server by vl-convert, in the words of one language."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kerege.publishing.report import flowmap
from kerege.publishing.report.drawing import (
    CODE_COLOURS,
    COLOURS,
    INK,
    NARROW,
    QUIET,
    WIDE,
    Body,
    Caption,
    Drawing,
    body_of,
    sheet,
)
from kerege.publishing.report.figures import Figure, Line
from kerege.publishing.report.voice import Voice
from kerege.publishing.tables import NOT_REPORTED, TOTAL, Cell

FONTS = Path(__file__).parent / "fonts"
MOST_BARS = 12
Record = dict[str, Any]


@cache
def _renderer() -> Any:
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    return vl_convert


def _render(chart: Any, name: str) -> Body:
    import altair as alt

    styled = (
        chart.configure(font="Noto Sans", background="white", padding={"left": 0, "right": 0, "top": 4, "bottom": 4})
        .configure_view(stroke=None)
        .configure_axis(domain=False, ticks=False, grid=False, labelColor=INK, labelFontSize=13, title=None)
        .configure_legend(
            labelColor=INK, labelFontSize=13, title=None, symbolType="square", symbolSize=140, labelLimit=320
        )
    )
    with alt.data_transformers.disable_max_rows():
        return body_of(_renderer().vegalite_to_svg(styled.to_json()), f"{name}-")


@dataclass(frozen=True)
class Panel:
    """One chart at one width."""

    name: str
    width: int
    wide: bool


def draw(figure: Figure, voiced: Voice, caption: Caption) -> Drawing:
    """A figure's picture at both widths."""
    words = voiced.text["words"]
    footer = [words["invented"]] if caption.invented else []
    if figure.chart == "flow":
        footer = [f"{words['invented']}. {words['simulated']}" if caption.invented else words["simulated"]]
    pictures = {}
    for size, width in (("w", WIDE), ("n", NARROW)):
        panel = Panel(f"{figure.id}-{size}", width, size == "w")
        pictures[size] = (
            flowmap.body(figure, voiced, panel.width) if figure.chart == "flow" else _body(figure, voiced, panel)
        )
    names = {size: f"{figure.id}-{size}" for size in pictures}
    drawn = {
        size: sheet(body, caption, name=names[size], lang=voiced.lang, footer=footer) for size, body in pictures.items()
    }
    titled = sheet(pictures["w"], caption, name=f"{figure.id}-a", lang=voiced.lang, footer=footer, titled=True)
    return Drawing(drawn["w"], drawn["n"], titled, min(1.0, pictures["w"].width / WIDE))


def _body(figure: Figure, voiced: Voice, panel: Panel) -> Body:
    if figure.chart == "bars":
        return _render(_bars(_single(figure, voiced), panel), panel.name)
    records, legend = _several(figure, voiced)
    if figure.chart == "stacked-bars" or not panel.wide:
        return _render(_long_rows(records, legend, panel, grouped=figure.chart == "grouped"), panel.name)
    return _render(_columns(records, legend, panel, grouped=figure.chart == "grouped"), panel.name)


def _value(voiced: Voice, cell: Cell | None, short: bool = False) -> str:
    if cell is not None and cell.count is not None and short:
        return ("≈" if cell.about else "") + voiced.number(cell.count)
    return voiced.cell(cell)


def _lines(figure: Figure) -> list[Line]:
    lines = figure.grid.lines if figure.grid else ()
    return [line for line in lines if line.code != TOTAL and not _empty_rest(line)]


def _empty_rest(line: Line) -> bool:
    """A row "not reported" in which nobody is."""
    return line.code == NOT_REPORTED and all(cell is None or cell.count == 0 for cell in line.cells)


def _single(figure: Figure, voiced: Voice) -> list[Record]:
    """Bars of a table of one dimension. Many withheld rows are told in one line, and long tails left to the table."""
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
    """Rows of a table of two dimensions, long, and the names of its columns."""
    if figure.grid is None:
        return [], []
    columns = [code for code in figure.grid.columns if code != TOTAL]
    legend = [voiced.head(figure.grid.column_list, code) for code in columns]
    records: list[Record] = []
    for at, line in enumerate(_lines(figure)):
        for series, cell in enumerate(line.cells[: len(columns)]):
            if cell is not None:
                record = _record(voiced, line, at, series, cell)
                whole = _value(voiced, line.cells[-1], short=True) if len(line.cells) > len(columns) else record["text"]
                colour = CODE_COLOURS.get(columns[series], COLOURS[series % len(COLOURS)])
                records.append(record | {"series": legend[series], "colour": colour, "sum": whole})
    return _stacked(records), legend


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
    tops: dict[int, int] = {}
    for record in records:
        record["start"] = tops.get(record["at"], 0)
        record["end"] = tops[record["at"]] = record["start"] + record["value"]
    return records


def _labels(records: list[Record], width: int) -> str:
    """An axis expression that turns positions into labels, broken into lines."""
    labels = {record["at"]: textwrap.wrap(record["label"], width) or [""] for record in records}
    return f"{json.dumps([labels[at] for at in sorted(labels)], ensure_ascii=False)}[+datum.value]"


def _data(records: list[Record]) -> Any:
    import altair as alt

    return alt.Chart(alt.Data(values=records))


def _bars(records: list[Record], panel: Panel) -> Any:
    """Horizontal bars: the label beside the bar on a wide screen, above it on a narrow one."""
    import altair as alt

    room = 150 if any(len(record["text"]) > 6 for record in records) else 70
    most = max((record["value"] for record in records), default=1) or 1
    margin = 230 if panel.wide else 0
    inner = panel.width - margin
    per_line = 30 if panel.wide else 44
    lines = max((len(textwrap.wrap(record["label"], per_line)) for record in records), default=1)
    step = max(30, 17 * lines + 9) if panel.wide else 30 + 16 * lines
    x = alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, most], range=[0, inner - room]))
    y = alt.Y("at:O", sort=None, axis=_side_axis(records, per_line, margin) if panel.wide else None)
    base = _data(records).encode(y=y)
    shift = 0 if panel.wide else step / 2 - 13
    layers = [
        base.mark_bar(height=18 if panel.wide else 14, color=COLOURS[0], yOffset=shift).encode(x=x),
        base.mark_text(align="left", dx=7, dy=shift, fontSize=13, fontWeight="bold").encode(
            x=x, text="text:N", color=_known_colour()
        ),
    ]
    if not panel.wide:
        layers.append(_labels_above(records, step))
    return alt.layer(*layers).properties(width=inner, height=alt.Step(step))


def _known_colour() -> Any:
    import altair as alt

    return alt.condition("datum.known", alt.value(INK), alt.value(QUIET))


def _side_axis(records: list[Record], per_line: int, margin: int) -> Any:
    import altair as alt

    return alt.Axis(
        labelExpr=_labels(records, per_line), labelLimit=margin, labelPadding=10, minExtent=margin, maxExtent=margin
    )


def _labels_above(records: list[Record], step: float) -> Any:
    import altair as alt

    broken = [record | {"label": "\n".join(textwrap.wrap(record["label"], 44))} for record in records]
    return (
        _data(broken)
        .mark_text(
            align="left", baseline="top", dy=-step / 2 + 3, fontSize=13, lineBreak="\n", lineHeight=16, color=INK
        )
        .encode(x=alt.value(0), y=alt.Y("at:O", sort=None, axis=None), text="label:N")
    )


def _colour(records: list[Record], legend: list[str], panel: Panel) -> Any:
    import altair as alt

    colours = {record["series"]: record["colour"] for record in records}
    wanted = alt.Legend(orient="top", direction="horizontal" if panel.wide else "vertical", offset=12)
    return alt.Color(
        "series:N",
        sort=legend,
        scale=alt.Scale(domain=legend, range=[colours.get(name, COLOURS[0]) for name in legend]),
        legend=wanted if len(legend) > 1 else None,
    )


def _totals(records: list[Record]) -> list[Record]:
    """The label at the end of each stack."""
    last: dict[int, Record] = {}
    for record in records:
        if record["value"] or not record["known"] or record["at"] not in last:
            last[record["at"]] = record | {"text": record["sum"]}
    return list(last.values())


def _columns(records: list[Record], legend: list[str], panel: Panel, grouped: bool) -> Any:
    import altair as alt

    width = min(panel.width, 110 * len({record["at"] for record in records}))
    axis = alt.Axis(labelExpr=_labels(records, 14), labelAngle=0, labelPadding=8, labelFontSize=12)
    x = alt.X("at:O", axis=axis, scale=alt.Scale(paddingInner=0.25, paddingOuter=0.1))
    offset = {"xOffset": alt.XOffset("order:O")} if grouped else {}
    top, bottom = ("value:Q", None) if grouped else ("end:Q", "start:Q")
    y = {"y": alt.Y(top, axis=None)} | ({"y2": bottom} if bottom else {})
    bars = (
        _data(records)
        .mark_bar(stroke="white", strokeWidth=0.5)
        .encode(x=x, color=_colour(records, legend, panel), **y, **offset)
    )
    labelled = records if grouped else _totals(records)
    size = 12 if len({record["at"] for record in records}) < 15 else 11
    texts = (
        _data([record for record in labelled if record["known"]])
        .mark_text(dy=-8, fontSize=size, fontWeight="bold", color=INK)
        .encode(x=x, y=alt.Y(top, axis=None), text="text:N", **offset)
    )
    hidden = (
        _data([record for record in labelled if not record["known"]])
        .mark_text(angle=270, align="left", dx=6, fontSize=11, color=QUIET)
        .encode(x=x, y=alt.Y(top, axis=None), text="text:N", **offset)
    )
    return alt.layer(bars, texts, hidden).properties(width=width, height=240)


def _long_rows(records: list[Record], legend: list[str], panel: Panel, grouped: bool) -> Any:
    import altair as alt

    short = all(len(record["label"]) <= 6 for record in records)
    margin = 50 if short else (230 if panel.wide else 150)
    inner = panel.width - margin
    most = max((record["value" if grouped else "end"] for record in records), default=1) or 1
    scale = alt.Scale(domain=[0, most], range=[0, inner - (80 if grouped or panel.wide else 60)])
    per_line = 30 if panel.wide else 19
    lines = max((len(textwrap.wrap(record["label"], per_line)) for record in records), default=1)
    axis = _side_axis(records, per_line, margin)
    offset = {"yOffset": alt.YOffset("order:O")} if grouped else {}
    y = alt.Y("at:O", sort=None, axis=axis, scale=alt.Scale(paddingInner=0.25))
    x = {"x": alt.X("value:Q", axis=None, scale=scale)}
    if not grouped:
        x = {"x": alt.X("start:Q", axis=None, scale=scale), "x2": "end:Q"}
    bars = (
        _data(records)
        .mark_bar(stroke="white", strokeWidth=0.5)
        .encode(y=y, color=_colour(records, legend, panel), **x, **offset)
    )
    labelled = records if grouped else _totals(records)
    texts = (
        _data(labelled)
        .mark_text(align="left", dx=6, fontSize=12, fontWeight="bold")
        .encode(
            y=y,
            x=alt.X("value:Q" if grouped else "end:Q", axis=None, scale=scale),
            text="text:N",
            color=_known_colour(),
            **offset,
        )
    )
    step = (22 if short else max(34, 17 * lines + 8)) * (1.6 if grouped else 1)
    return alt.layer(bars, texts).properties(width=inner, height=alt.Step(step))
