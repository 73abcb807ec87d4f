"""Chart of the panel as SVG: one row for each method, with its estimate and its 80% and 95% intervals."""

from __future__ import annotations

import math

from kerege.charts.marks import GRID, INK, PAPER, QUIET, WARNING, text_width, wrap_text
from kerege.charts.panel_marks import BLUE, ORANGE, WIDTH, rectangle, svg_document, text_element
from kerege.evidence.mse.panels.answer import explain_no_estimate, headline_lines
from kerege.evidence.mse.panels.messages import MessageCatalogue, describe_run, read_messages
from kerege.evidence.mse.panels.method_result import Limits, Method
from kerege.evidence.mse.panels.panel import Panel
from kerege.evidence.mse.panels.publication_rules import interval_in_headline

LABEL, RIGHT, ROW = 180, 26, 38
RATIO = 5.0  # ratio of the limits above which the axis is logarithmic
TICKS = 6
APART = 64  # smallest distance between two axis labels, in pixels
BOUND = "lower_bound"
LONGEST = 20.0  # limits above this multiple of the largest estimate are cut off


class _HorizontalAxis:
    """Horizontal axis: maps people to pixels."""

    def __init__(self, low: float, high: float) -> None:
        self.log = high > RATIO * low
        self.low = low * 0.9 if self.log else max(0.0, low - 0.06 * (high - low))
        self.high = high * 1.08 if self.log else high + 0.04 * (high - low)

    def at(self, people: float) -> float:
        """Return the horizontal position of a number of people, in pixels."""
        people = min(max(people, self.low), self.high)
        share = (
            math.log(people / self.low) / math.log(self.high / self.low)
            if self.log
            else (people - self.low) / (self.high - self.low)
        )
        return LABEL + share * (WIDTH - LABEL - RIGHT)

    def ticks(self) -> list[float]:
        """Return round numbers with enough distance between their labels."""
        if self.log:
            first = math.floor(math.log10(self.low))
            candidates = [m * 10.0**e for e in range(first, first + 12) for m in (1, 2, 5)]
            ticks = [tick for tick in candidates if self.low <= tick <= self.high]
            ticks = ticks if len(ticks) <= TICKS + 2 else [t for t in ticks if f"{t:e}".startswith("1")]
            step = 10.0 ** math.floor(math.log10(self.high))
            last = step * math.floor(self.high / step)  # label the end of the range too
            return [*ticks, last] if self.at(last) - self.at(ticks[-1]) >= APART else ticks
        spacing = (self.high - self.low) / TICKS
        magnitude = 10.0 ** math.floor(math.log10(spacing))
        step = next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= spacing)
        start = math.ceil(self.low / step)
        return [step * k for k in range(start, int(self.high / step) + 1)]


def chart(panel: Panel, lang: str = "en", *, notice: str = "", truth: float | None = None) -> str:
    """Return the chart of a panel as SVG, with title and description.

    Parameters
    ----------
    panel : Panel
        Result of `panel`.
    lang : str
        Language of the words: kk, ru or en.
    notice : str
        Sentence that is printed in red.
    truth : float, optional
        Known population size, in people; it becomes a vertical line.

    Returns
    -------
    str
        A complete SVG file: a row for each method, with its estimate and its 80% and 95% intervals. The axis is
        logarithmic when its limits differ by more than a factor of 5.

    Raises
    ------
    BadInput
        If there is no such language.

    Examples
    --------
    >>> from kerege.evidence.mse import Lists, panel
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> chart(panel(lists, ["stepwise"], times=100))[:4]
    '<svg'
    """
    catalogue = read_messages(lang)
    axis = _HorizontalAxis(*_find_value_range(panel, truth))
    title = headline_lines(panel.headline, lang)[0]
    heading = wrap_text(title, 18, WIDTH, bold=True)
    top = 20 + 25 * len(heading) + (24 if notice else 0)
    legend, legend_height = _draw_legend(panel, catalogue, top + 6)
    start = top + legend_height + 22
    bottom = start + ROW * len(panel.methods)
    lines = [line for text in _write_footer_lines(panel, lang) for line in wrap_text(text, 12.5, WIDTH)]
    height = bottom + 62 + 18 * len(lines) + 8
    body = [text_element(0, 24 + 25 * i, line, 18, INK, bold=True) for i, line in enumerate(heading)]
    if notice:
        body.append(text_element(0, top - 20, notice, 13, WARNING, bold=True))
    body += legend
    body += _draw_grid_and_axis(panel, axis, catalogue, (start, bottom), truth)
    for place, method in enumerate(panel.methods.values()):
        body += _draw_method_row(method, axis, catalogue, start + ROW * place + ROW / 2)
    body += [text_element(0, bottom + 66 + 18 * i, line, 12.5, QUIET) for i, line in enumerate(lines)]
    rows = [_describe_row(method, catalogue) + "." for method in panel.methods.values()]
    description = " ".join([notice, *headline_lines(panel.headline, lang), *rows]).strip()
    return svg_document(lang, height, "".join(body), title=title, description=description)


