"""The master problem: the cheapest choice under cuts, compared with all choices."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.suppression.attacker_problem import Cut
from kerege.evidence.sdc.suppression.master_problem import InfeasibleChoice, MasterProblem
from kerege.evidence.sdc.suppression.problem import SuppressionProblem, problem_of
from tests.evidence import made

SECONDS = 10.0
CUTS = st.lists(st.sets(st.integers(1, 4), min_size=1, max_size=3), max_size=4)


def row(*counts: int) -> SuppressionProblem:
    """Return the problem of a table by one column; counts below 3 are always suppressed."""
    return problem_of(made.table(counts), 3)


def at_least_one(cells: list[int]) -> Cut:
    """Return the cut that at least one of some cells is hidden."""
    return Cut(np.array(cells), np.ones(len(cells)), 1.0)


def cheapest(problem: SuppressionProblem, cuts: list[Cut]) -> float:
    """Return the least loss of all choices that keep the cuts."""
    losses = []
    for choice in product((0.0, 1.0), repeat=len(problem.truth)):
        share = np.array(choice)
        is_possible = (share[problem.always] == 1).all() and (share[~problem.movable] == 0).all()
        if is_possible and not any(cut.misses(share) for cut in cuts):
            losses.append(problem.loss(share > 0))
    return min(losses)


@settings(max_examples=12, deadline=None)
@given(CUTS, st.lists(st.integers(3, 20), min_size=4, max_size=4))
def test_the_best_choice_is_the_cheapest_of_all_that_keep_the_cuts(chosen: list[set[int]], counts: list[int]) -> None:
    problem = row(*counts)
    cuts = [at_least_one(sorted(cells)) for cells in chosen]
    master = MasterProblem(problem)
    master.add(cuts)
    relaxed, best = master.relaxed(SECONDS), master.best(0.0, SECONDS)
    assert best is not None
    assert problem.loss(best.share > 0.5) == cheapest(problem, cuts)
    assert relaxed.bound <= best.bound <= cheapest(problem, cuts)
    assert not any(cut.misses(best.share) for cut in cuts)


def test_cells_that_are_always_hidden_are_hidden_and_zeros_are_not() -> None:
    master = MasterProblem(row(2, 0, 9))
    best = master.best(0.0, SECONDS)
    assert best is not None
    assert best.share.tolist() == [0, 1, 0, 0]
    assert best.bound == 3  # 2 people and 1


def test_equal_cuts_count_once() -> None:
    master = MasterProblem(row(4, 5, 6))
    assert master.add([at_least_one([1, 2]), at_least_one([1, 2])]) == 1
    assert master.add([at_least_one([1, 2]), at_least_one([1, 3])]) == 1
    assert master.add([]) == 0


def test_the_relaxation_hides_cells_in_part() -> None:
    """Two of three cells, each pair at least one: half of each has a smaller loss than any two."""
    problem = row(9, 9, 9)
    master = MasterProblem(problem)
    master.add([at_least_one([1, 2]), at_least_one([1, 3]), at_least_one([2, 3])])
    relaxed = master.relaxed(SECONDS)
    assert relaxed.share[1:].tolist() == pytest.approx([0.5, 0.5, 0.5])
    assert relaxed.bound == 15  # three halves of 10
    best = master.best(0.0, SECONDS)
    assert best is not None
    assert best.bound == 20
    assert master.relaxed(SECONDS).bound == 15  # cells may be hidden in part again


def test_cuts_that_no_choice_keeps_are_noticed() -> None:
    for solve in (MasterProblem.relaxed, lambda master, seconds: master.best(0.0, seconds)):
        master = MasterProblem(row(4, 5))
        master.add([Cut(np.array([1]), np.ones(1), 2.0)])
        with pytest.raises(InfeasibleChoice):
            solve(master, SECONDS)


def test_cells_that_cost_more_than_a_known_choice_are_fixed_until_they_are_freed() -> None:
    """Hiding 4 costs 5; with a choice of loss 5 at hand, the cell of 90 is in no better one."""
    problem = row(4, 90, 2)
    master = MasterProblem(problem)
    master.add([at_least_one([1, 2])])
    master.relaxed(SECONDS)
    master.fix_by_reduced_cost(problem.loss(np.array([False, True, False, True])))
    master.add([Cut(np.array([2]), np.ones(1), 1.0)])
    with pytest.raises(InfeasibleChoice):
        master.best(0.0, SECONDS)
    master.free_all()
    best = master.best(0.0, SECONDS)
    assert best is not None
    assert best.share.tolist() == [0, 0, 1, 1]  # what is always suppressed stays so
