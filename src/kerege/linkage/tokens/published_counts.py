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

# sensitivity for two lists: one more person on a list changes two counts by one. With more lists a person can move more
# counts (`most_moved`), and the study charges for them (`study_loss`)
COUNT_SENSITIVITY = 2
# sensitivity of the expected missed and false links together, in the worst case (most persons change neither)
RATE_SENSITIVITY = 3
# sensitivity of the numbers of known pairs that are linked and missed, together
KNOWN_SENSITIVITY = 2
# sensitivity of the number of pairs of namesakes, of which nobody is in two
NAMESAKE_SENSITIVITY = 1


def draw_noise(secret: bytes, question: str, epsilon: float) -> int:
    """Return two-sided geometric noise derived from a secret, the same for the same question.

    Parameters
    ----------
    secret : bytes
        Random bytes that nobody learns.
    question : str
        The count to be protected. Another question gives independent noise.
    epsilon : float
        Privacy loss of one person, above 0.

    Returns
    -------
    int
        Noise, in people: P(z) is proportional to exp(-epsilon |z| / 2), because one person changes two counts.

    Notes
    -----
    Ghosh, Roughgarden and Sundararajan 2012, "Universally utility-maximizing privacy mechanisms", SIAM Journal on
    Computing 41. Each side uses 56 bits: noise beyond 79 / epsilon, with a probability of about 10^-17, cannot occur.

    Examples
    --------
    >>> draw_noise(b"secret", "history police", 1.0) == draw_noise(b"secret", "history police", 1.0)
    True
    """
    bits = hmac.digest(secret, question.encode(), "sha256")
    up, down = (_draw_geometric(int.from_bytes(part, "big"), epsilon) for part in (bits[:7], bits[7:14]))
    return up - down


def _draw_geometric(bits: int, epsilon: float) -> int:
    return math.floor(-math.log((bits + 0.5) / float(1 << 56)) * COUNT_SENSITIVITY / epsilon)


def noise_bound(epsilon: float, left_out: int = 0) -> int:
    """Return the 95% bound of the noise of a count.

    Parameters
    ----------
    epsilon : float
        Privacy loss of one person, above 0.
    left_out : int
        Number of lists of the study that are left out; the counts are then sums of 2^left_out noisy counts.

    Returns
    -------
    int
        The smallest b, in people, with P(|noise| > b) <= 0.05.

    Notes
    -----
    For one count, P(|z| > b) = 2 r^(b + 1) / (1 + r) with r = exp(-epsilon / 2). For a sum, 1.96 standard deviations.

    Examples
    --------
    >>> noise_bound(1.0), noise_bound(1.0, left_out=1)
    (6, 8)
    """
    if left_out:
        return math.ceil(1.96 * deviation(epsilon, left_out))
    rate = math.exp(-epsilon / COUNT_SENSITIVITY)
    bound = 0
    while 2 * rate ** (bound + 1) / (1 + rate) > 0.05:
        bound += 1
    return bound


def deviation(epsilon: float, left_out: int = 0) -> float:
    """Return the standard deviation of the noise of a count.

    Parameters
    ----------
    epsilon : float
        Privacy loss of one person, above 0.
    left_out : int
        Number of lists of the study that are left out; the counts are then sums of 2^left_out noisy counts.

    Returns
    -------
    float
        Standard deviation, in persons.

    Notes
    -----
    sqrt(2 r) / (1 - r) with r = exp(-epsilon / 2), times sqrt(2^left_out): Ghosh, Roughgarden and Sundararajan 2012,
    "Universally utility-maximizing privacy mechanisms", SIAM Journal on Computing 41.

    Examples
    --------
    >>> round(deviation(1.0), 2)
    2.8
    """
    return geometric_noise.deviation(math.exp(-epsilon / COUNT_SENSITIVITY)) * math.sqrt(1 << left_out)


