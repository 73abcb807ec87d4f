"""Chart of the headline as SVG: detected people, floor and top; below them methods and known lists."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kerege.charts.marks import GRID, INK, QUIET, WARNING, text_width, wrap_text
from kerege.charts.panel_marks import BLUE, EDGE, ORANGE, WIDTH, rectangle, svg_document, text_element
from kerege.evidence.mse.headline.headline import Headline
from kerege.evidence.mse.panels.answer import explain_no_estimate, headline_lines, one_in
from kerege.evidence.mse.panels.messages import MessageCatalogue, describe_run, read_messages
from kerege.evidence.mse.panels.outside_estimate import OutsideEstimate
from kerege.evidence.mse.panels.panel import Panel
from kerege.evidence.mse.panels.publication_rules import interval_in_headline

LEFT, RIGHT = 8.0, 30.0  # margins of the axis in pixels
BAR, METHOD, LINE = 46, 12, 18  # heights of the row of the headline, of a method and of a line of text, in pixels
MOST_LINES = 3  # lines of the condition in its band; the text below the chart has it too
REACH = (1, 2, 5, 10, 20, 50, 100)  # denominators: one in 1, 2, 5 ... people is on a list
TITLE, LABEL = 15, 12  # sizes of the title and of labels in pixels
KNOWN_LEFT = 150  # start of the axis of the known lists in pixels
# the floor is hatched; the band fades towards the top, which holds only under its condition
MARKS = (
    '<pattern id="panel-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<path d="M0 0V7" stroke="{BLUE}" stroke-width="5"/></pattern>'
    f'<linearGradient id="panel-fade"><stop offset="0" stop-color="{BLUE}" stop-opacity="0.5"/>'
    f'<stop offset="1" stop-color="{BLUE}" stop-opacity="0.15"/></linearGradient>'
)


@dataclass(frozen=True)
class _LogAxis:
    """Logarithmic axis from people to pixels."""

    low: float
    high: float

    def at(self, people: float) -> float:
        """Return the horizontal position of a number of people in pixels."""
        share = math.log(min(max(people, self.low), self.high) / self.low) / math.log(self.high / self.low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def ticks(self) -> list[float]:
        """Return 1, 2 and 5 times the powers of ten on the axis."""
        first = math.floor(math.log10(self.low))
        candidates = [factor * 10.0**power for power in range(first, first + 12) for factor in (1, 2, 5)]
        return [tick for tick in candidates if self.low <= tick <= self.high]


def headline_chart(panel: Panel, lang: str = "en", *, notice: str = "", outside: Sequence[OutsideEstimate] = ()) -> str:
    """Return the chart of the headline as SVG, with title and description.

    Parameters
    ----------
    panel : Panel
        Result of `panel`.
    lang : str
        Language of the words: kk, ru or en.
    notice : str
        Sentence that is printed in red.
    outside : sequence of OutsideEstimate
        Estimates by others, drawn below the methods.

    Returns
    -------
    str
        A complete SVG file. A solid bar ends at the people on the lists, a hatched one at the floor. A band fades to
        the top, with its condition. Thin lines are the 80% intervals of the methods. No point estimate is drawn. Below
        them each list has its known size beside the size that the other lists lead one to expect.

    Raises
    ------
    BadInput
        If there is no such language.

    Examples
    --------
    >>> from kerege.evidence.mse import Lists, panel
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> headline_chart(panel(lists, ["stepwise"], times=100))[:4]
    '<svg'
    """
    catalogue = read_messages(lang)
    lines = headline_lines(panel.headline, lang)
    axis = _axis(panel.headline, outside)
    body, y = _heading(lines[0], notice)
    body += _reach_axis(panel.headline, axis, catalogue, y)
    y += 42
    body += _headline_row(panel.headline, axis, catalogue, y)
    y += BAR + 56
    methods = _method_lines(panel, axis, catalogue, y)
    body += methods
    y += METHOD * len(methods) + (LINE if methods else 0)
    for other in outside:
        estimate, y = _outside_estimate(other, axis, lang, y)
        body += estimate
    body += _people_axis(axis, catalogue, y)
    y += 66
    known, y = _known_lists(panel.headline, catalogue, y)
    body += known
    reason = explain_no_estimate(panel, lang)
    for text in [*([reason] if reason else lines[1:]), describe_run(panel, lang)]:
        for line in wrap_text(text, 12.5, WIDTH):
            body.append(text_element(0, y, line, 12.5, QUIET))
            y += LINE
    description = " ".join([notice, *lines, reason]).strip()
    return svg_document(lang, y, "".join(body), title=lines[0], description=description, marks=MARKS)


def _axis(headline: Headline, outside: Sequence[OutsideEstimate]) -> _LogAxis:
    """Return the axis: from below the detected people to above the top and the methods."""
    ends = [2.0 * headline.detected, headline.top or 0, *(headline.allowed or ()), 1.5 * (headline.floor or 0)]
    ends += [limit for limit in headline.panel or () if math.isfinite(limit)]
    ends += [other.high for other in outside]
    low = min([headline.detected, *(other.low for other in outside)])
    return _LogAxis(low / 1.5, max(ends) * 1.3)


def _heading(title: str, notice: str) -> tuple[list[str], float]:
    """Return the title and the notice, and the height below them."""
    lines = wrap_text(title, TITLE, WIDTH, bold=True)
    body = [text_element(0, 20 + 22 * place, line, TITLE, INK, bold=True) for place, line in enumerate(lines)]
    y = 24.0 + 22 * len(lines)
    for line in wrap_text(notice, 13, WIDTH, bold=True):
        body.append(text_element(0, y, line, 13, WARNING, bold=True))
        y += LINE
    return body, y + 4


def _reach_axis(headline: Headline, axis: _LogAxis, catalogue: MessageCatalogue, y: float) -> list[str]:
    """Return the upper axis: the share of people on a list, as 1 in N, for each number of people."""
    body = [
        text_element(LEFT, y, catalogue.say("chart.reach_title"), 11, QUIET),
        f'<path d="M{LEFT} {y + 22:.1f}H{WIDTH - RIGHT}" stroke="{GRID}"/>',
    ]
    end = -math.inf
    for number in REACH:
        x = axis.at(number * headline.detected)
        label = catalogue.say("chart.reach", number=str(number))
        half = text_width(label, 11) / 2
        if number * headline.detected > axis.high or x - half < max(end, -EDGE) or x + half > WIDTH + EDGE:
            continue
        end = x + half + 8
        body.append(f'<path d="M{x:.1f} {y + 22:.1f}v5" stroke="{QUIET}"/>')
        body.append(text_element(x, y + 16, label, 11, QUIET, anchor="middle"))
    return body


def _headline_row(headline: Headline, axis: _LogAxis, catalogue: MessageCatalogue, y: float) -> list[str]:
    """Return the bars of detected people and floor, and the band to the top."""
    detected = axis.at(headline.detected)
    on_lists = catalogue.say("chart.on_lists", detected=catalogue.number(headline.detected))
    body = [
        rectangle(LEFT, y, detected - LEFT, BAR, INK),
        text_element(LEFT, y + BAR + 16, on_lists, LABEL, INK, bold=True),
    ]
    if headline.floor is None:
        return body
    floor = axis.at(headline.floor)
    label = catalogue.say("chart.at_least", floor=catalogue.number(headline.floor))
    x = max(floor - text_width(label, LABEL, bold=True) / 2, LEFT + text_width(on_lists, LABEL, bold=True) + 16)
    body.append(rectangle(detected, y, max(floor - detected, 1), BAR, "url(#panel-hatch)"))
    body.append(text_element(x, y + BAR + 16, label, LABEL, BLUE, bold=True))
    if headline.top is None or headline.least_chance is None:
        return [*body, _arrow(floor, y)]
    top = axis.at(headline.top)
    condition = catalogue.say(
        "chart.condition", top=catalogue.number(headline.top), chance=one_in(headline.least_chance)
    )
    beyond = text_element(WIDTH - 4, y + BAR + 32, catalogue.say("chart.beyond"), LABEL, QUIET, anchor="end")
    band = rectangle(floor, y, max(top - floor, 1), BAR, "url(#panel-fade)")
    return [*body, band, *_condition(condition, floor, top, y), _arrow(top, y), beyond]


def _condition(condition: str, left: float, right: float, y: float) -> list[str]:
    """Return the condition inside the band; nothing if the band has no room for all of it."""
    lines = wrap_text(condition, LABEL, right - left - 12)
    if len(lines) > MOST_LINES:
        return []
    start = y + BAR / 2 + 4 - 7 * (len(lines) - 1)
    return [text_element(left + 8, start + 14 * place, line, LABEL, INK) for place, line in enumerate(lines)]


def _arrow(x: float, y: float) -> str:
    """Return the open arrow head at the end of the row: people beyond reach are not counted."""
    return f'<path d="M{x + 4:.1f} {y + 8:.1f}l12 {BAR / 2 - 8}l-12 {BAR / 2 - 8}" fill="none" stroke="{QUIET}"/>'


def _method_lines(panel: Panel, axis: _LogAxis, catalogue: MessageCatalogue, y: float) -> list[str]:
    """Return one thin line for the 80% interval of each method that bounds the headline, and their label."""
    if panel.headline.kind == "none":
        return []
    body = [text_element(LEFT, y, catalogue.say("chart.methods"), 11, QUIET)]
    intervals = [interval for method in panel.methods.values() if (interval := interval_in_headline(method))]
    for place, (low, high) in enumerate(intervals, 1):
        height = y + METHOD * place
        body.append(
            f'<path d="M{axis.at(low):.1f} {height:.1f}H{axis.at(high):.1f}" stroke="{QUIET}" stroke-width="2"/>'
        )
    return body


def _outside_estimate(other: OutsideEstimate, axis: _LogAxis, lang: str, y: float) -> tuple[list[str], float]:
    """Return the source of an estimate by others, its interval and its mark, and the height below them."""
    body = []
    for line in wrap_text(other.sentence(lang), LABEL, WIDTH - LEFT):
        body.append(text_element(LEFT, y + 4, line, LABEL, ORANGE))
        y += 14
    interval = (
        f'<path d="M{axis.at(other.low):.1f} {y:.1f}H{axis.at(other.high):.1f}" stroke="{ORANGE}" stroke-width="3"/>'
    )
    return [*body, interval, _size_mark(axis.at(other.estimate), y, is_known=False)], y + 22


def _people_axis(axis: _LogAxis, catalogue: MessageCatalogue, y: float) -> list[str]:
    """Return the lower axis in people."""
    body = [f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{GRID}"/>']
    end = -EDGE - 1.0
    for tick in axis.ticks():
        x, label = axis.at(tick), catalogue.number(tick)
        half = text_width(label, LABEL) / 2
        if x - half < end or x + half > WIDTH + EDGE:
            continue
        end = x + half + 8
        body.append(f'<path d="M{x:.1f} {y:.1f}v5" stroke="{QUIET}"/>')
        body.append(text_element(x, y + 18, label, LABEL, QUIET, anchor="middle"))
    return [*body, text_element(WIDTH / 2, y + 36, catalogue.say("chart.log"), 12, QUIET, anchor="middle")]


def _known_lists(headline: Headline, catalogue: MessageCatalogue, y: float) -> tuple[list[str], float]:
    """Return a row for each list with its known and its estimated size, and the height below them."""
    known = [check for check in headline.known if not math.isnan(check.error)]
    if not known:
        return [], y
    largest = max(max(check.known, check.estimated) for check in known)
    numbers = {
        check.name: f"{catalogue.number(check.known)} / {catalogue.number(round(check.estimated))}" for check in known
    }
    scale = (WIDTH - KNOWN_LEFT - 16 - max(text_width(text, LABEL) for text in numbers.values())) / largest
    body = [text_element(0, y, catalogue.say("chart.known_title"), 13, INK, bold=True)]
    legend = [(True, catalogue.say("chart.known")), (False, catalogue.say("chart.estimated"))]
    for place, (is_known, label) in enumerate(legend):
        x = KNOWN_LEFT + 170.0 * place
        body += [_size_mark(x, y + 17, is_known=is_known), text_element(x + 12, y + 21, label, 12, QUIET)]
    for place, check in enumerate(known):
        row = y + 44 + 22 * place
        ends = sorted([KNOWN_LEFT + scale * check.known, KNOWN_LEFT + scale * check.estimated])
        body.append(text_element(KNOWN_LEFT - 14, row + 4, check.name[:20], 12.5, INK, anchor="end"))
        body.append(f'<path d="M{ends[0]:.1f} {row:.1f}H{ends[1]:.1f}" stroke="{GRID}" stroke-width="3"/>')
        body.append(_size_mark(KNOWN_LEFT + scale * check.estimated, row, is_known=False))
        body.append(_size_mark(KNOWN_LEFT + scale * check.known, row, is_known=True))
        body.append(text_element(ends[1] + 12, row + 4, numbers[check.name], LABEL, QUIET))
    return body, y + 44 + 22 * len(known) + 20


def _size_mark(x: float, y: float, *, is_known: bool) -> str:
    """Return a filled mark for a known size, a hollow one for an estimated size."""
    fill = ORANGE if is_known else "none"
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="{fill}" stroke="{ORANGE}" stroke-width="2"/>'
