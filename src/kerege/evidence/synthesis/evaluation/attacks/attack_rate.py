"""What an attack achieved on people in the data beyond what it achieves on people who are not: a rate and its interval.

Risk = (attack - control) / (1 - control), the share of the people who were safe otherwise and are not now (Giomi,
Boenisch, Wehmeyer and Tasnadi, "A Unified Framework for Quantifying Privacy Risk in Synthetic Data", 2023).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

NORMAL95 = 1.959963984540054
Interval = tuple[float, float]


@dataclass(frozen=True)
class Rate:
    """Successes as a share of attempts, with its 95% interval; attempts need not be a whole number."""

    attempts: float
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Risk:
    """Attack on people in the data, control on others, both as shares; the risk, at most 1, and its 95% interval."""

    attack: Rate
    control: Rate
    risk: float
    low: float
    high: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def wilson(share: float, attempts: float) -> Interval:
    """95% interval of a share of independent attempts; of none it is 0 to 1 (Wilson 1927)."""
    if attempts <= 0:
        return 0.0, 1.0
    square = NORMAL95**2 / attempts
    middle = (share + square / 2) / (1 + square)
    half = math.sqrt(square * (share * (1 - share) + square / 4)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def rate(share: float, attempts: float) -> Rate:
    """A share with Wilson's interval."""
    return Rate(attempts, share, *wilson(share, attempts))


def clopper_pearson(successes: int, attempts: int) -> Interval:
    """95% interval of a share that holds at every sample size (Clopper and Pearson 1934)."""
    from scipy.stats import beta  # takes a second to load

    low = float(beta.ppf(0.025, successes, attempts - successes + 1)) if successes else 0.0
    high = float(beta.ppf(0.975, successes + 1, attempts - successes)) if successes < attempts else 1.0
    return low, high


def risk(attack: Rate, control: Rate) -> Risk:
    """The risk; its interval joins those of the two rates as of a difference of independent ones (Newcombe 1998).

    Where the control succeeds always nobody was safe before, and the risk is 0.
    """
    safe = 1 - control.share
    if safe <= 0:
        return Risk(attack, control, 0.0, 0.0, 0.0)
    value = (attack.share - control.share) / safe
    slope = (1 - attack.share) / safe**2  # by which the risk falls where the control rises
    below = math.hypot((attack.share - attack.low) / safe, slope * (control.high - control.share))
    above = math.hypot((attack.high - attack.share) / safe, slope * (control.share - control.low))
    return Risk(attack, control, value, value - below, min(1.0, value + above))
