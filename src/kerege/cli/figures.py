"""`kerege figures`: every headline figure, computed from the register, for internal use."""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from kerege.base.errors import BadInput, Fault, Refused
from kerege.cli.load_django import setup
from kerege.vocabulary import reference_figures

if TYPE_CHECKING:
    from kerege.casework.exchange.headline_figures import Figure, FigureComparison

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
WARNING = "INTERNAL, not for publication: exact counts, some of them of so few people that they can be identified."


@app.command()
def figures(
    check: Annotated[Path | None, typer.Option(help="Compare with the figures of a TOML file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compute every headline figure; with --check, compare each with FILE and exit 1 when one differs."""
    tree = read(check) if check else reference_figures.figures()
    setup()
    from kerege.casework.exchange import headline_figures as exchange_figures
    from kerege.core.authorization import Actor

    books = exchange_figures.read_figure_data(Actor.system())
    if check is None:
        show_figures(exchange_figures.headline(books, tree), as_json)
        return
    comparisons = exchange_figures.compare(books, tree)
    show_comparisons(comparisons, as_json)
    if differing := [comparison.id for comparison in comparisons if not comparison.agrees]:
        raise Refused(f"{len(differing)} of {len(comparisons)} figures differ: {', '.join(differing)}")


def read(path: Path) -> dict[str, Any]:
    """Read a TOML file of figures; raises BadInput for an unreadable one."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise BadInput(Fault("cannot be read", "check the path", file=str(path))) from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BadInput(Fault(f"is not TOML ({problem})", "correct it", file=str(path))) from problem


def wide_console() -> Console:
    """Return a console that never shortens a figure's name, even when the output is a file."""
    console = Console()
    return console if console.is_terminal else Console(width=140)


def plain(value: Any) -> Any:
    """Return the JSON value of a figure: decimals become floats with two places."""
    return float(round(value, 2)) if isinstance(value, Decimal) else value


def show_figures(figures: list[Figure], as_json: bool) -> None:
    """Print the figures with cohort, unit and period."""
    from kerege.casework.exchange.headline_figures import in_words

    if as_json:
        rows = [asdict(figure) | {"value": plain(figure.value)} for figure in figures]
        print(json.dumps({"internal": WARNING, "figures": rows}, ensure_ascii=False, default=str))
        return
    table = Table(title=WARNING)
    table.add_column("figure", no_wrap=True)
    for column in ("kind", "value", "unit", "cohort", "period", ""):
        table.add_column(column)
    for figure in figures:
        warning = "below the threshold" if figure.small else ""
        table.add_row(
            figure.id, figure.kind, in_words(figure.value), figure.unit, figure.cohort, figure.period, warning
        )
    wide_console().print(table)


def show_comparisons(comparisons: list[FigureComparison], as_json: bool) -> None:
    """Print computed, derived and quoted figures in separate tables."""
    if as_json:
        columns = ("id", "kind", "printed", "agrees", "note")
        comparison_rows = [
            {name: getattr(comparison, name) for name in columns} | {"value": plain(comparison.value)}
            for comparison in comparisons
        ]
        agrees = all(comparison.agrees for comparison in comparisons)
        print(
            json.dumps(
                {"internal": WARNING, "agrees": agrees, "figures": comparison_rows}, ensure_ascii=False, default=str
            )
        )
        return
    console = wide_console()
    console.print(WARNING)
    for kind in ("computed", "derived", "quoted", "unknown"):
        rows = [comparison for comparison in comparisons if comparison.kind == kind]
        if not rows:
            continue
        table = Table(title=f"{kind}: {sum(row.agrees for row in rows)} of {len(rows)} agree", title_justify="left")
        table.add_column("figure", no_wrap=True)
        for column in ("in the file", "here", "", "note"):
            table.add_column(column)
        for row in rows:
            verdict = "agrees" if row.agrees else "DIFFERS"
            table.add_row(row.id, row.printed_text, row.value_text, verdict, row.note)
        console.print(table)
