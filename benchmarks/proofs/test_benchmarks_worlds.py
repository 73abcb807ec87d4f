"""The headline over 20 sets of five worlds: how many ranges hold the true number of people.

The check is that of tests/benchmarks/test_worlds.py. `benchmarks/headline.py` measures all worlds.
"""

from __future__ import annotations

import pytest

from tests.benchmarks.test_worlds import coverage_of

SETS = 20


@pytest.mark.parametrize(("letter", "least"), [("A", 19), ("E", 13), ("J", 15), ("K", 15), ("Y", 13)])
def test_the_range_holds_in_most_sets(letter: str, least: int) -> None:
    holds = coverage_of(letter, SETS).holds
    assert holds.sets == SETS
    assert holds.hits >= least, holds
