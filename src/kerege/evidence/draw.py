"""Drawing noised tables against the ledger: charged once, kept, and the same ever after."""

from __future__ import annotations

from kerege.evidence.ledger import Ledger
from kerege.evidence.snapshot import Snapshot
from kerege.evidence.spec import TableSpec
from kerege.evidence.tables import Table


def draw(snapshot: Snapshot, wanted: TableSpec, ledger: Ledger, period: str) -> Table:
    """The table of a `dp` request: what was drawn before, or drawn now and charged to the period.

    Call it inside `ledger.locked()`. Raises Refused, with nothing written, when the budget of the period is overdrawn.
    """
    raise NotImplementedError


def request_of(snapshot: Snapshot, wanted: TableSpec) -> str:
    """What makes two requests the same: snapshot, unit, columns, filter and parameters, not the name."""
    raise NotImplementedError
