"""Drawing noised tables against the ledger: charged once, kept, and the same ever after."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from kerege.base.errors import BadInput, Fault
from kerege.evidence.counting.frequency_table import Table, to_csv
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.ledger import Ledger, digest, now
from kerege.evidence.release.spec import TableSpec

NAME = "table.json"


def draw(snapshot: Snapshot, wanted: TableSpec, ledger: Ledger, period: str) -> Table:
    """The table of a `dp` request: what was drawn before, or drawn now and charged to the period.

    Call it inside `ledger.locked()`. Raises BadInput, and Refused when the budget of the period would be overdrawn,
    with nothing written.
    """
    request = request_of(snapshot, wanted)
    stored = ledger.stored(request)
    if stored is not None:
        return replace(_loaded(stored / NAME), name=wanted.name)
    about = _about(snapshot, wanted, period)
    check(snapshot, wanted)
    ledger.check(period, wanted.rho, about)
    from kerege.evidence.dp.tables import noised_table

    table = noised_table(snapshot, wanted.by, where=wanted.where, name=wanted.name, **arguments(wanted))
    with tempfile.TemporaryDirectory(dir=ledger.folder, prefix=".part-") as folder:
        (Path(folder) / NAME).write_text(json.dumps(_dumped(table), ensure_ascii=False))
        (Path(folder) / "table.csv").write_text(to_csv(table), encoding="utf-8")
        ledger.append(request, Path(folder), about)
    return table


def arguments(wanted: TableSpec) -> dict[str, Any]:
    """The parameters of a `dp` table as arguments of `noised_table`."""
    return {name: wanted.params[name] for name in ("rho", "delta", "max_values", "cohort") if name in wanted.params}


def check(snapshot: Snapshot, wanted: TableSpec) -> None:
    """Raise BadInput for whatever is wrong with a `dp` table, before anything is drawn."""
    from kerege.evidence.dp.tables import checked_axes

    _cohort(snapshot, wanted)
    checked_axes(snapshot, wanted.by, wanted.where)


def needed(snapshots: Mapping[str, Snapshot], tables: Iterable[TableSpec], ledger: Ledger) -> float:
    """What the `dp` tables of a release cost (rho) that were not drawn before; `snapshots` by unit."""
    drawn = {entry.get("request") for entry in ledger.entries()}
    fresh = {
        request_of(snapshots[each.of], each): each.rho
        for each in tables
        if each.method == "dp" and each.of in snapshots
    }
    return sum(rho for request, rho in fresh.items() if request not in drawn)


def request_of(snapshot: Snapshot, wanted: TableSpec) -> str:
    """What makes two requests the same: snapshot, unit, columns, filter and parameters, not the name."""
    where = {column: sorted(set(values)) for column, values in wanted.where.items()}
    asked = {
        "of": wanted.of,
        "by": list(wanted.by),
        "where": where,
        "method": wanted.method,
        "rho": float(wanted.params["rho"]),
        "max_values": wanted.params["max_values"],
        "multi": sorted(snapshot.multi),
    }
    return digest({"table": asked, "snapshots": [snapshot.sha256]})


def _about(snapshot: Snapshot, wanted: TableSpec, period: str) -> dict[str, Any]:
    """What the ledger keeps of a drawn table."""
    about = {
        "kind": "table",
        "at": now(),
        "period": period,
        "methods": ["dp"],
        "tables": [wanted.name],
        "snapshots": [{"unit": snapshot.unit, "sha256": snapshot.sha256, "as_of": snapshot.as_of}],
        "params": {"by": list(wanted.by), "where": wanted.where, **wanted.params},
        "rho": wanted.rho,
        "delta": 0,
    }
    return about | _cohort(snapshot, wanted)


def _cohort(snapshot: Snapshot, wanted: TableSpec) -> dict[str, Any]:
    """The declared cohort: the values of a single-valued column to which the filter keeps."""
    column = wanted.params.get("cohort")
    if not column:
        return {}
    if column in snapshot.multi or column not in wanted.where:
        todo = "name a column with one value a row, and filter the table by it"
        raise BadInput(Fault("the cohort is not what the filter keeps to", todo, snapshot.path, column=str(column)))
    return {"cohort": {"column": column, "values": sorted(set(wanted.where[column]))}}


def _dumped(table: Table) -> dict[str, Any]:
    error = None if table.error95 is None else table.error95.tolist()
    return {
        "name": table.name,
        "of": table.of,
        "by": list(table.by),
        "where": table.where,
        "axes": [list(axis) for axis in table.axes],
        "counts": table.counts.tolist(),
        "status": table.status.tolist(),
        "multi": sorted(table.multi),
        "notes": table.notes,
        "params": table.params,
        "error95": error,
    }


def _loaded(path: Path) -> Table:
    tree = json.loads(path.read_text(encoding="utf-8"))
    error = None if tree["error95"] is None else np.array(tree["error95"], dtype=np.int64)
    return Table(
        tree["name"], tree["of"], tuple(tree["by"]), tree["where"], tuple(tuple(axis) for axis in tree["axes"]),
        np.array(tree["counts"], dtype=np.int64), np.array(tree["status"], dtype=np.uint8), frozenset(tree["multi"]),
        tree["notes"], tree["params"], None, error,
    )  # fmt: skip
