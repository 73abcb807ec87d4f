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

from kerege.base import geometric_noise

# somebody more on a list moves from one capture history to another: two counts change by one
MOVED = 2
# and the persons who are expected to be missed and to be linked wrongly by so many in all, at worst (most move neither)
MOVED_RATES = 3


def drawn(secret: bytes, what: str, epsilon: float) -> int:
    """Two-sided geometric noise from a secret, the same for the same question.

    From 56 bits each: beyond 77 spreads nothing is drawn, once in 10^17 times.
    """
    bits = hmac.digest(secret, what.encode(), "sha256")
    up, down = (_geometric(int.from_bytes(part, "big"), epsilon) for part in (bits[:7], bits[7:14]))
    return up - down


def _geometric(bits: int, epsilon: float) -> int:
    return math.floor(-math.log((bits + 0.5) / float(1 << 56)) * MOVED / epsilon)


def likely(epsilon: float, left_out: int = 0) -> int:
    """The noise of a count is at most so much, 19 times of 20; where lists are left out counts are sums."""
    if left_out:
        return math.ceil(1.96 * deviation(epsilon, left_out))
    rate = math.exp(-epsilon / MOVED)
    most = 0
    while 2 * rate ** (most + 1) / (1 + rate) > 0.05:
        most += 1
    return most


def deviation(epsilon: float, left_out: int = 0) -> float:
    """The standard deviation of the noise of a count, in people; where lists are left out counts are sums."""
    return geometric_noise.deviation(math.exp(-epsilon / MOVED)) * math.sqrt(1 << left_out)


def of_rates(epsilon: float, lists: int) -> float:
    """The epsilon to draw the noise of a rate with: who is on one list may be on all others, and so the rates of a list
    share one."""
    return epsilon * MOVED / MOVED_RATES / (lists - 1)


def told(names: list[str], counts: NDArray[np.int64], epsilon: float, secret: bytes) -> NDArray[np.int64]:
    """(2^lists - 1,) noisy counts of the capture histories, none negative."""
    histories = range(1, len(counts) + 1)
    on = [",".join(sorted(name for place, name in enumerate(names) if history >> place & 1)) for history in histories]
    drawn_ = [drawn(secret, f"history {each}", epsilon) for each in on]
    return geometric_noise.of_histories(counts + np.array(drawn_, np.int64))
