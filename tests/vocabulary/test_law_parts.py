"""The quorum is the smallest number of members that reaches the share of the act."""

from __future__ import annotations

from fractions import Fraction

import pytest
from pydantic import ValidationError

from kerege.vocabulary.law_parts import Quorum


def quorum(**values: object) -> Quorum:
    return Quorum.model_validate({"confirmed": False, "source": "x"} | values)


@pytest.mark.parametrize(("parts", "whole"), [(1, 2), (2, 3), (3, 4), (1, 1), (51, 100)])
@pytest.mark.parametrize("above", [False, True])
def test_the_quorum_is_the_smallest_number_that_reaches_the_share(parts: int, whole: int, above: bool) -> None:
    share = Fraction(parts, whole)
    for members in range(1, 40):
        numbers = range(members + 2)
        reached = (n for n in numbers if (Fraction(n, members) > share if above else Fraction(n, members) >= share))
        assert quorum(parts=parts, whole=whole, above=above).needed(members) == next(reached)


@pytest.mark.parametrize("values", [{"parts": 1}, {"whole": 2}, {"parts": 3, "whole": 2}, {"parts": 0, "whole": 2}])
def test_a_quorum_that_is_no_share_is_refused(values: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        quorum(**values)


def test_without_a_share_no_number_is_invented() -> None:
    assert quorum().needed(10) is None
