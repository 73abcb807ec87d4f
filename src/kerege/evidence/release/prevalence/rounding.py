"""Rounding of published estimates: to the precision of the estimate and to protect people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

DIGITS = 2
# steps of a range about real people, coarse so that it reveals little about unpublished counts
STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)


def step(value: float, threshold: int) -> int:
    """Return the rounding base of a figure: two digits, and at least the threshold rounded up to tens."""
    digits = len(str(int(abs(value))))
    return int(max(10 ** max(digits - DIGITS, 0), 10 * math.ceil(threshold / 10)))


def near(value: float, threshold: int) -> int | None:
    """Return the nearest publishable figure; None for a value that is not finite."""
    if not math.isfinite(value):
        return None
    size = step(value, threshold)
    return size * round(value / size)


def limits(interval: Any, threshold: int) -> list[int] | None:
    """Return the rounded limits of an interval given as a pair or mapping; None if a limit is missing."""
    pair = [interval.get("lower"), interval.get("upper")] if isinstance(interval, Mapping) else list(interval or [])
    rounded = [
        figure for limit in pair if isinstance(limit, int | float) and (figure := near(limit, threshold)) is not None
    ]
    return rounded if len(rounded) == len(pair) == 2 else None


def outward(bounds: tuple[float, float]) -> tuple[int, int]:
    """Return a range rounded outward to STEPS times a power of ten."""
    lower, upper = bounds
    return max(step_value for step_value in _grid(lower) if step_value <= lower), min(
        step_value for step_value in _grid(upper) if step_value >= upper
    )


def _grid(value: float) -> list[int]:
    size = 10 ** (len(str(int(value))) - 1)
    return [0, *(math.ceil(size * step_value) for step_value in STEPS)]
