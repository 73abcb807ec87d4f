"""Privacy loss in zero-concentrated differential privacy (zCDP): what rho means as epsilon at a delta, and back.

Losses of several releases add up in rho; epsilon is what a sum of them means, worked out once at the end. The
conversion is the tightest one known for zCDP alone: delta = min over a > 1 of exp((a - 1)(a rho - epsilon)) / (a - 1)
* (1 - 1/a)^a (Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy", 2020, Proposition 12).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import lru_cache

DELTA = 1e-9  # at which rho is told as epsilon where nobody chose another
MOST_DELTA = 1e-4  # beyond it a promise fails too often to be one
VALUES = 3  # counted of one row in a multi-valued column where no other bound is chosen: the sensitivity follows it
MOST_RHO = 1e4  # beyond it nothing is private and the numbers lose their meaning


def rho_to_epsilon(rho: float, delta: float = DELTA) -> float:
    """Return the smallest epsilon such that rho-zCDP implies (epsilon, delta)-differential privacy; 0 for rho 0.

    Raises ValueError for a rho below 0 or above 10,000, and for a delta that is not between 0 and 1.

    Examples
    --------
    >>> round(rho_to_epsilon(0.1, delta=1e-6), 2)
    2.14
    """
    _check(rho, delta)
    if rho == 0:
        return 0.0

    def at(order: float) -> float:
        """Epsilon by the Renyi divergence of order 1 + e^order."""
        less = math.exp(order)  # a - 1
        gained = math.log1p(less) - order  # -log(1 - 1/a)
        return (1 + less) * rho + (-math.log(delta) - math.log1p(less)) / less - gained

    return max(0.0, _least(at, *_orders(rho, delta)))


def _least(at: Callable[[float], float], low: float, high: float) -> float:
    """The least value of a function with one valley, by golden sections; SciPy's takes half a second to load."""
    golden = (math.sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = at(left), at(right)
    while high - low > 1e-9:
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = at(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = at(right)
    return min(at_left, at_right)


def _orders(rho: float, delta: float) -> tuple[float, float]:
    """A range of log(a - 1) that holds the best order: about sqrt(log(1 / delta) / rho)."""
    near = 0.5 * math.log(max(-math.log(delta), 1e-3) / rho)
    return near - 8, near + 8


@lru_cache(maxsize=256)  # a page asks again and again what the budgets of the same few years are
def epsilon_to_rho(epsilon: float, delta: float = DELTA) -> float:
    """Return the largest rho such that rho-zCDP implies (epsilon, delta)-differential privacy, rounded down.

    Raises ValueError for an epsilon that is not above 0 and a delta that is not between 0 and 1.

    Examples
    --------
    >>> round(epsilon_to_rho(1.0, delta=1e-9), 4)
    0.015
    """
    if not (math.isfinite(epsilon) and epsilon > 0):
        raise ValueError("epsilon is a number above 0")
    _check(0.0, delta)
    return _largest(lambda rho: rho_to_epsilon(rho, delta) <= epsilon, epsilon)


def _largest(allowed: Callable[[float], bool], most: float) -> float:
    """The largest value up to `most` that is allowed, from below; whatever is below an allowed value is allowed."""
    low, high = 0.0, most
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if allowed(middle):
            low = middle
        else:
            high = middle
    return low


def compose(losses: Iterable[float]) -> float:
    """Add up the losses (rho, zCDP) of several publications about the same people.

    Raises ValueError for a loss below 0 or above 10,000. What declared cohorts that share nobody cost together, the
    ledger works out.

    Bun and Steinke 2016, "Concentrated Differential Privacy", lemma 2.3.

    Examples
    --------
    >>> compose([0.05, 0.1])
    0.15000000000000002
    """
    every = list(losses)
    for rho in every:
        _check(rho, DELTA)
    return math.fsum(every)


def _check(rho: float, delta: float) -> None:
    if not 0 <= rho <= MOST_RHO:
        raise ValueError(f"rho is a number from 0 to {MOST_RHO:g}")
    if not 0 < delta < 1:
        raise ValueError("delta is a number between 0 and 1")
