"""Groups across the cliques of a system: their ends are the Frechet bounds within each overlap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.constraints.table_views import DerivedGroup
from tests.evidence.sdc.groups.small_registers import Person, builder_of

COLUMNS = ("a", "b", "c")
PEOPLE = st.lists(st.tuples(*[st.sampled_from("xy")] * 3), min_size=2, max_size=10)


def with_group(people: Sequence[Person], tables: Sequence[Sequence[str]], **codes: str) -> JointBuilder:
    """Return the system of some tables, and the group of the people with some codes."""
    plain = builder_of(COLUMNS, people, *[(by, {}) for by in tables])
    masks = {}
    for number, family in enumerate(plain.families):
        if family.columns[0] in codes:
            masks[number] = family.having(family.columns[0], [codes[family.columns[0]]])
    return JointBuilder(plain.source, plain.tables, [DerivedGroup(masks)])


def ends(builder: JointBuilder) -> tuple[int, int]:
    """Return the smallest and the largest number of people of the group."""
    joint = builder.build()
    return Survey(joint, 3).intervals([joint.cells])[joint.cells]


def frechet(people: Sequence[Person], first: int, second: int, overlap: int | None) -> tuple[int, int]:
    """Return the bounds of those with x in two columns whose tables share another one, or none."""
    low = high = 0
    strata = Counter("" if overlap is None else str(person[overlap]) for person in people)
    for code, size in strata.items():
        inside = [person for person in people if overlap is None or person[overlap] == code]
        left, right = (sum(person[d] == "x" for person in inside) for d in (first, second))
        low, high = low + max(left + right - size, 0), high + min(left, right)
    return low, high


@settings(max_examples=10, deadline=None)
@given(PEOPLE)
def test_two_conditions_across_one_overlap_have_the_frechet_bounds(people: list[Person]) -> None:
    builder = with_group([*people, ("x", "x", "x")], [("a", "b"), ("b", "c")], a="x", c="x")
    assert ends(builder) == frechet([*people, ("x", "x", "x")], 0, 2, 1)


@settings(max_examples=6, deadline=None)
@given(PEOPLE)
def test_tables_without_a_common_column_overlap_in_everybody(people: list[Person]) -> None:
    builder = with_group([*people, ("x", "x", "x")], [("a",), ("c",)], a="x", c="x")
    assert ends(builder) == frechet([*people, ("x", "x", "x")], 0, 2, None)


@settings(max_examples=6, deadline=None)
@given(PEOPLE)
def test_a_condition_on_the_overlap_selects_its_people(people: list[Person]) -> None:
    everybody: list[Person] = [*people, ("x", "x", "x")]
    builder = with_group(everybody, [("a", "b"), ("b", "c")], a="x", b="x", c="x")
    assert ends(builder) == frechet([person for person in everybody if person[1] == "x"], 0, 2, 1)


def test_three_columns_apart_share_what_all_must() -> None:
    """9 of 10 people have a, 8 have b and 9 have c: at least 6 have all three, at most 8."""
    people: list[Person] = [
        ("y" if n == 0 else "x", "y" if n in (1, 2) else "x", "y" if n == 3 else "x") for n in range(10)
    ]
    assert ends(with_group(people, [("a",), ("b",), ("c",)], a="x", b="x", c="x")) == (6, 8)


@pytest.mark.parametrize("codes", [{"a": "x"}, {"a": "x", "b": "y"}])
def test_a_group_within_one_table_is_exact(codes: dict[str, str]) -> None:
    people: list[Person] = [("x", "y", "x"), ("x", "x", "y"), ("y", "y", "y"), ("x", "y", "y")]
    count = sum(all(person[COLUMNS.index(name)] == code for name, code in codes.items()) for person in people)
    assert ends(with_group(people, [("a", "b"), ("b", "c")], **codes)) == (count, count)


@settings(max_examples=6, deadline=None)
@given(PEOPLE)
def test_the_true_people_of_a_group_keep_all_rules(people: list[Person]) -> None:
    everybody: list[Person] = [*people, ("x", "x", "x")]
    joint = with_group(everybody, [("a", "b"), ("b", "c")], a="x", c="x").build()
    sums = joint.rules.matrix @ joint.people
    assert (sums >= joint.rules.low).all()
    assert (sums <= joint.rules.high).all()
    assert joint.truth[joint.cells] == sum(person[0] == person[2] == "x" for person in everybody)
    assert np.asarray(joint.sums[joint.cells] @ joint.people).ravel()[0] == joint.truth[joint.cells]
