"""The panel as one SVG, drawn by hand: a row a method, its estimate with bars of 80% and 95%."""

from __future__ import annotations

import math
import textwrap
from html import escape

from kerege.evidence.mse.panels.messages import Words, answer, made, words
from kerege.evidence.mse.panels.method_result import Limits, Method
from kerege.evidence.mse.panels.panel import Panel
from kerege.evidence.mse.panels.publication_rules import interval_in_headline

# as the charts of the report
FONT = "Noto Sans, sans-serif"
INK, QUIET, PAPER, GRID = "#1a2b3c", "#5a6672", "#ffffff", "#dfe5e8"
BLUE, ORANGE, BAND, WARNING = "#0b6e99", "#c46a00", "#e3f0f5", "#8f1d1d"
WIDTH, EDGE, LABEL, RIGHT, ROW = 700, 14, 180, 26, 38
RATIO = 5.0  # largest number over smallest, beyond which the axis is logarithmic
TICKS = 6
APART = 64  # pixels from one number of the axis to the next
NARROW, WIDE = 7.4, 8.6  # pixels of a Latin letter of the legend, and of one of Kazakh or Russian
BOUND = "lower_bound"
LONGEST = 20.0  # a limit so many times the largest estimate or headline limit runs off the picture


class _Axis:
    """From people to places."""

    def __init__(self, low: float, high: float) -> None:
        self.log = high > RATIO * low
        self.low = low * 0.9 if self.log else max(0.0, low - 0.06 * (high - low))
        self.high = high * 1.08 if self.log else high + 0.04 * (high - low)

    def at(self, people: float) -> float:
        """Pixels from the left."""
        people = min(max(people, self.low), self.high)
        share = (
            math.log(people / self.low) / math.log(self.high / self.low)
            if self.log
            else (people - self.low) / (self.high - self.low)
        )
        return LABEL + share * (WIDTH - LABEL - RIGHT)

    def ticks(self) -> list[float]:
        """Round numbers, few enough to stand apart."""
        if self.log:
            first = math.floor(math.log10(self.low))
            every = [m * 10.0**e for e in range(first, first + 12) for m in (1, 2, 5)]
            found = [tick for tick in every if self.low <= tick <= self.high]
            found = found if len(found) <= TICKS + 2 else [t for t in found if f"{t:e}".startswith("1")]
            step = 10.0 ** math.floor(math.log10(self.high))
            last = step * math.floor(self.high / step)  # the end of the range has a number as well
            return [*found, last] if self.at(last) - self.at(found[-1]) >= APART else found
        rough = (self.high - self.low) / TICKS
        base = 10.0 ** math.floor(math.log10(rough))
        step = next(m * base for m in (1, 2, 5, 10) if m * base >= rough)
        start = math.ceil(self.low / step)
        return [step * k for k in range(start, int(self.high / step) + 1)]


def chart(found: Panel, lang: str = "en", *, notice: str = "", truth: float | None = None) -> str:
    """A complete SVG with title and description. `notice` stands on it in red, a known `truth` as a line."""
    say = words(lang)
    axis = _Axis(*_range(found, truth))
    title = _title(found, say)
    heading = textwrap.wrap(title, 62)
    top = 20 + 25 * len(heading) + (24 if notice else 0)
    legend, legend_height = _legend(found, say, top + 6)
    start = top + legend_height + 22
    bottom = start + ROW * len(found.methods)
    lines = [line for text in _beneath(found, lang) for line in textwrap.wrap(text, 98)]
    height = bottom + 62 + 18 * len(lines) + 8
    box = f"{-EDGE} {-EDGE} {WIDTH + 2 * EDGE} {height + 2 * EDGE}"
    body = [f'<path d="M{-EDGE} {-EDGE}h{WIDTH + 2 * EDGE}v{height + 2 * EDGE}H{-EDGE}Z" fill="{PAPER}"/>']
    body += [_text(0, 24 + 25 * i, line, 18, INK, bold=True) for i, line in enumerate(heading)]
    if notice:
        body.append(_text(0, top - 20, notice, 13, WARNING, bold=True))
    body += legend
    body += _frame(found, axis, say, (start, bottom), truth)
    for place, method in enumerate(found.methods.values()):
        body += _row(method, axis, say, start + ROW * place + ROW / 2)
    body += [_text(0, bottom + 66 + 18 * i, line, 12.5, QUIET) for i, line in enumerate(lines)]
    told = " ".join([notice, *answer(found, lang), *(_told(m, say) + "." for m in found.methods.values())]).strip()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{WIDTH + 2 * EDGE}" '
        f'height="{height + 2 * EDGE}" role="img" lang="{lang}" aria-labelledby="panel-t panel-d" font-family="{FONT}">'
        f'<title id="panel-t">{escape(title)}</title><desc id="panel-d">{escape(told)}</desc>'
        f'<g aria-hidden="true">{"".join(body)}</g></svg>\n'
    )


