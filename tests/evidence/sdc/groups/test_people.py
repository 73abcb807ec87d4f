"""Groups of rows about too few people: rows enough, but of few people or mostly of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import tabulate
from kerege.evidence.data.person_numbers import NUMBERS, PERSON_NUMBERS
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.groups.conditions import Variable
from kerege.evidence.sdc.groups.counts import group_counts
from kerege.evidence.sdc.groups.people import GroupPeople, people_of
from kerege.evidence.sdc.groups.registers import true_register
from tests.evidence.made_sheets import Source
from tests.evidence.sdc.groups.small_registers import fulfils, variables_of

COLUMNS = ("service", "means")
Row = tuple[str, frozenset[str], tuple[int, ...]]  # a service, the values of its person, and the people themselves
ROWS = st.lists(
    st.tuples(
        st.sampled_from("xyz"),
        st.frozensets(st.sampled_from("ab")),
        st.lists(st.integers(1, 5), max_size=2, unique=True),
    ).map(lambda row: (row[0], row[1], tuple(row[2]))),
    min_size=1,
    max_size=12,
)


def snapshot_of(rows: Sequence[Row], unit: str = "services") -> Snapshot:
    """Return a snapshot of services with the numbers of the people of each row."""
    numbers = pl.Series(PERSON_NUMBERS, [list(people) for *_, people in rows], dtype=NUMBERS)
    values = {"service": [row[0] for row in rows], "means": [sorted(row[1]) for row in rows]}
    frame = pl.DataFrame(values, schema={"service": pl.String, "means": pl.List(pl.String)})
    return Snapshot(frame.with_columns(numbers), unit, "", True, "", frozenset({"means"}))


def builder_of(snapshot: Snapshot) -> tuple[JointBuilder, list[Variable]]:
    """Return the system of one table by both columns, with its variables."""
    builder = JointBuilder(snapshot, [tabulate(snapshot, COLUMNS)])
    builder.build()
    return builder, variables_of(builder)


@settings(max_examples=10, deadline=None)
@given(ROWS, st.integers(1, 4))
def test_groups_of_rows_of_too_few_people_are_those_of_a_count_row_by_row(rows: list[Row], threshold: int) -> None:
    """A group with rows of fewer people than the threshold, or one person in more than half of its rows."""
    snapshot = snapshot_of(rows)
    builder, chosen = builder_of(snapshot)
    people = people_of(snapshot)
    assert people is not None
    counts = group_counts(true_register(builder), builder.families, chosen)
    few = people.few(builder, chosen, counts, threshold)
    for place in np.ndindex(*counts.shape):
        conditions = [variable.conditions[n] for variable, n in zip(chosen, place, strict=True)]
        inside = [number for number, row in enumerate(rows) if all(fulfils(COLUMNS, row[:2], c) for c in conditions)]
        by_person = Counter(p for number in inside for p in rows[number][2] or (-1 - number,))
        is_few = len(by_person) < threshold or max(by_person.values(), default=0) * 2 > len(inside)
        assert few[place] == (len(inside) >= threshold and is_few), conditions


@pytest.mark.parametrize(
    ("numbers", "threshold", "expected"),
    [
        ([1, 2] * 6 + [1], 10, True),  # 13 services of 2 people
        ([*range(10)], 10, False),  # 10 services of 10 people
        ([*range(9), 0], 10, True),  # 10 services of 9 people
        ([0] * 10 + [*range(1, 11)], 10, False),  # one person has half of the rows
        ([0] * 11 + [*range(1, 11)], 10, True),  # one person has more than half
        ([1, 2] * 4, 10, False),  # 8 rows are below the threshold already
        ([1, 1], 1, True),  # at threshold 1 one person dominates all the same
    ],
)
def test_both_rules_at_their_limits(numbers: list[int], threshold: int, expected: bool) -> None:
    """All rows are one group; a further service keeps the group from being everybody."""
    rows: list[Row] = [("x", frozenset(), (number,)) for number in numbers]
    others: list[Row] = [("y", frozenset(), (1000 + number,)) for number in range(40)]
    snapshot = snapshot_of([*rows, *others])
    builder, chosen = builder_of(snapshot)
    (service,) = (variable for variable in chosen if variable.family is not None)
    counts = group_counts(true_register(builder), builder.families, [service])
    people = people_of(snapshot)
    assert people is not None
    few = people.few(builder, [service], counts, threshold)
    place = next(n for n, c in enumerate(service.conditions) if c.codes[0][1] == "x" and not c.is_complement)
    assert bool(few[place]) is expected
    assert not few[[n for n in range(len(few)) if n != place]].any()  # 40 services of 40 people


def test_a_row_of_several_people_counts_for_each_of_them() -> None:
    people = GroupPeople(pl.Series(PERSON_NUMBERS, [[7, 8], [7], []], dtype=NUMBERS))
    assert people.rows.tolist() == [0, 0, 1, 2]
    assert (people.people[0] == people.people[2], len(set(people.people.tolist()))) == (True, 3)
    assert people.most == 2


def test_no_rows_have_no_people() -> None:
    assert GroupPeople(pl.Series(PERSON_NUMBERS, [], dtype=NUMBERS)).most == 0


def test_only_rows_that_are_no_people_have_people_of_their_own() -> None:
    rows: list[Row] = [("x", frozenset(), (1,))]
    assert people_of(snapshot_of(rows)) is not None
    assert people_of(snapshot_of(rows, "victims")) is None
    assert people_of(Source(snapshot_of(rows).frame)) is None
