"""Output of `kerege estimate`: the printed answer and methods, the JSON document and the charts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from kerege.cli.text_grid import build_grid
from kerege.evidence.mse.linkage_errors.draws_file import read_draws
from kerege.evidence.mse.linkage_errors.error_rates import LinkageRates
from kerege.evidence.mse.linkage_errors.rates_file import read_rates
from kerege.evidence.mse.lists import Lists
from kerege.evidence.mse.panels import messages
from kerege.evidence.mse.panels.answer import answer_lines, explain_no_estimate
from kerege.evidence.mse.panels.chart import chart
from kerege.evidence.mse.panels.headline_chart import headline_chart
from kerege.evidence.mse.panels.outside_estimate import OutsideEstimate, parse_outside
from kerege.evidence.mse.panels.panel import Panel

MOST_MERGED = 15  # most pairs of lists in the table; above it, only their range is printed


def check_language(lang: str) -> None:
    """Raise BadInput if there are no messages in the language."""
    messages.read_messages(lang)


def read_linkage(path: Path, lists: Lists) -> tuple[LinkageRates | None, list[Lists]]:
    """Return the error rates beside a table or a snapshot, and the draws of its linkage. Raises BadInput."""
    draws = read_draws(path, lists)
    return (None, draws) if draws else (read_rates(path, lists), [])


def parse_outside_estimates(texts: Sequence[str]) -> list[OutsideEstimate]:
    """Return the estimates by others. Raises BadInput for a text that is none."""
    return [parse_outside(text) for text in texts]


def draw_chart(result: Panel, others: Sequence[OutsideEstimate], lang: str, *, show_methods: bool) -> str:
    """Return the chart of the headline as SVG, or that of the methods."""
    return chart(result, lang) if show_methods else headline_chart(result, lang, outside=others)


def build_document(result: Panel, others: Sequence[OutsideEstimate], lang: str) -> dict[str, Any]:
    """Return the JSON object of an estimate."""
    document = result.as_dict(explain_no_estimate(result, lang), messages.assumptions(lang, "miss" in result.linkage))
    return document | ({"outside": [other.as_dict() for other in others]} if others else {})


def print_estimate(
    result: Panel,
    others: Sequence[OutsideEstimate],
    lang: str,
    *,
    show_methods: bool,
    beside: Sequence[str] = (),
    years: int = 0,
) -> None:
    """Print the answer and the lines beside it; then the methods, if they are asked for.

    `years` is the length of the period; 0 if nobody said.
    """
    print("\n".join([*answer_lines(result, lang, years or None), *beside, *(other.sentence(lang) for other in others)]))
    if show_methods or result.headline.reason == "partial":
        _show_methods(result, lang)
    print(f"\n{messages.name_lists(result, lang)}\n{messages.describe_run(result, lang)}")


def _show_methods(result: Panel, lang: str) -> None:
    """Print the panel, its sensitivity and its assumptions."""
    say = messages.read_messages(lang).say
    print()
    console = Console(markup=False, highlight=False, width=max(80, Console().width))
    if result.methods:  # a single list has none
        headers = [say(f"table.{name}") for name in ("method", "estimate", "interval80", "interval95")]
        console.print(build_grid(headers, messages.method_rows(result, lang)))
    _section("", messages.notes(result, lang))
    _section(say("table.models"), messages.models(result, lang))
    _section(say("table.error"), messages.errors(result, lang))
    _show_sensitivity(result, lang, console)
    _section(say("assumptions.title"), [f"- {line}" for line in messages.assumptions(lang, "miss" in result.linkage)])


def _show_sensitivity(result: Panel, lang: str, console: Console) -> None:
    say = messages.read_messages(lang).say
    if result.sensitivity is None:
        return
    _section(say("sensitivity.title"), [say("sensitivity.odds_why")])
    headers = [say("sensitivity.odds_ratio"), say("methods.stepwise"), say("sensitivity.envelope")]
    console.print()
    console.print(build_grid(headers, messages.odds_rows(result, lang)))
    for kind in ("without", "merged"):
        rows = messages.variant_rows(result, lang, kind)
        if rows and (kind == "without" or len(rows) <= MOST_MERGED):
            headers = [say(f"sensitivity.{kind}"), say("sensitivity.people"), say("table.estimate")]
            console.print()
            console.print(build_grid(headers, rows))
    _section("", [messages.merged_range(result, lang), *messages.describe_stability(result, lang)])


def _section(title: str, lines: Sequence[str]) -> None:
    if lines:
        print("\n" + "\n".join([title, *lines] if title else lines))