def _write_footer_lines(panel: Panel, lang: str) -> list[str]:
    """Return the lines below the chart: the reason for no headline, or its conditions; provenance."""
    reason = explain_no_estimate(panel, lang)
    return [*([reason] if reason else headline_lines(panel.headline, lang)[1:]), describe_run(panel, lang)]


def _find_value_range(panel: Panel, truth: float | None) -> Limits:
    """Return the smallest and the largest number in the chart."""
    points = [
        method.estimate
        for method in panel.methods.values()
        if method.estimate is not None and math.isfinite(method.estimate)
    ]
    points += [float(panel.detected)] + ([truth] if truth else [])
    limits = [
        limit for method in panel.methods.values() for limit in (*(method.interval80 or ()), *(method.interval95 or ()))
    ]
    limits += [limit for method in panel.methods.values() for limit in interval_in_headline(method) or ()]
    cutoff = LONGEST * max(points)
    values = points + [min(limit, cutoff) for limit in limits]
    low, high = min(values), max(values)
    return low, high if high > low else low + 1


def _draw_grid_and_axis(
    panel: Panel,
    axis: _HorizontalAxis,
    catalogue: MessageCatalogue,
    vertical_span: tuple[float, float],
    truth: float | None,
) -> list[str]:
    """Return the grid, the axis, and the lines of detected people and truth."""
    start, bottom = vertical_span
    body = []
    for tick in axis.ticks():
        x = axis.at(tick)
        body.append(f'<path d="M{x:.1f} {start}V{bottom}" stroke="{GRID}"/>')
        body.append(
            text_element(x, bottom + 18, content=catalogue.number(tick), size=12, colour=QUIET, anchor="middle")
        )
    name = "chart.log" if axis.log else "chart.axis"
    body.append(
        text_element(
            (LABEL + WIDTH - RIGHT) / 2,
            bottom + 38,
            content=catalogue.say(name),
            size=12,
            colour=QUIET,
            anchor="middle",
        )
    )
    detected = catalogue.say("chart.detected", detected=catalogue.number(panel.detected))
    body += _draw_reference_line(
        axis.at(panel.detected), vertical_span, label=detected, colour=INK, dashes="4 3", _=catalogue
    )
    if truth:
        body += _draw_reference_line(
            axis.at(truth),
            vertical_span,
            label=catalogue.say("chart.truth", truth=catalogue.number(truth)),
            colour=ORANGE,
            dashes="",
            _=catalogue,
        )
    return body


def _draw_reference_line(
    x: float, vertical_span: tuple[float, float], label: str, colour: str, dashes: str, _: MessageCatalogue
) -> list[str]:
    """Return a vertical reference line with its label above."""
    start, bottom = vertical_span
    style = f' stroke-dasharray="{dashes}"' if dashes else ""
    anchor = "start" if x < (LABEL + WIDTH) / 2 else "end"
    return [
        f'<path d="M{x:.1f} {start - 6}V{bottom}" stroke="{colour}" stroke-width="1.5"{style}/>',
        text_element(
            x - 3 if anchor == "start" else x + 3, start - 10, content=label, size=12, colour=colour, anchor=anchor
        ),
    ]


