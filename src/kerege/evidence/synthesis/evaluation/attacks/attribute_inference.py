"""Attribute inference: an intruder who knows all other columns guesses from the nearest records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import compiled
from kerege.evidence.synthesis.evaluation.attacks.attack_rate import Rate, Risk, rate, risk
from kerege.evidence.synthesis.evaluation.attacks.encoded_rows import Chance, Coded, draw_rows

TARGETS = 3_000
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Inference:
    """Risk over all columns and by column. `naive` is the success rate of each column's most common value."""

    overall: Risk
    columns: dict[str, Risk]
    naive: float

    def as_dict(self) -> dict[str, Any]:
        """Return the result for JSON."""
        by_column = {name: risk_of_column.as_dict() for name, risk_of_column in self.columns.items()}
        return {"overall": self.overall.as_dict(), "columns": by_column, "naive": self.naive}


def inference(
    names: list[str], original: Coded, synthetic: Coded, control: Coded, chance: Chance, *, targets: int = TARGETS
) -> Inference | None:
    """Return the risk that a reported value is inferred from the nearest synthetic records.

    Parameters
    ----------
    names : list of str
        Names of the columns.
    original, synthetic, control : (columns, rows) uint
        Codes of people in the data, of synthetic records, and of other people (`encoded_rows.coded`); 0 is not
        reported.
    chance : Generator
        Random numbers for drawing targets.
    targets : int
        Most targets of each group. A target counts once for each column that it reports.

    Returns
    -------
    Inference, optional
        Risk over all columns and by column; None if no target reports anything.

    Notes
    -----
    Giomi, Boenisch, Wehmeyer and Tasnadi 2023, "A Unified Framework for Quantifying Privacy Risk in Synthetic Data".
    The control is the same attack on people who are not in the data.

    Examples
    --------
    >>> codes = np.arange(1, 101, dtype=np.uint8)
    >>> rows = np.stack([codes, codes])  # the second column repeats the first
    >>> inference(["a", "b"], rows, rows, rows[:, ::-1].copy(), np.random.default_rng(1)).overall.attack.share
    1.0
    """
    inside, outside = draw_rows(original, targets, chance), draw_rows(control, targets, chance)
    right, reported = guesses(synthetic, inside) == inside, inside > 0
    control_right, control_reported = guesses(synthetic, outside) == outside, outside > 0
    if not reported.any():
        return None
    most_common = np.array([np.bincount(column).argmax() for column in synthetic])
    by_column = {
        name: risk(_rate(right[place, reported[place]]), _rate(control_right[place, control_reported[place]]))
        for place, name in enumerate(names)
        if reported[place].any() and control_reported[place].any()
    }
    overall = risk(clustered(right & reported, reported), clustered(control_right & control_reported, control_reported))
    return Inference(overall, by_column, float((outside == most_common[:, None])[control_reported].mean()))


def _rate(right: Flags) -> Rate:
    return rate(float(right.mean()), len(right))


def clustered(right: Flags, reported: Flags) -> Rate:
    """Return the share of right guesses among those with a reported value.

    Parameters
    ----------
    right, reported : (columns, targets) bool
        Whether the guess of a value is right, and whether the target reports the value.

    Returns
    -------
    Rate
        The share, the effective number of guesses, and Wilson's interval.

    Notes
    -----
    Guesses on one person are correlated. The interval uses the number of independent guesses with the same variance:
    the ratio estimator over persons, with the effective sample size of Kish 1965, "Survey Sampling".

    Examples
    --------
    >>> right = np.array([[True, False, True, True]])
    >>> clustered(right, np.ones_like(right)).share
    0.75
    """
    hits, guesses_made = right.sum(axis=0).astype(float), reported.sum(axis=0).astype(float)
    total, people = guesses_made.sum(), len(guesses_made)
    share = float(hits.sum() / total) if total else 0.0
    spread = float(np.square(hits - share * guesses_made).sum()) * people / max(1, people - 1)
    size = share * (1 - share) * total**2 / spread if spread > 0 else float((guesses_made > 0).sum())
    return rate(share, min(size, float(total)))


@compiled
def guesses(records: Coded, targets: Coded) -> Coded:
    """Return the intruder's guess of each column of each target: (columns, targets), 0 is none.

    The nearest records differ in the fewest columns that the target reports; ties are broken by the fewest other
    columns. The guess is the most common value of the nearest records, the lowest code in a tie.
    """
    width, size = records.shape
    result = np.zeros_like(targets)
    distances = np.empty(size, np.uint32)
    weight = np.empty(width, np.uint32)
    best = np.empty(width, np.uint32)
    votes = np.zeros((width, int(records.max()) + 1 if size else 1), np.int64)
    for target in range(targets.shape[1]):
        # 1. distance: sum over columns c of w_c [record_c != target_c], with w_c = width + 1 if the target reports c,
        # else 1 (Gower 1971, "A general coefficient of similarity and some of its properties", for categories)
        distances[:] = 0
        for column in range(width):
            value = targets[column, target]
            weight[column] = width + 1 if value else 1
            for row in range(size):
                distances[row] += weight[column] * (records[column, row] != value)
        # 2. nearest records of each column c by d - w_c [record_c != target_c], and the votes of their values
        best[:] = np.uint32(0xFFFFFFFF)
        ceiling = np.uint32(0xFFFFFFFF)  # a record farther away cannot be the nearest in any column
        for row in range(size):
            if distances[row] > ceiling:
                continue
            is_better = False
            for column in range(width):
                value = records[column, row]
                distance = distances[row] - weight[column] * (value != targets[column, target])
                if distance < best[column]:
                    best[column] = distance
                    votes[column] = 0
                    is_better = True
                if distance == best[column]:
                    votes[column, value] += 1
            if is_better:
                ceiling = (best + weight).max()
        for column in range(width):
            if size:
                result[column, target] = votes[column].argmax()
    return result
