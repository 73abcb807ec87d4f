"""Parts of the manifest of a draft, made from its specification, its tables and its snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import kerege
from kerege.evidence.counting.frequency_table import Table, to_csv
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.zcdp import DELTA, rho_to_epsilon
from kerege.evidence.release.manifest import (
    FORMAT,
    Cells,
    Policy,
    PrivacyLoss,
    SnapshotRef,
    TableEntry,
    TieEntry,
    hash_content,
)
from kerege.evidence.release.spec import ReleaseSpec, TableSpec
from kerege.evidence.sdc.published_tables.people_tie import PeopleTie
from kerege.vocabulary import snapshot_columns as standard


def contents_of(
    spec: ReleaseSpec, tables: list[Table], sources: list[Snapshot], created: str, *, ties: Sequence[PeopleTie] = ()
) -> dict[str, Any]:
    """Return the parts of a draft by name, without an attack report and approvals."""
    optional = {
        "embargo": spec.embargo,
        "prose": spec.prose,
        "revision_of": spec.revision_of,
        "revision_note": spec.revision_note,
        "ties": [_tie_entry(tie) for tie in ties],
    }
    stated: dict[str, object] = {name: value for name, value in optional.items() if value}
    if spec.cumulative is not None:
        stated["cumulative"] = spec.cumulative
    sensitive = sorted({name for table_spec in spec.tables for name in table_spec.sensitive})
    return {
        "format": FORMAT,
        "title": spec.title,
        "period": spec.period,
        "created": created,
        "invented": any(source.invented for source in sources),
        "code_version": kerege.__version__,
        "snapshots": [_snapshot_ref(source) for source in sources],
        "policy": _policy(spec, tables, sensitive),
        "privacy": privacy(spec.rho),
        "attack": None,
        "approvals": [],
        "tables": [_table_entry(table, table_spec) for table, table_spec in zip(tables, spec.tables, strict=True)],
    } | stated


def _tie_entry(tie: PeopleTie) -> TieEntry:
    return TieEntry(
        rows=tie.rows,
        people=tie.people,
        same=list(tie.same),
        values=dict(tie.values),
        every_row_counted=tie.is_complete,
        one_row_per_value=list(tie.once),
    )


def _policy(spec: ReleaseSpec, tables: list[Table], sensitive: list[str]) -> Policy:
    units = sorted({table.of for table in tables if standard.personal(table.of)})
    applies_to: dict[str, Literal["people", "rows"]] = {
        unit: "people" if standard.people_of(unit) else "rows" for unit in units if not standard.a_person_a_row(unit)
    }
    return Policy(threshold=spec.threshold, sensitive=sensitive, **{"applies_to": applies_to} if applies_to else {})


def _snapshot_ref(source: Snapshot) -> SnapshotRef:
    named = {"fingerprint": source.fingerprint, "pack": source.pack}
    stated = {name: value for name, value in named.items() if value}
    return SnapshotRef(unit=source.unit, as_of=source.as_of).model_copy(update=stated)


def privacy(rho: float, unlisted: float = 0.0) -> PrivacyLoss:
    """Return the loss (zCDP) of differentially private tables and records, also as epsilon at delta.

    `unlisted` is the part of delta for finding unlisted values; it is added to delta.
    """
    if not rho:
        return PrivacyLoss(rho=0, delta=0)
    return PrivacyLoss(rho=rho, delta=DELTA + unlisted, epsilon=rho_to_epsilon(rho, DELTA))


def _table_entry(table: Table, table_spec: TableSpec) -> TableEntry:
    return TableEntry(
        name=table.name,
        file=f"tables/{table.name}.csv",
        of=table.of,
        by=list(table.by),
        where=table.where,
        method=table_spec.method,
        params=table.params,
        sha256=hash_content(to_csv(table).encode()),
        title=table_spec.title,
        cells=Cells(**table.tally()),
        notes=table.notes,
        multi=sorted(table.multi),
    )
