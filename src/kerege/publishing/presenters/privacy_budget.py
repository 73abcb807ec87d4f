"""What is left of the privacy budget, told before a release is composed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from kerege.base.errors import Refused
from kerege.evidence.dp.zcdp import DELTA, rho_to_epsilon
from kerege.evidence.ledger.ledger import ALL
from kerege.publishing.gate import run_gate
from kerege.vocabulary import snapshot_columns as standard


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


@dataclass(frozen=True)
class Loss:
    """What is told of one person at most: rho, and the same as epsilon at delta."""

    rho: float
    epsilon: float
    delta: float

    @property
    def shown(self) -> float:
        """Epsilon for people: rounded up to a hundredth, but for what floating point adds."""
        return math.ceil(100 * self.epsilon - 1e-6) / 100

    @property
    def times(self) -> float:
        """How many times the odds that somebody is in the register change at most, to a tenth while they are few."""
        told = math.exp(min(self.epsilon, 50))
        return math.ceil(told) if told >= 10 else math.ceil(10 * told) / 10

    @property
    def plural(self) -> int:
        """The number that the word for times goes with: a broken one takes the form of a few."""
        return int(self.times) if self.times == int(self.times) else 2

    @property
    def one_in(self) -> int:
        """Delta as a chance of one in so many."""
        return round(1 / self.delta)


def loss(rho: float, unlisted: float = 0.0) -> Loss:
    """A loss at the usual delta, and what was set apart from it for values that nobody listed."""
    return Loss(rho, rho_to_epsilon(rho), DELTA + unlisted)


def claimed(entry: Mapping[str, Any]) -> Loss | None:
    """The loss that a manifest claims for one of its parts or all of it; None for none."""
    return Loss(*(float(entry[name]) for name in ("rho", "epsilon", "delta"))) if entry.get("rho") else None


def outside(table: Mapping[str, Any]) -> bool:
    """Whether a published table counts people and is in no account of privacy loss."""
    return table["method"] != "dp" and standard.personal(str(table["of"]))


def everything(more: float = 0.0) -> Loss | None:
    """What all in the ledger tells, charged or set aside, and `more` (rho) beside it; None when it cannot be read."""
    account = run_gate.ledger()
    try:
        return loss(account.held(ALL) + more, account.unlisted())
    except Refused:
        return None


def of_period(period: str) -> Spending | None:
    """The account of a period; None when the ledger cannot be read."""
    try:
        return Spending(period, **run_gate.budget(period))
    except Refused:
        return None


def overview() -> list[Spending]:
    """The accounts of this year and the last."""
    year = timezone.localdate().year
    found = (of_period(str(each)) for each in (year, year - 1))
    return [each for each in found if each is not None]
