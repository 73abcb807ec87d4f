"""The proposal of a refusal: the table whose omission has the smallest information loss, and the loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.numerics.time_limit import TimeLimit
from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.several_tables.means import figures, lost
from kerege.evidence.sdc.suppression.linked_tables import protect_together

SECONDS = 60.0  # processor time for all attempts
Protect = Callable[[Sequence[int]], list[Table]]


def protect_or_propose(
    tables: Sequence[Table],
    threshold: int,
    *,
    snapshots: Sequence[Snapshot],
    earlier: Sequence[Publication],
    beside: Sequence[Table],
) -> list[Table]:
    """Return the tables of a release protected together; raise Refused with a proposal."""

    def protect(numbers: Sequence[int]) -> list[Table]:
        return protect_together(
            [tables[number] for number in numbers],
            threshold,
            snapshots=snapshots,
            earlier=earlier,
            beside=beside,
        )

    try:
        return protect(range(len(tables)))
    except Refused as refused:
        raise with_proposal(refused, tables, protect) from None


def with_proposal(refused: Refused, tables: Sequence[Table], protect: Protect) -> Refused:
    """Return a refusal with the cheapest safe omission of a table.

    `protect` protects the tables of some numbers together, or raises Refused. Nothing is left out here: a person
    decides.
    """
    clock, best, proposal = TimeLimit(SECONDS), float("inf"), ""
    for number in sorted(range(len(tables)), key=lambda n: figures([tables[n]])) if len(tables) > 1 else ():
        loss, kept = figures([tables[number]]), [n for n in range(len(tables)) if n != number]
        if clock.late or loss >= best:
            break
        with suppress(Refused):
            loss += lost([tables[n] for n in kept], protect(kept))
            if loss < best:
                best = loss
                proposal = f"the rest is safe without table {tables[number].name}, which loses the figures of"
    return Refused(f"{refused}; {proposal} {best:,.0f} people") if proposal else refused
