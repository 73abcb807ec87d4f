"""Groups of which everybody has the same value of a sensitive column: who knows a member knows the value.

However large such a group is, its table tells something about each of its members. It is protected when, given
everything published, at least as many members as the threshold could have another value (or nobody can tell that the
group has so many); `_U`, not reported, is a possible other value, and a group of which nothing is reported tells
nothing. To leave that doubt, zeros of the group may be suppressed too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, TOTAL, Table
from kerege.evidence.sdc.constraints.linear_system import Ints, Part, Rules, equations, stack

LEAST_SHARE = 0.5


@dataclass(frozen=True)
class Group:
    """The people counted in `line` (its total first), of whom all, or nearly all, are counted in `cell`."""

    column: str
    line: Ints
    cell: int

    def words(self, table: Table) -> str:
        """Who they are and what they share."""
        keys = dict(zip(table.by, table.keys(self.cell), strict=True))
        who = ", ".join(f"{name} {code}" for name, code in keys.items() if name != self.column and code != TOTAL)
        return f"{who or 'everybody'} ({self.column} {keys[self.column]})"


def groups_of(table: Table, sensitive: frozenset[str], share: float = 1.0) -> tuple[Group, ...]:
    """The groups of which at least a `share` (more than a half; 1: all) has the same value of a sensitive column.

    A group is a line of the table along the column, at any codes of the other columns, totals included.
    """
    grid = np.arange(table.counts.size).reshape(table.counts.shape)
    found = []
    for d, name in enumerate(table.by):
        if name not in sensitive:
            continue
        for line in np.moveaxis(grid, d, -1).reshape(-1, grid.shape[d]):
            counts = table.counts.ravel()[line]
            for place in np.flatnonzero((counts[1:] > 0) & (counts[1:] >= max(share, LEAST_SHARE) * counts[0])) + 1:
                if table.axes[d][place] not in (NOT_REPORTED, OTHER):
                    found.append(Group(name, line, int(line[place])))
    return tuple(found)


def in_doubt(table: Table, rules: Rules, groups: tuple[Group, ...]) -> tuple[Rules, Ints, Ints]:
    """The rules with an unknown a group, the members who do not share the value; all truths; zeros of the groups."""
    truth = table.counts.ravel()
    if not groups:
        return rules, truth, np.zeros(0, dtype=np.int64)
    first, count = table.counts.size, len(groups)
    ends = np.array([[group.line[0], group.cell, first + n] for n, group in enumerate(groups)])
    entries = rules.matrix.tocoo()
    known: Part = (entries.row, entries.col, entries.data, rules.low, rules.high)
    apart = equations(ends, np.array([1.0, -1.0, -1.0]), np.zeros(count), np.zeros(count))
    zeros = np.unique(np.concatenate([group.line[truth[group.line] == 0] for group in groups]))
    others = truth[ends[:, 0]] - truth[ends[:, 1]]
    return stack([known, apart], first + count), np.concatenate([truth, others]), zeros