def _draw_method_row(method: Method, axis: _HorizontalAxis, catalogue: MessageCatalogue, y: float) -> list[str]:
    """Return name, intervals and point of a method; a text if it has no estimate."""
    body = _draw_method_label(catalogue.say(f"methods.{method.key}"), y)
    if method.estimate is None:
        return [
            *body,
            text_element(
                LABEL + 150, y + 4.5, content=catalogue.say("table.none"), size=13, colour=QUIET, anchor="middle"
            ),
        ]
    for limits, thickness, colour in ((method.interval95, 2.5, BLUE), (method.interval80, 9, BLUE)):
        if limits:
            left, right = (axis.at(limit) for limit in limits)
            body.append(rectangle(left, y - thickness / 2, max(right - left, 1), thickness, colour))
            if limits[1] > axis.high:  # an arrow: the interval goes beyond the chart
                body.append(f'<path d="M{right:.1f} {y - 6:.1f}l9 6l-9 6Z" fill="{colour}"/>')
    body += _draw_headline_bar(method, axis, y)
    if math.isfinite(method.estimate):
        body.append(
            _draw_bound_mark(axis.at(method.estimate), y)
            if method.key == BOUND
            else _draw_estimate_mark(axis.at(method.estimate), y)
        )
    return body


def _draw_method_label(name: str, y: float) -> list[str]:
    """Return the name of a method left of its row, in two lines if it is long."""
    lines = wrap_text(name, 12, LABEL - 16)
    start = y + 4.5 - 7 * (len(lines) - 1)
    return [
        text_element(LABEL - 14, start + 14 * place, content=line, size=12, colour=INK, anchor="end")
        for place, line in enumerate(lines)
    ]


def _draw_estimate_mark(x: float, y: float) -> str:
    """Return the mark of an estimate."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{PAPER}" stroke="{INK}" stroke-width="2.5"/>'


def _draw_bound_mark(x: float, y: float) -> str:
    """Return the mark of a lower bound: a bar with an arrow to larger numbers."""
    return f'<path d="M{x:.1f} {y - 8:.1f}v16m0 -8h17m-6 -5l6 5l-6 5" fill="none" stroke="{INK}" stroke-width="2.5"/>'


def _draw_headline_bar(method: Method, axis: _HorizontalAxis, y: float) -> list[str]:
    """Return the BCa interval below the bars, if it is the one that bounds the headline."""
    interval = interval_in_headline(method)
    if interval is None or interval == method.interval80:
        return []
    left, right = (axis.at(limit) for limit in interval)
    return [rectangle(left, y + 8.5, max(right - left, 1), 4.5, ORANGE)]


def _draw_legend(panel: Panel, catalogue: MessageCatalogue, y: float) -> tuple[list[str], float]:
    """Return the legend and its height; it wraps to as many lines as needed."""
    marks = [
        ("point", catalogue.say("chart.point")),
        ("bar80", catalogue.say("table.interval80")),
        ("bar95", catalogue.say("table.interval95")),
    ]
    if any(method.key == BOUND and method.estimate is not None for method in panel.methods.values()):
        marks.append(("bound", catalogue.say("chart.bound")))
    if any(_draw_headline_bar(method, _HorizontalAxis(1, 2), 0) for method in panel.methods.values()):
        marks.append(("bca", catalogue.say("chart.bca")))
    body, x, baseline = [], 0.0, y
    for kind, label in marks:
        width = 46 + text_width(label, 12.5)
        if x and x + width > WIDTH:
            x, baseline = 0.0, baseline + 22
        body += [_draw_legend_mark(kind, x, baseline - 4), text_element(x + 30, baseline, label, 12.5, INK)]
        x += width
    return body, baseline - y + 22


def _draw_legend_mark(kind: str, x: float, y: float) -> str:
    """Return the legend's mark of a kind."""
    if kind == "point":
        return _draw_estimate_mark(x + 12, y)
    if kind == "bound":
        return _draw_bound_mark(x + 4, y)
    thickness, colour = {"bar80": (9, BLUE), "bar95": (2.5, BLUE), "bca": (4.5, ORANGE)}[kind]
    return rectangle(x, y - thickness / 2, 24, thickness, colour)


def _describe_row(method: Method, catalogue: MessageCatalogue) -> str:
    """Return the description of a row for screen readers."""
    name = catalogue.say(f"methods.{method.key}")
    if method.estimate is None:
        return catalogue.say("chart.row_none", method=name)
    estimate = catalogue.number(method.estimate)
    if method.interval80 is None or method.interval95 is None:
        return catalogue.say("chart.row_point", method=name, estimate=estimate)
    limits = {
        f"{side}{level}": catalogue.number(limit)
        for level, interval in (("80", method.interval80), ("95", method.interval95))
        for side, limit in zip(("low", "high"), interval, strict=True)
    }
    return catalogue.say("chart.row", method=name, estimate=estimate, **limits)
