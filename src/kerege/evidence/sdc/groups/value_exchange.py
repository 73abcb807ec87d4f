"""The least and the most people with some values of a multi-valued column when they exchange values.

The people of one class can exchange values as long as each value keeps its number of people and everybody who reports
something keeps a value (see `multi_valued`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerege.evidence.counting.frequency_table import NOT_REPORTED
from kerege.evidence.sdc.constraints.multi_valued import MultiValuedColumn
from kerege.evidence.sdc.constraints.register import Register
from kerege.evidence.sdc.groups.conditions import Condition, Signs
from kerege.evidence.sdc.linear.linear_system import Ints

MANY = np.iinfo(np.int64).max // 4


def exchange_ends(having: Ints, lacking: Ints, speaking: Ints, holders: Ints) -> tuple[Ints, Ints]:
    """Return the least and the most people who have some values and lack others, by condition and class.

    `having` and `lacking` are the people with each of these values (values, conditions, classes), `speaking` those who
    report something (classes,), and `holders` the sum of the people with each value of the column. Both ends are
    attained.
    """
    count, surplus = len(having), holders - speaking
    least = having.sum(axis=0) - lacking.sum(axis=0) - (count - 1) * speaking
    most = np.minimum(having.min(axis=0, initial=MANY), speaking - lacking.max(axis=0, initial=0))
    if count == 0:
        most = np.minimum(most, holders - lacking.sum(axis=0))  # they have another value
    elif count == 1 and len(lacking):
        least = np.maximum(least, having[0] - surplus)  # a person with two values takes one of the surplus
    elif count > 1:
        most = np.minimum(most, surplus // (count - 1))
    return np.maximum(least, 0), most


class ExchangedValues:
    """The people of a register by value and stratum, of whom those of one stratum can exchange values."""

    def __init__(self, column: MultiValuedColumn, register: Register, stratum: Ints, strata: int) -> None:
        has = register.has[column.name]
        people = [
            np.bincount(stratum[has[value]], register.people[has[value]], strata).astype(np.int64)
            for value in column.values
        ]
        self.silent = people[0]
        self.by_value: Ints = np.array(people)  # the first is who reports nothing
        self.place = {value: number for number, value in enumerate(column.values)}
        self.speaking = np.bincount(stratum, register.people, strata).astype(np.int64) - self.silent
        self.holders: Ints = self.by_value[1:].sum(axis=0)

    def ends(self, conditions: Sequence[Condition]) -> tuple[Ints, Ints]:
        """Return the least and the most people (conditions, strata) who meet each condition."""
        least, most = np.zeros((2, len(conditions), len(self.speaking)), dtype=np.int64)
        by_kind: dict[tuple[tuple[bool, ...], bool], list[int]] = {}
        for number, condition in enumerate(conditions):
            signs = tuple(is_lacking for _, is_lacking in condition.values)
            by_kind.setdefault((signs, (NOT_REPORTED, True) in condition.values), []).append(number)
        for (_, is_reported), numbers in by_kind.items():
            least[numbers], most[numbers] = self._ends_of([conditions[n].values for n in numbers], is_reported)
        return least, most

    def _ends_of(self, values: Sequence[Signs], is_reported: bool) -> tuple[Ints, Ints]:
        """Return the ends of conditions with equal signs; `is_reported`: without who reports nothing."""
        having, lacking = (self._people(values, sign) for sign in (False, True))
        least, most = exchange_ends(having, lacking, self.speaking, self.holders)
        silent = 0 if len(having) or is_reported else self.silent
        return least + silent, most + silent

    def _people(self, values: Sequence[Signs], sign: bool) -> Ints:
        """Return the people with the values of one sign (values, conditions, strata)."""
        places = [
            [self.place[value] for value, is_lacking in of if is_lacking is sign and value != NOT_REPORTED]
            for of in values
        ]
        return self.by_value[np.array(places, dtype=np.int64).reshape(len(values), -1).T]
