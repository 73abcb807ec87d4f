"""Complementary suppression in linked tables: minimum-cost changes of the register."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from kerege.evidence.counting.frequency_table import OK, PERTURBED, SUPPRESSED, WITHHELD, Table
from kerege.evidence.numerics.time_limit import SLOW
from kerege.evidence.sdc.constraints.multi_table import JointSystem
from kerege.evidence.sdc.linear.highs_solver import EPSILON, build_model
from kerege.evidence.sdc.linear.linear_system import Floats
from kerege.evidence.sdc.published_tables.publication import Sheet
from kerege.evidence.sdc.suppression.complementary import weights

Hidden = NDArray[np.bool_]
SECONDS = 20.0
MOST_SECONDS = SECONDS * SLOW  # elapsed time of a linear program: it must end also on a busy machine


def cells_to_hide(joint: JointSystem, cell: int, threshold: int, hide: Hidden) -> Hidden:
    """Return the published cells to hide, at the least loss, so that one cell or group is wide.

    `hide` and the result are (cells and groups,). A hidden cell is at least 1. The interval must be as wide as the
    threshold minus 1, and reach the threshold.
    """
    down = min(int(joint.truth[cell]) - _least(joint, cell), threshold - 1)
    up = max(threshold - 1 - down, threshold - int(joint.truth[cell]), 0)
    result = hide.copy()
    for step in (-down, up):
        if step:
            result |= _changed_cells(joint, cell, step, result)
    return result


def _least(joint: JointSystem, cell: int) -> int:
    """Return the least count of a cell or group when every cell that may be hidden is hidden."""
    can_be_hidden, _ = _prices(joint)
    lower, upper = joint.known()
    lower, upper = np.where(can_be_hidden, 1.0, lower), np.where(can_be_hidden, np.inf, upper)
    rows = np.flatnonzero((lower > 0) | np.isfinite(upper))
    size = joint.sums.shape[1]
    solver = build_model(
        sp.vstack([joint.sums[rows], joint.rules.matrix]).tocsr(),
        np.concatenate([lower[rows], joint.rules.low]),
        np.concatenate([upper[rows], joint.rules.high]),
        np.zeros(size),
        np.full(size, joint.most),
    )
    solver.changeColsCost(size, np.arange(size, dtype=np.int32), joint.sums[[cell]].toarray().ravel())
    solver.setOptionValue("time_limit", MOST_SECONDS)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return int(joint.truth[cell])
    return int(np.ceil(solver.getInfo().objective_function_value - EPSILON))


def _changed_cells(joint: JointSystem, cell: int, step: int, hide: Hidden) -> Hidden:
    """Return the published cells that change in the cheapest register that moves one cell by `step`."""
    can_be_hidden, cost = _prices(joint)
    lower, upper = joint.known()
    truth, people = joint.truth.astype(float), joint.people.astype(float)
    lower, upper = np.where(hide, 1.0, lower), np.where(hide, np.inf, upper)  # a suppressed figure is at least 1
    is_stated = (lower > 0) | np.isfinite(upper)
    is_stated[cell] = False
    rows = np.flatnonzero(is_stated)
    priced = np.flatnonzero(can_be_hidden[rows])
    size, count = joint.sums.shape[1], len(priced)
    slack = sp.csr_matrix((np.ones(count), (priced, np.arange(count))), shape=(len(rows), count))
    sums = joint.rules.matrix @ people
    matrix = (
        sp.bmat(
            [
                [joint.sums[[cell]], None, None],
                [joint.sums[rows], -slack, slack],  # first the rise of each priced cell, then its fall
                [joint.rules.matrix, None, None],
            ]
        ).tocsr()
        if joint.rules.matrix.shape[0] or len(rows)
        else joint.sums[[cell]]
    )
    low = np.concatenate([[step], (lower - truth)[rows], joint.rules.low - sums])
    high = np.concatenate([[step], (upper - truth)[rows], joint.rules.high - sums])
    width = matrix.shape[1]
    lower_limits = np.concatenate([-people, np.zeros(width - size)])
    most_down = np.minimum(truth[rows[priced]] - 1, 10.0 * abs(step))
    upper_limits = (
        np.concatenate([joint.most - people, np.full(count, np.inf), most_down])
        if width > size
        else joint.most - people
    )
    solver = build_model(matrix, low, high, lower_limits, upper_limits)
    price = cost[rows[priced]]
    costs = np.concatenate([np.zeros(size), price, price]) if width > size else np.zeros(size)
    solver.changeColsCost(width, np.arange(width, dtype=np.int32), costs)
    solver.setOptionValue("time_limit", MOST_SECONDS)
    solver.run()
    fresh = np.zeros(len(truth), dtype=bool)
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return fresh
    point = np.array(solver.getSolution().col_value)
    if width > size:
        fresh[rows[priced[point[size : size + count] + point[size + count :] > EPSILON]]] = True
    fresh[cell] = can_be_hidden[cell]
    return fresh


def _prices(joint: JointSystem) -> tuple[Hidden, Floats]:
    """Return which cells may be hidden, and the loss of each."""
    can_be_hidden, cost = np.zeros(len(joint.truth), dtype=bool), np.zeros(len(joint.truth))
    for number, (table, place) in enumerate(zip(joint.tables, joint.places, strict=True)):
        is_published = np.isin(table.status.ravel(), (OK, PERTURBED)) & (number not in joint.fixed)
        can_be_hidden[place] = is_published & (joint.truth[place] > 0)
        cost[place] = weights(table)
    return can_be_hidden, cost


def suppress_cells(joint: JointSystem, hide: Hidden) -> JointSystem:
    """Return the system with further cells suppressed."""
    tables: list[Table] = []
    for table, place in zip(joint.tables, joint.places, strict=True):
        is_further = hide[place].reshape(table.status.shape) & (table.status != WITHHELD)
        status = np.where(is_further, SUPPRESSED, table.status).astype(np.uint8)
        if isinstance(table, Sheet):
            lower, upper = np.where(is_further, 1.0, table.lower), np.where(is_further, np.inf, table.upper)
            tables.append(replace(table, status=status, lower=lower, upper=upper))
        else:
            tables.append(replace(table, status=status))
    return replace(joint, tables=tables)


def withhold_tables(joint: JointSystem, numbers: Collection[int]) -> JointSystem:
    """Return the system as if some tables were not published."""
    tables: list[Table] = []
    for number, table in enumerate(joint.tables):
        if number in numbers:
            table = replace(table, status=np.full_like(table.status, WITHHELD))
            if isinstance(table, Sheet):
                table = replace(table, lower=np.zeros_like(table.lower), upper=np.full_like(table.upper, np.inf))
        tables.append(table)
    return replace(joint, tables=tables)
