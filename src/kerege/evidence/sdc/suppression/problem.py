"""The suppression problem of a table: its cells, rules, weights, and the groups that need protection."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.counting.frequency_table import OK, SUPPRESSED, Table
from kerege.evidence.sdc.bounds.feasible_bounds import is_wide
from kerege.evidence.sdc.linear.linear_system import (
    LEAST_SUPPRESSED,
    Floats,
    Ints,
    Knowledge,
    Rules,
    least_suppressed,
    rules_of,
)
from kerege.evidence.sdc.suppression.group_disclosure import HomogeneousGroup, add_group_unknowns, homogeneous_groups

Status = NDArray[np.uint8]
Mask = NDArray[np.bool_]
DEAR_TOTAL = 50.0  # weight factor of the grand total, which is hidden last


def primary(table: Table, threshold: int) -> Status:
    """Return the status after primary suppression.

    Every count from 1 to threshold - 1 is suppressed, and every count of rows of too few people.
    """
    status = table.status.copy()
    status[table.small(threshold) & (status == OK)] = SUPPRESSED
    return status


def weights(table: Table) -> Floats:
    """Return the information loss of each cell (cells,): its count plus 1, with a factor for margins.

    The factor is 2 for margins, and 50 times that for the grand total.
    """
    weight = np.add(table.counts, 1.0, out=np.empty(table.counts.shape))
    margin = np.zeros(table.counts.shape, dtype=bool)
    for d in range(table.counts.ndim):
        np.moveaxis(margin, d, 0)[0] = True
    weight[margin] *= 2
    weight[(0,) * table.counts.ndim] *= DEAR_TOTAL
    return weight.ravel()


@dataclass(frozen=True)
class SuppressionProblem:
    """A table of `size` cells, then one unknown for each group that shares a value.

    The unknown is the number of members with another value. `always` is hidden in every choice; `movable` may be
    hidden. A published zero stays published, unless it discloses the value of a whole group. `least` is the least count
    that the publication states of a suppressed figure.
    """

    table: Table
    threshold: int
    sums: Rules  # sums of the cells alone
    rules: Rules
    truth: Ints
    weight: Floats
    movable: Mask
    always: Mask
    groups: tuple[HomogeneousGroup, ...] = ()
    least: int = 1

    @cached_property
    def few(self) -> Mask:
        """Return the unknowns that are cells with rows of too few people."""
        return np.concatenate([self.table.few(self.threshold).ravel(), np.zeros(len(self.groups), dtype=bool)])

    @cached_property
    def small(self) -> Mask:
        """Return the unknowns that are below the threshold or have rows of too few people."""
        return np.asarray((self.truth < self.threshold) | self.few)

    @property
    def size(self) -> int:
        """Return how many of the unknowns are cells of the table."""
        return self.table.counts.size

    @property
    def network(self) -> bool:
        """Return whether the rules form a network, so that vertices are integer."""
        return self.table.counts.ndim < 3 and not self.table.multi & set(self.table.by)

    @property
    def ceiling(self) -> float:
        """Return an upper limit of counts that no table of this size reaches."""
        return float(self.truth.max(initial=0) * 2 + 100_000)

    @property
    def width(self) -> int:
        """Return the least width of the interval of a small cell: the protection that suppression must give."""
        return self.threshold - 1

    @property
    def distance(self) -> int:
        """Return the distance from the least count of a suppressed figure to the threshold.

        A cell is wide when its interval has at least this width.
        """
        return self.threshold - self.least

    @property
    def most_down(self) -> Ints:
        """Return the distance of each unknown above the least count of a suppressed figure."""
        return np.maximum(self.truth - self.least, 0)

    def stated(self, status: Status) -> dict[str, int]:
        """Return the parameter of a protected form of the table that states when a suppressed figure can be 0."""
        can_be_zero = not self.least and bool((status == SUPPRESSED).any())
        return {LEAST_SUPPRESSED: 0} if can_be_zero else {}

    def is_wide(self, lower: Ints, upper: Ints) -> Mask:
        """Return which intervals have as many possible counts as the threshold, one of which is not small."""
        return is_wide(lower, upper, self.threshold)

    def known(self, hidden: Mask) -> Knowledge:
        """Return the intruder's knowledge when these cells are hidden."""
        lower = np.where(hidden, self.least, self.truth).astype(float)
        return Knowledge(self.rules, lower, np.where(hidden, self.ceiling, lower), self.truth, self.few)

    def with_bounds(self, view: Knowledge) -> Knowledge:
        """Return the rules of the problem with other bounds of the cells."""
        groups = np.zeros(len(self.groups))
        lower, upper = np.concatenate([view.lower, groups]), np.concatenate([view.upper, groups + self.ceiling])
        return Knowledge(self.rules, lower, upper, self.truth, self.few)

    def status(self, hidden: Mask) -> Status:
        """Return the status of every cell of the table, in its shape."""
        flat = np.where(hidden[: self.size], SUPPRESSED, OK).astype(np.uint8)
        return flat.reshape(self.table.counts.shape)

    def loss(self, hidden: Mask) -> float:
        """Return the information loss of a choice."""
        return float(self.weight[hidden].sum())


def problem_of(
    table: Table, threshold: int, sensitive: frozenset[str] = frozenset(), share: float = 1.0
) -> SuppressionProblem:
    """Return the suppression problem of a table; suppressed cells stay suppressed.

    A suppressed figure is at least 1. In a table with a sensitive column, and in one with a suppressed zero, it can be
    0. This depends on the request, not on the counts: it does not disclose whether a zero is suppressed.
    """
    groups = homogeneous_groups(table, sensitive, share)
    sums = rules_of(table)
    rules, truth, zeros = add_group_unknowns(table, sums, groups)
    extra = len(groups)
    start = primary(table, threshold).ravel() == SUPPRESSED
    can_be_zero = bool(sensitive & set(table.by)) or bool((start & (table.counts.ravel() == 0)).any())
    least = 0 if can_be_zero else least_suppressed(table)
    always = np.concatenate([start, np.ones(extra, dtype=bool)])
    movable = (truth > 0) | always
    movable[zeros] = True
    weight = np.concatenate([weights(table), np.zeros(extra)])
    return SuppressionProblem(
        table=table,
        threshold=threshold,
        sums=sums,
        rules=rules,
        truth=truth,
        weight=weight,
        movable=movable,
        always=always,
        groups=groups,
        least=least,
    )
