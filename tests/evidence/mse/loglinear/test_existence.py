"""Existence and identification: the codes of SparseMSE, by a linear program and by the rank."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

from kerege.evidence.mse.lists import BadLists, Lists
from kerege.evidence.mse.loglinear.existence import existence, existence_code, exists, support_key
from kerege.evidence.mse.loglinear.hierarchical_models import Model, all_models, close_model
from tests.evidence.mse.tables import table


def code_by_definition(lists: int, dense: NDArray[np.int64], model: Model) -> int:
    """Return the code of SparseMSE from its definition (Chan, Silverman and Vincent 2021, section 3).

    Parameters without people are at minus infinity, and their cells are removed. The estimate of the others exists if
    a positive table has the same sums; it is identified if the design has full column rank.
    """
    cells = range(1, 1 << lists)
    sums = {term: sum(dense[w] for w in cells if w & term == term) for term in model}
    kept_cells = [w for w in cells if all(w & term != term for term in model if not sums[term])]
    kept_terms = [term for term in model if sums[term]]
    design = np.array([[float(w & term == term) for term in kept_terms] for w in kept_cells])
    program = linprog(
        np.r_[np.zeros(len(kept_cells)), -1.0],
        A_eq=np.hstack([design.T, design.sum(axis=0)[:, None]]),
        b_eq=[sums[term] for term in kept_terms],
    )
    is_identified = np.linalg.matrix_rank(design) == len(kept_terms)
    return (0 if -program.fun > 1e-9 else 1) + (0 if is_identified else 2)


def sparse_table(seed: int, lists: int, share: float) -> NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    dense = np.where(rng.random(1 << lists) < share, rng.integers(1, 9, 1 << lists), 0)
    dense[0] = 0
    dense[(1 << np.arange(lists))[dense[1 << np.arange(lists)] == 0]] = 1
    return dense


@pytest.mark.parametrize("seed", range(6))
def test_all_models_of_three_lists_have_the_code_of_the_definition(seed: int) -> None:
    dense = sparse_table(seed, 3, 0.35 + 0.1 * seed)
    models = [*all_models(3), close_model(3, [7])]
    codes = [existence_code(3, model, support_key(dense)) for model in models]
    assert codes == [code_by_definition(3, dense, model) for model in models]


@pytest.mark.parametrize("seed", range(4))
def test_models_of_four_lists_with_larger_interactions_have_the_code_of_the_definition(seed: int) -> None:
    dense = sparse_table(10 + seed, 4, 0.4)
    models = list(all_models(4))[seed::9]
    codes = [existence_code(4, model, support_key(dense)) for model in models]
    assert codes == [code_by_definition(4, dense, model) for model in models]
    assert len(set(codes)) > 1  # the tables decide, not the code of one case


def test_only_which_histories_have_people_decides() -> None:
    first, second = np.array([0, 5, 0, 2, 7, 0, 0, 9]), np.array([0, 1, 0, 90, 1, 0, 0, 4])
    assert support_key(first) == support_key(second)
    assert support_key(first) != support_key(np.array([0, 5, 1, 2, 7, 0, 0, 9]))


def test_the_interaction_of_all_lists_is_never_identified() -> None:
    """One parameter for each observable cell, and one more for the cell that nobody observes."""
    full = Lists(range(1, 8), [9] * 7)
    assert existence(full, (7,)) == 2
    assert existence(full, (3, 5, 6)) == 0
    assert not exists(full, (7,))


def test_exists_closes_the_model_and_accepts_independence() -> None:
    lists = table("Artificial_3")
    assert exists(lists, ())
    assert existence(lists, (3,)) == existence(lists, (0, 1, 2, 4, 3)) == 1
    assert not exists(lists, (3,))
    with pytest.raises(BadLists, match="a term of the model is 8, give a whole number from 0 to 7"):
        exists(lists, (8,))


def test_lists_without_common_people_leave_a_model_that_exists() -> None:
    """Nobody is on A and B: their interaction is at minus infinity, and the others have an estimate."""
    lists = Lists([1, 2, 4, 5, 6], [50, 40, 30, 20, 10])
    assert existence(lists, (3,)) == 0
    assert existence(lists, (3, 5)) == code_by_definition(3, lists.dense, close_model(3, [3, 5]))
