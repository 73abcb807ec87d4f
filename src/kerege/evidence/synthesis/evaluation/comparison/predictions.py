"""Train on synthetic records, test on real people: what a model of a researcher loses.

The model is a multinomial logistic regression of one column on all others, with a ridge penalty. It is trained once on
the synthetic records and once on the real rows that they were made from, and tested on other real people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import rankdata

from kerege.evidence.synthesis.evaluation.comparison.answers import AnswerTable, list_answers
from kerege.evidence.synthesis.evaluation.comparison.holdout import Holdout

MOST_TARGETS = 12  # columns that are predicted: those with the most even answers
MOST_ANSWERS = 20  # answers of a column that a model distinguishes: the commonest ones
LEAST_PEOPLE = 20  # fewest people with an answer, among those whom a model is tested on
MOST_ROWS = 10_000  # rows of each file that are used, drawn by the seed
RIDGE, MOST_STEPS = 1.0, 30


@dataclass(frozen=True)
class Prediction:
    """Quality of the predictions of a column for other real people.

    Accuracies are shares of right answers: of the commonest answer (`majority`), of the model trained on real rows
    (`real`), and of the one trained on synthetic records (`synthetic`). An AUC is the mean over the answers of the
    probability that a person with the answer is ranked before one without it, weighted by people.
    """

    column: str
    answers: int
    people: int
    majority: float
    real: float
    synthetic: float
    real_auc: float
    synthetic_auc: float


@dataclass(frozen=True)
class _Rows:
    """Records and their answers as a matrix."""

    matrix: sp.csr_array
    frame: pl.DataFrame


def predict(holdout: Holdout, seed: int) -> list[Prediction]:
    """Return the predictions of the columns that have two answers of enough people; [] if there are none.

    Parameters
    ----------
    holdout : Holdout
        Real rows, other real people, and the synthetic records of the rows.
    seed : int
        Seed by which rows are drawn where there are more than MOST_ROWS.

    Returns
    -------
    list of Prediction
        At most MOST_TARGETS, in the order of the columns. Columns of several values are used, not predicted.

    Notes
    -----
    "Train on synthetic, test on real": Esteban, Hyland and Rätsch 2017, "Real-valued (Medical) Time Series Generation
    with Recurrent Conditional GANs". AUC: Hanley and McNeil 1982.

    Examples
    --------
    >>> rows = pl.DataFrame({"sex": ["f", "m"] * 200, "form": ["a", "b"] * 200})
    >>> [(one.column, one.majority, one.synthetic) for one in predict(Holdout(rows, rows, rows), seed=1)]
    [('sex', 0.5, 1.0), ('form', 0.5, 1.0)]
    """
    chance = np.random.default_rng([seed, 7])
    frames = [_draw(frame, chance) for frame in (holdout.rows, holdout.records, holdout.others)]
    answers = list_answers(frames)
    real, records, others = (_Rows(answers.encode(frame), frame) for frame in frames)
    targets = _choose_targets(others.frame, answers)
    return [
        _predict_column(column, labels, answers, trained=(real, records), others=others)
        for column, labels in sorted(targets.items(), key=lambda item: answers.columns.index(item[0]))
    ]


def _draw(frame: pl.DataFrame, chance: np.random.Generator) -> pl.DataFrame:
    if frame.height <= MOST_ROWS:
        return frame
    return frame[np.sort(chance.choice(frame.height, MOST_ROWS, replace=False))]


def _choose_targets(others: pl.DataFrame, answers: AnswerTable) -> dict[str, list[str]]:
    """Return the columns to predict with their labels; '' is *not reported*."""
    labels_by_column, evenness = {}, {}
    for name, has_several in zip(answers.columns, answers.several, strict=True):
        if has_several:
            continue
        counts = others[name].fill_null("").value_counts().filter(pl.col("count") >= LEAST_PEOPLE)
        common = counts.sort(["count", name], descending=[True, False]).head(MOST_ANSWERS)
        if common.height > 1:
            labels_by_column[name] = common[name].to_list()
            evenness[name] = int(common["count"][0]) / int(common["count"].sum())
    chosen = sorted(labels_by_column, key=lambda name: evenness[name])[:MOST_TARGETS]
    return {name: labels_by_column[name] for name in chosen}


def _predict_column(
    column: str, labels: list[str], answers: AnswerTable, trained: tuple[_Rows, _Rows], others: _Rows
) -> Prediction:
    place = answers.slice_of(answers.columns.index(column))
    features = np.delete(np.arange(len(answers.names)), place)
    test, truth = _select(others, column, labels, features)
    scores = [_score(*_select(rows, column, labels, features), test, len(labels)) for rows in trained]
    accuracies = [float((score.argmax(axis=1) == truth).mean()) for score in scores]
    aucs = [_mean_auc(score, truth) for score in scores]
    majority = float(np.bincount(truth).max() / len(truth))
    return Prediction(
        column=column,
        answers=len(labels),
        people=len(truth),
        majority=majority,
        real=accuracies[0],
        synthetic=accuracies[1],
        real_auc=aucs[0],
        synthetic_auc=aucs[1],
    )


def _select(
    rows: _Rows, column: str, labels: list[str], features: NDArray[np.int64]
) -> tuple[sp.csr_array, NDArray[np.int64]]:
    """Return the features and the labels of the records that have one of the labels."""
    codes = rows.frame[column].fill_null("").replace_strict(labels, range(len(labels)), default=-1).to_numpy()
    is_labelled = codes >= 0
    return rows.matrix[is_labelled][:, features], codes[is_labelled]


def _score(matrix: sp.csr_array, labels: NDArray[np.int64], test: sp.csr_array, size: int) -> NDArray[np.float64]:
    """Return the (people, labels) scores of the tested people by a model trained on labelled records."""
    weights = _train(_with_constant(matrix), labels, size)
    scores: NDArray[np.float64] = _with_constant(test) @ weights
    return scores


def _with_constant(matrix: sp.csr_array) -> sp.csr_array:
    return sp.csr_array(sp.hstack([matrix, np.ones((matrix.shape[0], 1))]))


def _train(matrix: sp.csr_array, labels: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Return the weights (features, labels) of the smallest penalised cross-entropy."""
    shape, rows = (matrix.shape[1], size), np.arange(len(labels))
    people, transposed = max(1, len(labels)), matrix.T.tocsr()

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(shape)
        scores = matrix @ weights
        shares = np.exp(scores - scores.max(axis=1, keepdims=True, initial=0.0))
        shares /= shares.sum(axis=1, keepdims=True)
        entropy = -np.log(shares[rows, labels] + 1e-300).sum() + RIDGE / 2 * (weights**2).sum()
        shares[rows, labels] -= 1
        return float(entropy) / people, ((transposed @ shares + RIDGE * weights) / people).ravel()

    result = minimize(loss, np.zeros(shape[0] * size), jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS})
    weights: NDArray[np.float64] = result.x.reshape(shape)
    return weights


def _mean_auc(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """Return the mean over the labels of the AUC of one label against all others, weighted by people."""
    people = np.bincount(truth, minlength=scores.shape[1])
    margins = [scores[:, label] - _best_other(scores, label) for label in range(len(people))]
    aucs = [_auc(margin, truth == label) for label, margin in enumerate(margins)]
    return float(np.average(aucs, weights=people))


def _best_other(scores: NDArray[np.float64], label: int) -> NDArray[np.float64]:
    best: NDArray[np.float64] = np.delete(scores, label, axis=1).max(axis=1)
    return best


def _auc(scores: NDArray[np.float64], is_label: NDArray[np.bool_]) -> float:
    inside, outside = int(is_label.sum()), int((~is_label).sum())
    if not inside or not outside:
        return 0.5
    ranks = rankdata(scores)[is_label].sum()
    return float((ranks - inside * (inside + 1) / 2) / (inside * outside))
