"""Groups whose members share a value, and the unknowns that say how many have another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.sdc.linear.linear_system import rules_of
from kerege.evidence.sdc.suppression.group_disclosure import add_group_unknowns, homogeneous_groups
from tests.evidence import made

ROWS = st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=2), min_size=2, max_size=3)
SENSITIVE = frozenset({"dim1"})


def shared(table: Table, share: float = 1.0) -> set[tuple[str, ...]]:
    """Return the codes of the shared cells."""
    return {table.keys(group.cell) for group in homogeneous_groups(table, SENSITIVE, share)}


@settings(max_examples=30, deadline=None)
@given(ROWS, st.sampled_from([1.0, 0.75]))
def test_a_group_is_a_line_of_which_enough_people_have_one_value(rows: list[list[int]], share: float) -> None:
    table = made.table(rows)
    lines = {"_T": np.sum(rows, axis=0).tolist(), **{f"a{i}": row for i, row in enumerate(rows)}}
    expected = {
        (code, f"b{place}")
        for code, counts in lines.items()
        for place, count in enumerate(counts)
        if count and count >= share * sum(counts)
    }
    assert shared(table, share) == expected


@pytest.mark.parametrize(("share", "is_group"), [(0.5, True), (0.4, True), (0.6, False)])
def test_the_share_is_at_least_one_half(share: float, is_group: bool) -> None:
    assert (("a0", "b0") in shared(made.table([[5, 5], [4, 9]]), share)) == is_group
    assert ("a1", "b0") not in shared(made.table([[5, 5], [4, 9]]), share)


def test_a_group_that_reports_nothing_shares_no_value() -> None:
    assert shared(made.table([[0, 5], [4, 9]], unreported=True)) == set()


def test_a_column_that_is_not_sensitive_has_no_groups() -> None:
    assert homogeneous_groups(made.table([[5, 0], [4, 9]]), frozenset({"dim2"})) == ()


@settings(max_examples=20, deadline=None)
@given(ROWS)
def test_the_unknown_of_a_group_is_the_number_of_members_with_another_value(rows: list[list[int]]) -> None:
    table = made.table(rows)
    groups = homogeneous_groups(table, SENSITIVE, 0.5)
    rules, truth, zeros = add_group_unknowns(table, rules_of(table), groups)
    assert len(truth) == table.counts.size + len(groups)
    for number, group in enumerate(groups):
        assert truth[table.counts.size + number] == table.counts.flat[group.line[0]] - table.counts.flat[group.cell]
    sums = rules.matrix @ truth
    assert (sums >= rules.low).all()
    assert (sums <= rules.high).all()
    for number in range(len(groups)):
        changed = truth.copy()
        changed[table.counts.size + number] += 1
        assert ((rules.matrix @ changed) != sums).sum() == 1
    assert set(zeros.tolist()) == {int(flat) for group in groups for flat in group.line if table.counts.flat[flat] == 0}
