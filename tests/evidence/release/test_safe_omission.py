"""A refused release names the table whose omission makes the rest safe at the least loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import SUPPRESSED, Table
from kerege.evidence.release.safe_omission import with_proposal
from tests.evidence import made

REFUSED = Refused("tables small and large cannot be published together")


def tables() -> list[Table]:
    """Return three tables of 60, 600 and 6,000 people, each counted in two cells."""
    counts = {"small": 60, "middle": 600, "large": 6_000}
    return [replace(made.table([number // 2, number // 2]), name=name) for name, number in counts.items()]


def protector(unsafe: Sequence[int], suppressed: dict[int, int]) -> object:
    """Return a protection that refuses `unsafe` together and suppresses cells of others."""

    def protect(numbers: Sequence[int]) -> list[Table]:
        if set(unsafe) <= set(numbers):
            raise REFUSED
        result = []
        for number in numbers:
            table = tables()[number]
            status = table.status.copy()
            status[: suppressed.get(number, 0)] = SUPPRESSED
            result.append(replace(table, status=status))
        return result

    return protect


@pytest.mark.parametrize(
    ("unsafe", "suppressed", "words"),
    [
        ([0, 2], {}, "; the rest is safe without table small, which loses the figures of 120 people"),
        ([1, 2], {}, "; the rest is safe without table middle, which loses the figures of 1,200 people"),
        ([1, 2], {0: 2}, "; the rest is safe without table middle, which loses the figures of 1,290 people"),
        ([0, 1], {2: 1}, "; the rest is safe without table small, which loses the figures of 6,120 people"),
        ([], {}, ""),
    ],
)
def test_the_cheapest_safe_omission_is_named(unsafe: list[int], suppressed: dict[int, int], words: str) -> None:
    refused = with_proposal(REFUSED, tables(), protector(unsafe, suppressed))  # type: ignore[arg-type]
    assert str(refused) == str(REFUSED) + words


def test_one_table_has_no_proposal() -> None:
    assert with_proposal(REFUSED, tables()[:1], protector([0], {})) is REFUSED  # type: ignore[arg-type]
