"""Charts of a published estimate: its answer, and its methods for analysts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from kerege.base.multilingual_titles import LANGUAGES
from kerege.evidence.release.prevalence import messages

INK, QUIET, PAPER, COLOUR, BAND, RULE, WARNING = (
    "#1a2b3c",
    "#5a6672",
    "#ffffff",
    "#0b6e99",
    "#e3f0f4",
    "#c3ced3",
    "#8f1d1d",
)
FONT = "Noto Sans, sans-serif"
WIDE = 700
ROW, TOP, TICKS = 30, 12, 5


Content = Mapping[str, Any]  # published figures, as in the JSON file of the release
Part = Literal["answer", "methods"]
BOTH: tuple[Part, ...] = ("answer", "methods")


@dataclass(frozen=True)
class Drawn:
    """The content of an SVG image and its size in pixels."""

    content: str
    width: int
    height: int


@dataclass(frozen=True)
class _Scale:
    """A linear scale from people to pixels."""

    left: float
    right: float
    most: float

    def at(self, people: float) -> float:
        return float(self.left + (self.right - self.left) * min(people, self.most) / self.most)


def body(
    content: Content,
    lang: str,
    width: int = WIDE,
    number: Callable[[int], str] = "{:,}".format,
    parts: Sequence[Part] = BOTH,
) -> Drawn:
    """Return the chart of a published estimate in one language, without heading and notice.

    Parameters
    ----------
    content : mapping
        Published figures, as in the JSON file of the release. No other figure is drawn.
    lang : str
        Language: kk, ru or en.
    width : int
        Width in pixels; below 500 the labels are above the lines.
    number : function of int
        Format of a count.
    parts : sequence of {"answer", "methods"}
        Rows that are drawn: those of the answer, those of the methods.

    Returns
    -------
    Drawn
        SVG content and its size in pixels.

    Examples
    --------
    >>> content = {"lower": 700, "upper": 800, "methods": {}, "sensitivity": [], "detected": {"count": 626}}
    >>> body(content, "en").width
    700
    """
    stacked = width < 500  # on narrow charts the labels are above the lines
    rows = _rows(content, lang, parts)
    row_height = ROW + 16 if stacked else ROW
    most = _axis_end(content)
    scale = _Scale(14 if stacked else 236, width - 30, most)
    base = TOP + row_height * len(rows)
    band = [scale.at(content["lower"]), scale.right if content["upper"] is None else scale.at(content["upper"])]
    marks = [_rect(band[0], TOP, band[1] - band[0], base - TOP, BAND)]
    for tick in _ticks(most):
        marks += [
            _line(scale.at(tick), TOP, x2=scale.at(tick), y2=base, colour=RULE, size=1),
            _text(number(tick), scale.at(tick), y=base + 17, size=11, fill=QUIET, anchor="middle"),
        ]
    for place, row in enumerate(rows):
        y = TOP + row_height * place + row_height / 2
        label = (14.0, y - 8, "start") if stacked else (226.0, y + 4, "end")
        marks.append(_text(row.label, label[0], y=label[1], size=12, fill=INK, anchor=label[2], bold=row.bold))
        marks += _marks(row, scale, y + 10 if stacked else y, number)
    axis = messages.AXIS if content["methods"] and "methods" in parts else messages.AXIS_ALONE
    marks.append(_text(axis[lang], scale.left, y=base + 36, size=11, fill=QUIET, anchor="start"))
    return Drawn("".join(marks), width, base + 44)


def svg(content: Content) -> str:
    """Return the chart as an SVG file in English, or the reason why there is no estimate.

    The notice about invented lists is in three languages.
    """
    title = content["title"]["en"]
    if content["no_estimate"]:
        lines = [content["no_estimate"]["reason"][lang] for lang in LANGUAGES]
        drawn = Drawn("", WIDE, 0)
    else:
        drawn, lines = body(content, "en"), []
    marks = [content["notice"][lang] for lang in LANGUAGES] if "notice" in content else []
    head = 40
    texts = [_text(title, 0, y=22, size=17, fill=INK, anchor="start", bold=True)]
    y = head + drawn.height + 18
    for place, line in enumerate([*lines, *marks]):
        texts.append(_text(line, 0, y=y + 18 * place, size=12, fill=WARNING if line in marks else INK, anchor="start"))
    height = y + 18 * len([*lines, *marks])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {height}" width="{WIDE}" height="{height}" '
        f'role="img" lang="en" aria-labelledby="t d" font-family="{FONT}"><title id="t">{escape(title)}</title>'
        f'<desc id="d">{escape(described(content))}</desc><rect width="{WIDE}" height="{height}" fill="{PAPER}"/>'
        f'<g transform="translate(0,{head})">{drawn.content}</g>{"".join(texts)}</svg>\n'
    )


def described(content: Content) -> str:
    """Return the text alternative of the chart in English."""
    notice = f" {content['notice']['en']}" if "notice" in content else ""
    if content["no_estimate"]:
        return f"No estimate is published. {messages.estimate_sentence(content, 'en', '{:,}'.format)}{notice}"
    rows = [f"{row.label}: {_describe_row(row)}" for row in _rows(content, "en")]
    return f"{messages.estimate_sentence(content, 'en', '{:,}'.format)} {'; '.join(rows)}.{notice}"


@dataclass(frozen=True)
class _Row:
    label: str
    point: int | None
    thick: list[int] | None = None
    thin: list[int] | None = None
    bold: bool = False
    planted: bool = False


def _rows(content: Content, lang: str, parts: Sequence[Part] = BOTH) -> list[_Row]:
    return [
        row
        for part, rows in (("answer", _answer_rows), ("methods", _method_rows))
        if part in parts
        for row in rows(content, lang)
    ]


def _answer_rows(content: Content, lang: str) -> list[_Row]:
    rows = [_Row(messages.ROWS["detected"][lang], content["detected"]["count"], bold=True)]
    if content["upper"] is None:
        rows.append(_Row(messages.ROWS["at_least"][lang], content["lower"], bold=True))
    else:
        rows.append(_Row(messages.ROWS["between"][lang], None, [content["lower"], content["upper"]], bold=True))
    if "planted" in content:
        rows.append(_Row(messages.ROWS["planted"][lang], content["planted"], bold=True, planted=True))
    return rows


def _method_rows(content: Content, lang: str) -> list[_Row]:
    return [
        _Row(messages.NAMES[key][lang], result["estimate"], result["interval80"], result["interval95"])
        for key, result in messages.in_order(content["methods"])
    ]


def _describe_row(row: _Row) -> str:
    point = "" if row.point is None else f"{row.point:,}"
    between = "" if row.thick is None else f"{row.thick[0]:,} to {row.thick[1]:,}"
    return f"{point} ({between})" if point and between else point or between


def _axis_end(content: Content) -> float:
    """Return the end of the axis in people.

    A very high upper 95% limit is cut off to keep the rest legible.
    """
    ends = [content["upper"] or 1.5 * content["lower"], content["detected"]["count"], content.get("planted", 0)]
    far = [result["interval95"][1] for result in content["methods"].values() if result["interval95"]]
    return float(min(max([*ends, *far]), 1.6 * max(ends)) * 1.04)


def _ticks(most: float) -> list[int]:
    """Return round numbers of people from 0 for the ticks."""
    rough = most / TICKS
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    return [int(step * place) for place in range(int(most // step) + 1)]


def _marks(row: _Row, scale: _Scale, y: float, number: Callable[[int], str]) -> list[str]:
    parts = []
    colour = WARNING if row.planted else COLOUR
    for pair, size in ((row.thin, 2), (row.thick, 8)):
        if pair:
            parts.append(_line(scale.at(pair[0]), y, x2=scale.at(pair[1]), y2=y, colour=colour, size=size))
    if row.thin and row.thin[1] > scale.most:
        parts.append(_text("→", scale.right + 2, y=y + 4, size=13, fill=colour, anchor="start"))
    if row.point is not None:
        parts.append(
            f'<circle cx="{scale.at(row.point):.1f}" cy="{y:.1f}" r="5" fill="{PAPER}" stroke="{colour}" '
            'stroke-width="3"/>'
        )
    if row.bold:
        values = [row.point] if row.point is not None else row.thick or []
        label = "–".join(number(value) for value in values)
        right = scale.at(max(values))
        inside = right + 10 + 8 * len(label) > scale.right + 28
        x, anchor = (scale.at(min(values)) - 12, "end") if inside else (right + 12, "start")
        parts.append(_text(label, x, y=y + 4, size=12, fill=INK, anchor=anchor, bold=True))
    return parts


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, size: int) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{size}"/>'


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def _text(text: str, x: float, y: float, size: int, fill: str, anchor: str, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"{weight}>'
        f"{escape(text)}</text>"
    )
