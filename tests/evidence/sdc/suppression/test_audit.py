"""The audit of protected tables: its intervals and its unsafe cells are those of an enumeration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import NOISED, PERTURBED, SUPPRESSED, Table
from kerege.evidence.counting.people_counts import PeopleCounts
from kerege.evidence.sdc.linear.linear_system import Knowledge, blocks, rules_of
from kerege.evidence.sdc.suppression.audit import Audit, Search, audit, audit_knowledge
from kerege.evidence.sdc.suppression.problem import problem_of
from tests.evidence import made
from tests.evidence.sdc.suppression.enumeration import consistent, unsafe_cells

THRESHOLD = 3
INNER = st.lists(st.integers(0, 3), min_size=4, max_size=4)
HIDDEN = st.sets(st.integers(1, 8), max_size=8)  # cells but the grand total


def table_of(inner: list[int], hidden: set[int]) -> Table:
    """Return a table of two by two codes with some suppressed cells."""
    table = made.table([inner[:2], inner[2:]])
    table.status.flat[sorted(hidden)] = SUPPRESSED
    return table


def view_of(table: Table, least: int = 1) -> Knowledge:
    """Return what an intruder knows of a table with suppressed cells."""
    problem = replace(problem_of(made.table(table.counts[1:, 1:]), THRESHOLD), least=least)
    return problem.known(table.status.ravel() == SUPPRESSED)


@settings(max_examples=25, deadline=None)
@given(INNER, HIDDEN)
def test_intervals_and_unsafe_cells_are_those_of_an_enumeration(inner: list[int], hidden: set[int]) -> None:
    table = table_of(inner, hidden)
    counts, mask = table.counts.ravel(), table.status.ravel() == SUPPRESSED
    least = 0 if (counts[mask] == 0).any() else 1  # a suppressed zero is stated for all suppressed cells
    tables = consistent(counts, mask, least)
    result = audit(table, THRESHOLD)
    assert result.lower.tolist() == tables.min(axis=0).tolist()
    assert result.upper.tolist() == tables.max(axis=0).tolist()
    assert result.unsafe.tolist() == unsafe_cells(counts, mask, THRESHOLD, least)
    assert result.safe == (len(result.unsafe) == 0)


@settings(max_examples=15, deadline=None)
@given(INNER, HIDDEN)
def test_a_quick_audit_passes_no_unsafe_cell_and_claims_no_wider_interval(inner: list[int], hidden: set[int]) -> None:
    table = table_of(inner, hidden)
    counts, mask = table.counts.ravel(), table.status.ravel() == SUPPRESSED
    assume(counts[mask].all())
    tables = consistent(counts, mask)
    quick = audit_knowledge(view_of(table), THRESHOLD, quick=True)
    assert (quick.lower >= tables.min(axis=0)).all()
    assert (quick.upper <= tables.max(axis=0)).all()
    unsafe = [cell for cell in unsafe_cells(counts, mask, THRESHOLD) if mask[cell]]
    assert set(quick.unsafe.tolist()) >= set(unsafe)
    exact = audit_knowledge(view_of(table), THRESHOLD, start=quick)
    assert exact.unsafe.tolist() == unsafe


def test_witnesses_of_an_earlier_audit_are_kept() -> None:
    """A square of [[2, 2], [2, 2]] moves from 1 to 3: a start with these ends is safe without a search."""
    table = table_of([2, 2, 2, 2], {4, 5, 7, 8})
    start = Audit(table.counts.ravel().copy(), table.counts.ravel().copy(), np.zeros(0, np.int64))
    start.lower[[4, 5, 7, 8]], start.upper[[4, 5, 7, 8]] = 1, 3
    result = audit_knowledge(view_of(table), THRESHOLD, quick=True, start=start)
    assert result.safe
    assert result.lower.tolist() == start.lower.tolist()
    assert result.upper.tolist() == start.upper.tolist()
    assert start.unsafe.tolist() == []


@pytest.mark.parametrize(("count", "is_safe"), [(0, True), (1, False), (2, False), (3, True)])
def test_a_published_count_from_1_to_below_the_threshold_is_unsafe(count: int, is_safe: bool) -> None:
    result = audit(made.table([count, 9]), THRESHOLD)
    assert result.safe is is_safe
    assert result.unsafe.tolist() == ([] if is_safe else [1])


def test_one_suppressed_cell_follows_from_its_total() -> None:
    table = made.table([2, 9])
    table.status[1] = SUPPRESSED
    result = audit(table, THRESHOLD)
    assert (result.lower.tolist(), result.upper.tolist(), result.unsafe.tolist()) == ([11, 2, 9], [11, 2, 9], [1])


def test_at_threshold_1_every_count_may_be_published() -> None:
    assert audit(made.table([[1, 0], [2, 1]]), 1).safe


def test_an_empty_table_is_safe() -> None:
    result = audit(made.table([[0, 0], [0, 0]]), THRESHOLD)
    assert result.safe
    assert result.upper.tolist() == [0] * 9


def test_a_suppressed_cell_that_is_certainly_0_is_safe() -> None:
    """The total of its row is published as 0."""
    table = table_of([0, 0, 5, 4], {4, 5})
    result = audit(table, THRESHOLD)
    assert result.upper[[4, 5]].tolist() == [0, 0]
    assert result.safe


@pytest.mark.parametrize("people", [2, 3])
def test_a_count_of_rows_of_too_few_people_needs_a_wide_interval(people: int) -> None:
    """6 rows of 2 people, suppressed, but known exactly by the total: unsafe at any size."""
    table = made.table([6, 9])
    table.status[1] = SUPPRESSED
    counted = PeopleCounts(np.array([20, people, 18]), np.array([1, 1, 1]))
    result = audit(replace(table, people=counted), THRESHOLD)
    assert result.unsafe.tolist() == ([1] if people < THRESHOLD else [])


def test_rounded_figures_are_known_within_their_half_width() -> None:
    """12 and 31 rounded to tens: 5 to 15 and 25 to 35; the exact total of 43 leaves 8 to 15 and 28 to 35."""
    table = made.table([12, 31])
    table.status[1:] = PERTURBED
    shown = replace(
        table, counts=np.array([43, 10, 30]), truth=table.counts, params={"half_width": 5, "rounded_to": 10}
    )
    result = audit(shown, 10)
    assert (result.lower.tolist(), result.upper.tolist()) == ([43, 8, 28], [43, 15, 35])
    assert result.unsafe.tolist() == [1]  # 8 sizes, and the threshold is 10
    assert audit(shown, 8).safe


@pytest.mark.parametrize(("status", "params"), [(NOISED, {"half_width": 5}), (PERTURBED, {})])
def test_a_table_with_noise_is_refused(status: int, params: dict[str, int]) -> None:
    table = made.table([12, 31])
    table.status[1] = status
    with pytest.raises(ValueError, match="a table with noise has no feasible intervals"):
        audit(replace(table, params=params), THRESHOLD)


def test_a_witness_shows_whether_a_large_cell_can_be_small() -> None:
    """[[4, 2], [2, 2]]: the first cell falls to 3; with the other cells at 3 it falls to 2."""
    for others, can_be_small in (([2, 2, 2], False), ([2, 2, 3], False), ([3, 3, 2], False)):
        table = table_of([4, *others], {4, 5, 7, 8})
        tables = consistent(table.counts.ravel(), table.status.ravel() == SUPPRESSED)
        (block,) = blocks(view_of(table))
        place = block.cells.tolist().index(4)
        assert Search(block, THRESHOLD).can_be_small(place) == (tables[:, 4].min() < THRESHOLD), can_be_small


def test_cells_of_different_sums_are_in_different_blocks() -> None:
    table = made.table([[5, 5, 0, 0], [5, 5, 0, 0], [0, 0, 5, 5], [0, 0, 5, 5]])
    mask = np.zeros((5, 5), dtype=bool)
    mask[1:3, 1:3] = mask[3:5, 3:5] = True
    problem = problem_of(table, THRESHOLD)
    assert [len(block.cells) for block in blocks(problem.known(mask.ravel()))] == [4, 4]
    table.status[mask] = SUPPRESSED
    result = audit(table, THRESHOLD)
    assert result.lower[mask.ravel()].tolist() == [1] * 8
    assert result.upper[mask.ravel()].tolist() == [9] * 8
    assert rules_of(table).matrix.shape[0] == 10
