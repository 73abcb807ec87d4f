"""Age of the packages of this release: the day of their last renewal, and the longest time."""

from __future__ import annotations

from datetime import date, timedelta

RENEWED = date(2026, 11, 25)  # `make renew` writes the day on which it locked the newest versions of all packages
LONGEST = timedelta(days=183)  # "at least every six months" of SECURITY.md


def is_due(today: date) -> bool:
    """Return whether the packages should have been renewed before today.

    Examples
    --------
    >>> is_due(RENEWED + LONGEST), is_due(RENEWED + LONGEST + timedelta(days=1))
    (False, True)
    """
    return today > RENEWED + LONGEST
