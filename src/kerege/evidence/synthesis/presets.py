"""What a user chooses by one word: from when on a combination counts as real, and what an invented one costs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """From how many sigmas on values, pairs and triples stand out, and the charge for one that does not.

    A charge is in residuals of one sigma; the higher it is, the less is invented and the more is missing.
    """

    thresholds: tuple[float, float, float]
    charge: float


PRESETS = {
    "balanced": Preset((1.5, 1.5, 1.0), 0.85),
    "careful": Preset((1.7, 1.7, 1.5), 3.6),
    "detailed": Preset((1.0, 1.0, 0.5), 0.3),
}