def most_moved(lists: int) -> int:
    """Return by how much one person moves all counts of a study.

    Parameters
    ----------
    lists : int
        Number of lists, 2 or more.

    Returns
    -------
    int
        Sum of the absolute changes of the counts: 2 for two lists, 6 for three, and twice as many for each more.

    Notes
    -----
    For fixed weights of the links. The lists are matched one after the other (`match_lists`), and each cluster that is
    new or gone changes the next matching along one path: at most 2^(t - 2) clusters before the last of t lists, and
    three counts for each.

    Examples
    --------
    >>> most_moved(2), most_moved(3), most_moved(4)
    (2, 6, 12)
    """
    return COUNT_SENSITIVITY if lists == 2 else 3 << (lists - 2)


def study_loss(epsilon: float | None, lists: int) -> float:
    """Return the privacy loss that a study charges to each person of a list.

    Parameters
    ----------
    epsilon : float, optional
        Epsilon of the study; None for exact counts.
    lists : int
        Number of lists, 2 or more.

    Returns
    -------
    float
        Epsilon for every two persons by which the counts can move (`most_moved`), and once more for the error rates.
        Infinity for exact counts.

    Notes
    -----
    Group privacy and sequential composition: Dwork and Roth 2014, "The algorithmic foundations of differential
    privacy", theorems 2.2 and 3.16.

    Examples
    --------
    >>> study_loss(1.0, lists=2), study_loss(1.0, lists=3)
    (2.0, 4.0)
    """
    return math.inf if epsilon is None else epsilon * (most_moved(lists) / COUNT_SENSITIVITY + 1)


def rate_epsilon(epsilon: float, lists: int, knows_pairs: bool = False, knows_namesakes: bool = False) -> float:
    """Return the epsilon for the noise of one error rate.

    Parameters
    ----------
    epsilon : float
        Privacy loss of one person over all rates of a list.
    lists : int
        Number of lists, 2 or more.
    knows_pairs : bool, default False
        Whether numbers of known pairs are published too; they share the epsilon.
    knows_namesakes : bool, default False
        Whether the number of pairs of namesakes is published too; it shares the epsilon.

    Returns
    -------
    float
        2 epsilon / (3 (lists - 1)): a person on one list can be on all others, so the rates of a list share one
        epsilon. Known pairs make the 3 a 5, and namesakes add one.

    Raises
    ------
    ZeroDivisionError
        If there is one list only.

    Notes
    -----
    Sequential composition: Dwork and Roth 2014, "The algorithmic foundations of differential privacy", theorem 3.16.
    The factor is the ratio of the sensitivities of a count (2) and of a rate (3), known pairs (2) and namesakes (1).

    Examples
    --------
    >>> rate_epsilon(1.5, lists=3)
    0.5
    """
    sensitivity = RATE_SENSITIVITY + KNOWN_SENSITIVITY * knows_pairs + NAMESAKE_SENSITIVITY * knows_namesakes
    return epsilon * COUNT_SENSITIVITY / sensitivity / (lists - 1)


def noisy_counts(names: list[str], counts: NDArray[np.int64], epsilon: float, secret: bytes) -> NDArray[np.int64]:
    """Return noisy counts of the capture histories, none negative.

    Parameters
    ----------
    names : list of str
        Names of the lists; bit i of a history is list i.
    counts : (2^lists - 1,) int64
        People by capture history, from history 1 on.
    epsilon : float
        Privacy loss of one person, above 0.
    secret : bytes
        Random bytes that nobody learns. The same secret gives the same counts.

    Returns
    -------
    (2^lists - 1,) int64
        Noisy counts, in people.

    Notes
    -----
    Ghosh, Roughgarden and Sundararajan 2012, "Universally utility-maximizing privacy mechanisms", SIAM Journal on
    Computing 41. `geometric_noise.of_histories` removes negative counts.

    Examples
    --------
    >>> noisy = noisy_counts(["police", "shelter"], np.array([40, 30, 20]), epsilon=1.0, secret=b"secret")
    >>> noisy.shape, bool(noisy.min() >= 0)
    ((3,), True)
    """
    histories = range(1, len(counts) + 1)
    lists_of_history = [
        ",".join(sorted(name for position, name in enumerate(names) if history >> position & 1))
        for history in histories
    ]
    noise = [draw_noise(secret, f"history {lists}", epsilon) for lists in lists_of_history]
    return geometric_noise.of_histories(counts + np.array(noise, np.int64))
