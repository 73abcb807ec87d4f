"""Known-list check: how many people of each list the other lists would have led one to expect."""

from __future__ import annotations

import math
from typing import NamedTuple

from kerege.evidence.mse.lists import BadLists, Lists
from kerege.evidence.mse.loglinear.stepwise_selection import select_stepwise

LEAST_LISTS = 4  # the other lists are three or more


class KnownList(NamedTuple):
    """A list of known size.

    estimated: its people as the stepwise model estimates them from the other lists; inf or NaN without an estimate.
    known: its people.
    """

    name: str
    estimated: float
    known: int

    @property
    def error(self) -> float:
        """Absolute logarithm of estimated over known; NaN without an estimate."""
        return abs(math.log(self.estimated / self.known)) if 0 < self.estimated < math.inf else math.nan


def check_known_lists(lists: Lists) -> list[KnownList]:
    """Return the size of each list as estimated from the other lists, beside the true size.

    Parameters
    ----------
    lists : Lists
        Any number of lists. With fewer than four there is no check.

    Returns
    -------
    list of KnownList
        One for each list whose people are on three other lists or more.

    References
    ----------
    .. [1] Binette and Steorts 2022, "On the reliability of multiple systems estimation for the quantification of modern
       slavery", Journal of the Royal Statistical Society A 185.

    Examples
    --------
    >>> histories = [1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15]  # killings in Kosovo, Ball and others 2002
    >>> counts = [1131, 845, 936, 306, 177, 228, 106, 217, 31, 123, 181, 18, 42, 32, 27]
    >>> [(known.name, round(known.estimated), known.known) for known in check_known_lists(Lists(histories, counts))]
    [('A', 1054, 1910), ('B', 894, 1528), ('C', 1123, 1786), ('D', 606, 685)]
    """
    if lists.number < LEAST_LISTS:
        return []
    checks = (_check_list(lists, place) for place in range(lists.number))
    return [check for check in checks if check is not None]


def _check_list(lists: Lists, place: int) -> KnownList | None:
    """Return the check of one list; None if its people are on too few other lists."""
    bit = 1 << place
    below = bit - 1
    chosen = (lists.histories & bit) > 0
    others = lists.histories[chosen] & ~bit
    histories = (others & below) | (others & ~below) >> 1  # without the place of the list
    seen = histories > 0
    names = [name for name in lists.names if name != lists.names[place]]
    try:
        estimated = select_stepwise(Lists(histories[seen], lists.counts[chosen][seen], names)).estimate
    except BadLists:  # nobody of this list is on one of the others
        return None
    return KnownList(lists.names[place], estimated, lists.on(place))


def worst_known_list(checks: list[KnownList]) -> KnownList | None:
    """Return the check whose estimate is farthest from the known size; None if none has an estimate."""
    estimated = [check for check in checks if not math.isnan(check.error)]
    return max(estimated, key=lambda check: check.error) if estimated else None
