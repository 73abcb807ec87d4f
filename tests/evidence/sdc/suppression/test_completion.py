"""Completion of a choice of suppressed cells: safe by the audit, or refused with a reason."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import Refused
from kerege.evidence.numerics.time_limit import TimeLimit
from kerege.evidence.sdc.suppression.completion import give_up, make_safe, refusal, true_intervals
from kerege.evidence.sdc.suppression.problem import SuppressionProblem, problem_of
from kerege.evidence.sdc.suppression.repair import Repair
from tests.evidence import made
from tests.evidence.sdc.suppression.enumeration import unsafe_cells

THRESHOLD = 3
INNER = st.lists(st.integers(0, 4), min_size=4, max_size=4).filter(lambda inner: 0 < sum(inner) <= 12)


def square(inner: list[int]) -> SuppressionProblem:
    """Return the problem of a table of two by two codes."""
    return problem_of(made.table([inner[:2], inner[2:]]), THRESHOLD)


@pytest.mark.parametrize("seconds", [np.inf, 0.0])
@settings(max_examples=12, deadline=None)
@given(inner=INNER)
def test_a_completed_choice_is_safe_by_enumeration_with_and_without_time(seconds: float, inner: list[int]) -> None:
    problem = square(inner)
    hidden = make_safe(problem, problem.always, true_intervals(problem), TimeLimit(seconds))
    assert hidden[problem.always].all()
    assert not hidden[problem.truth == 0].any()
    if hidden[0]:  # the enumeration ends at 12 people, and a hidden total has no end
        assert hidden[problem.truth > 0].sum() > 1
    else:
        assert unsafe_cells(problem.truth, hidden, THRESHOLD) == []


def test_a_safe_choice_is_kept() -> None:
    problem = square([4, 4, 4, 0])
    hidden = make_safe(problem, problem.always, true_intervals(problem), TimeLimit(np.inf))
    assert not hidden.any()
    problem = square([2, 3, 3, 2])
    hidden = np.zeros(9, dtype=bool)
    hidden[[4, 5, 7, 8]] = True
    assert (make_safe(problem, hidden, true_intervals(problem), TimeLimit(np.inf)) == hidden).all()


def test_nothing_is_known_before_a_search_but_the_true_counts() -> None:
    problem = square([1, 2, 3, 4])
    state = true_intervals(problem)
    assert state.lower.tolist() == state.upper.tolist() == problem.truth.tolist()
    assert state.safe
    state.lower[0] = 0
    assert problem.truth[0] == 10  # the problem keeps its own counts


def test_the_refusal_of_a_table_without_groups_names_nothing() -> None:
    assert str(refusal(square([1, 1, 1, 1]), np.array([4]))) == "this table cannot be made safe, whatever is suppressed"


def test_the_refusal_of_a_group_names_its_column_and_its_people() -> None:
    problem = problem_of(made.table([[30, 0], [20, 25]]), 10, frozenset({"dim1"}))
    assert str(refusal(problem, np.array([4, problem.size]))) == (
        "everybody in a group has the same dim1, and no suppression protects it:"
        " dim0=a0 (dim1=b0). Leave dim1 out of this table, or take coarser groups"
    )


def test_giving_up_twice_hides_everything_and_the_third_time_is_refused() -> None:
    problem = square([1, 2, 3, 4])
    repair = Repair(problem, problem.always)
    give_up(repair, np.array([4]))
    give_up(repair, np.array([4]))
    assert repair.hidden.all()
    with pytest.raises(Refused, match="cannot be made safe"):
        give_up(repair, np.array([4]))
