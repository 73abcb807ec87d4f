"""Privacy budget and privacy losses for the pages of a release."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.utils import timezone

from kerege.base.errors import BadInput, Refused
from kerege.evidence.dp.zcdp import DELTA, rho_to_epsilon
from kerege.evidence.ledger.budgets import ALL
from kerege.evidence.release.manifest import MicrodataEntry, PrivacyLoss, TableEntry
from kerege.publishing.gate import run_gate
from kerege.vocabulary import snapshot_columns as standard


@dataclass(frozen=True)
class PeriodBudget:
    """Privacy budget of a period, in rho."""

    period: str
    budget: float
    spent: float
    left: float

    @property
    def percent(self) -> int:
        """Return the spent share of the budget in per cent, at most 100."""
        return min(100, round(100 * self.spent / self.budget)) if self.budget else 100


@dataclass(frozen=True)
class DisplayedLoss:
    """Largest privacy loss of one person: rho (zCDP), and the same loss as epsilon at delta."""

    rho: float
    epsilon: float
    delta: float

    @property
    def rounded_epsilon(self) -> float:
        """Return epsilon rounded up to two decimals; 1e-6 absorbs floating point error."""
        return math.ceil(100 * self.epsilon - 1e-6) / 100

    @property
    def times(self) -> float:
        """Return the factor exp(epsilon) by which the odds of membership change at most, rounded up.

        It has one decimal below 10, and none from 10.
        """
        factor = math.exp(min(self.epsilon, 50))
        return math.ceil(factor) if factor >= 10 else math.ceil(10 * factor) / 10

    @property
    def plural(self) -> int:
        """Return the number that selects the plural form of "times"; a fraction takes the form of 2."""
        return int(self.times) if self.times == int(self.times) else 2

    @property
    def one_in(self) -> int:
        """Return 1/delta, rounded."""
        return round(1 / self.delta)


def make_loss(rho: float, unlisted: float = 0.0) -> DisplayedLoss:
    """Return a loss at the default delta, plus the delta set apart for values outside the public lists."""
    return DisplayedLoss(rho, rho_to_epsilon(rho), DELTA + unlisted)


def claimed_loss(claim: PrivacyLoss | MicrodataEntry) -> DisplayedLoss | None:
    """Return the loss that a manifest or one of its parts claims, or None."""
    if not claim.rho:
        return None
    epsilon = rho_to_epsilon(claim.rho) if claim.epsilon is None else claim.epsilon
    return DisplayedLoss(float(claim.rho), float(epsilon), float(claim.delta))


def is_outside_account(table: TableEntry) -> bool:
    """Return whether a published table counts people but is in no account of privacy loss."""
    return table.method != "dp" and standard.personal(table.of)


def ledger_loss(more: float = 0.0) -> DisplayedLoss | None:
    """Return the loss of the whole ledger plus `more` (rho), or None if the ledger cannot be read."""
    account = run_gate.open_ledger()
    try:
        account.require_evidence()
        return make_loss(account.held(ALL) + more, account.unlisted())
    except (BadInput, Refused):
        return None


def period_budget(period: str) -> PeriodBudget | None:
    """Return the budget of a period, or None when the ledger cannot be read."""
    try:
        return PeriodBudget(period, **run_gate.read_budget(period))
    except (BadInput, Refused):
        return None


def recent_budgets() -> list[PeriodBudget]:
    """Return the budgets of this year and the last."""
    year = timezone.localdate().year
    budgets = (period_budget(str(period)) for period in (year, year - 1))
    return [budget for budget in budgets if budget is not None]