def _beneath(found: Panel, lang: str) -> list[str]:
    """What the title does not say: why there is no range, or how to take it."""
    told = answer(found, lang)
    return [*(told[-1:] if found.headline else told[1:]), made(found, lang)]


def _title(found: Panel, say: Words) -> str:
    detected = say.number(found.detected)
    if found.headline is None:
        return say.say("chart.no_title" if found.stops or found.complete else "chart.partial", detected=detected)
    lower, upper = map(say.number, found.headline)
    return say.say("chart.title", detected=detected, lower=lower, upper=upper)


def _range(found: Panel, truth: float | None) -> Limits:
    """The smallest and the largest number that the picture shows."""
    points = [m.estimate for m in found.methods.values() if m.estimate is not None and math.isfinite(m.estimate)]
    points += [float(found.detected)] + ([truth] if truth else [])
    limits = [limit for m in found.methods.values() for limit in (*(m.interval80 or ()), *(m.interval95 or ()))]
    limits += [limit for m in found.methods.values() for limit in interval_in_headline(m) or ()]
    most = LONGEST * max(points)
    shown = points + [min(limit, most) for limit in limits]
    low, high = min(shown), max(shown)
    return low, high if high > low else low + 1


def _frame(found: Panel, axis: _Axis, say: Words, across: tuple[float, float], truth: float | None) -> list[str]:
    """Band of the headline, grid, axis, the line of the detected."""
    start, bottom = across
    body = []
    reach = found.envelope
    if found.headline and reach:
        left, right = axis.at(reach[0]), axis.at(reach[1])
        body.append(_rect(left, start, right - left, bottom - start, BAND))
    for tick in axis.ticks():
        x = axis.at(tick)
        body.append(f'<path d="M{x:.1f} {start}V{bottom}" stroke="{GRID}"/>')
        body.append(_text(x, bottom + 18, say.number(tick), 12, QUIET, "middle"))
    name = "chart.log" if axis.log else "chart.axis"
    body.append(_text((LABEL + WIDTH - RIGHT) / 2, bottom + 38, say.say(name), 12, QUIET, "middle"))
    detected = say.say("chart.detected", detected=say.number(found.detected))
    body += _line(axis.at(found.detected), across, detected, INK, "4 3", say)
    if truth:
        body += _line(axis.at(truth), across, say.say("chart.truth", truth=say.number(truth)), ORANGE, "", say)
    return body


def _line(x: float, across: tuple[float, float], told: str, colour: str, dashes: str, _: Words) -> list[str]:
    """A number that all methods are compared with, named above."""
    start, bottom = across
    style = f' stroke-dasharray="{dashes}"' if dashes else ""
    anchor = "start" if x < (LABEL + WIDTH) / 2 else "end"
    return [
        f'<path d="M{x:.1f} {start - 6}V{bottom}" stroke="{colour}" stroke-width="1.5"{style}/>',
        _text(x - 3 if anchor == "start" else x + 3, start - 10, told, 12, colour, anchor),
    ]


