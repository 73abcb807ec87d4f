"""Primary and complementary suppression with a small loss, proved safe by the audit."""

from __future__ import annotations

from dataclasses import dataclass

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.sdc.suppression.exact import SECONDS, Suppression, suppress_exact
from kerege.evidence.sdc.suppression.problem import SuppressionProblem, primary, problem_of, weights

__all__ = ["SECONDS", "ProtectionRule", "Suppression", "primary", "suppress", "suppress_exact", "weights"]


def suppress(
    table: Table,
    threshold: int,
    sensitive: frozenset[str] = frozenset(),
    share: float = 1.0,
    *,
    seconds: float = SECONDS,
) -> Table:
    """Return the table with primary and complementary suppression, proved safe by an audit of all cells.

    `sensitive` names columns in which no group may be seen to share one value, at least for a `share` of the group (1:
    all); see `homogeneous_groups`. Cells that are already suppressed stay suppressed. Raises Refused when no
    suppression makes the table safe.
    """
    return suppress_exact(table, threshold, sensitive, share, seconds=seconds).table


@dataclass(frozen=True)
class ProtectionRule:
    """The rule that every version of a table must keep.

    It publishes no count below the threshold, and shows no group of a sensitive column as homogeneous.
    """

    threshold: int
    sensitive: frozenset[str] = frozenset()
    share: float = 1.0

    def problem(self, table: Table) -> SuppressionProblem:
        """Return the suppression problem of one version."""
        return problem_of(table, self.threshold, self.sensitive, self.share)

    def suppressed(self, table: Table, seconds: float = SECONDS) -> Suppression:
        """Return one version made safe by suppression."""
        return suppress_exact(table, self.threshold, self.sensitive, self.share, seconds=seconds)
