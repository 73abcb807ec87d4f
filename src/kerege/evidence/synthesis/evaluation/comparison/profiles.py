"""Profiles of subgroups: how the people with one value answer all other columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.synthesis.evaluation.comparison.answers import AnswerTable, list_answers
from kerege.evidence.synthesis.evaluation.comparison.holdout import Holdout

LEAST_GROUP = 50  # fewest people in a subgroup
MOST_GROUPS = 400  # largest subgroups that are compared


@dataclass(frozen=True)
class SubgroupProfile:
    """The people with a value of a column, real and synthetic.

    `difference` is the share of the people who would have to answer otherwise for the synthetic answers to agree with
    the real ones, on average over the other columns. `others` is the same figure for other real people instead of
    synthetic records, None without a holdout.
    """

    column: str
    value: str
    people: int
    synthetic_people: int
    difference: float
    others: float | None = None


def profile(original: pl.DataFrame, synthetic: pl.DataFrame, holdout: Holdout | None) -> list[SubgroupProfile]:
    """Return the profiles of all subgroups of LEAST_GROUP people or more, largest difference first.

    Parameters
    ----------
    original, synthetic : DataFrame
        Real rows and synthetic records of text or lists of text; null is *not reported*.
    holdout : Holdout, optional
        Real rows and other people, for `others`.

    Returns
    -------
    list of SubgroupProfile
        [] if no value has so many people, or there is one column only.

    Notes
    -----
    The difference in a column of single values is the total variation distance, with *not reported* as an answer. In a
    column of several values it is the mean difference of the shares of its values.

    Examples
    --------
    >>> rows = pl.DataFrame({"sex": ["f"] * 60 + ["m"] * 60, "form": ["a"] * 60 + ["b"] * 60})
    >>> made = pl.DataFrame({"sex": ["f"] * 60 + ["m"] * 60, "form": ["a"] * 120})
    >>> [(group.value, group.difference) for group in profile(rows, made, None)]
    [('m', 1.0), ('b', 1.0), ('a', 0.5), ('f', 0.0)]
    """
    if original.width < 2:
        return []
    frames = [original, synthetic, *((holdout.rows, holdout.others) if holdout else ())]
    answers = list_answers(frames)
    matrices = [answers.encode(frame) for frame in frames]
    people = [np.asarray(matrix.sum(axis=0)).ravel() for matrix in matrices]
    order = np.argsort(-people[0], kind="stable")[:MOST_GROUPS]
    groups = order[people[0][order] >= LEAST_GROUP]
    shares = [
        np.asarray((matrix[:, groups].T @ matrix).todense()) / np.maximum(counts[groups], 1)[:, None]
        for matrix, counts in zip(matrices, people, strict=True)
    ]
    differences = _compare(shares[0], shares[1], answers, groups)
    others = _compare(shares[2], shares[3], answers, groups) if holdout else None
    profiles = [
        SubgroupProfile(
            column=answers.names[group][0],
            value=answers.names[group][1],
            people=int(people[0][group]),
            synthetic_people=int(people[1][group]),
            difference=float(differences[number]),
            others=None if others is None else float(others[number]),
        )
        for number, group in enumerate(groups)
    ]
    return sorted(profiles, key=lambda group_profile: -group_profile.difference)


def _compare(
    real: NDArray[np.float64], other: NDArray[np.float64], answers: AnswerTable, groups: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return for each subgroup the mean difference over the columns other than its own."""
    by_column = np.array([_difference(real - other, answers, column) for column in range(len(answers.columns))])
    own = answers.column[groups]
    by_column[own, np.arange(len(groups))] = 0
    means: NDArray[np.float64] = by_column.sum(axis=0) / (len(answers.columns) - 1)
    return means


def _difference(differences: NDArray[np.float64], answers: AnswerTable, column: int) -> NDArray[np.float64]:
    """Return the difference of the answers to a column by subgroup, from the differences of all shares."""
    own = differences[:, answers.slice_of(column)]
    sums = np.abs(own).sum(axis=1)
    not_reported = np.abs(own.sum(axis=1))
    difference: NDArray[np.float64] = (
        sums / max(1, own.shape[1]) if answers.several[column] else (sums + not_reported) / 2
    )
    return difference
