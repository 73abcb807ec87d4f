"""Estimates from noisy margins equal explicit weighted least squares; cells become feasible."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import lsq_linear, nnls

from kerege.evidence.dp import consistency
from tests.evidence.dp.made import explicit

Floats = NDArray[np.float64]


@pytest.mark.parametrize("sizes", [(), (4,), (3, 5), (2, 3, 4)])
def test_estimates_and_variances_equal_those_of_explicit_least_squares(sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(5)
    matrices = explicit(sizes)
    weights = {level: float(rng.uniform(0.2, 3)) for level in matrices}
    noise = {level: rng.normal(0, 10, len(matrix)) for level, matrix in matrices.items()}
    left = np.vstack([np.sqrt(weights[level]) * matrix for level, matrix in matrices.items()])
    right = np.concatenate([np.sqrt(weights[level]) * noise[level] for level in matrices])
    best = np.linalg.lstsq(left, right, rcond=None)[0]
    measured = {
        level: values.reshape([size if d in level else 1 for d, size in enumerate(sizes)])
        for level, values in noise.items()
    }
    assert consistency.consistent(measured, weights, tuple(range(len(sizes)))).ravel() == pytest.approx(best)
    covariance = np.linalg.inv(left.T @ left)
    for level, matrix in matrices.items():
        assert np.diag(matrix @ covariance @ matrix.T) == pytest.approx(
            consistency.compute_variances(sizes, weights)[level]
        )


def test_non_negative_cells_are_the_nearest_feasible_ones() -> None:
    sizes, rng = (3, 4), np.random.default_rng(9)
    estimates = rng.normal(1, 6, sizes)
    feasible = consistency.find_nearest_feasible(estimates, (0, 1), lambda x: np.maximum(x, 0))
    design = np.vstack(
        [consistency.LEVEL_RATIO ** (-len(level) / 2) * matrix for level, matrix in explicit(sizes).items()]
    )
    expected = nnls(design, design @ estimates.ravel())[0]
    assert feasible.ravel() == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("sizes", [(4,), (3, 5), (2, 3, 4)])
def test_precisions_are_the_eigenvalues_of_the_information(sizes: tuple[int, ...]) -> None:
    """Each set of columns has as many contrasts as the product of its sizes less one."""
    matrices, rng = explicit(sizes), np.random.default_rng(4)
    weights = {level: float(rng.uniform(0.2, 3)) for level in matrices}
    information = sum(weights[level] * matrix.T @ matrix for level, matrix in matrices.items())
    precisions = consistency.compute_precision(sizes, weights)
    repeated = [
        value for part, value in precisions.items() for _ in range(math.prod(sizes[column] - 1 for column in part))
    ]
    assert np.linalg.eigvalsh(information) == pytest.approx(sorted(repeated))


@pytest.mark.parametrize("values", [2, 5, 40])
def test_a_total_and_its_parts_gain_what_hay_and_others_state(values: int) -> None:
    """Equal noise in a total and its n parts: the variance falls to n / (n + 1) (Hay and others 2010)."""
    variances = consistency.compute_variances((values,), {(): 1.0, (0,): 1.0})
    assert variances == pytest.approx({(): values / (values + 1), (0,): values / (values + 1)})


def test_a_table_without_noisy_inner_cells_has_no_variance() -> None:
    with pytest.raises(ZeroDivisionError):
        consistency.compute_variances((3,), {(): 1.0})


def test_levels_are_all_sets_of_columns_by_size() -> None:
    assert consistency.list_levels(0) == [()]
    assert consistency.list_levels(3) == [(), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]


def measured_margins(inner: Floats, axes: tuple[int, ...]) -> dict[consistency.Level, Floats]:
    """Return the exact margins of inner cells, with length 1 along the columns that are summed."""
    return {
        level: inner.sum(axis=tuple(axis for column, axis in enumerate(axes) if column not in level), keepdims=True)
        for level in consistency.list_levels(len(axes))
    }


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.permutations(range(3)), st.floats(0.1, 5))
def test_margins_that_agree_are_kept_whatever_their_weights(seed: int, axes: list[int], weight: float) -> None:
    inner = np.random.default_rng(seed).normal(50, 20, (2, 3, 4))
    measured = measured_margins(inner, tuple(axes))
    weights = {level: weight ** len(level) for level in measured}
    assert consistency.consistent(measured, weights, tuple(axes)) == pytest.approx(inner)


def test_further_axes_hold_tables_of_their_own() -> None:
    """Two tables along the middle axis: each is estimated as it would be alone."""
    rng = np.random.default_rng(3)
    shapes = {(): (1, 2, 1), (0,): (3, 2, 1), (1,): (1, 2, 4), (0, 1): (3, 2, 4)}
    measured = {level: rng.normal(0, 5, shape) for level, shape in shapes.items()}
    weights = {(): 2.0, (0,): 1.0, (1,): 0.5, (0, 1): 1.5}
    both = consistency.consistent(measured, weights, (0, 2))
    for table in range(2):
        alone = {level: values[:, table, :] for level, values in measured.items()}
        assert both[:, table, :] == pytest.approx(consistency.consistent(alone, weights, (0, 1)))


def test_cells_that_are_feasible_already_stay_as_they_are() -> None:
    estimates = np.array([[4.0, 0.0], [1.5, 20.0]])
    assert (consistency.find_nearest_feasible(estimates, (0, 1), lambda cells: np.maximum(cells, 0)) == estimates).all()
    assert consistency.find_nearest_feasible(np.zeros((0,)), (0,), lambda cells: cells).shape == (0,)


@pytest.mark.parametrize("seed", range(4))
def test_making_cells_feasible_keeps_the_total(seed: int) -> None:
    """Cutting off at zero would raise the total by all negative cells, here by some hundred people."""
    estimates = np.random.default_rng(seed).normal(2, 15, (6, 8))
    feasible = consistency.find_nearest_feasible(estimates, (0, 1), lambda cells: np.maximum(cells, 0))
    assert (feasible >= 0).all()
    if estimates.sum() > 0:
        assert feasible.sum() == pytest.approx(estimates.sum(), abs=0.5)
    assert np.maximum(estimates, 0).sum() > estimates.sum() + 100


def test_bounds_of_other_shape_are_kept_too() -> None:
    """Cells of at most 5, by the bounded least squares of SciPy."""
    estimates = np.random.default_rng(1).normal(4, 4, (2, 3))
    feasible = consistency.find_nearest_feasible(estimates, (0, 1), lambda cells: np.minimum(cells, 5.0))
    design = np.vstack(
        [consistency.LEVEL_RATIO ** (-len(level) / 2) * matrix for level, matrix in explicit((2, 3)).items()]
    )
    best = lsq_linear(design, design @ estimates.ravel(), (-np.inf, 5.0)).x
    assert feasible.ravel() == pytest.approx(best, abs=0.1)
