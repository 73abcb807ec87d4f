"""Presets of the synthesiser: thresholds, charge of unsupported combinations, share of a first look."""

from __future__ import annotations

from dataclasses import dataclass

LOOK = 0.1  # share of the loss that pays for the first look of a choice


@dataclass(frozen=True)
class Preset:
    """Support thresholds in sigmas of values, pairs and triples, and the charge below them.

    A single value below its threshold is left out, and so is one for which all counts together are too small
    (`Noisy.supported_values`). The charge is in residuals of one sigma. A higher charge gives fewer fabricated and more
    missing combinations.
    """

    thresholds: tuple[float, float, float]
    charge: float


PRESETS = {
    "balanced": Preset((0.7, 1.5, 1.0), 0.85),
    "careful": Preset((1.7, 1.7, 1.5), 3.6),
    "detailed": Preset((0.7, 1.0, 0.5), 0.3),
}
