"""Stepwise estimates equal an independent search.

The check is tests/evidence/mse/loglinear/test_stepwise_selection.py on more resamples.
"""

from __future__ import annotations

import pytest

from tests.evidence.mse.loglinear.test_stepwise_selection import check_resamples, check_sparse_tables, check_threshold
from tests.evidence.mse.tables import ALL, table


@pytest.mark.parametrize("name", ALL)
def test_resamples_equal_the_independent_search(name: str) -> None:
    check_resamples(name, 6 if table(name).number > 5 else 20)


@pytest.mark.parametrize("threshold", [0.001, 0.3, 0.7, 1.0])
def test_other_thresholds_equal_the_independent_search(threshold: float) -> None:
    check_threshold(threshold, 15)


def test_sparse_random_tables_equal_the_independent_search() -> None:
    check_sparse_tables(60)
