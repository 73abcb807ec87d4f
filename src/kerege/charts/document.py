"""Frame of a picture: title, description, patterns, the lines under it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from kerege.charts.alt_text import alt_text
from kerege.charts.chart_words import half_width, number, word
from kerege.charts.marks import FONT, HATCH, INK, PAPER, QUIET, SMALL, TEXT, VIOLET, WARNING, label, px, wrap_text
from kerege.charts.model import Chart, Value

HEADING, LINE = 18, 16


@dataclass(frozen=True)
class Picture:
    """Inside of a picture, and its height in pixels."""

    content: str
    height: float


def ids(chart: Chart, width: float) -> str:
    """Return the beginning of the ids of a drawing: two widths of one chart may be on one page."""
    return f"{chart.name}-{px(width)}"


def hatch(chart: Chart, width: float) -> str:
    """Return the fill of a withheld value."""
    return f"url(#{ids(chart, width)}-hatch)"


def fade(chart: Chart, width: float, *, upright: bool = False) -> str:
    """Return the fill of an estimated range: both ends fade."""
    return f"url(#{ids(chart, width)}-{'rise' if upright else 'fade'})"


def svg_document(chart: Chart, width: float, body: Picture, *, titled: bool = False) -> str:
    """Return a complete SVG: heading if `titled`, the body, and the lines under it."""
    name = ids(chart, width)
    heading = wrap_text(chart.title, HEADING, width, bold=True) if titled else []
    top = 26 * len(heading) + (10 if heading else 0)
    lines = [(line, fill) for text, fill in _foot(chart) for line in wrap_text(text, SMALL, width)]
    height = round(top + body.height + LINE * len(lines) + (6 if lines else 0))
    texts = [label(0, 20 + 26 * at, line, size=HEADING, bold=True) for at, line in enumerate(heading)]
    base = top + body.height + 14
    texts += [
        label(0, base + LINE * at, line, size=SMALL, fill=fill, bold=fill == WARNING)
        for at, (line, fill) in enumerate(lines)
    ]
    content = f'<g transform="translate(0,{px(top)})">{body.content}</g>' if top else body.content
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {px(width)} {height}" width="{px(width)}" '
        f'height="{height}" role="img" lang="{chart.lang}" aria-labelledby="{name}-t {name}-d" font-family="{FONT}" '
        f'font-size="{TEXT}" fill="{INK}"><title id="{name}-t">{escape(chart.title)}</title>'
        f'<desc id="{name}-d">{escape(alt_text(chart))}</desc>{_definitions(name, body.content)}'
        f'<g aria-hidden="true"><path d="M0 0H{px(width)}V{height}H0z" fill="{PAPER}"/>{content}{"".join(texts)}</g>'
        "</svg>"
    )


def _definitions(name: str, content: str) -> str:
    """Return the patterns that a picture uses."""
    stops = "".join(
        f'<stop offset="{at}" stop-color="{VIOLET}" stop-opacity="{opacity}"/>'
        for at, opacity in ((0, 0.25), (0.2, 1), (0.8, 1), (1, 0.25))
    )
    definitions = {
        "hatch": f'<pattern id="{name}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><path d="M0 0V6" stroke="{HATCH}" stroke-width="3"/></pattern>',
        "fade": f'<linearGradient id="{name}-fade">{stops}</linearGradient>',
        "rise": f'<linearGradient id="{name}-rise" x2="0" y2="1">{stops}</linearGradient>',
    }
    used = [text for key, text in definitions.items() if f"url(#{name}-{key})" in content]
    return f"<defs>{''.join(used)}</defs>" if used else ""


def _foot(chart: Chart) -> list[tuple[str, str]]:
    """Return the lines under a picture with their colours: warnings first, then how to read marks."""
    warnings = [word(chart, flag) for flag in ("invented", "simulated") if flag in chart.flags]
    return [(text, WARNING) for text in warnings] + [(text, QUIET) for text in [*chart.notes, *reading_notes(chart)]]


def reading_notes(chart: Chart) -> list[str]:
    """Return how to read the values of a chart that are not exact."""
    shown = list(chart.values.values())
    notes = []
    if rounded := [value for value in shown if value.status == "rounded"]:
        widest = max(half_width(value) for value in rounded)
        notes += [word(chart, "rounded_note").format(half_width=number(chart, widest))] if widest else []
    return notes + [word(chart, f"{status}_note") for status in ("noise", "withheld") if _has(shown, status)]


def _has(values: list[Value], status: str) -> bool:
    return any(value.status == status for value in values)
