"""Several tables of one register: what they show together may not give away what one hides, nor a difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import linprog

from kerege.evidence.protect.audit import Search
from kerege.evidence.protect.joint import Joint, join
from kerege.evidence.protect.solver import EPSILON
from kerege.evidence.protect.suppress import weights
from kerege.evidence.protect.system import Block, Floats, Ints, blocks
from kerege.evidence.protect.views import check_severals, refuse, tied
from kerege.evidence.snapshot import Snapshot
from kerege.evidence.tables import OK, PERTURBED, SUPPRESSED, WITHHELD, Table

Hidden = NDArray[np.bool_]
# what notes say of one table alone, and what must be said anew of all together
INTERVAL, COUNTED = "suppressed; what is published allows", "cells are suppressed"
FAR = 100_000


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
    while len(unsafe := find(joint, threshold)):
        hide = np.zeros(len(joint.truth), dtype=bool)
        for cell in sorted(unsafe.tolist(), key=lambda c: -joint.truth[c]):
            hide |= _widen(joint, cell, threshold, hide)
        if not hide.any():
            one, two = (tables[i].name for i in joint.owners[int(unsafe[0])])
            raise refuse(one, two, "small groups of people could be found from their figures")
        joint = replace(joint, tables=_hidden(joint, hide))
    told = _intervals(joint, threshold)
    return [_noted(before, after, told, place) for before, after, place in
            zip(tables, joint.tables, joint.places, strict=True)]  # fmt: skip


class Watch(Search):
    """The auditor of a block in which only some cells need to be safe; a difference of nobody is no disclosure."""

    def __init__(self, block: Block, threshold: int, watched: int, tables: int) -> None:
        super().__init__(block, threshold)
        self.watched = block.cells < watched
        self.empty = (block.cells >= tables) & (block.truth == 0)

    def undecided(self) -> NDArray[np.bool_]:
        """Watched cells without a witness of their safety."""
        return super().undecided() & self.watched

    def _settle(self, k: int) -> bool:
        if super()._settle(k) and not self.undecided()[k]:  # a search that ran out of time has no witness
            return True
        return bool(self.empty[k] and -self._end(k, -1.0) == 0)

    def ends(self, cells: list[int]) -> dict[int, tuple[int, int]]:
        """The intervals of some cells."""
        return {k: (self._end(k, 1.0), -self._end(k, -1.0)) for k in cells}


def find(joint: Joint, threshold: int) -> Ints:
    """The cells and differences that are not safe."""
    cells = sum(table.counts.size for table in joint.tables)
    rounded = any((table.status == PERTURBED).any() for table in joint.tables)
    found: list[int] = []
    for tight in (False, True) if rounded else (False,):
        for block in blocks(joint.known(tight=tight)):
            if (block.cells < joint.watched).any():
                found += block.cells[Watch(block, threshold, joint.watched, cells).run()].tolist()
    return np.unique(np.array(found, dtype=np.int64))


def _widen(joint: Joint, cell: int, threshold: int, hide: Hidden) -> Hidden:
    """The published cells that must be hidden, at the least loss, for one cell to move by the threshold."""
    known = joint.known(tight=False)
    down = int(min(joint.truth[cell], threshold))
    found = hide.copy()
    for step in (-down, threshold - down):
        if step:
            found |= _moved(joint, known.lower, known.upper, cell, step, found)
    return found


def _moved(joint: Joint, lower: Floats, upper: Floats, cell: int, step: int, hide: Hidden) -> Hidden:
    """The published cells that move in the cheapest change of the register that moves one cell by `step`."""
    size, truth = len(joint.truth), joint.truth.astype(float)
    shown = np.zeros(size, dtype=bool)
    cost = np.zeros(size)
    for table, place in zip(joint.tables, joint.places, strict=True):
        seen = (table.status.ravel() == OK) | (table.status.ravel() == PERTURBED)
        shown[place] = seen & (joint.truth[place] > 0)
        cost[place] = weights(table)
    low, high = lower - truth, upper - truth
    low[hide], high[hide] = -truth[hide], np.inf
    low[cell] = high[cell] = step
    extra = np.flatnonzero(shown & ~hide & (np.arange(size) != cell))
    one = sp.csr_matrix((np.ones(len(extra)), (extra, np.arange(len(extra)))), shape=(size, len(extra)))
    paid = joint.rules.matrix @ one
    matrix = sp.hstack([joint.rules.matrix, paid, -paid]).tocsr()
    sums = joint.rules.matrix @ truth
    room = np.minimum(truth[extra], 10.0 * abs(step))
    rows = _inequalities(matrix, joint.rules.low - sums, joint.rules.high - sums)
    limits = np.column_stack([np.concatenate([low, np.zeros(2 * len(extra))]),
                              np.concatenate([high, np.full(len(extra), np.inf), room])])  # fmt: skip
    solved = linprog(np.concatenate([np.zeros(size), cost[extra], cost[extra]]), bounds=limits, method="highs", **rows)
    if solved.status != 0:
        return np.zeros(size, dtype=bool)
    paid_for = solved.x[size : size + len(extra)] + solved.x[size + len(extra) :]
    fresh = np.zeros(size, dtype=bool)
    fresh[extra[paid_for > EPSILON]] = True
    fresh[cell] = shown[cell]
    return fresh


def _inequalities(matrix: sp.csr_matrix, low: Floats, high: Floats) -> dict[str, object]:
    equal = low == high
    below, above = ~equal & np.isfinite(high), ~equal & np.isfinite(low)
    found: dict[str, object] = {"A_eq": matrix[equal], "b_eq": low[equal]}
    if below.any() or above.any():
        found |= {
            "A_ub": sp.vstack([matrix[below], -matrix[above]]),
            "b_ub": np.concatenate([high[below], -low[above]]),
        }
    return found


def _hidden(joint: Joint, hide: Hidden) -> list[Table]:
    """Suppress in every table what was found."""
    tables = []
    for table, place in zip(joint.tables, joint.places, strict=True):
        more = hide[place].reshape(table.status.shape) & (table.status != WITHHELD)
        tables.append(replace(table, status=np.where(more, SUPPRESSED, table.status).astype(np.uint8)))
    return tables


def _intervals(joint: Joint, threshold: int) -> dict[int, str]:
    """How far the cells of which a table tells it can be pinned down with all tables of the release."""
    wanted: set[int] = set()
    for table, place in zip(joint.tables, joint.places, strict=True):
        if any(INTERVAL in note for note in table.notes):
            wanted.update(place[table.status.ravel() == SUPPRESSED].tolist())
    told = {}
    for block in blocks(joint.known(tight=False)) if wanted else []:
        here = [k for k, cell in enumerate(block.cells.tolist()) if cell in wanted]
        for k, (low, high) in Watch(block, threshold, 0, 0).ends(here).items():
            top = "no upper bound" if high >= FAR else f"at most {high}"
            told[int(block.cells[k])] = f"{INTERVAL} at least {low}, {top}."
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
