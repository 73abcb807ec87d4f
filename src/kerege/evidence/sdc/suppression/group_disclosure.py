"""Protection against group disclosure: all members of a group share a value of a sensitive column.

Such a group discloses the value of each member, however large it is. It is protected when, given everything published,
at least as many members as the threshold could have another value, or their number is uncertain to that extent. `_U`,
not reported, is a possible other value; a group that reports nothing discloses nothing. To create the doubt, zeros of
the group may be suppressed too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, TOTAL, Table
from kerege.evidence.sdc.linear.linear_system import Ints, RuleRows, Rules, equations, stack
from kerege.evidence.sdc.published_tables.figure_labels import describe_cell

LEAST_SHARE = 0.5


@dataclass(frozen=True)
class HomogeneousGroup:
    """The people counted in `line` (its total first), all or nearly all of whom are counted in `cell`."""

    column: str
    line: Ints
    cell: int

    def as_text(self, table: Table) -> str:
        """Return the people and the value that they share, as text."""
        keys = dict(zip(table.by, table.keys(self.cell), strict=True))
        cell = {name: code for name, code in keys.items() if name != self.column and code != TOTAL}
        who = describe_cell(cell, [table.of]) if cell else "everybody"
        return f"{who} ({describe_cell({self.column: keys[self.column]}, [table.of])})"


def homogeneous_groups(table: Table, sensitive: frozenset[str], share: float = 1.0) -> tuple[HomogeneousGroup, ...]:
    """Return the groups of which at least a `share` has the same value of a sensitive column.

    The share is at least one half; 1 means all members. A group is a line of the table along the column, at any codes
    of the other columns, totals included.
    """
    grid = np.arange(table.counts.size).reshape(table.counts.shape)
    groups = []
    for d, name in enumerate(table.by):
        if name not in sensitive:
            continue
        for line in np.moveaxis(grid, d, -1).reshape(-1, grid.shape[d]):
            counts = table.counts.ravel()[line]
            for position in np.flatnonzero((counts[1:] > 0) & (counts[1:] >= max(share, LEAST_SHARE) * counts[0])) + 1:
                if table.axes[d][position] not in (NOT_REPORTED, OTHER):
                    groups.append(HomogeneousGroup(name, line, int(line[position])))
    return tuple(groups)


def add_group_unknowns(table: Table, rules: Rules, groups: tuple[HomogeneousGroup, ...]) -> tuple[Rules, Ints, Ints]:
    """Add to the rules one unknown for each group: the members who do not share the value.

    Return the rules, the true values of all unknowns, and the zeros of the groups.
    """
    truth = table.counts.ravel()
    if not groups:
        return rules, truth, np.zeros(0, dtype=np.int64)
    first, count = table.counts.size, len(groups)
    columns = np.array([[group.line[0], group.cell, first + n] for n, group in enumerate(groups)])
    entries = rules.matrix.tocoo()
    present: RuleRows = (entries.row, entries.col, entries.data, rules.low, rules.high)
    definitions = equations(columns, np.array([1.0, -1.0, -1.0]), np.zeros(count), np.zeros(count))
    zeros = np.unique(np.concatenate([group.line[truth[group.line] == 0] for group in groups]))
    truth_of_groups = truth[columns[:, 0]] - truth[columns[:, 1]]
    return stack([present, definitions], first + count), np.concatenate([truth, truth_of_groups]), zeros