def _row(method: Method, axis: _Axis, say: Words, y: float) -> list[str]:
    """Name, bars, point; words where there is no estimate."""
    body = [_text(LABEL - 14, y + 4.5, say.say(f"methods.{method.key}"), 13, INK, "end")]
    if method.estimate is None:
        return [*body, _text(LABEL + 150, y + 4.5, say.say("table.none"), 13, QUIET, "middle")]
    for limits, thick, colour in ((method.interval95, 2.5, BLUE), (method.interval80, 9, BLUE)):
        if limits:
            left, right = (axis.at(limit) for limit in limits)
            body.append(_rect(left, y - thick / 2, max(right - left, 1), thick, colour))
            if limits[1] > axis.high:  # the picture ends before the bar does
                body.append(f'<path d="M{right:.1f} {y - 6:.1f}l9 6l-9 6Z" fill="{colour}"/>')
    body += _published(method, axis, y)
    if math.isfinite(method.estimate):
        body.append(_bound(axis.at(method.estimate), y) if method.key == BOUND else _point(axis.at(method.estimate), y))
    return body


def _point(x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{PAPER}" stroke="{INK}" stroke-width="2.5"/>'


def _bound(x: float, y: float) -> str:
    """No estimate but a bound: a bar, and an arrow to the larger numbers."""
    return f'<path d="M{x:.1f} {y - 8:.1f}v16m0 -8h17m-6 -5l6 5l-6 5" fill="none" stroke="{INK}" stroke-width="2.5"/>'


def _published(method: Method, axis: _Axis, y: float) -> list[str]:
    """The BCa interval, beneath, where it is the one that counts."""
    counted = interval_in_headline(method)
    if counted is None or counted == method.interval80:
        return []
    left, right = (axis.at(limit) for limit in counted)
    return [_rect(left, y + 8.5, max(right - left, 1), 4.5, ORANGE)]


def _legend(found: Panel, say: Words, y: float) -> tuple[list[str], float]:
    """What the marks mean, in words; as many lines as they take."""
    marks = [
        ("point", say.say("chart.point")),
        ("bar80", say.say("table.interval80")),
        ("bar95", say.say("table.interval95")),
    ]
    if any(m.key == BOUND and m.estimate is not None for m in found.methods.values()):
        marks.append(("bound", say.say("chart.bound")))
    if any(_published(m, _Axis(1, 2), 0) for m in found.methods.values()):
        marks.append(("bca", say.say("chart.bca")))
    if found.headline:
        marks.append(("band", say.say("chart.band")))
    body, x, line = [], 0.0, y
    for kind, told in marks:
        width = 46 + sum(WIDE if sign == "%" or not sign.isascii() else NARROW for sign in told)
        if x and x + width > WIDTH:
            x, line = 0.0, line + 22
        body += [_mark(kind, x, line - 4), _text(x + 30, line, told, 12.5, INK)]
        x += width
    return body, line - y + 22


def _mark(kind: str, x: float, y: float) -> str:
    if kind == "point":
        return _point(x + 12, y)
    if kind == "bound":
        return _bound(x + 4, y)
    thick, colour = {"bar80": (9, BLUE), "bar95": (2.5, BLUE), "bca": (4.5, ORANGE), "band": (14, BAND)}[kind]
    return _rect(x, y - thick / 2, 24, thick, colour)


def _told(method: Method, say: Words) -> str:
    """A row in words."""
    name = say.say(f"methods.{method.key}")
    if method.estimate is None:
        return say.say("chart.row_none", method=name)
    estimate = say.number(method.estimate)
    if method.interval80 is None or method.interval95 is None:
        return say.say("chart.row_point", method=name, estimate=estimate)
    limits = {
        f"{side}{level}": say.number(limit)
        for level, interval in (("80", method.interval80), ("95", method.interval95))
        for side, limit in zip(("low", "high"), interval, strict=True)
    }
    return say.say("chart.row", method=name, estimate=estimate, **limits)


def _rect(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def _text(x: float, y: float, told: str, size: float, colour: str, anchor: str = "start", *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}" text-anchor="{anchor}"{weight}>'
        f"{escape(told)}</text>"
    )
