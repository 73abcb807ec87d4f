"""`kerege table`: frequency table of a snapshot or of any categorical CSV, with optional protection."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table as Grid

from kerege.base.errors import BadInput, Fault
from kerege.base.files import home
from kerege.base.message_text import shown
from kerege.cli.file_options import EncodingOption
from kerege.evidence.data.publication_threshold import check_threshold
from kerege.evidence.release import method_params
from kerege.evidence.release.spec import TableSpec

if TYPE_CHECKING:
    from kerege.evidence.counting.frequency_table import Table
    from kerege.evidence.data.snapshot import Snapshot

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

MOST_ROWS = 200  # most rows on a terminal; --csv and --json give all


@app.command()
def table(
    snapshot: Annotated[Path, typer.Argument(help="A snapshot (Parquet) or any categorical CSV.")],
    by: Annotated[str, typer.Option(help="Columns, separated by commas; '' for the total alone.")] = "",
    where: Annotated[list[str] | None, typer.Option(help="column=value; repeat for more.")] = None,
    protect_by: Annotated[str, typer.Option("--protect", help="none, suppress, cellkey or dp.")] = "none",
    threshold: Annotated[int, typer.Option(help="Smallest count that may be published; at least 5.")] = 10,
    sensitive: Annotated[
        list[str] | None, typer.Option(help="suppress: sensitive column; no group may be shown to share a value.")
    ] = None,
    max_noise: Annotated[int | None, typer.Option(help="cellkey: the largest change; default: the threshold.")] = None,
    noise_variance: Annotated[float, typer.Option(help="cellkey: the variance of the noise.")] = 3.0,
    min_positive: Annotated[int, typer.Option(help="cellkey: the smallest count above 0 that is shown.")] = 3,
    additive: Annotated[bool, typer.Option("--additive", help="cellkey: make the figures add up.")] = False,
    rho: Annotated[float | None, typer.Option(help="dp: the privacy loss (zCDP); or --epsilon.")] = None,
    epsilon: Annotated[float | None, typer.Option(help="dp: the privacy loss as epsilon at --delta.")] = None,
    delta: Annotated[float, typer.Option(help="dp: for epsilon.")] = 1e-9,
    max_values: Annotated[int, typer.Option(help="dp: counted values of one row in a multi-valued column.")] = 3,
    cohort: Annotated[str, typer.Option(help="dp: column of the filter that divides people into cohorts.")] = "",
    period: Annotated[str, typer.Option(help="dp: period whose budget is charged.")] = "tables",
    ledger: Annotated[Path | None, typer.Option(help="dp: folder of the ledger; default: KEREGE_HOME/ledger.")] = None,
    multi: Annotated[list[str] | None, typer.Option(help="CSV column with several values, separated by ;.")] = None,
    encoding: EncodingOption = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Count by columns, with all margins; --protect applies one of three protection methods."""
    from kerege.evidence.data.snapshot import read

    _check(protect_by, threshold, as_csv, as_json)
    params: dict[str, Any] = {}
    if protect_by == "cellkey":
        params = {"V": noise_variance, "smallest": min_positive, "additive": additive}
        params |= {} if max_noise is None else {"D": max_noise}
    elif protect_by == "dp":
        loss = {name: value for name, value in (("rho", rho), ("epsilon", epsilon)) if value is not None}
        params = {**loss, "delta": delta, "max_values": max_values, "cohort": cohort}
    _check_params(protect_by, params)
    rows = read(snapshot, multi=multi or [], encoding=encoding)
    spec = TableSpec(
        name="table", of=rows.unit, by=_columns(by), where=_filters(where or []), method=protect_by, params=params
    )
    request = spec.within(threshold, sensitive or [])
    if protect_by == "dp":
        _show(_make_dp_table(rows, request, ledger, period), as_csv, as_json)
    else:
        _show(_make_table(rows, request), as_csv, as_json)


def _check(method: str, threshold: int, as_csv: bool, as_json: bool) -> None:
    if method not in method_params.METHODS:
        raise BadInput(Fault(f"--protect knows no method {shown(method)}", f"use {', '.join(method_params.METHODS)}"))
    if as_csv and as_json:
        raise BadInput(Fault("--csv and --json exclude one another", "give one of them"))
    check_threshold(threshold)


