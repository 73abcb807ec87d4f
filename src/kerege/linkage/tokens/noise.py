"""What is told of the counts: noise first, so that no number proves that somebody is on a list.

Rounding at random did: of 20 and 21 only the latter becomes 25 at times. Two-sided geometric noise (Ghosh, Roughgarden
and Sundararajan 2012) makes every number possible for every count, and one person more on a list no number more than
e^epsilon times as likely. All that comes after it, zero instead of a negative count too, uses nothing but noisy counts.
"""

from __future__ import annotations

import hmac
import math

import numpy as np
from numpy.typing import NDArray

# somebody more on a list moves from one capture history to another: two counts change by one
MOVED = 2
# histories of one list, of two, and of three and more keep their noisy sums: negative counts that became zero would
# add up over many empty histories
TOGETHER = 3


def drawn(secret: bytes, about: str, what: str, epsilon: float) -> int:
    """Two-sided geometric noise from a secret: the same for the same question, and nobody can foresee it.

    From 56 bits each: beyond 77 spreads nothing is drawn, once in 10^17 times.
    """
    bits = hmac.digest(secret, f"{about}\0{what}".encode(), "sha256")
    up, down = (_geometric(int.from_bytes(part, "big"), epsilon) for part in (bits[:7], bits[7:14]))
    return up - down


def _geometric(bits: int, epsilon: float) -> int:
    return math.floor(-math.log((bits + 0.5) / float(1 << 56)) * MOVED / epsilon)


def likely(epsilon: float) -> int:
    """The noise is at most so much, 19 times of 20."""
    rate = math.exp(-epsilon / MOVED)
    most = 0
    while 2 * rate ** (most + 1) / (1 + rate) > 0.05:
        most += 1
    return most


def told(names: list[str], counts: NDArray[np.int64], epsilon: float, secret: bytes, about: str) -> NDArray[np.int64]:
    """(2^lists - 1,) noisy counts of the capture histories, none negative."""
    histories = np.arange(1, len(counts) + 1)
    on = [",".join(sorted(name for place, name in enumerate(names) if history >> place & 1)) for history in histories]
    noise = [drawn(secret, about, f"history {each}", epsilon) for each in on]
    noisy: NDArray[np.int64] = counts + np.array(noise, np.int64)
    group = np.minimum(np.bitwise_count(histories), TOGETHER)
    found = np.zeros_like(noisy)
    for number in range(1, TOGETHER + 1):
        found[group == number] = none_negative(noisy[group == number])
    return found


def none_negative(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The nearest counts that have the same sum, or zeros, and are not negative."""
    total = int(counts.sum())
    if total <= 0:
        return np.zeros_like(counts)
    falling = np.sort(counts)[::-1]
    over = (np.cumsum(falling) - total) / np.arange(1, len(counts) + 1)
    less = np.maximum(counts - over[np.nonzero(falling > over)[0][-1]], 0.0)
    found: NDArray[np.int64] = np.floor(less + 1e-9).astype(np.int64)
    missing = total - int(found.sum())
    found[np.argsort(found - less, kind="stable")[:missing]] += 1
    return found
