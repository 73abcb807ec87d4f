"""Several tables of one register: what they show together may not give away what one hides, nor a difference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from kerege.evidence.counting.frequency_table import SUPPRESSED, WITHHELD, Table
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.sdc.constraints import cell_bounds
from kerege.evidence.sdc.constraints.linear_system import Ints
from kerege.evidence.sdc.constraints.multi_table import ROOM, Joint, join
from kerege.evidence.sdc.constraints.populations import adopted, populations
from kerege.evidence.sdc.constraints.publication import Publication, Sheet, as_sheet
from kerege.evidence.sdc.constraints.table_views import check_severals, refuse, tied
from kerege.evidence.sdc.suppression.joint_repair import Hidden, hidden, widen
from kerege.evidence.sdc.suppression.messages import CHOICE

# what notes say of one table alone, and what must be said anew of all together
INTERVAL, COUNTED = "suppressed; what is published allows", "cells are suppressed"


def protect_together(
    tables: Sequence[Table],
    threshold: int,
    snapshots: Iterable[Snapshot],
    earlier: Sequence[Publication] = (),
    beside: Sequence[Table] = (),
    revised: Mapping[str, Hidden] | None = None,
) -> list[Table]:
    """Safe tables made safe together: hides further cells until nothing can be found, or raises Refused.

    What is public already (`earlier`) and what stands `beside` them in the release is known too, and stays as it is.
    `revised` marks cells of tables that differ by a few people from what is public.
    """
    result = list(tables)
    for snapshot in snapshots:
        mine = [i for i, table in enumerate(tables) if table.of == snapshot.unit]
        others = _known(snapshot, [tables[i] for i in mine], earlier, beside)
        marks = [(revised or {}).get(tables[i].name) for i in mine]
        several = len(mine) + len(others) > 1 or any(mark is not None for mark in marks)
        if several or (mine and tied(snapshot, tables[mine[0]])):
            together = _one_unit(snapshot, [tables[i] for i in mine], threshold, others, marks)
            for i, table in zip(mine, together, strict=True):
                result[i] = table
    return result


def _known(
    snapshot: Snapshot, tables: list[Table], earlier: Sequence[Publication], beside: Sequence[Table]
) -> list[Sheet]:
    """Tables of the same people that cannot be changed."""
    told = [as_sheet(table, "", snapshot.origin, snapshot.as_of, "") for table in tables]
    fixed = [as_sheet(table, "", snapshot.origin, snapshot.as_of, "") for table in beside if table.of == snapshot.unit]
    if not earlier or not told:
        return fixed
    found = populations(adopted([*earlier, Publication("", told)]))
    mine = next(each for each in found if told[0] in each.own)
    return [*fixed, *[sheet for sheet in mine.sheets if sheet not in told]]


def _one_unit(
    snapshot: Snapshot, tables: list[Table], threshold: int, others: list[Sheet], marks: Sequence[Hidden | None]
) -> list[Table]:
    check_severals(snapshot, tables)
    joint = _joined(snapshot, tables, others)
    wide = np.concatenate(
        [place[mark] for mark, place in zip(marks, joint.places, strict=False) if mark is not None]
        or [np.zeros(0, np.int64)]
    )
    lost = _lost(joint, threshold, wide) if others else np.zeros(0, dtype=np.int64)
    while len(unsafe := np.setdiff1d(cell_bounds.unsafe(joint, threshold, wide=wide), lost)):
        hide = np.zeros(len(joint.truth), dtype=bool)
        for cell in sorted(unsafe.tolist(), key=lambda c: -joint.truth[c]):
            hide |= widen(joint, cell, threshold, hide)
        if not hide.any():
            mine = [cell for cell in unsafe.tolist() if joint.owners[cell][0] < len(tables)]
            if not mine:
                break  # it follows from what is public already, whatever is suppressed here
            one, two = (joint.tables[i].name for i in joint.owners[mine[0]])
            raise refuse(one, two, "small groups of people could be found from their figures")
        joint = hidden(joint, hide)
    told = _intervals(joint)
    return [
        _noted(before, after, told, place)
        for before, after, place in zip(tables, joint.tables, joint.places, strict=False)
    ]


def _lost(joint: Joint, threshold: int, wide: Ints) -> Ints:
    """Cells that follow from what is public already, even when nothing of ours is published."""
    hide = np.zeros(len(joint.truth), dtype=bool)
    for number, place in enumerate(joint.places):
        hide[place] = number not in joint.fixed
    nothing = hidden(joint, hide)
    return cell_bounds.unsafe(nothing, threshold, wide=wide)


def _joined(snapshot: Snapshot, tables: list[Table], others: list[Sheet]) -> Joint:
    """All tables as one system; a table of another date whose figures the rows do not bear out is left aside."""
    while True:
        joint = join(snapshot, [*tables, *others])
        lower, upper = joint.known()
        wrong = (joint.truth < lower) | (joint.truth > upper)
        bad = {
            joint.tables[place[0]].name: place[0] for place in map(joint.at, np.flatnonzero(wrong).tolist()) if place
        }
        if not bad:
            return replace(joint, fixed=frozenset(range(len(tables), len(joint.tables))))
        others = [sheet for n, sheet in enumerate(others, len(tables)) if n not in bad.values()]


def _intervals(joint: Joint) -> dict[int, str]:
    """How far the cells of which a table tells it can be pinned down with all tables of the release."""
    wanted: set[int] = set()
    for table, place in zip(joint.tables, joint.places, strict=True):
        if any(INTERVAL in note for note in table.notes):
            wanted.update(place[table.status.ravel() == SUPPRESSED].tolist())
    told = {}
    for cell, (low, high) in cell_bounds.intervals(joint, np.array(sorted(wanted), dtype=np.int64)).items():
        top = "no upper bound" if high >= ROOM else f"at most {high}"
        told[cell] = f"{INTERVAL} at least {low}, {top}."
    return told


def _noted(before: Table, after: Table, told: dict[int, str], place: Ints) -> Table:
    """The table with notes that hold for the whole release."""
    notes = [note for note in before.notes if INTERVAL not in note]
    if more := int((before.status != after.status).sum()):
        notes = [note for note in notes if COUNTED not in note and CHOICE not in note]
        # how little was hidden was said of one table by itself
        after = replace(after, params={k: v for k, v in after.params.items() if k not in ("optimal", "gap")})
        hidden, every = after.tally()["suppressed"], int((after.status != WITHHELD).sum())
        notes.append(f"{hidden} of {every} {COUNTED}: small counts and those that would give them away,")
        notes[-1] += f" {more} of them because of other tables of this release."
    names = [(", ".join(after.keys(flat)) or "total", int(cell)) for flat, cell in enumerate(place)]
    notes += [f"{name}: {told[cell]}" for name, cell in names if cell in told]
    return replace(after, notes=notes)
