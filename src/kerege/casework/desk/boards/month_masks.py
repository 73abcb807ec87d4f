"""Masks of monthly numbers: the total of a half-year or a year must not give a small month away.

A small month reads "< 10" at a threshold of 10. A release may publish the total of its half-year, and the readers of
the board remember the other months. So further months of the half-year, all of them at or above the threshold, read
"≥ 10" until every small one could be any number from 1 to 9, if there are enough of them. A month that was shown
cannot be masked later: the further months are the first ones of each half-year in which the figure is near the
threshold, before or after a small month.

A published total of a half-year still gives a small month away where all other months are zero or were shown before
the figure came near the threshold, and where the total is so low that the small months must be 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum

from kerege.vocabulary.dates import add_months

HALF, YEAR = 6, 12  # months
NEAR = 2  # a figure is near the threshold with a month below this multiple of it

Months = Mapping[date, int]  # counts by the first day of the month; 0 for a month without one


class MonthMask(Enum):
    """Mask of the number of a month."""

    SHOWN = "shown"
    SMALL = "small"  # from 1 to the threshold - 1
    FURTHER = "further"  # the threshold or more


def mask_month(counts: Months, month: date, threshold: int) -> MonthMask:
    """Return the mask of a month, which depends on this month and earlier ones: it never changes."""
    count = counts.get(month, 0)
    if 0 < count < threshold:
        return MonthMask.SMALL
    return MonthMask.FURTHER if month in _further_months(counts, month, threshold) else MonthMask.SHOWN


def _further_months(counts: Months, last: date, threshold: int) -> frozenset[date]:
    """Return the large months that are masked in the half-year of `last`, up to this month."""
    further: list[date] = []
    slack = 0  # by so much can their sum fall: a small month of 1 could then be one of threshold - 1
    for month in _half_until(last):
        count = counts.get(month, 0)
        if count >= threshold and slack < threshold - 2 and _is_near(counts, month, threshold):
            further.append(month)
            slack += count - threshold
    return frozenset(further)


def _half_until(last: date) -> Iterator[date]:
    first = last.replace(month=last.month - (last.month - 1) % HALF)
    return (add_months(first, number) for number in range(last.month - first.month + 1))


def _is_near(counts: Months, month: date, threshold: int) -> bool:
    """Return whether the month or one of the year before it is below twice the threshold, and not 0."""
    return any(0 < counts.get(add_months(month, -back), 0) < NEAR * threshold for back in range(YEAR + 1))
