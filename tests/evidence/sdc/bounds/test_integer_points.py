"""Integer points near a vertex: compared with all integer points near it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.bounds import integer_points
from kerege.evidence.sdc.bounds.integer_points import keeps_rules, nearest_integers
from kerege.evidence.sdc.bounds.presolve import ReducedBlock

MOST = 4  # upper bound of each unknown


def block(matrix: list[list[int]], low: list[float], high: list[float]) -> ReducedBlock:
    """Return unknowns from 0 to MOST with these rules."""
    size = len(matrix[0])
    return ReducedBlock(
        columns=np.arange(size),
        matrix=sp.csr_matrix(np.array(matrix, dtype=float)),
        low=np.array(low, dtype=float),
        high=np.array(high, dtype=float),
        lower=np.zeros(size),
        upper=np.full(size, float(MOST)),
        requested=sp.csr_matrix((0, size)),
    )


def cheapest_near(part: ReducedBlock, point: np.ndarray, cost: np.ndarray) -> float | None:
    """Return the smallest cost of an integer point within 1 of the vertex, else within 2, else within 3."""
    for radius in (1, 2, 3):
        low, high = np.floor(point) - radius, np.ceil(point) + radius
        ranges = [range(max(0, int(a)), min(MOST, int(b)) + 1) for a, b in zip(low, high, strict=True)]
        costs = [
            float(cost @ candidate) for candidate in map(np.array, product(*ranges)) if keeps_rules(part, candidate)
        ]
        if costs:
            return min(costs)
    return None


@settings(deadline=None, max_examples=40)
@given(
    rows=st.lists(st.lists(st.integers(1, 2), min_size=3, max_size=3), min_size=1, max_size=3),
    halves=st.lists(st.integers(0, 2 * MOST), min_size=3, max_size=3),
    cost=st.lists(st.integers(-3, 3), min_size=3, max_size=3),
    slack=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_the_best_point_is_the_cheapest_of_all_near_the_vertex(
    rows: list[list[int]], halves: list[int], cost: list[int], slack: float
) -> None:
    point, costs = np.array(halves) / 2, np.array(cost, dtype=float)
    sums = np.array(rows) @ point
    part = block(rows, list(sums - slack), list(sums + slack))
    integers = nearest_integers(part, point, costs, best=True)
    cheapest = cheapest_near(part, point, costs)
    assert (integers is None) == (cheapest is None)
    if integers is not None:
        assert keeps_rules(part, integers)
        assert costs @ integers == pytest.approx(cheapest)


def test_an_odd_cycle_has_no_integer_point() -> None:
    """Three sums of 1 over the pairs of three unknowns hold for halves only."""
    part = block([[1, 1, 0], [0, 1, 1], [1, 0, 1]], [1, 1, 1], [1, 1, 1])
    assert nearest_integers(part, np.full(3, 0.5), np.zeros(3), best=True) is None


def test_only_the_long_search_goes_three_people_away() -> None:
    """The only whole solution of 3 a + 5 b = 15 within the bounds is 0 and 3."""
    part, point = block([[3, 5]], [15], [15]), np.array([3.5, 0.9])
    assert nearest_integers(part, point, np.zeros(2)) is None
    integers = nearest_integers(part, point, np.zeros(2), best=True)
    assert integers is not None
    assert integers.tolist() == [0, 3]


def test_unknowns_far_from_a_fraction_keep_their_value() -> None:
    part = block([[1, 1, 0, 0], [0, 0, 1, 1]], [1, 4], [1, 4])
    integers = nearest_integers(part, np.array([0.5, 0.5, 1.0, 3.0]), np.array([1.0, 0.0, 1.0, -1.0]), best=True)
    assert integers is not None
    assert integers.tolist() == [0, 1, 1, 3]


@pytest.mark.parametrize(("point", "kept"), [([1, 3], True), ([2, 3], False), ([-1, 5], False), ([0, 3], False)])
def test_rules_are_bounds_and_sums(point: list[int], kept: bool) -> None:
    assert keeps_rules(block([[1, 1]], [4], [4]), np.array(point)) is kept


def test_a_total_of_all_unknowns_connects_no_neighbours_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two halves of one short equation become 0 and 1 although a total counts all 40 unknowns."""
    monkeypatch.setattr(integer_points, "MOST_FREE", 20)
    size = 40
    pair = [1, 1] + [0] * (size - 2)
    part = block([pair, [1] * size], [1, size - 1], [1, size - 1])
    integers = nearest_integers(part, np.array([0.5, 0.5] + [1.0] * (size - 2)), np.arange(size), best=True)
    assert integers is not None
    assert integers.tolist() == [1, 0] + [1] * (size - 2)


def test_unknowns_that_are_nearly_all_free_are_left_to_the_integer_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integer_points, "MOST_FREE", 2)
    part = block([[2, 2, 2]], [4], [4])
    assert nearest_integers(part, np.array([0.5, 0.5, 1.0]), np.zeros(3), best=True) is None
