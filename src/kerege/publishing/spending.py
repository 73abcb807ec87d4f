"""What is left of the privacy budget, told before a release is composed."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from kerege.publishing import gate
from kerege.standard.faults import Refused


@dataclass(frozen=True)
class Spending:
    """The account of a period, in rho."""

    period: str
    budget: float
    spent: float
    left: float

    @property
    def percent(self) -> int:
        """How much of the budget is spent."""
        return min(100, round(100 * self.spent / self.budget)) if self.budget else 100


def of_period(period: str) -> Spending | None:
    """The account of a period; None when the ledger cannot be read."""
    try:
        return Spending(period, **gate.budget(period))
    except Refused:
        return None


def overview() -> list[Spending]:
    """The accounts of this year and the last."""
    year = timezone.localdate().year
    found = (of_period(str(each)) for each in (year, year - 1))
    return [each for each in found if each is not None]
