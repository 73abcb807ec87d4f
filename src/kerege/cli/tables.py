"""`kerege table`: counts of a snapshot or of any categorical CSV, protected on request."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as Grid

from kerege.evidence.protect import check_threshold, protect
from kerege.evidence.snapshot import read, shown
from kerege.evidence.tables import Table, tabulate, to_csv
from kerege.standard.faults import BadInput, Fault

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

LATER = {"cellkey": "cell-key perturbation", "dp": "differential privacy"}
MOST_ROWS = 200  # on a terminal; --csv and --json give all


@app.command()
def table(
    snapshot: Annotated[Path, typer.Argument(help="A snapshot (Parquet) or any categorical CSV.")],
    by: Annotated[str, typer.Option(help="Columns, separated by commas; '' for the total alone.")] = "",
    where: Annotated[list[str] | None, typer.Option(help="column=value; repeat for more.")] = None,
    protect_by: Annotated[str, typer.Option("--protect", help="none or suppress.")] = "none",
    threshold: Annotated[int, typer.Option(help="Smallest count that may be published, never below 5.")] = 10,
    multi: Annotated[list[str] | None, typer.Option(help="CSV column with several values, separated by ;.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Count by columns, with all margins; --protect suppress makes the table safe to publish."""
    _check(protect_by, threshold, as_csv, as_json)
    counted = tabulate(read(snapshot, multi=multi or []), _columns(by), _filters(where or []))
    if protect_by == "suppress":
        counted = protect(counted, method="suppress", threshold=threshold)
    else:
        print("not for publication: exact counts, nothing is protected", file=sys.stderr)
    _show(counted, as_csv, as_json)


def _check(method: str, threshold: int, as_csv: bool, as_json: bool) -> None:
    if method in LATER:
        raise BadInput(Fault(f"--protect {method} ({LATER[method]}) is not in this version", "use --protect suppress"))
    if method not in {"none", "suppress"}:
        raise BadInput(Fault(f"--protect knows no method {shown(method)}", "use none or suppress"))
    if as_csv and as_json:
        raise BadInput(Fault("--csv and --json exclude one another", "give one of them"))
    check_threshold(threshold)


def _columns(by: str) -> list[str]:
    return [name for name in by.split(",") if name]


def _filters(where: list[str]) -> dict[str, list[str]]:
    filters: dict[str, list[str]] = {}
    for text in where:
        column, sign, value = text.partition("=")
        if not sign or not column:
            raise BadInput(Fault(f"--where {shown(text)} is no filter", "write --where column=value"))
        filters.setdefault(column, []).append(value)
    return filters


def _show(counted: Table, as_csv: bool, as_json: bool) -> None:
    for note in counted.notes:
        print(note, file=sys.stderr)
    if as_csv:
        sys.stdout.write(to_csv(counted))
    elif as_json:
        print(json.dumps(_object(counted), ensure_ascii=False))
    else:
        _grid(counted)


def _object(counted: Table) -> dict[str, object]:
    cells: list[dict[str, object]] = [
        {**dict(zip(counted.by, keys, strict=True)), "count": cell.count, "status": cell.status}
        for keys, cell in counted.cells.items()
    ]
    return {
        "of": counted.of, "by": list(counted.by), "where": counted.where, "multi": sorted(counted.multi),
        "params": counted.params, "notes": counted.notes, "tally": counted.tally(), "cells": cells,
    }  # fmt: skip


def _grid(counted: Table) -> None:
    grid = Grid(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for name in counted.by:
        grid.add_column(shown(name))
    grid.add_column("count", justify="right")
    rows = list(counted.cells.items())
    for keys, cell in rows[:MOST_ROWS]:
        grid.add_row(*map(shown, keys), _words(cell.count, cell.status, counted))
    Console(markup=False).print(grid)
    if len(rows) > MOST_ROWS:
        print(f"{len(rows) - MOST_ROWS:,} more cells: --csv or --json gives all", file=sys.stderr)


def _words(count: int | None, status: str, counted: Table) -> str:
    if status == "perturbed":
        return f"{count:,} ± {counted.params['half_width']}"
    return f"{count:,}" if count is not None else status
