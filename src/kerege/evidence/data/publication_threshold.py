"""The publication threshold: the smallest count of people that a table may show."""

from __future__ import annotations

from kerege.base.errors import BadInput, Fault

THRESHOLD, LEAST = 10, 5  # the default, and the smallest threshold that can be chosen


def check_threshold(threshold: int) -> None:
    """Raise BadInput for a threshold below 5."""
    if threshold < LEAST:
        raise BadInput(Fault(f"the threshold {threshold} is below {LEAST}", f"give {LEAST} or more"))
