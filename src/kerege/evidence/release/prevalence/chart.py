"""The panel as a picture, drawn from the figures that are told: no pixel knows more than the file beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

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


@dataclass(frozen=True)
class Drawn:
    """The inside of a picture and its size in pixels."""

    content: str
    width: int
    height: int


@dataclass(frozen=True)
class _Scale:
    """From people to pixels."""

    left: float
    right: float
    most: float

    def at(self, people: float) -> float:
        return float(self.left + (self.right - self.left) * min(people, self.most) / self.most)


def body(
    content: Mapping[str, Any], lang: str, width: int = WIDE, number: Callable[[int], str] = "{:,}".format
) -> Drawn:
    """The panel in one language, without heading and notice. Only for an estimate that is told."""
    stacked = width < 500  # labels above their lines where there is no room beside
    rows = _rows(content, lang)
    high = ROW + 16 if stacked else ROW
    most = _most(content)
    scale = _Scale(14 if stacked else 236, width - 30, most)
    base = TOP + high * len(rows)
    band = [scale.at(content[end]) for end in ("lower", "upper")]
    parts = [_rect(band[0], TOP, band[1] - band[0], base - TOP, BAND)]
    for tick in _ticks(most):
        parts += [
            _line(scale.at(tick), TOP, scale.at(tick), base, RULE, 1),
            _text(number(tick), scale.at(tick), base + 17, 11, QUIET, "middle"),
        ]
    for place, row in enumerate(rows):
        y = TOP + high * place + high / 2
        label = (14.0, y - 8, "start") if stacked else (226.0, y + 4, "end")
        parts.append(_text(row.label, label[0], label[1], 12, INK, label[2], bold=row.bold))
        parts += _marks(row, scale, y + 10 if stacked else y, number)
    axis = messages.AXIS if content["methods"] else messages.AXIS_ALONE
    parts.append(_text(axis[lang], scale.left, base + 36, 11, QUIET, "start"))
    return Drawn("".join(parts), width, base + 44)


def svg(content: Mapping[str, Any]) -> str:
    """The panel as a file: in English, the mark of invented lists in three languages; or why there is none."""
    title = content["title"]["en"]
    if content["no_estimate"]:
        lines = [content["no_estimate"]["reason"][lang] for lang in LANGUAGES]
        drawn = Drawn("", WIDE, 0)
    else:
        drawn, lines = body(content, "en"), []
    marks = [content["notice"][lang] for lang in LANGUAGES] if "notice" in content else []
    head = 40
    texts = [_text(title, 0, 22, 17, INK, "start", bold=True)]
    y = head + drawn.height + 18
    for place, line in enumerate([*lines, *marks]):
        texts.append(_text(line, 0, y + 18 * place, 12, WARNING if line in marks else INK, "start"))
    height = y + 18 * len([*lines, *marks])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {height}" width="{WIDE}" height="{height}" '
        f'role="img" lang="en" aria-labelledby="t d" font-family="{FONT}"><title id="t">{escape(title)}</title>'
        f'<desc id="d">{escape(described(content))}</desc><rect width="{WIDE}" height="{height}" fill="{PAPER}"/>'
        f'<g transform="translate(0,{head})">{drawn.content}</g>{"".join(texts)}</svg>\n'
    )


def described(content: Mapping[str, Any]) -> str:
    """The picture for those who do not see it, in English."""
    notice = f" {content['notice']['en']}" if "notice" in content else ""
    if content["no_estimate"]:
        return f"No estimate is published. {content['no_estimate']['reason']['en']}{notice}"
    rows = [f"{row.label}: {_said(row)}" for row in _rows(content, "en")]
    return "; ".join(rows) + "." + notice


@dataclass(frozen=True)
class _Row:
    label: str
    point: int | None
    thick: list[int] | None = None
    thin: list[int] | None = None
    bold: bool = False
    planted: bool = False


def _rows(content: Mapping[str, Any], lang: str) -> list[_Row]:
    rows = [_Row(messages.ROWS["detected"][lang], content["detected"]["count"], bold=True)]
    rows.append(_Row(messages.ROWS["between"][lang], None, [content["lower"], content["upper"]], bold=True))
    if "planted" in content:
        rows.append(_Row(messages.ROWS["planted"][lang], content["planted"], bold=True, planted=True))
    for key, each in messages.in_order(content["methods"]):
        rows.append(_Row(messages.NAMES[key][lang], each["estimate"], each["interval80"], each["interval95"]))
    return rows


def _said(row: _Row) -> str:
    point = "" if row.point is None else f"{row.point:,}"
    between = "" if row.thick is None else f"{row.thick[0]:,} to {row.thick[1]:,}"
    return f"{point} ({between})" if point and between else point or between


def _most(content: Mapping[str, Any]) -> float:
    """The largest number of people on the axis: a far upper limit of 95% is cut off where it would squeeze the rest."""
    ends = [content["upper"], content["detected"]["count"], content.get("planted", 0)]
    far = [each["interval95"][1] for each in content["methods"].values() if each["interval95"]]
    return float(min(max([*ends, *far]), 1.6 * max(ends)) * 1.04)


def _ticks(most: float) -> list[int]:
    """Round numbers of people from 0."""
    rough = most / TICKS
    size = 10 ** math.floor(math.log10(rough))
    each = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    return [int(each * place) for place in range(int(most // each) + 1)]


def _marks(row: _Row, scale: _Scale, y: float, number: Callable[[int], str]) -> list[str]:
    parts = []
    colour = WARNING if row.planted else COLOUR
    for pair, size in ((row.thin, 2), (row.thick, 8)):
        if pair:
            parts.append(_line(scale.at(pair[0]), y, scale.at(pair[1]), y, colour, size))
    if row.thin and row.thin[1] > scale.most:
        parts.append(_text("→", scale.right + 2, y + 4, 13, colour, "start"))
    if row.point is not None:
        parts.append(
            f'<circle cx="{scale.at(row.point):.1f}" cy="{y:.1f}" r="5" fill="{PAPER}" stroke="{colour}" '
            'stroke-width="3"/>'
        )
    if row.bold:
        told = [row.point] if row.point is not None else row.thick or []
        words_of = "–".join(number(each) for each in told)
        right = scale.at(max(told))
        inside = right + 10 + 8 * len(words_of) > scale.right + 28
        x, anchor = (scale.at(min(told)) - 12, "end") if inside else (right + 12, "start")
        parts.append(_text(words_of, x, y + 4, 12, INK, anchor, bold=True))
    return parts


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, size: int) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{size}"/>'


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def _text(said: str, x: float, y: float, size: int, fill: str, anchor: str, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"{weight}>'
        f"{escape(said)}</text>"
    )
