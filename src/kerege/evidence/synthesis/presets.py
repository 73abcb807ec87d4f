"""What a user chooses by one word: from when on a combination counts as real, and what an invented one costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Charge(NamedTuple):
    """What a combination costs that does not stand out, in residuals of one sigma: `least`, and more where needed.

    `aim` is the share of the combinations of three in the records that may be invented, as far as noise alone tells: no
    constant charge keeps to one share on all tables. 1 leaves the charge as it is.
    """

    least: float
    aim: float = 1.0


@dataclass(frozen=True)
class Preset:
    """From how many sigmas on values, pairs and triples stand out, and the charge for those that do not."""

    thresholds: tuple[float, float, float]
    charge: Charge


PRESETS = {
    "balanced": Preset((1.5, 1.5, 1.0), Charge(0.6, 0.42)),
    "careful": Preset((2.0, 2.0, 1.5), Charge(2.6, 0.23)),
    "detailed": Preset((1.0, 1.0, 0.5), Charge(0.3)),
}
