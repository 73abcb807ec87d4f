"""The tables of a release: counted, protected one by one, then together and against what is public already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kerege.evidence.snapshot import Snapshot, listed
from kerege.evidence.spec import Spec, TableSpec, units
from kerege.evidence.tables import OK, SUPPRESSED, Table, tabulate
from kerege.standard.faults import BadInput, Fault

if TYPE_CHECKING:
    from kerege.evidence.attack.published import Publication, Sheet
    from kerege.evidence.ledger import Ledger


def make_tables(
    snapshots: Sequence[Snapshot], spec: Spec, *, earlier: Sequence[Publication] = (), secret: bytes | None = None,
    ledger: Ledger | None = None,
) -> list[Table]:  # fmt: skip
    """Count and protect all tables, each by itself, then all together and against `earlier` publications.

    Raises BadInput with every fault found, Refused where no way of suppressing makes them safe together.
    """
    # the solvers take a second to load, and whoever only reads a release needs none
    from kerege.evidence.protect.linked import protect_together

    tables = _each(snapshots, spec, earlier, secret, ledger)
    suppressed = [i for i, each in enumerate(spec.tables) if each.method == "suppress"]
    beside = [table for i, table in enumerate(tables) if i not in suppressed]
    threshold = max(each.threshold for each in spec.tables)
    together = protect_together([tables[i] for i in suppressed], threshold, snapshots, earlier, beside)
    for i, table in zip(suppressed, together, strict=True):
        tables[i] = table
    return tables


def _each(
    snapshots: Sequence[Snapshot], spec: Spec, earlier: Sequence[Publication], secret: bytes | None,
    ledger: Ledger | None,
) -> list[Table]:  # fmt: skip
    """Every table by itself; what is wrong with any of them is told at once, before any noise is drawn."""
    by_unit, faults = units(snapshots), []
    for each in spec.tables:
        try:
            _snapshot(each, by_unit)
            tabulate(by_unit[each.of], each.by, each.where)
        except BadInput as bad:
            faults += [Fault(f"table {each.name}: {fault.what}", fault.todo, fault.file, fault.row, fault.column)
                       for fault in bad.faults]  # fmt: skip
    if faults:
        raise BadInput(faults)
    return [_one(by_unit[each.of], each, spec, earlier, secret, ledger) for each in spec.tables]


def _snapshot(wanted: TableSpec, by_unit: dict[str, Snapshot]) -> None:
    if wanted.of not in by_unit:
        todo = f"give its snapshot too; there are: {listed(sorted(by_unit)) or 'none'}"
        raise BadInput(Fault(f"no snapshot of {wanted.of}", todo))


def _one(
    snapshot: Snapshot, wanted: TableSpec, spec: Spec, earlier: Sequence[Publication], secret: bytes | None,
    ledger: Ledger | None,
) -> Table:  # fmt: skip
    from kerege.evidence.draw import draw
    from kerege.evidence.protect import make_table

    if wanted.method == "dp" and ledger is not None:
        return draw(snapshot, wanted, ledger, spec.period)
    if wanted.method == "none":
        counted = tabulate(snapshot, wanted.by, wanted.where, name=wanted.name)
        return replace(
            counted, notes=["Counted, not protected: only the attack stands between these figures and the public."]
        )
    if wanted.method != "suppress" or not earlier:
        return make_table(snapshot, wanted, secret=secret)
    return _besides(snapshot, wanted, spec, earlier) or make_table(snapshot, wanted, secret=secret)


def _besides(snapshot: Snapshot, wanted: TableSpec, spec: Spec, earlier: Sequence[Publication]) -> Table | None:
    """The table with figures suppressed that differ by a few people from what was published at an earlier date.

    None when none does.
    """
    from kerege.evidence.attack.published import as_sheet
    from kerege.evidence.protect.suppress import suppress
    from kerege.evidence.protect.words import explain

    counted = tabulate(snapshot, wanted.by, wanted.where, name=wanted.name)
    mine = as_sheet(counted, "", snapshot.sha256, snapshot.as_of, spec.period)
    hide = np.zeros(counted.counts.size, dtype=bool)
    for publication in earlier:
        for sheet in publication.sheets:
            _mark(mine, sheet, wanted.threshold, hide)
    if not hide.any():
        return None
    status = np.where(hide.reshape(counted.status.shape), SUPPRESSED, counted.status).astype(np.uint8)
    return explain(counted, suppress(replace(counted, status=status), wanted.threshold), wanted.threshold)


def _mark(mine: Sheet, old: Sheet, threshold: int, hide: np.ndarray) -> None:
    from kerege.evidence.attack.examine import comparable, few, places

    if mine.of != old.of or not comparable(old, mine):
        return
    before, after = places(old), places(mine)
    for group in before.keys() & after.keys():
        a, b = before[group], after[group]
        if old.status.flat[a] == OK:
            change = float(mine.counts.flat[b] - old.counts.flat[a])
            hide[b] |= few(change, change, threshold)
