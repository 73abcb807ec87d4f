"""People who exchange values: the ends are those of every way to give out the values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, combinations_with_replacement, product

import numpy as np
import pytest

from kerege.evidence.sdc.groups.value_exchange import exchange_ends

VALUES = "uvwz"
SETS = [frozenset(chosen) for size in range(1, 5) for chosen in combinations(VALUES, size)]


def conditions(order: int) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Yield the values that people have and those that they lack."""
    for chosen in combinations(VALUES, order):
        for signs in product((False, True), repeat=order):
            pairs = list(zip(chosen, signs, strict=True))
            yield [v for v, is_lacking in pairs if not is_lacking], [v for v, is_lacking in pairs if is_lacking]


@pytest.mark.parametrize(("order", "people"), [(2, 4), (3, 4), (3, 5)])
def test_both_ends_are_those_of_every_way_to_give_out_the_values(order: int, people: int) -> None:
    """Every register of so many people with at least one of four values each is counted."""
    asked = list(conditions(order))
    meets = np.array(
        [[set(having) <= values and not values & {*lacking} for having, lacking in asked] for values in SETS]
    )
    holds = np.array([[value in values for value in VALUES] for values in SETS])
    registers = np.array(list(combinations_with_replacement(range(len(SETS)), people)))
    counts, holders = meets[registers].sum(axis=1), holds[registers].sum(axis=1)
    kinds, number = np.unique(holders, axis=0, return_inverse=True)
    for kind, by_value in enumerate(kinds):
        counted = counts[number.ravel() == kind]
        people_with = dict(zip(VALUES, by_value, strict=True))
        for place, (having, lacking) in enumerate(asked):
            having_people, lacking_people = (
                np.array([people_with[value] for value in of], dtype=int).reshape(-1, 1, 1) for of in (having, lacking)
            )
            speaking, everything = np.array([people]), np.array([by_value.sum()])
            least, most = exchange_ends(having_people, lacking_people, speaking, everything)
            expected = counted[:, place].min(), counted[:, place].max()
            assert (least.item(), most.item()) == expected, (people_with, having, lacking)
    assert len(kinds) > 100
