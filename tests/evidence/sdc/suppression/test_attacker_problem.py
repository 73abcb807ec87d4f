"""The intruder's linear program: how far hidden cells can move, and cuts that exclude no safe choice."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.suppression.attacker_problem import Cut, Intruder
from kerege.evidence.sdc.suppression.problem import SuppressionProblem, problem_of
from tests.evidence import made
from tests.evidence.sdc.suppression.enumeration import consistent

THRESHOLD = 3
SQUARE = [4, 5, 7, 8]


def square(*inner: int) -> SuppressionProblem:
    """Return the problem of a table of two by two codes."""
    return problem_of(made.table([inner[:2], inner[2:]]), THRESHOLD)


def shares(problem: SuppressionProblem, cells: list[int]) -> np.ndarray:
    """Return a choice that hides some cells."""
    share = np.zeros(len(problem.truth))
    share[cells] = 1
    return share


def test_a_cut_is_missed_by_choices_below_it() -> None:
    cut = Cut(np.array([1, 3]), np.array([1.0, 0.5]), 1.0)
    assert cut.misses(np.array([0.0, 0.5, 1.0, 0.5]))
    assert not cut.misses(np.array([0.0, 0.5, 0.0, 1.0]))
    assert not cut.misses(np.array([0.0, 0.99995, 0.0, 0.0]))  # by less than the tolerance


def test_equal_cuts_have_equal_keys() -> None:
    first, second = (
        Cut(np.array([1, 3]), np.array([1.0, 0.5]), 1.0),
        Cut(np.array([1, 3]), np.array([1.0, 0.5 + 1e-9]), 1.0),
    )
    assert first.key == second.key
    assert first.key != Cut(np.array([1, 3]), np.array([1.0, 0.6]), 1.0).key
    assert first.key != Cut(np.array([1, 4]), np.array([1.0, 0.5]), 1.0).key


def test_a_cell_that_is_hidden_alone_does_not_move() -> None:
    problem = square(1, 9, 9, 9)
    intruder = Intruder(problem)
    intruder.set_hidden(shares(problem, [4]))
    movement = intruder.bound_movement(4)
    assert movement is not None
    assert (movement.cell, movement.required) == (4, THRESHOLD - 1)
    assert movement.constant + movement.capacity @ shares(problem, [4])[intruder.cells] == pytest.approx(0)


def test_a_cell_of_a_hidden_square_moves_far_enough() -> None:
    problem = square(1, 9, 9, 9)
    intruder = Intruder(problem)
    intruder.set_hidden(shares(problem, SQUARE))
    assert intruder.bound_movement(4) is None
    intruder.set_hidden(shares(problem, SQUARE) / 4)
    assert intruder.bound_movement(4) is not None
    assert intruder.bound_movement(4, 0.25) is None  # a quarter of the movement is enough for a quarter of the cell


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=4, max_size=4).filter(lambda inner: sum(inner) <= 12))
def test_cuts_of_a_small_cell_are_kept_by_every_choice_that_lets_it_move(inner: list[int]) -> None:
    """All choices with a published total: the true movement of the cell, by enumeration, decides."""
    problem = square(*inner)
    intruder = Intruder(problem)
    small = np.flatnonzero(problem.always).tolist()
    if not small:
        return
    intruder.set_hidden(problem.always.astype(float))
    cuts = {}
    for cell in small:
        movement = intruder.bound_movement(cell)
        cut = None if movement is None else intruder.cut(movement, np.zeros(0, np.int64))
        if cut is not None:
            assert cut.misses(problem.always.astype(float))
            cuts[cell] = cut
    free = [cell for cell in range(1, 9) if not problem.always[cell]]
    for choice in product((False, True), repeat=len(free)):
        hidden = problem.always.copy()
        hidden[free] = choice
        tables = consistent(problem.truth, hidden)
        for cell, cut in cuts.items():
            if np.ptp(tables[:, cell]) >= THRESHOLD - 1:
                assert not cut.misses(hidden.astype(float)), (cell, hidden)


def test_no_cut_follows_from_a_movement_that_is_long_enough() -> None:
    problem = square(1, 9, 9, 9)
    intruder = Intruder(problem)
    intruder.set_hidden(shares(problem, [4]))
    movement = intruder.bound_movement(4)
    assert movement is not None
    others = np.array([5, 7, 8, 1, 2, 3, 6])
    assert intruder.cut(movement, others) is None
    cut = intruder.cut(movement, np.array([5]))
    if cut is not None:
        assert cut.low == 0.0  # it matters only where the given cell is hidden
        assert cut.values[cut.cells.tolist().index(5)] == -1


def test_an_unsafe_choice_is_excluded_and_larger_ones_are_not() -> None:
    """With 1 hidden (always) and 5, one of 7 and 8 must be hidden as well."""
    problem = square(1, 9, 9, 9)
    intruder = Intruder(problem)
    cut = intruder.require_another(np.array([4, 5]), np.array([7, 8]))
    assert cut.misses(shares(problem, [4, 5]))
    for cells in ([4], [4, 5, 7], [4, 5, 8], [4, 5, 7, 8], [4, 7]):
        assert not cut.misses(shares(problem, cells)), cells


def test_few_hidden_cells_let_a_large_cell_become_small() -> None:
    """[[1, 4, 9], [9, 9, 9]]: with all cells hidden, one square of four is enough for 4 to fall to 2."""
    problem = problem_of(made.table([[9, 4, 9], [9, 9, 9]]), THRESHOLD)
    intruder = Intruder(problem)
    hidden = np.zeros(12, dtype=bool)
    hidden[[5, 6, 7, 9, 10, 11]] = True
    support = intruder.smallest_support(hidden, 6)
    assert len(support) == 4
    assert {6, 10} <= set(support.tolist()) <= set(np.flatnonzero(hidden).tolist())
