"""A register fits a table exactly when its people, counted one by one, give every figure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.groups.register_fit import TableFit
from kerege.evidence.sdc.groups.registers import true_register
from tests.evidence.sdc.groups.small_registers import Person, builder_of
from tests.evidence.sdc.groups.test_registers import COLUMNS, cells_of, published

PEOPLE = st.lists(
    st.tuples(*[st.sampled_from("xy")] * 3, st.frozensets(st.sampled_from(["debt", "fraud"]))), min_size=2, max_size=8
)


@pytest.mark.parametrize(
    ("by", "column"),
    [
        (("a", "b"), "a"),
        (("a", "b"), "c"),
        (("a", "means"), "a"),
        (("c", "a", "b"), "b"),
        (("c", "a", "b"), "c"),
        ((), "c"),
    ],
)
@settings(max_examples=10, deadline=None)
@given(people=PEOPLE, seed=st.integers(0, 9))
def test_it_fits_where_the_counts_of_its_people_are_the_published_ones(
    by: tuple[str, ...], column: str, people: list[Person], seed: int
) -> None:
    people = [*people, ("x", "x", "x", frozenset({"debt"}))]  # the filter selects one person at least
    builder = builder_of(COLUMNS, people, (by, {}), ((), {"c": ["x"]}))
    truth = true_register(builder)
    assert all(TableFit(view).fits(truth) for view in builder.views)
    family = next(f for f, family in enumerate(builder.families) if column in family.columns)
    order = np.random.default_rng(seed).permutation(len(people))
    changed = replace(truth, coords={**truth.coords, family: truth.coords[family][order]})
    is_equal = cells_of(builder, changed, by) == published(people, by)
    assert TableFit(builder.views[0]).fits(changed) == is_equal
    assert TableFit(builder.views[1]).fits(changed)  # exchanged values of a column leave the number with one of them


def test_a_register_with_one_person_more_does_not_fit() -> None:
    people: list[Person] = [("x", "y", "x", frozenset()), ("y", "y", "x", frozenset({"debt"}))]
    builder = builder_of(COLUMNS, people, (("a",), {}), ((), {"c": ["x"]}))
    truth = true_register(builder)
    more = replace(truth, people=truth.people + np.array([1, 0]))
    assert not TableFit(builder.views[0]).fits(more)
    assert not TableFit(builder.views[1]).fits(more)
