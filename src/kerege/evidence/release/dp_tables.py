"""Differentially private tables: drawn and charged once, then stored and returned unchanged."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import JsonValue, PlainValidator, WithJsonSchema

from kerege.base.errors import BadInput, Fault
from kerege.base.file_model import FileModel
from kerege.evidence.counting.frequency_table import NOISED, TOTAL, Table, tabulate, to_csv
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.zcdp import compose
from kerege.evidence.ledger.entry import EnteredCohort, EnteredSnapshot, EntryContents, digest, now
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release.spec import TableSpec
from kerege.evidence.sdc.published_tables.stated_noise import least_deviation
from kerege.vocabulary import snapshot_columns as standard

NAME = "table.json"


def _integers(value: object) -> object:
    """Return a nested list of integers; its inner lists have equal lengths."""
    if np.array(value).dtype.kind != "i":
        raise ValueError("is not an array of whole numbers")
    return value


INTEGER_SCHEMA = {"anyOf": [{"type": "integer"}, {"type": "array"}]}
NestedIntegers = Annotated[object, PlainValidator(_integers), WithJsonSchema(INTEGER_SCHEMA)]


def draw(snapshot: Snapshot, table_spec: TableSpec, ledger: Ledger, period: str) -> Table:
    """Return the stored table of a `dp` request, or draw it now and charge it to the period.

    Call this inside `ledger.locked()`. Raise BadInput, or Refused if the budget of the period would be exceeded;
    nothing is written then.
    """
    request = request_of(snapshot, table_spec)
    stored = ledger.stored(request)
    if stored is not None:
        return replace(StoredTable.read(stored / NAME), name=table_spec.name)
    ledger_entry = _ledger_entry(snapshot, table_spec, period)
    check(snapshot, table_spec)
    ledger.check(period, table_spec.rho, ledger_entry)
    from kerege.evidence.dp.tables import noised_table

    table = noised_table(
        snapshot, table_spec.by, where=table_spec.where, name=table_spec.name, **read_arguments(table_spec)
    )
    with tempfile.TemporaryDirectory(dir=ledger.folder, prefix=".part-") as folder:
        (Path(folder) / NAME).write_text(json.dumps(StoredTable.of_table(table).tree, ensure_ascii=False))
        (Path(folder) / "table.csv").write_text(to_csv(table), encoding="utf-8")
        ledger.append(request, Path(folder), ledger_entry)
    return table


def read_arguments(table_spec: TableSpec) -> dict[str, Any]:
    """Return the parameters of a `dp` table as keyword arguments of `noised_table`."""
    return {
        name: table_spec.params[name] for name in ("rho", "delta", "max_values", "cohort") if name in table_spec.params
    }


def check(snapshot: Snapshot, table_spec: TableSpec, *, is_released: bool = False) -> None:
    """Raise BadInput for any fault of a `dp` table, before noise is drawn.

    The noise of a released table must hide groups under the threshold.
    """
    from kerege.evidence.dp.tables import cell_deviations, check_axes, measurement_plan

    _cohort(snapshot, table_spec)
    axes = check_axes(snapshot, table_spec.by, table_spec.where)
    shape = [len(axis.values) + 1 for axis in axes]
    planned = Table(
        name=table_spec.name,
        of=table_spec.of,
        by=tuple(table_spec.by),
        where=table_spec.where,
        axes=tuple((TOTAL, *axis.values) for axis in axes),
        counts=np.zeros(shape, dtype=np.int64),
        status=np.full(shape, NOISED, np.uint8),
        multi=snapshot.multi & set(table_spec.by),
    )
    plan = measurement_plan(planned, table_spec.rho, int(table_spec.params["max_values"]))
    if is_released and standard.personal(table_spec.of):
        _check_noise(snapshot, table_spec, tuple(shape), float(cell_deviations(planned, plan).min()))


def _check_noise(snapshot: Snapshot, table_spec: TableSpec, shape: tuple[int, ...], deviation: float) -> None:
    """Raise BadInput for noise of a standard deviation that does not hide a small figure of the table.

    The disclosure risk assessment would refuse the table after its noise is charged.
    """
    counted, enough = tabulate(snapshot, table_spec.by, table_spec.where).counts, least_deviation(table_spec.threshold)
    is_small = counted.shape != shape or bool((counted < table_spec.threshold).any())
    if deviation < enough and is_small:
        rho = math.floor(1000 * table_spec.rho * (deviation / enough) ** 2) / 1000
        what = f"noise with a standard deviation of {deviation:.1f} people does not hide a figure under"
        todo = f"take a rho of at most {rho:g}, or columns with larger figures"
        raise BadInput(Fault(f"{what} {table_spec.threshold}", todo, snapshot.path))


def compute_needed_loss(snapshots: Mapping[str, Snapshot], tables: Iterable[TableSpec], ledger: Ledger) -> float:
    """Return the loss (rho) of the `dp` tables of a release that are not drawn yet.

    `snapshots` is by unit.
    """
    drawn_requests = {entry.request for entry in ledger.entries()}
    loss_by_request = {
        request_of(snapshots[table_spec.of], table_spec): table_spec.rho
        for table_spec in tables
        if table_spec.method == "dp" and table_spec.of in snapshots
    }
    return compose(rho for request, rho in loss_by_request.items() if request not in drawn_requests)


def request_of(snapshot: Snapshot, table_spec: TableSpec) -> str:
    """Return the digest of a request: snapshot, unit, columns, filter and parameters, without the name."""
    where = {column: sorted(set(values)) for column, values in table_spec.where.items()}
    parameters = {
        "of": table_spec.of,
        "by": list(table_spec.by),
        "where": where,
        "method": table_spec.method,
        "rho": float(table_spec.params["rho"]),
        "max_values": table_spec.params["max_values"],
        "multi": sorted(snapshot.multi),
    }
    return digest({"table": parameters, "snapshots": [snapshot.sha256]})


def _ledger_entry(snapshot: Snapshot, table_spec: TableSpec, period: str) -> EntryContents:
    """Return the ledger entry of a drawn table."""
    ledger_entry = EntryContents(
        kind="table",
        at=now(),
        period=period,
        methods=["dp"],
        tables=[table_spec.name],
        snapshots=[EnteredSnapshot.of(snapshot)],
        params={"by": list(table_spec.by), "where": table_spec.where, **table_spec.params},
        rho=table_spec.rho,
        delta=0,
    )
    cohort = _cohort(snapshot, table_spec)
    return ledger_entry.merged(EntryContents(cohort=cohort)) if cohort else ledger_entry


def _cohort(snapshot: Snapshot, table_spec: TableSpec) -> EnteredCohort | None:
    """Return the declared cohort: the values of a single-valued column that the filter selects.

    Raise BadInput if the filter does not select by that column.
    """
    column = table_spec.params.get("cohort")
    if not column:
        return None
    if column in snapshot.multi or column not in table_spec.where:
        todo = "name a column with one value per row, and filter the table by it"
        raise BadInput(Fault("the cohort does not match the filter", todo, snapshot.path, column=str(column)))
    return EnteredCohort(column=column, values=sorted(set(table_spec.where[column])))


class StoredTable(FileModel):
    """`table.json`: a noised table as the ledger stores it, so that it is never drawn again."""

    name: str
    of: str
    by: list[str]
    where: dict[str, list[str]]
    axes: list[list[str]]
    counts: NestedIntegers
    status: NestedIntegers
    multi: list[str]
    notes: list[str]
    params: dict[str, JsonValue]
    error95: NestedIntegers | None

    @classmethod
    def of_table(cls, table: Table) -> StoredTable:
        """Return the stored form of a table, without its true counts."""
        return cls(
            name=table.name,
            of=table.of,
            by=list(table.by),
            where=table.where,
            axes=[list(axis) for axis in table.axes],
            counts=table.counts.tolist(),
            status=table.status.tolist(),
            multi=sorted(table.multi),
            notes=table.notes,
            params=table.params,
            error95=None if table.error95 is None else table.error95.tolist(),
        )

    @classmethod
    def read(cls, path: Path) -> Table:
        """Return the table of a file. Raise BadInput."""
        stored = cls.parsed(json.loads(path.read_text(encoding="utf-8")), str(path))
        return Table(
            name=stored.name,
            of=stored.of,
            by=tuple(stored.by),
            where=stored.where,
            axes=tuple(tuple(axis) for axis in stored.axes),
            counts=np.array(stored.counts, dtype=np.int64),
            status=np.array(stored.status, dtype=np.uint8),
            multi=frozenset(stored.multi),
            notes=stored.notes,
            params=stored.params,
            truth=None,
            error95=None if stored.error95 is None else np.array(stored.error95, dtype=np.int64),
        )
