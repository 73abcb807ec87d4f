"""The least that must not be published, besides, for a cell to be safe: minimum-cost changes of the register."""

from __future__ import annotations

from dataclasses import replace

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from kerege.evidence.counting.frequency_table import OK, PERTURBED, SUPPRESSED, WITHHELD, Table
from kerege.evidence.sdc.constraints.highs_solver import EPSILON, model
from kerege.evidence.sdc.constraints.linear_system import Floats
from kerege.evidence.sdc.constraints.multi_table import Joint
from kerege.evidence.sdc.constraints.publication import Sheet
from kerege.evidence.sdc.suppression.complementary import weights

Hidden = NDArray[np.bool_]
SECONDS = 20.0


def widen(joint: Joint, cell: int, threshold: int, hide: Hidden) -> Hidden:
    """The published cells that must be hidden, at the least loss, for one cell to move by the threshold.

    `hide` and the result have an entry a cell, differences included.
    """
    down = int(min(joint.truth[cell], threshold))
    found = hide.copy()
    for step in (-down, threshold - down):
        if step:
            found |= _moved(joint, cell, step, found)
    return found


def _moved(joint: Joint, cell: int, step: int, hide: Hidden) -> Hidden:
    """The published cells that move in the cheapest change of the register that moves one cell by `step`."""
    shown, cost = _prices(joint)
    lower, upper = joint.known()
    truth, people = joint.truth.astype(float), joint.people.astype(float)
    told = ((lower > 0) | np.isfinite(upper)) & ~hide
    told[cell] = False
    rows = np.flatnonzero(told)
    extra = np.flatnonzero(shown[rows])
    size, count = joint.sums.shape[1], len(extra)
    paid = sp.csr_matrix((np.ones(count), (extra, np.arange(count))), shape=(len(rows), count))
    sums = joint.rules.matrix @ people
    matrix = (
        sp.bmat(
            [
                [joint.sums[[cell]], None, None],
                [joint.sums[rows], paid, -paid],
                [joint.rules.matrix, None, None],
            ]
        ).tocsr()
        if joint.rules.matrix.shape[0] or len(rows)
        else joint.sums[[cell]]
    )
    low = np.concatenate([[step], (lower - truth)[rows], joint.rules.low - sums])
    high = np.concatenate([[step], (upper - truth)[rows], joint.rules.high - sums])
    width = matrix.shape[1]
    floor = np.concatenate([-people, np.zeros(width - size)])
    room = np.minimum(truth[rows[extra]], 10.0 * abs(step))
    roof = np.concatenate([joint.most - people, np.full(count, np.inf), room]) if width > size else joint.most - people
    solver = model(matrix, low, high, floor, roof)
    price = cost[rows[extra]]
    costs = np.concatenate([np.zeros(size), price, price]) if width > size else np.zeros(size)
    solver.changeColsCost(width, np.arange(width, dtype=np.int32), costs)
    solver.setOptionValue("time_limit", SECONDS)
    solver.run()
    fresh = np.zeros(len(truth), dtype=bool)
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return fresh
    point = np.array(solver.getSolution().col_value)
    if width > size:
        fresh[rows[extra[point[size : size + count] + point[size + count :] > EPSILON]]] = True
    fresh[cell] = shown[cell]
    return fresh


def _prices(joint: Joint) -> tuple[Hidden, Floats]:
    """Which cells may be hidden, and what the public loses with each."""
    shown, cost = np.zeros(len(joint.truth), dtype=bool), np.zeros(len(joint.truth))
    for number, (table, place) in enumerate(zip(joint.tables, joint.places, strict=True)):
        seen = np.isin(table.status.ravel(), (OK, PERTURBED)) & (number not in joint.fixed)
        shown[place] = seen & (joint.truth[place] > 0)
        cost[place] = weights(table)
    return shown, cost


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
