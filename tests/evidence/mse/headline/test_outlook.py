"""Additional people until the lists overlap enough."""

from __future__ import annotations

import numpy as np
import pytest

from kerege.evidence.mse import Lists
from kerege.evidence.mse.headline.outlook import Outlook, foresee_overlaps


def lists(repeated: int, alone: int = 90) -> Lists:
    return Lists([1, 2, 4, 3], [alone, 30, 30, repeated])


def test_at_the_same_overlap_twice_the_people_have_twice_as_many_on_two_lists() -> None:
    outlook = foresee_overlaps(lists(10), needed=20)
    assert (outlook.more, outlook.share) == (160.0, 1.0)


def test_the_limits_are_those_of_garwood() -> None:
    # the exact 80% limits of a Poisson count of 10 are 6.221 and 15.407 (Garwood 1936)
    outlook = foresee_overlaps(lists(10), needed=20)
    assert outlook.low == pytest.approx(160 * 10 / 15.407, rel=1e-4)
    assert outlook.high == pytest.approx(160 * 10 / 6.221, rel=1e-4)


def test_the_limits_hold_the_additional_people_in_80_of_100_simulations() -> None:
    rng = np.random.default_rng(5)
    rate, people, held = 0.07, 200, 0
    for _ in range(1000):
        repeated = min(int(rng.poisson(rate * people)), 19)
        if repeated == 0:
            continue
        outlook = foresee_overlaps(lists(repeated, people - 60 - repeated), needed=20)
        true = (20 - repeated) / rate  # at the true rate
        held += (outlook.low or 0) <= true <= (outlook.high or 0)
    assert held >= 770


def test_nobody_on_two_lists_sets_no_pace() -> None:
    assert foresee_overlaps(Lists([1, 2, 4], [5, 6, 7]), needed=20) == Outlook()
