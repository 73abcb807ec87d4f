"""Tables of a release: counted, then protected one by one, together, and against publications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed
from kerege.evidence.counting.frequency_table import Table, tabulate
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.release.microdata import build as microdata
from kerege.evidence.release.prevalence import build as estimates
from kerege.evidence.release.spec import ReleaseSpec, TableSpec, units
from kerege.vocabulary import snapshot_columns as standard

if TYPE_CHECKING:
    from kerege.evidence.ledger.ledger import Ledger
    from kerege.evidence.sdc.published_tables.publication import Publication

AS_COUNTED = "Counted, not protected: the disclosure risk assessment alone decides whether these figures are published."
NOBODY = "Exact counts: the rows are not people, so no figure needs protection."


def make_tables(
    snapshots: Sequence[Snapshot],
    spec: ReleaseSpec,
    *,
    earlier: Sequence[Publication] = (),
    secret: bytes | None = None,
    ledger: Ledger | None = None,
) -> list[Table]:
    """Return all tables, protected one by one, then together and against `earlier` publications.

    Raise BadInput with all faults, and Refused if no suppression makes the tables safe together.
    """
    # imported late: the solvers take a second to load, and reading a release needs none
    from kerege.evidence.release.safe_omission import protect_or_propose

    tables = _protect_each(snapshots, spec, secret, ledger)
    suppressed_indices = [i for i, table_spec in enumerate(spec.tables) if _is_suppressed(table_spec)]
    unsuppressed = [
        table for i, table in enumerate(tables) if i not in suppressed_indices and standard.personal(table.of)
    ]
    threshold = max(table_spec.threshold for table_spec in spec.tables)
    protected = protect_or_propose(
        [tables[i] for i in suppressed_indices],
        threshold,
        snapshots=snapshots,
        earlier=earlier,
        beside=unsuppressed,
    )
    for i, table in zip(suppressed_indices, protected, strict=True):
        tables[i] = table
    return tables


def _protect_each(
    snapshots: Sequence[Snapshot],
    spec: ReleaseSpec,
    secret: bytes | None,
    ledger: Ledger | None,
) -> list[Table]:
    """Return each table protected by itself; all faults are raised together, before any noise is drawn."""
    by_unit, faults = units(snapshots), []
    for table_spec in spec.tables:
        try:
            _check(table_spec, by_unit)
        except BadInput as error:
            faults += [
                Fault(f"table {table_spec.name}: {fault.what}", fault.todo, fault.file, fault.row, fault.column)
                for fault in error.faults
            ]
    faults += microdata.check(spec.microdata, by_unit)
    faults += estimates.check(spec, by_unit)
    if faults:
        raise BadInput(faults)
    if ledger is not None:
        from kerege.evidence.release.dp_tables import compute_needed_loss

        arguments = spec.microdata, by_unit, ledger, spec.period
        rho = compute_needed_loss(by_unit, spec.tables, ledger) + microdata.compute_needed_loss(*arguments)
        for about in microdata.list_budget_owners(*arguments):
            ledger.check(spec.period, rho, about)
    return [_make_table(by_unit[table_spec.of], table_spec, spec.period, secret, ledger) for table_spec in spec.tables]


def _is_suppressed(table_spec: TableSpec) -> bool:
    return table_spec.method == "suppress" and standard.personal(table_spec.of)


def _check(table_spec: TableSpec, by_unit: dict[str, Snapshot]) -> None:
    if table_spec.of not in by_unit:
        todo = f"give its snapshot too; there are: {listed(sorted(by_unit)) or 'none'}"
        raise BadInput(Fault(f"there is no snapshot of {table_spec.of}", todo))
    if table_spec.method == "dp":
        from kerege.evidence.release.dp_tables import check

        check(by_unit[table_spec.of], table_spec, is_released=True)
    else:
        tabulate(by_unit[table_spec.of], table_spec.by, table_spec.where)


def _make_table(
    snapshot: Snapshot, table_spec: TableSpec, period: str, secret: bytes | None, ledger: Ledger | None
) -> Table:
    from kerege.evidence.release.dp_tables import draw
    from kerege.evidence.release.protect_table import make_table, refuse_few

    if table_spec.method == "dp" and ledger is not None:
        return draw(snapshot, table_spec, ledger, period)
    personal = standard.personal(table_spec.of)
    if table_spec.method == "none" or not personal:
        counted = tabulate(snapshot, table_spec.by, table_spec.where, name=table_spec.name)
        refuse_few(counted, table_spec.threshold)
        return replace(counted, notes=[AS_COUNTED if personal else NOBODY])
    return make_table(snapshot, table_spec, secret=secret)
