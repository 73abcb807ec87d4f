"""Weights of rows are whole numbers from 0 to 128, one for each number of values of a row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.counting.row_weights import HEAVIEST, check_weights


def test_without_weights_every_row_counts_once() -> None:
    assert check_weights(None, order=3, columns=5) is None


def test_a_column_of_the_array_belongs_to_a_length() -> None:
    weights = check_weights([[1, 2, 3], [4, 5, 6]], order=2, columns=2)
    assert weights is not None
    assert weights.dtype == np.int64
    assert weights.tolist() == [[1, 4], [2, 5], [3, 6]]


def test_a_shorter_list_continues_with_its_last_weight() -> None:
    weights = check_weights([[0, 7], [1, 2, 3, 9]], order=2, columns=1)
    assert weights is not None
    assert weights[:, 0].tolist() == [0, 7, 7, 7]
    assert weights[:, 1].tolist() == [1, 2, 3, 9]


def test_weights_of_longer_combinations_than_counted_are_left_out() -> None:
    weights = check_weights([[1, 1], [2, 2], ["not read", "at all"]], order=2, columns=1)  # type: ignore[list-item]
    assert weights is not None
    assert weights.shape == (2, 2)


@pytest.mark.parametrize("limit", [0, HEAVIEST])
def test_the_limits_are_allowed(limit: int) -> None:
    weights = check_weights([[limit, limit]], order=1, columns=1)
    assert weights is not None
    assert weights.tolist() == [[limit], [limit]]


@pytest.mark.parametrize(
    ("weights", "order", "columns", "sentence"),
    [
        ([[1, 1]], 2, 1, "weights are given for 1 lengths of combinations, not for 2, give a list for each"),
        (
            [[1, 1, 1], [1, 1]],
            2,
            2,
            "combinations of 2: weights are given for rows of up to 1 values, give one for each number of values from",
        ),
        ([[1, HEAVIEST + 1]], 1, 1, "combinations of 1: a weight is not a whole number from 0 to 128, "),
        ([[-1, 0]], 1, 1, "combinations of 1: a weight is not a whole number from 0 to 128, "),
        ([[0, 1], [0, 1.5]], 2, 1, "combinations of 2: a weight is not a whole number from 0 to 128, "),
        ([[True, False]], 1, 1, "give whole numbers; scale larger ones down"),
        ([[[1], [2]]], 1, 1, "give whole numbers; scale larger ones down"),
    ],
)
def test_a_fault_names_the_length_and_the_remedy(
    weights: Sequence[Sequence[int]], order: int, columns: int, sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        check_weights(weights, order, columns)
    assert sentence in str(refused.value)
