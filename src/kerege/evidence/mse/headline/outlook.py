"""Outlook: how many more people on the lists it takes until enough of them are on two lists."""

from __future__ import annotations

import math
from typing import NamedTuple

from kerege.evidence.mse.lists import Lists

TAIL = 0.1  # outside each end of an 80% interval
HALVINGS = 60


class Outlook(NamedTuple):
    """Additional people on the lists until enough are on two lists or more, at the present overlap.

    more: additional people; None if nobody is on two lists. low, high: its 80% limits. share: `more` over the present
    people, which is the additional time over the present period.
    """

    more: float | None = None
    low: float | None = None
    high: float | None = None
    share: float | None = None

    def as_dict(self) -> dict[str, float | None]:
        """Return the outlook for JSON."""
        return self._asdict()


def foresee_overlaps(lists: Lists, needed: int) -> Outlook:
    """Return how many more people on the lists it takes until `needed` people are on two lists or more.

    Parameters
    ----------
    lists : Lists
        Lists with fewer people on two lists or more.
    needed : int
        People on two lists or more that are enough.

    Returns
    -------
    Outlook
        Additional people on the lists, in a period that goes on as the present one.

    Notes
    -----
    The number on two lists or more is Poisson with a rate per person on the lists. Its limits are those of Garwood
    1936, "Fiducial limits for the Poisson distribution", Biometrika 28.

    Examples
    --------
    >>> lists = Lists([1, 2, 4, 3, 6], [60, 50, 40, 6, 4])  # 10 of 160 people are on two lists
    >>> outlook = foresee_overlaps(lists, needed=20)
    >>> outlook.more, round(outlook.low), round(outlook.high)
    (160.0, 104, 257)
    """
    repeated, missing = lists.repeated, needed - lists.repeated
    if repeated == 0:
        return Outlook()
    fewest, most = _find_mean(repeated - 1, 1 - TAIL), _find_mean(repeated, TAIL)
    more = lists.people * missing / repeated
    return Outlook(more, lists.people * missing / most, lists.people * missing / fewest, missing / repeated)


def _find_mean(count: int, chance: float) -> float:
    """Return the mean of a Poisson number that is at most `count` with this chance; SciPy loads slowly."""
    low, high = 0.0, 10.0 * (count + 2)
    for _ in range(HALVINGS):
        mean = (low + high) / 2
        at_most = math.exp(-mean) * math.fsum(mean**k / math.factorial(k) for k in range(count + 1))
        low, high = (mean, high) if at_most > chance else (low, mean)
    return (low + high) / 2
