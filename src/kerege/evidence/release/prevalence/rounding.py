"""Rounds what is told of an estimate, so that no figure tells more than the estimate knows or people can bear."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

DIGITS = 2
# what a range about real people is told in: it says of what is not published as little as it can
STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)


def step(value: float, threshold: int) -> int:
    """What a figure is a multiple of: two digits, and never finer than the smallest count that may be published."""
    digits = len(str(int(abs(value))))
    return int(max(10 ** max(digits - DIGITS, 0), 10 * math.ceil(threshold / 10)))


def near(value: float, threshold: int) -> int | None:
    """The nearest figure that may be told; None for what is no number."""
    if not math.isfinite(value):
        return None
    size = step(value, threshold)
    return size * round(value / size)


def limits(interval: Any, threshold: int) -> list[int] | None:
    """An interval as (lower, upper), {lower, upper} or nothing, rounded; None when a limit is missing."""
    pair = [interval.get("lower"), interval.get("upper")] if isinstance(interval, Mapping) else list(interval or [])
    known = [figure for each in pair if isinstance(each, int | float) and (figure := near(each, threshold)) is not None]
    return known if len(known) == len(pair) == 2 else None


def outward(reach: tuple[float, float]) -> tuple[int, int]:
    """A range in STEPS of a power of ten: the next one below, the next one above."""
    lower, upper = reach
    return max(each for each in _grid(lower) if each <= lower), min(each for each in _grid(upper) if each >= upper)


def _grid(value: float) -> list[int]:
    size = 10 ** (len(str(int(value))) - 1)
    return [0, *(math.ceil(size * each) for each in STEPS)]
