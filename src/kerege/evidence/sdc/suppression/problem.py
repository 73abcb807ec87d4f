"""What suppression works on: a table, the sums that an outsider knows of it, and what must stay in doubt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.counting.frequency_table import OK, SUPPRESSED, Table
from kerege.evidence.sdc.constraints.linear_system import Floats, Ints, Knowledge, Rules, rules_of
from kerege.evidence.sdc.suppression.group_disclosure import Group, groups_of, in_doubt

Status = NDArray[np.uint8]
Mask = NDArray[np.bool_]
DEAR_TOTAL = 50.0  # the grand total is the last figure that anybody wants to lose


def primary(table: Table, threshold: int) -> Status:
    """Status with every count from 1 to threshold - 1 suppressed."""
    status = table.status.copy()
    status[(table.counts > 0) & (table.counts < threshold) & (status == OK)] = SUPPRESSED
    return status


def weights(table: Table) -> Floats:
    """What the public loses with each cell: its count, margins twice, the grand total fifty times."""
    weight = np.add(table.counts, 1.0, out=np.empty(table.counts.shape))
    margin = np.zeros(table.counts.shape, dtype=bool)
    for d in range(table.counts.ndim):
        np.moveaxis(margin, d, 0)[0] = True
    weight[margin] *= 2
    weight[(0,) * table.counts.ndim] *= DEAR_TOTAL
    return weight.ravel()


@dataclass(frozen=True)
class Problem:
    """A table of `size` cells, followed by the unknowns that say how many of a homogeneous group may differ.

    `always` is hidden whatever is chosen, `movable` may be; a published zero stays published, unless it alone tells a
    value of a whole group.
    """

    table: Table
    threshold: int
    sums: Rules  # of the cells alone
    rules: Rules
    truth: Ints
    weight: Floats
    movable: Mask
    always: Mask
    groups: tuple[Group, ...] = ()

    @property
    def size(self) -> int:
        """How many of the unknowns are cells of the table."""
        return self.table.counts.size

    @property
    def network(self) -> bool:
        """Whether the sums of the table are those of a network, in which nothing needs halves."""
        return self.table.counts.ndim < 3 and not self.table.multi & set(self.table.by)

    @property
    def ceiling(self) -> float:
        """A count that no outsider would think of."""
        return float(self.truth.max(initial=0) * 2 + 100_000)

    def known(self, hidden: Mask) -> Knowledge:
        """What an outsider knows when these cells are hidden."""
        lower = np.where(hidden, 0, self.truth).astype(float)
        return Knowledge(self.rules, lower, np.where(hidden, self.ceiling, lower), self.truth)

    def seen(self, view: Knowledge) -> Knowledge:
        """The same with what somebody knows of the cells in another way."""
        groups = np.zeros(len(self.groups))
        lower, upper = np.concatenate([view.lower, groups]), np.concatenate([view.upper, groups + self.ceiling])
        return Knowledge(self.rules, lower, upper, self.truth)

    def status(self, hidden: Mask) -> Status:
        """The status of every cell of the table."""
        flat = np.where(hidden[: self.size], SUPPRESSED, OK).astype(np.uint8)
        return flat.reshape(self.table.counts.shape)

    def loss(self, hidden: Mask) -> float:
        """What the public loses."""
        return float(self.weight[hidden].sum())


def problem_of(table: Table, threshold: int, sensitive: frozenset[str] = frozenset(), share: float = 1.0) -> Problem:
    """The problem of one table; cells that are suppressed already stay so."""
    groups = groups_of(table, sensitive, share)
    sums = rules_of(table)
    rules, truth, zeros = in_doubt(table, sums, groups)
    extra = len(groups)
    start = primary(table, threshold).ravel() == SUPPRESSED
    always = np.concatenate([start, np.ones(extra, dtype=bool)])
    movable = (truth > 0) | always
    movable[zeros] = True
    weight = np.concatenate([weights(table), np.zeros(extra)])
    return Problem(table, threshold, sums, rules, truth, weight, movable, always, groups)
