"""Rounding of published estimates: to the precision of the estimate and to protect people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

DIGITS = 2
# steps of a range about real people, coarse so that it reveals little about unpublished counts
STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
UPPER_STEPS = (1, 2, 5, 10)
# a least chance is one in a round number: an exact one would disclose the estimate from which it follows
ONE_IN = (2, 5, 10)


def step(value: float, threshold: int) -> int:
    """Return the rounding base of a published estimate.

    Parameters
    ----------
    value : float
        Estimate, in people.
    threshold : int
        Publication threshold, in people.

    Returns
    -------
    int
        Two digits of the value, and at least the threshold rounded up to tens.

    Examples
    --------
    >>> step(7431.0, threshold=10), step(45.0, threshold=10)
    (100, 10)
    """
    digits = len(str(int(abs(value))))
    return int(max(10 ** max(digits - DIGITS, 0), 10 * math.ceil(threshold / 10)))


def near(value: float, threshold: int) -> int | None:
    """Return the nearest publishable figure; None for a value that is not finite.

    Parameters
    ----------
    value : float
        Estimate, in people.
    threshold : int
        Publication threshold, in people.

    Returns
    -------
    int, optional
        The nearest multiple of `step`.

    Examples
    --------
    >>> near(7431.0, threshold=10), near(math.inf, threshold=10)
    (7400, None)
    """
    if not math.isfinite(value):
        return None
    size = step(value, threshold)
    return size * round(value / size)


def limits(interval: Any, threshold: int) -> list[int] | None:
    """Return the rounded limits of an interval; None if a limit is missing.

    Parameters
    ----------
    interval : pair, mapping or None
        Limits in people: a pair, or a mapping with `lower` and `upper`.
    threshold : int
        Publication threshold, in people.

    Returns
    -------
    list of int, optional
        Both limits as `near` rounds them.

    Examples
    --------
    >>> limits((707.0, 761.0), threshold=10), limits(None, threshold=10)
    ([710, 760], None)
    """
    pair = [interval.get("lower"), interval.get("upper")] if isinstance(interval, Mapping) else list(interval or [])
    rounded = [
        figure for limit in pair if isinstance(limit, int | float) and (figure := near(limit, threshold)) is not None
    ]
    return rounded if len(rounded) == len(pair) == 2 else None


def outward(bounds: tuple[float, float]) -> tuple[int, int]:
    """Return a range rounded outward: down to STEPS, up to UPPER_STEPS, times a power of ten.

    Parameters
    ----------
    bounds : tuple of float
        Lower and upper bound, in people, 0 or more.

    Returns
    -------
    tuple of int
        Bounds that contain the range. The steps are coarse, so that the range reveals little about unpublished counts.

    Examples
    --------
    >>> outward((231.0, 731.0))
    (200, 1000)
    """
    lower, upper = bounds
    return max(step_value for step_value in _grid(lower, STEPS) if step_value <= lower), min(
        step_value for step_value in _grid(upper, UPPER_STEPS) if step_value >= upper
    )


def downward(value: float, threshold: int) -> int:
    """Return the publishable figure at or below a value.

    Parameters
    ----------
    value : float
        Lower figure, in people.
    threshold : int
        Publication threshold, in people.

    Returns
    -------
    int
        A multiple of `step`.

    Examples
    --------
    >>> downward(7499.0, threshold=10), downward(45.0, threshold=10)
    (7400, 40)
    """
    size = step(value, threshold)
    return size * math.floor(value / size)


def upward(value: float, threshold: int) -> int:
    """Return the publishable figure at or above a value.

    Parameters
    ----------
    value : float
        Upper figure, in people.
    threshold : int
        Publication threshold, in people.

    Returns
    -------
    int
        A multiple of `step`.

    Examples
    --------
    >>> upward(7401.0, threshold=10), upward(45.0, threshold=10)
    (7500, 50)
    """
    size = step(value, threshold)
    return size * math.ceil(value / size)


def larger_chance(chance: float) -> float:
    """Return the chance of one in a round number that is at least a chance.

    A statement "at most N people, if nobody had less than this chance" stays true if the chance is larger.

    Parameters
    ----------
    chance : float
        From 0.01 to 0.5.

    Returns
    -------
    float
        One over 2, 5 or 10.

    Examples
    --------
    >>> larger_chance(0.1), larger_chance(0.037)
    (0.1, 0.1)
    """
    return 1 / max(number for number in ONE_IN if number <= max(1 / chance + 1e-9, ONE_IN[0]))


def _grid(value: float, steps: Sequence[float]) -> list[int]:
    size = 10 ** (len(str(int(value))) - 1)
    return [0, *(math.ceil(size * step_value) for step_value in steps)]
