"""Chart, HTML and records of a panel and of its answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from kerege.evidence.mse.panels.answer import answer_lines
from kerege.evidence.mse.panels.chart import chart
from kerege.evidence.mse.panels.headline_chart import headline_chart
from kerege.evidence.mse.panels.messages import method_rows, read_messages
from kerege.evidence.mse.panels.method_result import Limits, Method, finite_or_none
from kerege.evidence.mse.panels.panel import Panel

NO_LIMITS = (math.nan, math.nan)


def draw_panel(panel: Panel, lang: str, *, methods: bool) -> str:
    """Return the chart of the headline as SVG, or that of the methods."""
    return chart(panel, lang) if methods else headline_chart(panel, lang)


def panel_html(panel: Panel, lang: str) -> str:
    """Return the answer, and below it the table of the methods, as HTML."""
    say = read_messages(lang).say
    headers = [say(f"table.{name}") for name in ("method", "estimate", "interval80", "interval95")]
    return _document(lang, [*_paragraphs(panel, lang), html_table(headers, method_rows(panel, lang))])


def answer_html(panel: Panel, lang: str) -> str:
    """Return the answer, and below it the known size of each list, as HTML."""
    catalogue = read_messages(lang)
    known = [check for check in panel.headline.known if not math.isnan(check.error)]
    rows = [[check.name, catalogue.number(check.known), catalogue.number(round(check.estimated))] for check in known]
    headers = [catalogue.say("table.list"), catalogue.say("chart.known"), catalogue.say("chart.estimated")]
    table = html_table(headers, rows, catalogue.say("chart.known_title")) if rows else ""
    return _document(lang, [*_paragraphs(panel, lang), table])


def html_table(headers: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """Return a plain table; all texts are escaped."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in headers)
    body = "".join(f"<tr>{''.join(f'<td>{escape(text.strip())}</td>' for text in row)}</tr>" for row in rows)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _paragraphs(panel: Panel, lang: str) -> list[str]:
    """Return the lines of the answer as paragraphs, the first one in bold."""
    first, *others = [escape(line) for line in answer_lines(panel, lang)]
    return [f"<p><strong>{first}</strong></p>", *(f"<p>{line}</p>" for line in others)]


def _document(lang: str, parts: Sequence[str]) -> str:
    """Return parts of HTML in one element with its language."""
    return f'<div lang="{lang}">{"".join(parts)}</div>'


def method_records(panel: Panel) -> list[dict[str, object]]:
    """Return one record for each method; numbers that do not exist are None."""
    return [_method_record(method) for method in panel.methods.values()]


def _method_record(method: Method) -> dict[str, object]:
    """Return the record of one method."""
    return {
        "method": method.key,
        "model": method.model or None,
        "estimate": finite_or_none(method.estimate),
        **_limits_record("80", method.interval80),
        **_limits_record("95", method.interval95),
        "no_estimate": method.no_estimate or None,
    }


def _limits_record(level: str, limits: Limits | None) -> dict[str, float | None]:
    """Return the limits of an interval under the names of their columns."""
    lower, upper = limits or NO_LIMITS
    return {f"lower{level}": finite_or_none(lower), f"upper{level}": finite_or_none(upper)}
