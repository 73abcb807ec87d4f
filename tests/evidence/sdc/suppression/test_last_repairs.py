"""Repairs when time is up: hypercubes that prove their movement, then more and more neighbours."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.numerics.time_limit import TimeLimit
from kerege.evidence.sdc.suppression.audit import Audit
from kerege.evidence.sdc.suppression.completion import true_intervals
from kerege.evidence.sdc.suppression.last_repairs import NeighbourRepair, hide_hypercubes
from kerege.evidence.sdc.suppression.problem import SuppressionProblem, problem_of
from kerege.evidence.sdc.suppression.repair import Repair
from tests.evidence import made
from tests.evidence.sdc.suppression.enumeration import consistent

THRESHOLD = 3
NO_LIMIT = TimeLimit(np.inf)


def unsafe_state(problem: SuppressionProblem) -> Audit:
    """Return a state in which all small cells are unsafe."""
    state = true_intervals(problem)
    state.unsafe = np.flatnonzero(problem.always)
    return state


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=4, max_size=4).filter(lambda inner: sum(inner) <= 12))
def test_the_proved_intervals_are_those_of_consistent_tables(inner: list[int]) -> None:
    problem = problem_of(made.table([inner[:2], inner[2:]]), THRESHOLD)
    repair = Repair(problem, problem.always)
    before = unsafe_state(problem)
    state = hide_hypercubes(problem, repair, before, NO_LIMIT)
    assert repair.hidden[problem.always].all()
    tables = consistent(problem.truth, repair.hidden)
    assert (state.lower >= tables.min(axis=0)).all()
    assert (state.upper <= tables.max(axis=0)).all() or repair.hidden[0]
    is_wide = problem.is_wide(state.lower, state.upper)
    assert state.unsafe.tolist() == np.flatnonzero(repair.hidden & ~is_wide).tolist()
    assert (before.lower == problem.truth).all()  # the state of the caller stays as it is


def test_a_small_cell_gets_one_square() -> None:
    problem = problem_of(made.table([[1, 5, 30], [6, 4, 40], [50, 60, 70]]), THRESHOLD)
    repair = Repair(problem, problem.always)
    state = hide_hypercubes(problem, repair, unsafe_state(problem), NO_LIMIT)
    assert state.safe
    hidden = repair.hidden.reshape(4, 4)
    assert hidden.sum() == 4
    assert hidden[1:3, 1:3].all()
    assert (state.lower[5], state.upper[5]) == (1, 3) or state.upper[5] - state.lower[5] >= 2


def test_without_time_nothing_is_hidden() -> None:
    problem = problem_of(made.table([[1, 5], [6, 4]]), THRESHOLD)
    repair = Repair(problem, problem.always)
    state = hide_hypercubes(problem, repair, unsafe_state(problem), TimeLimit(0.0))
    assert (repair.hidden == problem.always).all()
    assert state.unsafe.tolist() == [4]


def test_each_call_hides_twice_as_many_neighbours() -> None:
    """A row of ten further codes: 2 of them, then 4 more, then the last 4 with the margins."""
    problem = problem_of(made.table([1, *range(20, 30)]), THRESHOLD)
    repair = Repair(problem, problem.always)
    neighbours, state = NeighbourRepair(repair), unsafe_state(problem)
    counts = []
    while neighbours.hide_more(state):
        counts.append(int(repair.hidden.sum()))
    assert counts == [3, 7, 11]
    assert not repair.hidden[0]
    assert neighbours.most == 16
