"""Bar charts: specified with Altair, drawn by vl-convert, from records and without the releases."""

from __future__ import annotations

import json
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode

from kerege.publishing.report.charts.chart_panel import ChartPanel, Record
from kerege.publishing.report.charts.sheet import COLOURS, INK, QUIET

FONTS = Path(__file__).parents[1] / "formats" / "fonts"


def draw_svg(kind: str, records: list[Record], legend: list[str], panel: ChartPanel) -> str:
    """Return the SVG text of a chart of this kind."""
    with debug_mode(False):  # validation against the schema would double the time
        if kind == "bars":
            return _render(_bars(records, panel))
        if kind == "stacked-bars" or not panel.wide:
            return _render(_long_rows(records, legend, panel, grouped=kind == "grouped"))
        return _render(_columns(records, legend, panel, grouped=kind == "grouped"))


def _render(chart: Any) -> str:
    styled = (
        chart.configure(font="Noto Sans", background="white", padding={"left": 0, "right": 0, "top": 4, "bottom": 4})
        .configure_view(stroke=None)
        .configure_axis(domain=False, ticks=False, grid=False, labelColor=INK, labelFontSize=13, title=None)
        .configure_legend(
            labelColor=INK, labelFontSize=13, title=None, symbolType="square", symbolSize=140, labelLimit=460
        )
    )
    return str(_renderer().vegalite_to_svg(json.dumps(styled.to_dict(validate=False))))


@cache
def _renderer() -> Any:
    vl_convert.register_font_directory(str(FONTS))
    return vl_convert


def _bars(records: list[Record], panel: ChartPanel) -> Any:
    """Return horizontal bars: the label beside the bar on a wide screen, above it on a narrow one."""
    text_width = 150 if any(len(record["text"]) > 6 for record in records) else 70
    most = max((record["value"] for record in records), default=1) or 1
    margin = 230 if panel.wide else 0
    inner = panel.width - margin
    per_line = 30 if panel.wide else 44
    lines = max((len(textwrap.wrap(record["label"], per_line)) for record in records), default=1)
    step = max(30, 17 * lines + 9) if panel.wide else 36 + 16 * lines
    x = alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, most], range=[0, inner - text_width]))
    y = alt.Y("at:O", sort=None, axis=_side_axis(records, per_line, margin) if panel.wide else None)
    base = _data(records).encode(y=y)
    shift = 0 if panel.wide else step / 2 - 19
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
    return alt.condition("datum.known", alt.value(INK), alt.value(QUIET))


def _side_axis(records: list[Record], per_line: int, margin: int) -> Any:
    return alt.Axis(
        labelExpr=_labels(records, per_line), labelLimit=margin, labelPadding=10, minExtent=margin, maxExtent=margin
    )


def _labels_above(records: list[Record], step: float) -> Any:
    broken = [record | {"label": "\n".join(textwrap.wrap(record["label"], 44))} for record in records]
    return (
        _data(broken)
        .mark_text(
            align="left", baseline="top", dy=-step / 2 + 3, fontSize=13, lineBreak="\n", lineHeight=16, color=INK
        )
        .encode(x=alt.value(0), y=alt.Y("at:O", sort=None, axis=None), text="label:N")
    )


def _colour(records: list[Record], legend: list[str], panel: ChartPanel) -> Any:
    colours = {record["series"]: record["colour"] for record in records}
    legend_style = alt.Legend(orient="top", direction="horizontal" if panel.wide else "vertical", offset=12)
    return alt.Color(
        "series:N",
        sort=legend,
        scale=alt.Scale(domain=legend, range=[colours.get(name, COLOURS[0]) for name in legend]),
        legend=legend_style if len(legend) > 1 else None,
    )


def _totals(records: list[Record]) -> list[Record]:
    """Return the record that labels the end of each stack."""
    last_pieces: dict[int, Record] = {}
    for record in records:
        if record["value"] or not record["known"] or record["at"] not in last_pieces:
            last_pieces[record["at"]] = record | {"text": record["sum"], "known": record["sum_known"]}
    return list(last_pieces.values())


def _columns(records: list[Record], legend: list[str], panel: ChartPanel, grouped: bool) -> Any:
    count = len({record["at"] for record in records})
    width = min(panel.width, 110 * count)
    axis = alt.Axis(
        labelExpr=_labels(records, max(6, int(width / count / 7.5))), labelAngle=0, labelPadding=8, labelFontSize=12
    )
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
    size = 12 if count < 15 else 11
    texts = (
        _data([record for record in labelled if record["known"]])
        .mark_text(dy=-8, fontSize=size, fontWeight="bold", color=INK)
        .encode(x=x, y=alt.Y(top, axis=None), text="text:N", **offset)
    )
    suppressed = (
        _data([record for record in labelled if not record["known"]])
        .mark_text(angle=270, align="left", dx=6, fontSize=11, color=QUIET)
        .encode(x=x, y=alt.Y(top, axis=None), text="text:N", **offset)
    )
    return alt.layer(bars, texts, suppressed).properties(width=width, height=240)


def _long_rows(records: list[Record], legend: list[str], panel: ChartPanel, grouped: bool) -> Any:
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
    x: Record = {"x": alt.X("value:Q", axis=None, scale=scale)}
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


def _labels(records: list[Record], width: int) -> str:
    """Return an axis expression that maps positions to labels, broken into lines."""
    labels = {record["at"]: textwrap.wrap(record["label"], width) or [""] for record in records}
    return f"{json.dumps([labels[at] for at in sorted(labels)], ensure_ascii=False)}[+datum.value]"


def _data(records: list[Record]) -> Any:
    return alt.Chart(alt.InlineData(values=records))
