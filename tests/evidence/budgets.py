"""Privacy budgets that two people raised, for tests that need more than the default."""

from __future__ import annotations

from kerege.evidence.ledger.ledger import Ledger


def raise_budget(ledger: Ledger, period: str, rho: float) -> None:
    """Set a ceiling by a request and its approval."""
    with ledger.locked():
        request = ledger.request_budget(period, rho, "test:first", "for a test")
        ledger.approve_budget(request.seq, "test:second")
