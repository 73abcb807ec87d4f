"""Training from labels: fits the probabilities of a model to judged pairs.

The weights of a model assume that its comparisons are independent. They are not, so probabilities near 0 and 1 are too
sure. Two numbers repair this: the weight of a pair becomes shift + scale * weight. The model stays in Splink's format.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.linkage.matching.column_store import Rows
from kerege.linkage.matching.comparisons import Comparison, Level
from kerege.linkage.matching.model_file import Model, prior_weight

# fewest labels of matches, and of non-matches
LEAST_LABELS = 5
# standard deviations of shift (bits) and scale before a label is seen
SHIFT, SCALE = 4.0, 0.3
# least scale; at most 1: labels make no evidence stronger
LEAST_SCALE = 0.2
ROUNDS = 50


@dataclass(frozen=True)
class Calibration:
    """Fit of weights to labels: the weight in bits of a pair becomes `shift + scale * weight`."""

    shift: float
    scale: float


def fit_calibration(weights: NDArray[np.float64], is_match: NDArray[np.bool_]) -> Calibration:
    """Return the calibration that fits the labels of pairs best.

    Parameters
    ----------
    weights : (labels,) float64
        Match weights of the labelled pairs, in bits with the prior.
    is_match : (labels,) bool
        Whether the two records are of one person.

    Returns
    -------
    Calibration
        Close to no change where labels are few. The labels may be drawn by bands of the weight.

    Raises
    ------
    BadInput
        If fewer than five labels are matches, or fewer than five are not.

    Notes
    -----
    Logistic calibration (Platt 1999, "Probabilistic outputs for support vector machines") with normal priors, by
    Newton's method. Scaled weights of dependent fields: Thibaudeau 1993, "The discrimination power of dependency
    structures in record linkage".

    Examples
    --------
    >>> weights = np.repeat([-4.0, -1.0, 1.0, 4.0, 8.0], 40)
    >>> is_match = np.concatenate([np.arange(40) < share for share in (4, 12, 22, 32, 38)])
    >>> fit_calibration(weights, is_match).scale < 0.9  # 8 bits are 0.996, and 38 of 40 such pairs are matches
    True
    """
    if min(is_match.sum(), (~is_match).sum()) < LEAST_LABELS:
        what = f"{int(is_match.sum())} labels are matches and {int((~is_match).sum())} are not"
        raise BadInput(Fault(what, f"judge more pairs, until {LEAST_LABELS} of each kind are there"))
    fitted = _fit(weights, is_match, np.array([0.0, 1.0]), is_scale_free=True)
    scale = float(np.clip(fitted[1], LEAST_SCALE, 1.0))
    if scale != fitted[1]:
        fitted = _fit(weights, is_match, np.array([fitted[0], scale]), is_scale_free=False)
    return Calibration(float(fitted[0]), scale)


def _fit(
    weights: NDArray[np.float64], is_match: NDArray[np.bool_], start: NDArray[np.float64], *, is_scale_free: bool
) -> NDArray[np.float64]:
    """Return shift and scale at the maximum of the posterior density."""
    design = np.stack([np.ones_like(weights), weights], axis=1) * np.log(2.0)
    precision = np.array([SHIFT**-2, SCALE**-2])
    mean, fitted = np.array([0.0, 1.0]), start.copy()
    for _ in range(ROUNDS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(design @ fitted, -500, 500)))
        gradient = design.T @ (is_match - chance) - precision * (fitted - mean)
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(precision)
        step = np.linalg.solve(curvature, gradient) if is_scale_free else np.array([gradient[0] / curvature[0, 0], 0.0])
        fitted = fitted + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-9:
            break
    return fitted


def apply_calibration(model: Model, calibration: Calibration) -> Model:
    """Return the model whose weights are shift + scale times those of the given one.

    Parameters
    ----------
    model : Model
        Model, whose levels have the bits log2(m / u).
    calibration : Calibration
        Shift and scale; the scale is above 0 and at most 1.

    Returns
    -------
    Model
        With another m of every level, another weight of its term frequencies, and another prior.

    Examples
    --------
    >>> model = Model.bundled().only({"sex"})
    >>> half = apply_calibration(model, Calibration(0.0, 0.5))
    >>> [round(one.weight / two.weight, 6) for one, two in zip(half.comparisons[0].levels[1:],
    ...                                                        model.comparisons[0].levels[1:])]
    [0.5, 0.5]
    """
    bits = calibration.shift + calibration.scale * prior_weight(model.prior)
    comparisons = tuple(_scale_comparison(comparison, calibration.scale) for comparison in model.comparisons)
    return replace(model, prior=float(1.0 / (1.0 + 2.0**-bits)), comparisons=comparisons)


def _scale_comparison(comparison: Comparison, scale: float) -> Comparison:
    return replace(comparison, levels=tuple(_scale_level(level, scale) for level in comparison.levels))


def _scale_level(level: Level, scale: float) -> Level:
    if level.is_null:
        return level
    tf_weight = level.tf_weight * scale if level.tf_column else level.tf_weight
    return replace(level, m=level.u * (level.m / level.u) ** scale, tf_weight=tf_weight)


def find_labels(labels: pl.DataFrame, ids: Sequence[str]) -> tuple[Rows, Rows, NDArray[np.bool_]]:
    """Return rows of both records and whether they match, for each label.

    Raises BadInput for an unknown id.
    """
    row_of_id = {record_id: row for row, record_id in enumerate(ids)}
    rows = [(row_of_id.get(left), row_of_id.get(right)) for left, right in labels.select("left", "right").rows()]
    unknown = sum(None in pair for pair in rows)
    if unknown:
        what = f"{unknown} of {len(rows)} labelled pairs name a record that no file has"
        raise BadInput(Fault(what, "give the files that were judged, with the same ids"))
    left, right = np.array(rows, np.intp).reshape(-1, 2).T
    return left, right, labels["is_match"].to_numpy().astype(bool)
