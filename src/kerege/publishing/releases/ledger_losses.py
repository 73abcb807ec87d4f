"""Audit events of lost entries of the privacy ledger, which commands give up without a database."""

from __future__ import annotations

from kerege.base.errors import BadInput, Refused
from kerege.base.files import home
from kerege.core import audit
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, session_scope
from kerege.evidence.ledger.entry import LedgerEntry
from kerege.evidence.ledger.home_ledger import HomeLedger
from kerege.evidence.ledger.losses import LOSS_REQUEST, list_approvals

REQUESTED, GIVEN_UP = "ledger.request_loss", "ledger.give_up"  # actions


def record_losses() -> int:
    """Record each request and each approval of a loss that has no event yet; return their number.

    A ledger that cannot be read has none: `kerege doctor` reports it.
    """
    ledger = HomeLedger(home())
    if not ledger.folder.is_dir():
        return 0
    try:
        entries = ledger.entries()
    except (BadInput, Refused):
        return 0
    losses = [(REQUESTED, entry) for entry in entries if entry.kind == LOSS_REQUEST]
    losses += [(GIVEN_UP, entry) for entry in list_approvals(entries)]
    # by a keyed fingerprint: the hash of an entry would confirm a guess of the rows before it
    new = {(action, f"ledger_entry:{ledger.fingerprint(entry.hash)[:32]}"): entry for action, entry in losses}
    with session_scope.bypass_row_security("the job asks which entries of the ledger have an event"):
        known = set(AuditEvent.objects.filter(action__in=[REQUESTED, GIVEN_UP]).values_list("action", "target"))
    for (action, target), entry in new.items():
        if (action, target) not in known:
            _record(action, target, entry)
    return len(new.keys() - known)


def _record(action: str, target: str, entry: LedgerEntry) -> None:
    people = {"by": entry.by, "requested_by": entry.requested_by}
    named = {name: label for name, label in people.items() if label}
    audit.record(Actor.system("ledger"), action, target, seq=entry.seq, statements=len(entry.given_up), **named)
