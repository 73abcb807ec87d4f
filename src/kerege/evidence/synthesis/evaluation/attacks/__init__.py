"""Attacks on synthetic records: singling out, attribute inference and membership inference.

Each attack is run on people whose records were used and, as a control, on people whose records were not used. Success
on both groups alike reveals the population, not the people in the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from kerege.evidence.synthesis.evaluation.attacks.attack_rate import Rate, Risk
from kerege.evidence.synthesis.evaluation.attacks.attribute_inference import Inference, inference
from kerege.evidence.synthesis.evaluation.attacks.encoded_rows import encode_alike
from kerege.evidence.synthesis.evaluation.attacks.membership_inference import MembershipInference, membership
from kerege.evidence.synthesis.evaluation.attacks.singling_out import measure_singling_out

__all__ = ["Inference", "MembershipInference", "Privacy", "Rate", "Risk", "attack"]


@dataclass(frozen=True)
class Privacy:
    """Results of all attacks; None where an attack was not possible.

    `singling_out` is by number of columns. `refitted`: the attacks were on records regenerated from four fifths of the
    rows, with the rest as the control.
    """

    rows: int
    controls: int
    refitted: bool
    singling_out: dict[int, Risk | None]
    inference: Inference | None
    membership: MembershipInference | None

    def as_dict(self) -> dict[str, Any]:
        """Return the results for JSON."""
        return {
            "rows": self.rows,
            "controls": self.controls,
            "refitted": self.refitted,
            "singling_out": [
                {"columns": columns, "result": risk and risk.as_dict()} for columns, risk in self.singling_out.items()
            ],
            "inference": self.inference and self.inference.as_dict(),
            "membership": self.membership and self.membership.as_dict(),
        }


def attack(
    original: pl.DataFrame, synthetic: pl.DataFrame, control: pl.DataFrame, seed: int, *, refitted: bool = False
) -> Privacy:
    """Run all attacks on synthetic records made from `original`.

    `control` holds other people of the same kind. The frames have the columns of `original`, of text or lists of text;
    null and '' are not reported. Raise BadInput if there are too few rows.
    """
    names = original.columns
    rows, records, controls = encode_alike(original, synthetic, control)
    lengths = sorted({min(length, len(names)) for length in (1, 4, len(names))})
    chances = [np.random.default_rng([seed, number]) for number in range(len(lengths) + 2)]
    singled: dict[int, Risk | None] = {
        length: measure_singling_out(rows, records, controls, chance, columns=length)
        for length, chance in zip(lengths, chances[2:], strict=True)
    }
    inferred = inference(names, rows, records, controls, chances[0])
    members_found = membership(rows, records, controls, chances[1])
    return Privacy(
        rows=original.height,
        controls=control.height,
        refitted=refitted,
        singling_out=singled,
        inference=inferred,
        membership=members_found,
    )
