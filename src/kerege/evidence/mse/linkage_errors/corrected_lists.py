"""The lists without errors of linkage, where each list has a rate of its own.

`correction` has the model, with one rate for all lists; here a record of list j fails with its own chance.
"""

from __future__ import annotations

from collections.abc import Mapping

from kerege.evidence.mse.linkage_errors.correction import Corrected, chance_of_record, check_rates, undone
from kerege.evidence.mse.lists import Lists, lists_error

ALL = ""  # the rate of missed pairs of all lists together


def without_errors(lists: Lists, miss: Mapping[str, float], false: float) -> Corrected:
    """The table as it would be without errors, in whole people.

    miss: by name of a list, the share of its records that were not recognised though their person is on another list;
    or under ALL the share of pairs of records of one person that were not linked, 1 - (1 - q)^2 for records that fail
    with chance q. false: rate of false links, as in `correction`. Raises BadLists.
    """
    check(lists, miss, false)
    return undone(lists, _chances(lists, miss), false)


def check(lists: Lists, miss: Mapping[str, float], false: float) -> None:
    """Raise BadLists for rates that are none, or of a list that there is not."""
    for name, rate in miss.items():
        if name != ALL and name not in lists.names:
            raise lists_error(f"no list is called {name}", f"choose one of {', '.join(lists.names)}")
        check_rates(rate, false)
    check_rates(0.0, false)


def _chances(lists: Lists, miss: Mapping[str, float]) -> list[float]:
    """Chance that a record of each list is not recognised."""
    of_all = chance_of_record(miss.get(ALL, 0.0))
    return [miss.get(name, of_all) for name in lists.names]
