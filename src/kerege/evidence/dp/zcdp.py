"""Privacy loss in zero-concentrated differential privacy (zCDP): conversion and composition.

Losses of several releases add up in rho. Convert their sum to epsilon at a delta once, at the end. The conversion is
the tightest one known for zCDP alone (Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential
Privacy", Proposition 12): delta = min over a > 1 of exp((a - 1)(a rho - epsilon)) / (a - 1) * (1 - 1/a)^a.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import lru_cache

DELTA = 1e-9  # default delta at which rho is reported as epsilon
VALUES = 3  # default number of values of one row that are counted in a multi-valued column
MOST_DELTA = 1e-4  # with a larger delta the guarantee fails too often to be useful
MOST_RHO = 1e4  # a larger rho protects nobody, and its epsilon has no meaning


def rho_to_epsilon(rho: float, delta: float = DELTA) -> float:
    """Return the smallest epsilon such that rho-zCDP implies (epsilon, delta)-differential privacy.

    Parameters
    ----------
    rho : float
        Privacy loss in zCDP, from 0 to 10,000.
    delta : float, default 1e-9
        Probability with which the guarantee of epsilon may fail, between 0 and 1 (both excluded).

    Returns
    -------
    float
        Epsilon; 0 for a rho of 0.

    Raises
    ------
    ValueError
        If rho or delta is out of range.

    References
    ----------
    .. [1] Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy", Proposition 12.

    Examples
    --------
    >>> round(rho_to_epsilon(0.1, delta=1e-6), 2)
    2.14
    """
    _check_loss(rho, delta)
    if rho == 0:
        return 0.0

    def epsilon_at(log_order: float) -> float:
        """Return epsilon by the Renyi divergence of order a = 1 + exp(log_order)."""
        a_minus_1 = math.exp(log_order)
        log_ratio = math.log1p(a_minus_1) - log_order  # -log(1 - 1/a)
        return (1 + a_minus_1) * rho + (-math.log(delta) - math.log1p(a_minus_1)) / a_minus_1 - log_ratio

    return max(0.0, _minimise(epsilon_at, *_order_range(rho, delta)))


def _minimise(function: Callable[[float], float], low: float, high: float) -> float:
    """Return the minimum of a unimodal function on [low, high] by golden-section search.

    SciPy has the same search, but its import takes half a second.
    """
    ratio = (math.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    value_left, value_right = function(left), function(right)
    while high - low > 1e-9:
        if value_left < value_right:
            high, right, value_right = right, left, value_left
            left = high - ratio * (high - low)
            value_left = function(left)
        else:
            low, left, value_left = left, right, value_right
            right = low + ratio * (high - low)
            value_right = function(right)
    return min(value_left, value_right)


def _order_range(rho: float, delta: float) -> tuple[float, float]:
    """Return a range of log(a - 1) around log(log(1 / delta) / rho) / 2 that holds the best order a."""
    centre = 0.5 * math.log(max(-math.log(delta), 1e-3) / rho)
    return centre - 8, centre + 8


@lru_cache(maxsize=256)  # a page converts the budgets of the same few years at each request
def epsilon_to_rho(epsilon: float, delta: float = DELTA) -> float:
    """Return the largest rho, rounded down, whose zCDP implies (epsilon, delta)-differential privacy.

    Parameters
    ----------
    epsilon : float
        Above 0. Values above 20,000 lead to a rho above 10,000 and raise ValueError.
    delta : float, default 1e-9
        Between 0 and 1 (both excluded).

    Returns
    -------
    float
        Rho. `rho_to_epsilon` of it is at most `epsilon`.

    Raises
    ------
    ValueError
        If epsilon or delta is out of range.

    References
    ----------
    .. [1] Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy", Proposition 12.

    Examples
    --------
    >>> round(epsilon_to_rho(1.0, delta=1e-9), 4)
    0.015
    """
    if not (math.isfinite(epsilon) and epsilon > 0):
        raise ValueError("epsilon is a number above 0")
    _check_loss(0.0, delta)
    return _find_largest_allowed(lambda rho: rho_to_epsilon(rho, delta) <= epsilon, epsilon)


def _find_largest_allowed(is_allowed: Callable[[float], bool], upper: float) -> float:
    """Return the largest allowed value in [0, upper] by bisection; all smaller values are allowed too."""
    low, high = 0.0, upper
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if is_allowed(middle):
            low = middle
        else:
            high = middle
    return low


def compose(losses: Iterable[float]) -> float:
    """Return the total privacy loss (rho, zCDP) of several publications about the same people.

    Parameters
    ----------
    losses : iterable of float
        The rho of each publication, from 0 to 10,000.

    Returns
    -------
    float
        Rho of all publications together.

    Raises
    ------
    ValueError
        If a loss is out of range.

    Notes
    -----
    Sequential composition: the losses add up. Declared cohorts that share no person compose in parallel; the ledger
    does that calculation.

    References
    ----------
    .. [1] Bun and Steinke 2016, "Concentrated Differential Privacy: Simplifications, Extensions, and Lower Bounds",
       Lemma 2.3.

    Examples
    --------
    >>> compose([0.05, 0.1])
    0.15000000000000002
    """
    rhos = list(losses)
    for rho in rhos:
        _check_loss(rho, DELTA)
    return math.fsum(rhos)


def _check_loss(rho: float, delta: float) -> None:
    """Raise ValueError if rho is not from 0 to 10,000, or delta is not between 0 and 1."""
    if not 0 <= rho <= MOST_RHO:
        raise ValueError(f"rho is a number from 0 to {MOST_RHO:g}")
    if not 0 < delta < 1:
        raise ValueError("delta is a number between 0 and 1")
