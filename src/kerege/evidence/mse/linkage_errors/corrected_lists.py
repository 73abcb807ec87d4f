"""Correction of lists for linkage errors, with an own rate of missed links for each list.

`correction` has the error model with one rate for all lists. Here a record of list j fails with its own probability.
"""

from __future__ import annotations

from collections.abc import Mapping

from kerege.evidence.mse.linkage_errors.correction import Corrected, check_rates, correct_with, failure_probability_of
from kerege.evidence.mse.lists import Lists, lists_error

ALL = ""  # key of the rate of missed links of all lists together


def without_errors(lists: Lists, miss: Mapping[str, float], false: float) -> Corrected:
    """Return the lists corrected for linkage errors, in whole people.

    Parameters
    ----------
    lists : Lists
        Lists as they were linked.
    miss : mapping of str to float
        Missed link rates, 0 to 0.9. Under the name of a list: the share of its records that were not linked although
        the person is on another list. Under ALL (''): the share of pairs of records of one person that were not linked,
        1 - (1 - q)^2 if a record fails with probability q.
    false : float
        False link rate, as for `correct_linkage_errors`.

    Returns
    -------
    Corrected
        The table T^-1 n*, rounded to whole people.

    Raises
    ------
    BadLists
        If a list does not exist, a rate is out of range, or such errors cannot have produced these lists.

    References
    ----------
    .. [1] Ding and Fienberg 1994, "Dual system estimation of census undercount in the presence of matching error",
       Survey Methodology 20.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> without_errors(lists, {"A": 0.05}, false=0.0).lists.repeated > lists.repeated
    True
    """
    check_error_rates(lists, miss, false)
    return correct_with(lists, failure_probabilities(lists, miss), false)


def check_error_rates(lists: Lists, miss: Mapping[str, float], false: float) -> None:
    """Raise BadLists if a rate is out of range, or a list does not exist."""
    for name, rate in miss.items():
        if name != ALL and name not in lists.names:
            raise lists_error(f"no list is called {name}", f"choose one of {', '.join(lists.names)}")
        check_rates(rate, false)
    check_rates(0.0, false)


def failure_probabilities(lists: Lists, miss: Mapping[str, float]) -> list[float]:
    """Return the probability of each list that one of its records fails to be linked."""
    common = failure_probability_of(miss.get(ALL, 0.0))
    return [miss.get(name, common) for name in lists.names]
