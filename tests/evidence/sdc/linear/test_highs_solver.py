"""Programs over a block of cells, compared with all integer points of the block."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kerege.evidence.sdc.linear import highs_solver
from kerege.evidence.sdc.linear.highs_solver import Extremes, feasible
from kerege.evidence.sdc.linear.linear_system import CellBlock, Rules

MOST = 3  # upper bound of each unknown
ROWS = st.lists(st.lists(st.integers(-1, 2), min_size=3, max_size=3), min_size=1, max_size=3)
COST = st.lists(st.integers(-3, 3), min_size=3, max_size=3)


def block(matrix: list[list[int]], low: list[float], high: list[float], truth: list[int]) -> CellBlock:
    """Return a block of three unknowns from 0 to MOST."""
    return CellBlock(
        cells=np.arange(3),
        matrix=sp.csr_matrix(np.array(matrix, dtype=float)),
        low=np.array(low, dtype=float),
        high=np.array(high, dtype=float),
        lower=np.zeros(3),
        upper=np.full(3, float(MOST)),
        truth=np.array(truth),
    )


def points(part: CellBlock) -> list[np.ndarray]:
    """Return all integer points of a block."""
    candidates = map(np.array, product(range(MOST + 1), repeat=3))
    sums = ((point, part.matrix @ point) for point in candidates)
    return [point for point, row in sums if ((row >= part.low) & (row <= part.high)).all()]


@settings(max_examples=10, deadline=None)
@given(ROWS, st.lists(st.integers(0, MOST), min_size=3, max_size=3), COST)
def test_the_bounds_are_the_least_costs_over_reals_and_over_integers(
    rows: list[list[int]], truth: list[int], cost: list[int]
) -> None:
    sums = np.array(rows) @ truth
    part, costs = block(rows, list(sums), list(sums + 1), truth), np.array(cost, dtype=float)
    extremes = Extremes(part)
    value, vertex = extremes.point(costs)
    matrix = np.vstack([part.matrix.toarray(), -part.matrix.toarray()])
    reals = linprog(costs, matrix, np.concatenate([part.high, -part.low]), bounds=[(0, MOST)] * 3)
    assert value == pytest.approx(reals.fun, abs=1e-6)
    assert costs @ vertex == pytest.approx(value, abs=1e-6)
    bound, point = extremes.integer_bound(costs)
    least = min(float(costs @ candidate) for candidate in points(part))
    assert np.ceil(bound - 1e-6) == least
    assert extremes.as_integers(point) is not None
    assert costs @ np.rint(point) == pytest.approx(least)


@settings(max_examples=10, deadline=None)
@given(ROWS, st.lists(st.integers(0, MOST), min_size=3, max_size=3), st.lists(COST, min_size=2, max_size=2))
def test_only_the_first_people_of_each_unknown_reduce_a_capped_cost(
    rows: list[list[int]], truth: list[int], costs: list[list[int]]
) -> None:
    sums = np.array(rows) @ truth
    part, most = block(rows, list(sums), list(sums + 1), truth), 1.0
    extremes = Extremes(part)
    for cost in (np.array(cost, dtype=float) for cost in costs):
        point = extremes.capped_point(cost, most)
        matrix = part.matrix.toarray()
        assert (matrix @ point >= part.low - 1e-6).all()
        assert (matrix @ point <= part.high + 1e-6).all()
        assert ((point >= -1e-6) & (point <= MOST + 1e-6)).all()
        # each unknown has a cost of its own: at least cost * people, and of a negative cost at least that of the cap
        none, identity = np.zeros((len(rows), 3)), np.eye(3)
        above = np.block([[matrix, none], [-matrix, none], [np.diag(cost), -identity]])
        limits = np.concatenate([part.high, -part.low, np.zeros(3)])
        own = [(value * most if value < 0 else None, None) for value in cost]
        least = linprog([0, 0, 0, 1, 1, 1], above, limits, bounds=[(0, MOST)] * 3 + own)
        capped = np.where(cost < 0, np.minimum(point, most), point)
        assert cost @ capped == pytest.approx(least.fun, abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(ROWS, st.lists(st.integers(-4, 9), min_size=3, max_size=3))
def test_rules_are_feasible_exactly_if_some_reals_keep_them(rows: list[list[int]], sums: list[int]) -> None:
    matrix, high = np.array(rows, dtype=float), np.array(sums[: len(rows)], dtype=float)
    reals = linprog(np.zeros(3), A_eq=matrix, b_eq=high, bounds=[(0, MOST)] * 3)
    rules = Rules(sp.csr_matrix(matrix), high, high)
    assert feasible(rules, np.zeros(3), np.full(3, float(MOST))) == (reals.status == 0)


def test_rules_without_unknowns_are_feasible() -> None:
    rules = Rules(sp.csr_matrix((0, 0)), np.zeros(0), np.zeros(0))
    assert feasible(rules, np.zeros(0), np.zeros(0))


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ([1.0, 2.0, 3.0], [1, 2, 3]),
        ([1.0 + 1e-9, 2.0, 3.0], [1, 2, 3]),
        ([1.1, 1.9, 3.0], None),  # no integers
        ([1.0, 1.0, 3.0], None),  # sum too small
        ([3.0, 3.0, 3.0], None),  # sum too large
        ([-1.0, 4.0, 3.0], None),  # beyond the bounds
    ],
)
def test_a_point_counts_as_integer_only_if_it_keeps_bounds_and_rules(
    point: list[float], expected: list[int] | None
) -> None:
    extremes = Extremes(block([[1, 1, 1]], [6], [8], [2, 2, 2]))
    integers = extremes.as_integers(np.array(point))
    assert (None if integers is None else integers.tolist()) == expected


def test_a_good_integer_point_keeps_the_rules_even_if_the_true_one_does_not() -> None:
    for truth in ([2, 2, 2], [0, 0, 0]):
        part = block([[2, 2, 1]], [7], [7], truth)
        point = Extremes(part).integer_point(np.array([1.0, 1.0, 1.0]), 5.0)
        assert any(np.array_equal(np.rint(point), candidate) for candidate in points(part))


def test_another_cost_gives_another_vertex_of_the_same_model() -> None:
    extremes = Extremes(block([[1, 1, 1]], [4], [4], [1, 1, 2]))
    ends = [extremes.point(sign * np.array([1.0, 0, 0]))[0] for sign in (1, -1)]
    assert [sign * end for sign, end in zip((1, -1), ends, strict=True)] == [0, 3]
    assert extremes.integer_bound(np.array([0.0, 1.0, 1.0]))[0] == pytest.approx(1)
    assert extremes.point(np.array([0.0, -1.0, 0.0]))[0] == -3


@pytest.mark.parametrize(("rows", "method"), [(3, "simplex"), (4, "ipm")])
def test_only_more_rows_than_unknowns_take_the_interior_point_method(
    monkeypatch: pytest.MonkeyPatch, rows: int, method: str
) -> None:
    monkeypatch.setattr(highs_solver, "MANY_ROWS", 2)
    extremes = Extremes(block([[1, 1, 1]] * rows, [4] * rows, [4] * rows, [1, 1, 2]))
    assert extremes._lp.getOptionValue("solver")[1] == method
    assert extremes.point(np.array([1.0, 2.0, 3.0]))[0] == pytest.approx(5.0)


def test_a_distant_cost_has_the_same_least_value_and_leaves_the_primal_method() -> None:
    part = block([[1, 1, 1]], [4], [4], [1, 1, 2])
    extremes, cost = Extremes(part), np.array([3.0, -2.0, 1.0])
    value, point = extremes.distant_point(cost)
    assert value == pytest.approx(min(float(cost @ other) for other in points(part)))
    assert value == pytest.approx(float(cost @ point))
    assert extremes._lp.getOptionValue("simplex_strategy")[1] == highs_solver.PRIMAL
    assert extremes.point(-cost)[0] == pytest.approx(min(float(-cost @ other) for other in points(part)))


def test_contradicting_numbers_are_an_error() -> None:
    extremes = Extremes(block([[1, 1, 1]], [10], [10], [3, 3, 3]))
    with pytest.raises(RuntimeError, match="the published numbers contradict each other"):
        extremes.point(np.array([1.0, 0, 0]))


def test_the_least_cost_over_integers_can_exceed_that_over_reals() -> None:
    part = block([[2, 2, 2]], [3], [4], [1, 1, 0])
    extremes, cost = Extremes(part), np.ones(3)
    assert extremes.point(cost)[0] == pytest.approx(1.5)
    assert np.ceil(extremes.integer_bound(cost)[0] - 1e-6) == 2
