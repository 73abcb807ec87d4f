"""The publication threshold is at least 5, and 10 by default."""

from __future__ import annotations

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.publication_threshold import LEAST, THRESHOLD, check_threshold


@pytest.mark.parametrize("threshold", [5, 6, 10, 1000])
def test_a_threshold_of_5_or_more_is_accepted(threshold: int) -> None:
    check_threshold(threshold)


@pytest.mark.parametrize("threshold", [4, 1, 0, -5])
def test_a_threshold_below_5_is_refused_with_the_smallest_one(threshold: int) -> None:
    with pytest.raises(BadInput, match=f"^the threshold {threshold} is below 5, give 5 or more$"):
        check_threshold(threshold)


def test_the_default_is_10_and_above_the_smallest() -> None:
    """The programme publishes no count below 10, and no publication may go below 5."""
    assert (THRESHOLD, LEAST) == (10, 5)
