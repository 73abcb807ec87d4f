"""`kerege estimate`: how many people there are that no list has, by many methods, and one honest answer."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress as Bar
from rich.table import Table as Grid

from kerege.base.errors import BadInput, Fault
from kerege.base.files import atomic_file, output_faults

if TYPE_CHECKING:
    from kerege.evidence.mse import Lists
    from kerege.evidence.mse.panels.panel import Panel

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
ALIASES = {"loglinear": "stepwise", "dga": "decomposable"}
MOST_MERGED = 15  # pairs of lists, beyond which their range is told


@app.command()
def estimate(
    lists: Annotated[
        Path, typer.Argument(help="CSV of 0/1 columns and count, or one row a person; or a snapshot (Parquet).")
    ],
    method: Annotated[
        list[str] | None,
        typer.Option(help="Only: stepwise, bic, decomposable, lcmcr, independence, lower_bound, thresholding."),
    ] = None,
    bootstrap: Annotated[int, typer.Option(help="Resamples, in each of which the model is chosen anew.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Of everything that is random.")] = 1,
    miss: Annotated[
        list[str] | None, typer.Option(help="Correct for missed links: R of all pairs, or LIST=R of a list's records.")
    ] = None,
    false_link: Annotated[float, typer.Option(help="Correct for this rate of false links.")] = 0.0,
    period: Annotated[str, typer.Option(help="Of a snapshot: the closed period, 2025 or 2021/2025.")] = "",
    chart: Annotated[Path | None, typer.Option(help="Draw the panel: FILE.svg.")] = None,
    lang: Annotated[str, typer.Option(help="Language of words and chart: kk, ru or en.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Estimate how many people no list has, from how the lists overlap; or say why there is no estimate."""
    from kerege.evidence.mse.panels import messages
    from kerege.evidence.mse.panels.panel import panel

    messages.words(lang)  # one that there is not is refused before the work begins
    if chart:
        _check_chart(chart, lists)
    table = _lists(lists, period)
    wanted = [ALIASES.get(name, name) for name in method or []]
    with Bar(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=1.0)
        found = panel(
            table,
            methods=wanted,
            times=bootstrap,
            seed=seed,
            miss=_rates(miss or []),
            false_link=false_link,
            progress=lambda share, what: bar.update(task, completed=share, description=what),
        )
    if chart:
        from kerege.evidence.mse.panels.chart import chart as drawn

        with atomic_file(chart, shared=True) as part:
            part.write_text(drawn(found, lang), encoding="utf-8")
        print(f"{chart} is written", file=sys.stderr)
    if as_json:
        told = found.as_dict(messages.reason(found, lang), messages.assumptions(lang, bool(found.linkage)))
        print(json.dumps(told, ensure_ascii=False, allow_nan=False))
    else:
        _show(found, lang)


def _lists(path: Path, period: str) -> Lists:
    """The lists of a table, or of who detected whom in a snapshot; what becomes of small ones is told."""
    from kerege.evidence.mse.list_files import read_lists

    if path.suffix.lower() != ".parquet":
        if period:
            raise BadInput(Fault("--period is of a snapshot", "leave it out, or give a snapshot"))
        return read_lists(path)
    from kerege.evidence.data import snapshot
    from kerege.evidence.mse.detections import snapshot_lists

    found = snapshot_lists(snapshot.read(path), period)
    for line in found.notes:
        print(f"note: {line}", file=sys.stderr)
    return found.lists


def _check_chart(chart: Path, lists: Path) -> None:
    if found := output_faults(chart, [lists], str(chart)):
        raise BadInput(found)
    if chart.suffix.lower() != ".svg":
        raise BadInput(Fault("is no name of a picture", "name it FILE.svg", str(chart)))


def _rates(told: list[str]) -> dict[str, float]:
    """By name of a list; of all pairs under no name."""
    found: dict[str, float] = {}
    for text in told:
        name, sign, rate = text.rpartition("=")
        try:
            value = float(rate)
        except ValueError:
            raise BadInput(Fault(f"--miss {text} is no share", "write --miss 0.1 or --miss LIST=0.1")) from None
        if sign and not name:
            raise BadInput(Fault(f"--miss {text} names no list", "write --miss 0.1 or --miss LIST=0.1"))
        if name in found:
            raise BadInput(Fault(f"--miss {text} is told twice", "give one share a list"))
        found[name] = value
    return found


def _show(found: Panel, lang: str) -> None:
    """The panel, what it rests on, the answer. Sentences are one line each: the terminal wraps them."""
    from kerege.evidence.mse.panels import messages

    say = messages.words(lang).say
    console = Console(markup=False, highlight=False, width=max(80, Console().width))
    if found.methods:  # of one list there are none
        heads = [say(f"table.{name}") for name in ("method", "estimate", "interval80", "interval95")]
        console.print(_grid(heads, messages.method_rows(found, lang)))
    _section("", messages.notes(found, lang))
    _section(say("table.models"), messages.models(found, lang))
    _section(say("table.error"), messages.errors(found, lang))
    _show_sensitivity(found, lang, console)
    _section("", messages.answer(found, lang))
    _section(say("assumptions.title"), [f"- {each}" for each in messages.assumptions(lang, bool(found.linkage))])
    print("\n" + messages.made(found, lang))


def _show_sensitivity(found: Panel, lang: str, console: Console) -> None:
    from kerege.evidence.mse.panels import messages

    say = messages.words(lang).say
    if found.sensitivity is None:
        return
    _section(say("sensitivity.title"), [say("sensitivity.odds_why")])
    heads = [say("sensitivity.odds_ratio"), say("methods.stepwise"), say("sensitivity.envelope")]
    console.print()
    console.print(_grid(heads, messages.odds_rows(found, lang)))
    for kind in ("without", "merged"):
        rows = messages.variant_rows(found, lang, kind)
        if rows and (kind == "without" or len(rows) <= MOST_MERGED):
            heads = [say(f"sensitivity.{kind}"), say("sensitivity.people"), say("table.estimate")]
            console.print()
            console.print(_grid(heads, rows))
    _section("", [messages.merged_range(found, lang), *messages.footing(found, lang)])


def _section(title: str, lines: Sequence[str]) -> None:
    if lines:
        print("\n" + "\n".join([title, *lines] if title else lines))


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Grid:
    grid = Grid(box=None, header_style="bold", padding=(0, 1, 0, 0))
    for place, name in enumerate(heads):
        grid.add_column(name, justify="right" if place else "left", no_wrap=not place)
    for row in rows:
        grid.add_row(*row)
    return grid
