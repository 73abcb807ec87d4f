"""Lost entries of a ledger that two people gave up, and the budget that this costs."""

from __future__ import annotations

from collections.abc import Sequence

from kerege.evidence.dp import zcdp
from kerege.evidence.ledger.budgets import ALL, EPSILON_OF_ALL
from kerege.evidence.ledger.composition import DELTA, HELD, privacy_loss
from kerege.evidence.ledger.entry import EntryContents, LedgerEntry
from kerege.evidence.ledger.entry_chain import EXACT

LOSS_REQUEST, LOST = "loss_request", "lost"  # kinds of entries; the second is also their period


def charge_rest(entries: Sequence[LedgerEntry]) -> EntryContents:
    """Return an entry whose loss is the whole remaining budget of all periods after these entries."""
    ceilings = [entry.ceiling for entry in entries if (entry.kind, entry.period) == ("budget", ALL)]
    ceiling = float(ceilings[-1] or 0) if ceilings else zcdp.epsilon_to_rho(EPSILON_OF_ALL)
    rho = max(0.0, ceiling - privacy_loss(entries, None, HELD))
    return EntryContents(rho=rho, delta=max(0.0, zcdp.MOST_DELTA - privacy_loss(entries, None, DELTA)))


def list_approvals(entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Return the entries by which two people gave up lost entries and charged the remaining budget.

    An entry has no effect when nobody else requested it, when it names other statements than its request, or when it
    costs less: one person can write it.
    """
    return [entry for place, entry in enumerate(entries) if entry.kind == LOST and _is_approval(entry, entries[:place])]


def describe_approval(entry: LedgerEntry) -> str:
    """Return the sentence on lost entries that two people gave up."""
    return (
        f"the ledger lacks entries that {len(entry.given_up)} statements name: entry {entry.seq} of {entry.at} "
        f"gave them up, by {entry.by}, requested by {entry.requested_by}: {entry.reason}"
    )


def list_given_up(entries: Sequence[LedgerEntry]) -> set[str]:
    """Return the names of the statements that two people gave up."""
    return {name for entry in list_approvals(entries) for name in entry.given_up}


def find_request(entries: Sequence[LedgerEntry], number: int | None) -> LedgerEntry | None:
    """Return the entry of this number if it requests to give up lost entries."""
    return next((entry for entry in entries if (entry.seq, entry.kind) == (number, LOSS_REQUEST)), None)


def _is_approval(entry: LedgerEntry, earlier: Sequence[LedgerEntry]) -> bool:
    """Return whether another person requested the same before, and the entry charges the whole rest."""
    request, rest = find_request(earlier, entry.approves), charge_rest(earlier)
    if request is None or not request.by or not entry.by or request.by == entry.by:
        return False
    is_same = (request.by, request.given_up) == (entry.requested_by, entry.given_up)
    return is_same and entry.rho >= rest.rho * (1 - EXACT) and entry.delta >= rest.delta * (1 - EXACT)
