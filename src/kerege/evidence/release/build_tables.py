"""The tables of a release: counted, protected one by one, then together and against what is public already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed
from kerege.evidence.counting.frequency_table import OK, SUPPRESSED, Table, tabulate
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.release.microdata import build as microdata
from kerege.evidence.release.prevalence import build as estimates
from kerege.evidence.release.spec import ReleaseSpec, TableSpec, units
from kerege.vocabulary import snapshot_columns as standard

if TYPE_CHECKING:
    from kerege.evidence.ledger.ledger import Ledger
    from kerege.evidence.sdc.constraints.publication import Publication

Hidden = NDArray[np.bool_]
AS_COUNTED = "Counted, not protected: only the attack stands between these figures and the public."
NOBODY = "Counted as it is: these are no people, nothing needs protection."


def make_tables(
    snapshots: Sequence[Snapshot],
    spec: ReleaseSpec,
    *,
    earlier: Sequence[Publication] = (),
    secret: bytes | None = None,
    ledger: Ledger | None = None,
) -> list[Table]:
    """Count and protect all tables, each by itself, then all together and against `earlier` publications.

    Raises BadInput with every fault found, Refused where no way of suppressing makes them safe together.
    """
    # the solvers take a second to load, and whoever only reads a release needs none
    from kerege.evidence.sdc.suppression.linked_tables import protect_together

    tables, revised = _each(snapshots, spec, earlier, secret, ledger)
    suppressed = [i for i, each in enumerate(spec.tables) if _suppresses(each)]
    beside = [table for i, table in enumerate(tables) if i not in suppressed and standard.personal(table.of)]
    threshold = max(each.threshold for each in spec.tables)
    together = protect_together([tables[i] for i in suppressed], threshold, snapshots, earlier, beside, revised)
    for i, table in zip(suppressed, together, strict=True):
        tables[i] = table
    return tables


def _each(
    snapshots: Sequence[Snapshot],
    spec: ReleaseSpec,
    earlier: Sequence[Publication],
    secret: bytes | None,
    ledger: Ledger | None,
) -> tuple[list[Table], dict[str, Hidden]]:
    """Every table by itself, and the cells of each that differ by a few people from what was published at another date.

    What is wrong with any of them is told at once, before any noise is drawn.
    """
    by_unit, faults = units(snapshots), []
    for each in spec.tables:
        try:
            _check(each, by_unit)
        except BadInput as bad:
            faults += [
                Fault(f"table {each.name}: {fault.what}", fault.todo, fault.file, fault.row, fault.column)
                for fault in bad.faults
            ]
    faults += microdata.check(spec.microdata, by_unit)
    faults += estimates.check(spec, by_unit)
    if faults:
        raise BadInput(faults)
    if ledger is not None:
        from kerege.evidence.release.dp_tables import needed

        asked = spec.microdata, by_unit, ledger, spec.period
        rho = needed(by_unit, spec.tables, ledger) + microdata.needed(*asked)
        for about in microdata.abouts(*asked):
            ledger.check(spec.period, rho, about)
    tables, revised = [], {}
    for each in spec.tables:
        snapshot = by_unit[each.of]
        marks = _revised(snapshot, each, spec.period, earlier) if _suppresses(each) and earlier else None
        if marks is None or not marks.any():
            tables.append(_one(snapshot, each, spec.period, secret, ledger))
        else:
            revised[each.name] = marks
            tables.append(_without(snapshot, each, marks))
    return tables, revised


def _suppresses(wanted: TableSpec) -> bool:
    return wanted.method == "suppress" and standard.personal(wanted.of)


def _check(wanted: TableSpec, by_unit: dict[str, Snapshot]) -> None:
    if wanted.of not in by_unit:
        todo = f"give its snapshot too; there are: {listed(sorted(by_unit)) or 'none'}"
        raise BadInput(Fault(f"no snapshot of {wanted.of}", todo))
    if wanted.method == "dp":
        from kerege.evidence.release.dp_tables import check

        check(by_unit[wanted.of], wanted)
    else:
        tabulate(by_unit[wanted.of], wanted.by, wanted.where)


def _one(snapshot: Snapshot, wanted: TableSpec, period: str, secret: bytes | None, ledger: Ledger | None) -> Table:
    from kerege.evidence.release.dp_tables import draw
    from kerege.evidence.release.protect_table import make_table

    if wanted.method == "dp" and ledger is not None:
        return draw(snapshot, wanted, ledger, period)
    personal = standard.personal(wanted.of)
    if wanted.method == "none" or not personal:
        counted = tabulate(snapshot, wanted.by, wanted.where, name=wanted.name)
        return replace(counted, notes=[AS_COUNTED if personal else NOBODY])
    return make_table(snapshot, wanted, secret=secret)


def _without(snapshot: Snapshot, wanted: TableSpec, marks: Hidden) -> Table:
    """The table with some cells suppressed whatever they count, and what must be for their sake."""
    from kerege.evidence.sdc.suppression.complementary import suppress
    from kerege.evidence.sdc.suppression.messages import explain

    counted = tabulate(snapshot, wanted.by, wanted.where, name=wanted.name)
    status = np.where(marks.reshape(counted.status.shape), SUPPRESSED, counted.status).astype(np.uint8)
    sensitive = frozenset(wanted.sensitive)
    shown = suppress(replace(counted, status=status), wanted.threshold, sensitive)
    return explain(counted, shown, wanted.threshold, sensitive)


def _revised(snapshot: Snapshot, wanted: TableSpec, period: str, earlier: Sequence[Publication]) -> Hidden:
    """Cells that differ by a few people from a figure that was published at another date."""
    from kerege.evidence.sdc.constraints.publication import as_sheet
    from kerege.evidence.sdc.disclosure.temporal_differences import comparable, few, places

    counted = tabulate(snapshot, wanted.by, wanted.where, name=wanted.name)
    mine = as_sheet(counted, "", snapshot.origin, snapshot.as_of, period)
    after, marks = places(mine), np.zeros(counted.counts.size, dtype=bool)
    for old in (sheet for publication in earlier for sheet in publication.sheets):
        if mine.of != old.of or old.origin == mine.origin or not comparable(old, mine):
            continue
        for group, a in places(old).items():
            if group in after and old.status.flat[a] == OK:
                change = float(mine.counts.flat[after[group]] - old.counts.flat[a])
                marks[after[group]] |= few(change, change, wanted.threshold)
    return marks
