"""What a user chooses by one word: from when on a combination counts as real, and what an invented one costs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """From how many sigmas on values, pairs and triples stand out, and the charge for those that do not."""

    thresholds: tuple[float, float, float]
    charge: float  # in residuals of one sigma


PRESETS = {
    "balanced": Preset((1.5, 1.5, 1.0), 0.6),
    "careful": Preset((2.0, 2.0, 1.5), 2.6),
    "detailed": Preset((1.0, 1.0, 0.5), 0.3),
}
