"""Scales from numbers to pixels, and boxes that texts may not cross."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Linear scale from zero: `start` pixels at 0, `end` pixels at `top`."""

    top: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the position of a value in pixels."""
        return self.start + (self.end - self.start) * value / self.top

    def ticks(self, most: int = 4) -> list[float]:
        """Return at most `most` round numbers above 0."""
        step = round_step(self.top, most)
        return [step * number for number in range(1, int(self.top / step + 1e-9) + 1)]


def round_step(top: float, most: int) -> float:
    """Return the smallest 1, 2 or 5 times a power of ten that fits at most `most` times."""
    power = 10.0 ** math.floor(math.log10(top / most))
    return next(step for factor in (1, 2, 5, 10, 20) if top / (step := factor * power) < most + 1)


@dataclass(frozen=True)
class Box:
    """Rectangle in pixels that a mark or a text fills."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, others: Iterable[Box]) -> bool:
        """Return whether this box overlaps one of the others."""
        return any(
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
            for other in others
        )
