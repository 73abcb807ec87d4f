"""Receivers that state the ledger and the releases in the daily root, and compare them with roots."""

from __future__ import annotations

from collections.abc import Sequence

from django.dispatch import receiver

from kerege.base.daily_roots import DailyRoot
from kerege.base.errors import BadInput, Refused
from kerege.base.files import home
from kerege.core.audit.events import collect_root_faults, collect_root_statements
from kerege.evidence.ledger.home_ledger import HomeLedger
from kerege.publishing.storage import root_statements


@receiver(collect_root_statements, dispatch_uid="releases.ledger")
def state_of_the_ledger(sender: object, **kwargs: object) -> dict[str, dict[str, object] | None]:
    """Return the state of the ledger for the daily root: null if unreadable, nothing without a ledger."""
    ledger = HomeLedger(home())
    if not ledger.folder.is_dir():
        return {}
    try:
        with ledger.locked_for_reading():
            return {"ledger": ledger.state().tree}
    except (BadInput, Refused):
        return {"ledger": None}


@receiver(collect_root_statements, dispatch_uid="releases.last")
def state_of_the_releases(sender: object, earlier: Sequence[DailyRoot], **kwargs: object) -> dict[str, object]:
    """Return the last release and the new ones for the daily root, nothing before the first release."""
    stated = root_statements.state_releases(earlier)
    return {root_statements.KEY: stated.tree} if stated else {}


@receiver(collect_root_faults, dispatch_uid="releases.roots")
def list_root_faults(sender: object, roots: Sequence[DailyRoot], **kwargs: object) -> list[tuple[int, str]]:
    """Return (event of a root, sentence) for each release or ledger state that is named but missing."""
    return list(root_statements.list_faults(roots))
