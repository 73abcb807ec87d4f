"""The draws of the demo are those of Python's generator: a seed gives the same programme as before."""

from __future__ import annotations

from random import Random

import pytest

from kerege.demo.programme.draw import below, pick


@pytest.mark.parametrize("count", [1, 2, 7, 64, 1891])
def test_a_number_below_a_count_is_that_of_randrange(count: int) -> None:
    ours, theirs = Random(5), Random(5)
    draw = below(ours, count)
    assert [draw() for _ in range(50)] == [theirs.randrange(count) for _ in range(50)]


@pytest.mark.parametrize("weights", [{"only": 0.3}, {"a": 0.2, "b": 3.0, "c": 0.0, "d": 1e-12, "e": 2.0}])
def test_a_picked_key_is_that_of_choices(weights: dict[str, float]) -> None:
    ours, theirs = Random(5), Random(5)
    picked = [pick(ours, weights) for _ in range(50)]
    assert picked == [theirs.choices(list(weights), list(weights.values()))[0] for _ in range(50)]
