"""Protection of frequency tables: every result was attacked by the auditor before it is handed out."""

from __future__ import annotations

from kerege.evidence.protect.strategies import best
from kerege.evidence.tables import Table
from kerege.standard.faults import BadInput, Fault

THRESHOLD, LEAST = 10, 5


def check_threshold(threshold: int) -> None:
    """Raise BadInput for a threshold below 5."""
    if threshold < LEAST:
        raise BadInput(Fault(f"the threshold {threshold} is below {LEAST}", f"give {LEAST} or more"))


def protect(table: Table, method: str = "suppress", threshold: int = THRESHOLD) -> Table:
    """The table in the safe version that loses least, with notes in plain words of what was done.

    Safe: no count from 1 to threshold - 1 is published, and every cell that is not published and could be below the
    threshold has an integer feasible interval at least as wide as the threshold.
    """
    check_threshold(threshold)
    if method != "suppress":
        raise BadInput(Fault(f"no method {method!r}", "use suppress"))
    return best(table, threshold)
