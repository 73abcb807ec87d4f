"""Protection of one frequency table: audited suppression, cell key method, or differential privacy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import tabulate
from kerege.evidence.sdc.suppression.protection import protect

if TYPE_CHECKING:
    from kerege.evidence.counting.frequency_table import Table
    from kerege.evidence.data.snapshot import Snapshot
    from kerege.evidence.release.spec import TableSpec


def refuse_few(table: Table, threshold: int) -> Table:
    """Return a table whose method hides no cells; raise Refused if it shows rows of too few people.

    A file does not say who is behind its rows, so that no assessment of the files could find them.
    """
    if table.few(threshold).any():
        raise Refused(
            f"table {table.name} shows {table.of} that concern fewer than {threshold} people, or mostly one person: "
            "take the method suppress"
        )
    return table


def make_table(snapshot: Snapshot, table_spec: TableSpec, *, secret: bytes | None = None) -> Table:
    """Return one table of a specification, counted and protected by its method. Raise BadInput.

    `secret` (32 bytes, `record_keys.secret_of(home)`) generates the record keys of rows without one, for `cellkey`.
    Each call draws new noise for a `dp` table. To publish one, use `release.dp_tables.draw`, which charges the ledger
    and returns a table that is already drawn.
    """
    if table_spec.method == "cellkey":
        from kerege.evidence.sdc.perturbation.cell_key import cell_key
        from kerege.evidence.sdc.perturbation.ptable import ptable

        design = ptable(int(table_spec.params["D"]), float(table_spec.params["V"]), int(table_spec.params["smallest"]))
        additive = bool(table_spec.params["additive"])
        perturbed = cell_key(
            snapshot, table_spec.by, design, secret, where=table_spec.where, additive=additive, name=table_spec.name
        )
        return refuse_few(perturbed, table_spec.threshold)
    if table_spec.method == "dp":
        from kerege.evidence.dp.tables import noised_table
        from kerege.evidence.release.dp_tables import read_arguments

        return noised_table(
            snapshot, table_spec.by, where=table_spec.where, name=table_spec.name, **read_arguments(table_spec)
        )
    counted = tabulate(snapshot, table_spec.by, table_spec.where, name=table_spec.name)
    if version := str(table_spec.params.get("version", "")):
        from kerege.evidence.sdc.suppression.method_choice import chosen_version

        return chosen_version(counted, table_spec.threshold, frozenset(table_spec.sensitive), version)
    return protect(counted, threshold=table_spec.threshold, sensitive=table_spec.sensitive)
