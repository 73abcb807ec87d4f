"""Noise on the published counts: no number proves that a person is on a list.

Random rounding did not achieve this: of 20 and 21, only 21 can become 25. Two-sided geometric noise (Ghosh, Roughgarden
and Sundararajan 2012) makes every number possible for every count. One more person on a list makes no number more than
e^epsilon times as likely. All later steps, such as zero for a negative count, are post-processing of noisy counts.
"""

from __future__ import annotations

import hmac
import math

import numpy as np
from numpy.typing import NDArray

from kerege.base import geometric_noise

# sensitivity: one more person on a list moves a person between two capture histories, so two counts change by one
COUNT_SENSITIVITY = 2
# sensitivity of the expected missed and false links together, in the worst case (most persons change neither)
RATE_SENSITIVITY = 3


def drawn(secret: bytes, question: str, epsilon: float) -> int:
    """Return two-sided geometric noise derived from a secret, the same for the same question.

    Each side uses 56 bits: noise beyond 79 / epsilon, with a probability of about 10^-17, cannot occur.
    """
    bits = hmac.digest(secret, question.encode(), "sha256")
    up, down = (_geometric(int.from_bytes(part, "big"), epsilon) for part in (bits[:7], bits[7:14]))
    return up - down


def _geometric(bits: int, epsilon: float) -> int:
    return math.floor(-math.log((bits + 0.5) / float(1 << 56)) * COUNT_SENSITIVITY / epsilon)


def noise_bound(epsilon: float, left_out: int = 0) -> int:
    """Return the 95% bound of the noise of a count; with lists left out, counts are sums."""
    if left_out:
        return math.ceil(1.96 * deviation(epsilon, left_out))
    rate = math.exp(-epsilon / COUNT_SENSITIVITY)
    bound = 0
    while 2 * rate ** (bound + 1) / (1 + rate) > 0.05:
        bound += 1
    return bound


def deviation(epsilon: float, left_out: int = 0) -> float:
    """Return the standard deviation of the noise of a count, in persons.

    With lists left out, counts are sums of noisy counts.
    """
    return geometric_noise.deviation(math.exp(-epsilon / COUNT_SENSITIVITY)) * math.sqrt(1 << left_out)


def rate_epsilon(epsilon: float, lists: int) -> float:
    """Return the epsilon for the noise of one rate.

    A person on one list can be on all others, so the rates of a list share one epsilon.
    """
    return epsilon * COUNT_SENSITIVITY / RATE_SENSITIVITY / (lists - 1)


def told(names: list[str], counts: NDArray[np.int64], epsilon: float, secret: bytes) -> NDArray[np.int64]:
    """Return (2^lists - 1,) noisy counts of the capture histories, none negative."""
    histories = range(1, len(counts) + 1)
    lists_of_history = [
        ",".join(sorted(name for position, name in enumerate(names) if history >> position & 1))
        for history in histories
    ]
    noise = [drawn(secret, f"history {lists}", epsilon) for lists in lists_of_history]
    return geometric_noise.of_histories(counts + np.array(noise, np.int64))
