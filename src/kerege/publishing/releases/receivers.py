"""Receivers that record the ledger in the daily root."""

from __future__ import annotations

from django.dispatch import receiver

from kerege.base.errors import BadInput, Refused
from kerege.base.files import home
from kerege.core.audit.events import collect_root_statements
from kerege.evidence.ledger.ledger import Ledger


@receiver(collect_root_statements, dispatch_uid="releases.ledger")
def state_of_the_ledger(sender: object, **kwargs: object) -> dict[str, dict[str, object] | None]:
    """Return the state of the ledger for the daily root: null if unreadable, nothing without a ledger."""
    ledger = Ledger(home() / "ledger")
    if not ledger.folder.is_dir():
        return {}
    try:
        with ledger.locked():
            return {"ledger": ledger.state().tree}
    except (BadInput, Refused):
        return {"ledger": None}
