"""The least that must not be published, besides, for a cell to be safe: minimum-cost changes of the register."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import linprog

from kerege.evidence.attack.joint import Joint
from kerege.evidence.attack.published import Sheet
from kerege.evidence.protect.solver import EPSILON
from kerege.evidence.protect.suppress import weights
from kerege.evidence.protect.system import Floats
from kerege.evidence.tables import OK, PERTURBED, SUPPRESSED, WITHHELD, Table

Hidden = NDArray[np.bool_]


def widen(joint: Joint, cell: int, threshold: int, hide: Hidden) -> Hidden:
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
    for number, (table, place) in enumerate(zip(joint.tables, joint.places, strict=True)):
        seen = np.isin(table.status.ravel(), (OK, PERTURBED)) & (number not in joint.fixed)
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


def hidden(joint: Joint, hide: Hidden) -> Joint:
    """The system with further cells suppressed."""
    tables: list[Table] = []
    for table, place in zip(joint.tables, joint.places, strict=True):
        more = hide[place].reshape(table.status.shape) & (table.status != WITHHELD)
        status = np.where(more, SUPPRESSED, table.status).astype(np.uint8)
        if isinstance(table, Sheet):
            lower, upper = np.where(more, 0.0, table.lower), np.where(more, np.inf, table.upper)
            tables.append(replace(table, status=status, lower=lower, upper=upper))
        else:
            tables.append(replace(table, status=status))
    return replace(joint, tables=tables)
