"""Several tables of one register: what they show together may not give away what one hides, nor a difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.attack import find
from kerege.evidence.attack.joint import ROOM, Joint, join
from kerege.evidence.attack.repair import hidden, widen
from kerege.evidence.attack.views import check_severals, refuse, tied
from kerege.evidence.protect.system import Ints
from kerege.evidence.snapshot import Snapshot
from kerege.evidence.tables import SUPPRESSED, WITHHELD, Table

Hidden = NDArray[np.bool_]
# what notes say of one table alone, and what must be said anew of all together
INTERVAL, COUNTED = "suppressed; what is published allows", "cells are suppressed"


def protect_together(tables: Sequence[Table], threshold: int, snapshots: Iterable[Snapshot]) -> list[Table]:
    """Safe tables made safe together: hides further cells until nothing can be found, or raises Refused."""
    result = list(tables)
    for snapshot in snapshots:
        mine = [i for i, table in enumerate(tables) if table.of == snapshot.unit]
        if len(mine) > 1 or (mine and tied(snapshot, tables[mine[0]])):
            for i, table in zip(mine, _one_unit(snapshot, [tables[i] for i in mine], threshold), strict=True):
                result[i] = table
    return result


def _one_unit(snapshot: Snapshot, tables: list[Table], threshold: int) -> list[Table]:
    check_severals(snapshot, tables)
    joint = join(snapshot, tables)
    while len(unsafe := find.unsafe(joint, threshold)):
        hide = np.zeros(len(joint.truth), dtype=bool)
        for cell in sorted(unsafe.tolist(), key=lambda c: -joint.truth[c]):
            hide |= widen(joint, cell, threshold, hide)
        if not hide.any():
            one, two = (tables[i].name for i in joint.owners[int(unsafe[0])])
            raise refuse(one, two, "small groups of people could be found from their figures")
        joint = hidden(joint, hide)
    told = _intervals(joint)
    return [_noted(before, after, told, place) for before, after, place in
            zip(tables, joint.tables, joint.places, strict=True)]  # fmt: skip


def _intervals(joint: Joint) -> dict[int, str]:
    """How far the cells of which a table tells it can be pinned down with all tables of the release."""
    wanted: set[int] = set()
    for table, place in zip(joint.tables, joint.places, strict=True):
        if any(INTERVAL in note for note in table.notes):
            wanted.update(place[table.status.ravel() == SUPPRESSED].tolist())
    told = {}
    for cell, (low, high) in find.intervals(joint, np.array(sorted(wanted), dtype=np.int64)).items():
        top = "no upper bound" if high >= ROOM else f"at most {high}"
        told[cell] = f"{INTERVAL} at least {low}, {top}."
    return told


def _noted(before: Table, after: Table, told: dict[int, str], place: Ints) -> Table:
    """The table with notes that hold for the whole release."""
    notes = [note for note in before.notes if INTERVAL not in note]
    if more := int((before.status != after.status).sum()):
        notes = [note for note in notes if COUNTED not in note]
        hidden, every = after.tally()["suppressed"], int((after.status != WITHHELD).sum())
        notes.append(f"{hidden} of {every} {COUNTED}: small counts and those that would give them away,")
        notes[-1] += f" {more} of them because of other tables of this release."
    names = [(", ".join(after.keys(flat)) or "total", int(cell)) for flat, cell in enumerate(place)]
    notes += [f"{name}: {told[cell]}" for name, cell in names if cell in told]
    return replace(after, notes=notes)
