"""Threshold and complementary suppression, at the least loss that could be found, proved safe by the auditor."""

from __future__ import annotations

from dataclasses import dataclass

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.sdc.suppression.exact import SECONDS, Suppression, suppress_exact
from kerege.evidence.sdc.suppression.problem import Problem, primary, problem_of, weights

__all__ = ["SECONDS", "Suppression", "Wanted", "primary", "suppress", "suppress_exact", "weights"]


def suppress(
    table: Table,
    threshold: int,
    sensitive: frozenset[str] = frozenset(),
    share: float = 1.0,
    *,
    seconds: float = SECONDS,
) -> Table:
    """The table with primary and complementary suppression, proved safe by the auditor over all cells.

    `sensitive` names columns of which no group may be seen to share one value: at least a `share` of it (1: all), see
    `homogeneous`. Cells that are suppressed already stay so. `params` say `optimal`, or a `gap` to the least loss, in
    coarse steps. Raises Refused where nothing makes the table safe.
    """
    return suppress_exact(table, threshold, sensitive, share, seconds=seconds).table


@dataclass(frozen=True)
class Wanted:
    """What every version of a table must keep: no count under the threshold, no group of a sensitive column alike."""

    threshold: int
    sensitive: frozenset[str] = frozenset()
    share: float = 1.0

    def problem(self, table: Table) -> Problem:
        """The problem of one version."""
        return problem_of(table, self.threshold, self.sensitive, self.share)

    def suppressed(self, table: Table, seconds: float = SECONDS) -> Suppression:
        """One version made safe by suppression."""
        return suppress_exact(table, self.threshold, self.sensitive, self.share, seconds=seconds)
