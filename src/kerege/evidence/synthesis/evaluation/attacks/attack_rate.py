"""Success rates of attacks and the privacy risk, with 95% intervals.

Risk = (attack - control) / (1 - control). This is the share of people exposed by their record in the data, among those
who would otherwise be safe. Source: Giomi, Boenisch, Wehmeyer and Tasnadi, "A Unified Framework for Quantifying Privacy
Risk in Synthetic Data", 2023.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

NORMAL95 = 1.959963984540054
Interval = tuple[float, float]


@dataclass(frozen=True)
class Rate:
    """Share of successful attempts with its 95% interval.

    `attempts` may be an effective, fractional number.
    """

    attempts: float
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Risk:
    """Success rates on people in the data (attack) and on others (control).

    The risk, at most 1, with its interval.
    """

    attack: Rate
    control: Rate
    risk: float
    low: float
    high: float

    def as_dict(self) -> dict[str, Any]:
        """Return the risk for JSON."""
        return asdict(self)


def wilson(share: float, attempts: float) -> Interval:
    """Return the 95% interval of a share of independent attempts.

    Parameters
    ----------
    share : float
        Share of successful attempts, from 0 to 1.
    attempts : float
        Number of attempts; it can be an effective, fractional number.

    Returns
    -------
    tuple of float
        Lower and upper limit, from 0 to 1; 0 and 1 without attempts.

    Notes
    -----
    (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n): Wilson 1927, "Probable inference, the law of
    succession, and statistical inference", Journal of the American Statistical Association 22.

    Examples
    --------
    >>> [round(limit, 3) for limit in wilson(0.5, 100)]
    [0.404, 0.596]
    """
    if attempts <= 0:
        return 0.0, 1.0
    square = NORMAL95**2 / attempts
    middle = (share + square / 2) / (1 + square)
    half = math.sqrt(square * (share * (1 - share) + square / 4)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def rate(share: float, attempts: float) -> Rate:
    """Return a share with Wilson's 95% interval.

    Parameters
    ----------
    share : float
        Share of successful attempts, from 0 to 1.
    attempts : float
        Number of attempts.

    Returns
    -------
    Rate
        Share, attempts, and the limits of `wilson`.

    Notes
    -----
    Wilson 1927, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22.

    Examples
    --------
    >>> round(rate(0.5, 100).low, 3)
    0.404
    """
    return Rate(attempts, share, *wilson(share, attempts))


def clopper_pearson(successes: int, attempts: int) -> Interval:
    """Return the exact 95% interval of a share, valid for every sample size.

    Parameters
    ----------
    successes, attempts : int
        Numbers of successful and of all attempts.

    Returns
    -------
    tuple of float
        Lower and upper limit, from 0 to 1.

    Notes
    -----
    Quantiles of beta distributions: Clopper and Pearson 1934, "The use of confidence or fiducial limits illustrated in
    the case of the binomial", Biometrika 26.

    Examples
    --------
    >>> [round(limit, 3) for limit in clopper_pearson(0, 10)]
    [0.0, 0.308]
    """
    from scipy.stats import beta  # imported late: it takes a second to load

    low = float(beta.ppf(0.025, successes, attempts - successes + 1)) if successes else 0.0
    high = float(beta.ppf(0.975, successes + 1, attempts - successes)) if successes < attempts else 1.0
    return low, high


def risk(attack: Rate, control: Rate) -> Risk:
    """Return the privacy risk of an attack, with its 95% interval.

    Parameters
    ----------
    attack, control : Rate
        Success rates on people in the data and on people who are not.

    Returns
    -------
    Risk
        (attack - control) / (1 - control), at most 1. If the control always succeeds, nobody was safe before and the
        risk is 0.

    Notes
    -----
    Giomi, Boenisch, Wehmeyer and Tasnadi 2023, "A Unified Framework for Quantifying Privacy Risk in Synthetic Data".
    The interval combines those of the two independent rates: Newcombe 1998, "Interval estimation for the difference
    between independent proportions", Statistics in Medicine 17.

    Examples
    --------
    >>> round(risk(rate(0.6, 1000), rate(0.2, 1000)).risk, 3)
    0.5
    """
    safe = 1 - control.share
    if safe <= 0:
        return Risk(attack, control, 0.0, 0.0, 0.0)
    value = (attack.share - control.share) / safe
    slope = (1 - attack.share) / safe**2  # decrease of the risk per increase of the control rate
    below = math.hypot((attack.share - attack.low) / safe, slope * (control.high - control.share))
    above = math.hypot((attack.high - attack.share) / safe, slope * (control.share - control.low))
    return Risk(attack, control, value, value - below, min(1.0, value + above))
