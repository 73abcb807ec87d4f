"""The publication threshold: the smallest count of people that a table may show."""

from __future__ import annotations

from kerege.base.errors import BadInput, Fault

THRESHOLD, LEAST = 10, 5  # the default, and the smallest threshold that can be chosen
VERSIONS = ("suppressed", "rounded")  # versions that the maker of a suppressed table can choose


def check_threshold(threshold: int) -> None:
    """Check that a publication threshold is not too small.

    Parameters
    ----------
    threshold : int
        Smallest count, in people, that a table may show.

    Raises
    ------
    BadInput
        If it is below 5.

    Notes
    -----
    The threshold rule: Hundepool and others 2012, "Statistical Disclosure Control", Wiley.

    Examples
    --------
    >>> check_threshold(10)
    >>> check_threshold(3)
    Traceback (most recent call last):
    kerege.base.errors.BadInput: the threshold 3 is below 5, give 5 or more
    """
    if threshold < LEAST:
        raise BadInput(Fault(f"the threshold {threshold} is below {LEAST}", f"give {LEAST} or more"))
