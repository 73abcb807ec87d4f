"""Attribute inference: who knows all of a person but one column looks it up in the nearest synthetic records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import compiled
from kerege.evidence.synthesis.evaluation.attacks.attack_rate import Rate, Risk, rate, risk
from kerege.evidence.synthesis.evaluation.attacks.encoded_rows import Chance, Coded, drawn

TARGETS = 3_000
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Inference:
    """Risk over all columns and by column. `naive`: the share that is right with each column's commonest answer."""

    overall: Risk
    columns: dict[str, Risk]
    naive: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        by_column = {name: found.as_dict() for name, found in self.columns.items()}
        return {"overall": self.overall.as_dict(), "columns": by_column, "naive": self.naive}


def inference(
    names: list[str], original: Coded, synthetic: Coded, control: Coded, chance: Chance, *, targets: int = TARGETS
) -> Inference | None:
    """The risk that a reported value is learnt; a target counts once for each column that it reports.

    None where no target reports anything. The control: the same attack on people who are not in the data.
    """
    inside, outside = drawn(original, targets, chance), drawn(control, targets, chance)
    right, said = guesses(synthetic, inside) == inside, inside > 0
    others_right, others_said = guesses(synthetic, outside) == outside, outside > 0
    if not said.any():
        return None
    usual = np.array([np.bincount(column).argmax() for column in synthetic])
    by_column = {
        name: risk(_rate(right[place, said[place]]), _rate(others_right[place, others_said[place]]))
        for place, name in enumerate(names)
        if said[place].any() and others_said[place].any()
    }
    overall = risk(clustered(right & said, said), clustered(others_right & others_said, others_said))
    return Inference(overall, by_column, float((outside == usual[:, None])[others_said].mean()))


def _rate(right: Flags) -> Rate:
    return rate(float(right.mean()), len(right))


def clustered(right: Flags, said: Flags) -> Rate:
    """The share of right guesses among those made, (columns, targets).

    Guesses on one person hang together, so the interval is that of as many independent ones as have the same variance
    (ratio estimator over persons, then Kish's effective size).
    """
    hits, made = right.sum(axis=0).astype(float), said.sum(axis=0).astype(float)
    total, people = made.sum(), len(made)
    share = float(hits.sum() / total) if total else 0.0
    spread = float(np.square(hits - share * made).sum()) * people / max(1, people - 1)
    size = share * (1 - share) * total**2 / spread if spread > 0 else float((made > 0).sum())
    return rate(share, min(size, float(total)))


@compiled
def guesses(records: Coded, targets: Coded) -> Coded:
    """The attacker's guess of every column of every target from its other columns: (columns, targets), 0 says nothing.

    The nearest records differ in the fewest columns that the target reports, and among those in the fewest others; the
    guess is the value that most of the nearest have, the lowest code among equals.
    """
    width, size = records.shape
    found = np.zeros_like(targets)
    far = np.empty(size, np.uint32)
    weight = np.empty(width, np.uint32)
    best = np.empty(width, np.uint32)
    votes = np.zeros((width, int(records.max()) + 1 if size else 1), np.int64)
    for target in range(targets.shape[1]):
        far[:] = 0
        for column in range(width):
            value = targets[column, target]
            weight[column] = width + 1 if value else 1
            for row in range(size):
                far[row] += weight[column] * (records[column, row] != value)
        best[:] = np.uint32(0xFFFFFFFF)
        ceiling = np.uint32(0xFFFFFFFF)  # no record further away is the nearest in any column
        for row in range(size):
            if far[row] > ceiling:
                continue
            better = False
            for column in range(width):
                value = records[column, row]
                distance = far[row] - weight[column] * (value != targets[column, target])
                if distance < best[column]:
                    best[column] = distance
                    votes[column] = 0
                    better = True
                if distance == best[column]:
                    votes[column, value] += 1
            if better:
                ceiling = (best + weight).max()
        for column in range(width):
            if size:
                found[column, target] = votes[column].argmax()
    return found
