"""A reader who remembers every board and knows all published totals learns no small month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product

import numpy as np
import pytest

from kerege.casework.desk.boards.month_masks import HALF, MonthMask, mask_month
from kerege.vocabulary.dates import add_months

THRESHOLD = 10
FIRST = date(2023, 1, 1)
YEARS = 3


def series(seed: int) -> dict[date, int]:
    """Return counts of months whose level, from 1 to 60, changes now and then."""
    chance = np.random.default_rng(seed)
    levels = np.repeat(chance.choice([1, 4, 9, 12, 15, 20, 30, 60], 4 * YEARS), 3)
    return {add_months(FIRST, at): int(count) for at, count in enumerate(chance.poisson(levels))}


def halves(counts: dict[date, int]) -> Iterator[list[date]]:
    months = sorted(counts)
    return (months[at : at + HALF] for at in range(0, len(months), HALF))


def possible(counts: dict[date, int], half: list[date], small: date) -> set[int]:
    """Return the values of a small month that fit the shown months and the total of the half-year.

    The total of the year and the other half-year give the same equation.
    """
    masks = {month: mask_month(counts, month, THRESHOLD) for month in half}
    others = [month for month in half if masks[month] is MonthMask.SMALL and month != small]
    further = [month for month in half if masks[month] is MonthMask.FURTHER]
    hidden = sum(counts[month] for month in half if masks[month] is not MonthMask.SHOWN)
    least = len(others) + THRESHOLD * len(further)
    most = np.inf if further else (THRESHOLD - 1) * len(others)
    return {value for value in range(1, THRESHOLD) if least <= hidden - value <= most}


@pytest.mark.parametrize("seed", range(60))
def test_a_small_month_could_be_any_small_number_whatever_totals_are_published(seed: int) -> None:
    counts = series(seed)
    for half in list(halves(counts))[2:]:
        small = [month for month in half if 0 < counts[month] < THRESHOLD]
        large = [month for month in half if counts[month] >= THRESHOLD]
        shown = [month for month in large if mask_month(counts, month, THRESHOLD) is MonthMask.SHOWN]
        for month in small:
            assert counts[month] in possible(counts, half, month)
            is_protected = len(possible(counts, half, month)) == THRESHOLD - 1
            assert is_protected or not shown or far_from_threshold(counts, large[0])


def far_from_threshold(counts: dict[date, int], month: date) -> bool:
    """Return whether nothing announced a small month: in a year, all months were large or 0."""
    year = [counts.get(add_months(month, -back), 0) for back in range(13)]
    return not any(0 < count < 2 * THRESHOLD for count in year)


@pytest.mark.parametrize("seed", range(20))
def test_a_month_that_was_shown_is_never_masked_by_what_comes_later(seed: int) -> None:
    counts = series(seed)
    for month in counts:
        known = {earlier: count for earlier, count in counts.items() if earlier <= month}
        assert mask_month(known, month, THRESHOLD) is mask_month(counts, month, THRESHOLD)


def test_every_half_year_of_four_levels_hides_its_small_months() -> None:
    """Brute force over each pattern of four levels in a half-year, after months near the threshold."""
    before = {add_months(FIRST, at): 15 for at in range(12)}
    half = [add_months(FIRST, at) for at in range(12, 12 + HALF)]
    for pattern in product((1, 9, 13, 40), repeat=HALF):
        counts = before | dict(zip(half, pattern, strict=True))
        shown = [month for month in half if mask_month(counts, month, THRESHOLD) is MonthMask.SHOWN]
        small = [month for month in half if counts[month] < THRESHOLD]
        assert not shown or all(len(possible(counts, half, month)) == THRESHOLD - 1 for month in small)


def test_a_figure_far_from_the_threshold_is_shown_and_so_is_zero() -> None:
    counts = {add_months(FIRST, at): 20 + at for at in range(24)}
    assert {mask_month(counts, month, THRESHOLD) for month in counts} == {MonthMask.SHOWN}
    assert mask_month({}, FIRST, THRESHOLD) is MonthMask.SHOWN