def _check_params(method: str, params: dict[str, Any]) -> None:
    if faults := [Fault(what, todo) for what, todo in method_params.find_faults(method, params)]:
        raise BadInput(faults)


def _make_table(rows: Snapshot, request: TableSpec) -> Table:
    from kerege.evidence.counting.frequency_table import tabulate
    from kerege.evidence.counting.row_filter import check_columns
    from kerege.evidence.data.snapshot import RECORD_KEY
    from kerege.evidence.release.protect_table import make_table

    if request.method == "none":
        counted = tabulate(rows, request.by, request.where)
        print("not for publication: exact counts, nothing is protected", file=sys.stderr)
        return counted
    check_columns(rows, request.sensitive, {})
    secret = None
    if request.method == "cellkey" and RECORD_KEY not in rows.frame.columns:
        from kerege.evidence.sdc.perturbation.record_keys import secret_of

        tabulate(rows, request.by, request.where)  # reports faults before a key is created
        secret = secret_of(home())
    if request.method == "suppress":
        return _suppressed(rows, request)
    return make_table(rows, request, secret=secret)


def _suppressed(rows: Snapshot, request: TableSpec) -> Table:
    """Return the table with suppression; print for its producer how near it is to the optimum."""
    from kerege.evidence.counting.frequency_table import tabulate
    from kerege.evidence.sdc.suppression.method_choice import best_reported

    counted = tabulate(rows, request.by, request.where, name=request.name)
    protected, message = best_reported(counted, request.threshold, frozenset(request.sensitive))
    print(message, file=sys.stderr)
    return protected


def _make_dp_table(rows: Snapshot, request: TableSpec, folder: Path | None, period: str) -> Table:
    """Return the table under differential privacy through the ledger; print its cost before."""
    from kerege.evidence.ledger.home_ledger import open_ledger
    from kerege.evidence.release.dp_tables import check, compute_needed_loss, draw

    ledger = open_ledger(folder)
    check(rows, request)
    with ledger.locked():
        if warning := ledger.torn():
            print(warning, file=sys.stderr)
        cost, spent, left = (
            compute_needed_loss({rows.unit: rows}, [request], ledger),
            ledger.spent(period),
            ledger.left(period),
        )
        charge = f"this table costs {cost:.4g}" if cost else "this table is stored and costs nothing"
        print(f"privacy budget of {period}: rho {spent:.4g} spent, {left:.4g} left; {charge}", file=sys.stderr)
        return draw(rows, request, ledger, period)


def _columns(by: str) -> list[str]:
    return [name for name in by.split(",") if name]


def _filters(where: list[str]) -> dict[str, list[str]]:
    filters: dict[str, list[str]] = {}
    for text in where:
        column, sign, value = text.partition("=")
        if not sign or not column:
            raise BadInput(Fault(f"--where {shown(text)} is not a filter", "write --where column=value"))
        filters.setdefault(column, []).append(value)
    return filters


def _show(counted: Table, as_csv: bool, as_json: bool) -> None:
    from kerege.evidence.counting.frequency_table import to_csv

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
    if counted.error95 is not None:
        for cell, error in zip(cells, counted.error95.ravel().tolist(), strict=True):
            cell["error95"] = error
    return {
        "of": counted.of,
        "by": list(counted.by),
        "where": counted.where,
        "multi": sorted(counted.multi),
        "params": counted.params,
        "notes": counted.notes,
        "tally": counted.tally(),
        "cells": cells,
    }


def _grid(counted: Table) -> None:
    grid = Grid(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for name in counted.by:
        grid.add_column(shown(name))
    grid.add_column("count", justify="right")
    rows = list(counted.cells.items())
    errors = None if counted.error95 is None else counted.error95.ravel().tolist()
    for position, (keys, cell) in enumerate(rows[:MOST_ROWS]):
        error = counted.params.get("half_width") if errors is None else errors[position]
        grid.add_row(*map(shown, keys), _cell_text(cell.count, cell.status, error))
    Console(markup=False).print(grid)
    if len(rows) > MOST_ROWS:
        print(f"{len(rows) - MOST_ROWS:,} more cells: --csv or --json gives all", file=sys.stderr)


def _cell_text(count: int | None, status: str, error: int | None) -> str:
    if status in ("perturbed", "noised"):
        return f"{count:,} ± {error}"
    return f"{count:,}" if count is not None else status
