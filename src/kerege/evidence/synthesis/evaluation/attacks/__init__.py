"""Attacks of our own on synthetic records: singling out, attribute inference, membership.

Each is run on people whose records made the synthetic ones and, for comparison, on people whose records did not: what
succeeds on both alike was learnt about the population, not about them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.evidence.synthesis.evaluation.attacks.attack_rate import Rate, Risk
from kerege.evidence.synthesis.evaluation.attacks.attribute_inference import Inference, inference
from kerege.evidence.synthesis.evaluation.attacks.encoded_rows import coded_alike
from kerege.evidence.synthesis.evaluation.attacks.membership_inference import Membership, membership
from kerege.evidence.synthesis.evaluation.attacks.singling_out import singled_out

__all__ = ["Inference", "Membership", "Privacy", "Rate", "Refit", "Risk", "attack", "attack_refitted"]

Refit = Callable[[pl.DataFrame], pl.DataFrame]
HELD_BACK = 5  # one row in so many
FEWEST = 50  # rows of which a part can be held back


@dataclass(frozen=True)
class Privacy:
    """What the attacks found; None where an attack had nothing to begin with. `singling_out` by number of columns.

    `refitted`: the attacks were on records made anew from four fifths of the rows, the rest being the control.
    """

    rows: int
    controls: int
    refitted: bool
    singling_out: dict[int, Risk | None]
    inference: Inference | None
    membership: Membership | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rows": self.rows,
            "controls": self.controls,
            "refitted": self.refitted,
            "singling_out": [
                {"columns": columns, "result": each and each.as_dict()} for columns, each in self.singling_out.items()
            ],
            "inference": self.inference and self.inference.as_dict(),
            "membership": self.membership and self.membership.as_dict(),
        }


def attack(
    original: pl.DataFrame, synthetic: pl.DataFrame, control: pl.DataFrame, seed: int, *, refitted: bool = False
) -> Privacy:
    """Attack synthetic records, with `original` those that they were made from and `control` others of the same kind.

    Frames with the same columns of text or lists of text; null and '' are not reported. Raises BadInput when there are
    no rows.
    """
    names = original.columns
    rows, records, others = coded_alike(original, synthetic, control)
    lengths = sorted({min(length, len(names)) for length in (1, 4, len(names))})
    chances = [np.random.default_rng([seed, number]) for number in range(len(lengths) + 2)]
    singled: dict[int, Risk | None] = {
        length: singled_out(rows, records, others, chance, columns=length)
        for length, chance in zip(lengths, chances[2:], strict=True)
    }
    learnt = inference(names, rows, records, others, chances[0])
    told = membership(rows, records, others, chances[1])
    return Privacy(original.height, control.height, refitted, singled, learnt, told)


def attack_refitted(original: pl.DataFrame, refit: Refit, seed: int) -> Privacy:
    """Hold a random fifth back as the control, make synthetic records from the rest, and attack those.

    Raises BadInput when there are fewer than 50 rows.
    """
    if original.height < FEWEST:
        fault = Fault(f"of fewer than {FEWEST} rows none can be held back", "give other rows by --control")
        raise BadInput(fault)
    order = np.random.default_rng([seed, 99]).permutation(original.height)
    held, used = np.sort(order[: original.height // HELD_BACK]), np.sort(order[original.height // HELD_BACK :])
    rest = original[used]
    return attack(rest, refit(rest), original[held], seed, refitted=True)
