"""Projection onto the rules of a table, and rounding to integers that keep them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.sdc.linear import projection as module
from kerege.evidence.sdc.linear.linear_system import rules_of
from kerege.evidence.sdc.linear.projection import Projection, apportion_total, whole
from tests.evidence import made

FIGURES = st.lists(st.floats(-2, 6), min_size=4, max_size=4)


def keeps_rules(table: Table, counts: np.ndarray, slack: float = 1e-9) -> bool:
    """Return whether counts keep the rules of a table."""
    rules = rules_of(table)
    sums = rules.matrix @ counts.ravel()
    return bool(((sums >= rules.low - slack) & (sums <= rules.high + slack)).all())


def multi_valued(axis: tuple[str, ...] = ("_T", "a", "b", "_U"), *, single: bool = False) -> Table:
    """Return an empty table by one multi-valued column, and by a single-valued one before it if asked."""
    axes = (("_T", "f", "m"), axis) if single else (axis,)
    shape = tuple(map(len, axes))
    return Table(
        name="t",
        of="victims",
        by=("sex", "means")[-len(axes) :],
        where={},
        axes=axes,
        counts=np.zeros(shape, np.int64),
        status=np.zeros(shape, np.uint8),
        multi=frozenset({"means"}),
    )


def converged(table: Table, figures: np.ndarray) -> np.ndarray:
    """Return the limit of repeated projections of the same figures."""
    project = Projection(table)
    for _ in range(60):
        projected = project(figures)
    return projected


def test_a_table_without_multi_valued_columns_loses_negative_figures_alone() -> None:
    figures = np.array([[-1.0, 2.5], [0.0, -0.1]])
    assert Projection(made.table([[1]]))(figures).tolist() == [[0, 2.5], [0, 0]]


@settings(max_examples=20, deadline=None)
@given(FIGURES)
def test_the_projection_keeps_the_rules_and_is_the_nearest_such_point(figures: list[float]) -> None:
    """For a projection p of f, and any q that keeps the rules, (f - p)(q - p) is not positive."""
    table, start = multi_valued(), np.array(figures)
    projected = converged(table, start)
    assert (projected >= -0.02).all()
    assert keeps_rules(table, projected, slack=0.05)
    for corner in ([0, 0, 0, 0], [5, 5, 5, 0], [5, 5, 0, 0], [5, 0, 0, 5], [5, 0, 5, 0], [5, 2, 3, 2], [9, 9, 9, 0]):
        assert keeps_rules(table, np.array(corner))
        assert (start - projected) @ (np.array(corner) - projected) <= 0.5


def test_figures_that_keep_the_rules_are_their_own_projection() -> None:
    figures = np.array([5.0, 3.0, 3.5, 1.5])
    assert converged(multi_valued(), figures) == pytest.approx(figures, abs=0.01)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 8).map(lambda n: n / 2), min_size=4, max_size=4))
def test_whole_numbers_keep_the_rules_at_the_least_weighted_distance(inner: list[float]) -> None:
    table = made.table([[0, 0], [0, 0]])
    cells = np.array(inner).reshape(2, 2)
    figures_given = np.zeros((3, 3))
    figures_given[1:, 1:], figures_given[0, 1:], figures_given[1:, 0] = cells, cells.sum(axis=0), cells.sum(axis=1)
    figures_given[0, 0] = cells.sum()
    nearest = whole(table, figures_given, np.ones((3, 3)), np.zeros((3, 3), np.int64), np.zeros((3, 3), bool))
    assert keeps_rules(table, nearest)

    def distance(counts: np.ndarray) -> float:
        full = np.zeros((3, 3))
        full[1:, 1:], full[0, 1:], full[1:, 0] = counts, counts.sum(axis=0), counts.sum(axis=1)
        full[0, 0] = counts.sum()
        return float(np.abs(full - figures_given).sum())

    options = product(*[(np.floor(cell), np.ceil(cell)) for cell in cells.ravel()])
    least = min(distance(np.array(option).reshape(2, 2)) for option in options)
    assert np.abs(nearest - figures_given).sum() <= least * 1.02 + 1e-9


def test_no_count_is_below_its_bound_and_fixed_cells_are_empty() -> None:
    table = made.table([3, 3])
    lower, fixed = np.array([2, 2, 0]), np.array([False, False, True])
    counts = whole(table, np.array([2.6, 2.2, 0.4]), np.ones(3), lower, fixed)
    assert counts.tolist() == [3, 3, 0] or counts.tolist() == [2, 2, 0]
    assert keeps_rules(table, counts)


@pytest.mark.parametrize("most", [0, 4000])
def test_large_tables_are_apportioned_and_small_ones_solved(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(module, "MOST_CELLS", most)
    table = made.table([[0, 0], [0, 0]])
    figures_given = np.array([[9.4, 5.2, 4.2], [5.0, 2.6, 2.4], [4.4, 2.6, 1.8]])
    counts = whole(table, figures_given, np.ones((3, 3)), np.zeros((3, 3), np.int64), np.zeros((3, 3), bool))
    assert keeps_rules(table, counts)
    assert np.abs(counts - figures_given).max() <= 1.5


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 9), min_size=9, max_size=9))
def test_an_apportioned_table_keeps_its_total_and_its_sums(figures: list[float]) -> None:
    table = made.table([[0, 0], [0, 0]])
    figures_given = np.array(figures).reshape(3, 3)
    counts = apportion_total(table, figures_given)
    assert keeps_rules(table, counts)
    assert counts[0, 0] == np.rint(figures_given[0, 0])
    assert (counts >= 0).all()


def test_remainders_go_to_the_largest_fractions() -> None:
    """Hamilton's method: 10 seats for 4.7, 3.2 and 2.1 are 5, 3 and 2."""
    counts = apportion_total(made.table([0, 0, 0]), np.array([10.0, 4.7, 3.2, 2.1]))
    assert counts.tolist() == [10, 5, 3, 2]


def test_a_total_without_parts_is_shared_evenly() -> None:
    assert apportion_total(made.table([0, 0]), np.array([4.0, 0.0, 0.0])).tolist() == [4, 2, 2]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 6), min_size=12, max_size=12), st.booleans())
def test_apportioned_values_of_a_multi_valued_column_keep_its_rules(figures: list[float], single: bool) -> None:
    table = multi_valued(single=single)
    figures_given = np.array(figures).reshape(3, 4) if single else np.array(figures[:4])
    counts = apportion_total(table, figures_given)
    assert keeps_rules(table, counts)
    assert (counts >= 0).all()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 6), min_size=9, max_size=9))
def test_apportioned_values_of_two_multi_valued_columns_keep_their_rules(figures: list[float]) -> None:
    axes = (("_T", "a", "b"), ("_T", "p", "_U"))
    table = Table(
        name="t",
        of="victims",
        by=("means", "form"),
        where={},
        axes=axes,
        counts=np.zeros((3, 3), np.int64),
        status=np.zeros((3, 3), np.uint8),
        multi=frozenset({"means", "form"}),
    )
    counts = apportion_total(table, np.array(figures).reshape(3, 3))
    assert keeps_rules(table, counts)


def test_a_table_by_one_multi_valued_column_is_projected_too() -> None:
    """1 person of 0 reports nothing: half a person in both figures is the nearest point, by hand."""
    assert converged(multi_valued(), np.array([0.0, 0.0, 0.0, 1.0])) == pytest.approx([0.5, 0, 0, 0.5], abs=0.02)
    assert converged(multi_valued(), np.array([5.0, 1.0, 1.0, 1.0])) == pytest.approx([4.5, 1.5, 1.5, 1.5], abs=0.02)
