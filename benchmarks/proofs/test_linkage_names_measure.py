"""Agreement of spellings and collisions over all names: see tests/linkage/test_names_measure.py."""

from __future__ import annotations

import pytest

from tests.linkage.test_names_measure import REACHED, check_agreement


@pytest.mark.parametrize(("level", "without", "alike", "collide"), REACHED)
def test_agreement_and_collisions_do_not_get_worse(
    level: str, without: frozenset[str], alike: float, collide: int
) -> None:
    check_agreement(level, without, alike, collide)
