"""Levels, weights and probabilities of pairs of records under a model."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.linkage.matching.column_store import Number, Rows, Table, Text, Texts, records
from kerege.linkage.matching.comparison_sql import Pairs, truth
from kerege.linkage.matching.model_file import ELSE, Comparison, Model, prior_weight

FAITH = 100.0
# so many pairs are compared at once, by each processor
PART = 100_000
T = TypeVar("T")

Frequencies = Mapping[str, NDArray[np.float64]]
"""For a text column, the share of records with each of its values (aligned to the values of the column)."""


@dataclass(frozen=True)
class Scores:
    """Levels (comparisons, N) int8, their weights (comparisons, N) and the sum with the prior (N,), in bits."""

    gammas: NDArray[np.int8]
    parts: NDArray[np.float64]
    weights: NDArray[np.float64]
    # (comparisons, N) log2 of the share of the value that a level weighs; NaN where none is weighed
    shares: NDArray[np.float64]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """(N,) posterior probabilities."""
        return probability(self.weights)


def probability(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability that belongs to a weight in bits."""
    return 1.0 / (1.0 + np.exp2(-weight))


def frequencies(table: Table, model: Model) -> dict[str, NDArray[np.float64]]:
    """How common each value is of the columns that the model weighs, among the records that have one.

    Records of one whole name and day of birth count once: else whoever is written down four times has a common name.
    In a small table each value has `FAITH` records more at the model's own rate: two of six are no third of mankind.
    Raises BadInput where the model weighs a column of numbers or lists.
    """
    found = {}
    size = records(table)
    rows, persons = _written_again(table)
    alone = np.ones(size, np.bool_)
    alone[rows] = False
    for comparison in model.comparisons:
        for name in {level.tf_column for level in comparison.levels if level.tf_column}:
            column = table.get(name)
            if isinstance(column, Number | Texts):
                what = f"the model weighs how common a value of {name} is, and {name} holds no texts"
                raise BadInput(Fault(what, "name another tf_adjustment_column, or none"))
            if column is not None:
                codes, here = column.codes[alone], column.codes[rows]
                known = here >= 0
                once = np.unique(here[known].astype(np.int64) * size + persons[known]) // size
                several = np.bincount(once, minlength=len(column.values))
                counts = np.bincount(codes[codes >= 0], minlength=len(column.values)) + several
                found[name] = (counts + FAITH * (comparison.exact_u(name) or 0.0)) / (counts.sum() + FAITH)
    return found


def _written_again(table: Table) -> tuple[Rows, NDArray[np.int64]]:
    """Records whose whole name and day of birth another has too, and a number for each such person: hardly two."""
    name, day = table.get("name_key"), table.get("birth_date")
    if not (isinstance(name, Text) and isinstance(day, Text)):
        return np.zeros(0, np.intp), np.zeros(0, np.int64)
    rows = np.flatnonzero((name.codes >= 0) & (day.codes >= 0))
    both = name.codes[rows].astype(np.int64) * len(day.values) + day.codes[rows]
    _, person, times = np.unique(both, return_inverse=True, return_counts=True)
    several = times[person] > 1
    return rows[several], person[several]


def score(model: Model, pairs: Pairs, common: Frequencies) -> Scores:
    """Score every pair; `common` are the frequencies of the columns that the model weighs (others are not weighed)."""
    gammas = np.empty((len(model.comparisons), len(pairs)), np.int8)
    shares = np.empty(gammas.shape)
    for row, comparison in enumerate(model.comparisons):
        gammas[row] = levels(comparison, pairs)
        shares[row] = _shares(comparison, gammas[row], pairs, common)
    return weighed(model, gammas, shares)


def in_parts(work: Callable[[slice], T], size: int) -> Iterator[T]:
    """What `work` makes of every part of so many pairs, in their order; each processor works on one."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(work, (slice(start, start + PART) for start in range(0, size, PART)))


def score_many(model: Model, table: Table, left: Rows, right: Rows, common: Frequencies) -> Scores:
    """`score` of very many pairs, in parts."""
    parts = list(in_parts(lambda part: score(model, Pairs(table, left[part], right[part]), common), len(left)))
    parts = parts or [score(model, Pairs(table, left, right), common)]
    gammas, shares = (
        np.concatenate(each, 1) for each in zip(*((one.gammas, one.shares) for one in parts), strict=True)
    )
    return weighed(model, gammas, shares)


def weighed(model: Model, gammas: NDArray[np.int8], shares: NDArray[np.float64]) -> Scores:
    """The scores of known levels: log2(m/u), and for a value with a share log2(u of equality) - log2(share)."""
    parts = np.empty(shares.shape)
    for row, comparison in enumerate(model.comparisons):
        plain, base_weight = comparison.weights.T
        parts[row] = plain[gammas[row]]
        told = np.flatnonzero(~np.isnan(shares[row]))
        parts[row, told] += base_weight[gammas[row, told]] - shares[row, told]
    return Scores(gammas, parts, parts.sum(0) + prior_weight(model.prior), shares)


def levels(comparison: Comparison, pairs: Pairs) -> NDArray[np.int8]:
    """(N,) the number of the first level whose condition is true of each pair."""
    result = np.zeros(len(pairs), np.int8)
    open_ = np.ones(len(pairs), np.bool_)
    for level in comparison.levels:
        if level.condition.upper() == ELSE:
            result[open_] = level.gamma
            break
        here = open_ & truth(level.condition, pairs)
        result[here] = level.gamma
        open_ &= ~here
    return result


def _shares(comparison: Comparison, gammas: NDArray[np.int8], pairs: Pairs, common: Frequencies) -> NDArray[np.float64]:
    """log2 of the share of the more common of the two values, times the weight of that; NaN where none is weighed."""
    result = np.full(len(gammas), np.nan)
    for level in comparison.levels:
        column = pairs.table.get(level.tf_column or "")
        if level.tf_column is None or level.tf_column not in common or not isinstance(column, Text):
            continue
        here = np.flatnonzero(gammas == level.gamma)
        left, right = (_share(common[level.tf_column], column.codes[rows[here]]) for rows in (pairs.left, pairs.right))
        share = np.fmax(np.fmax(left, right), level.tf_minimum)
        with np.errstate(divide="ignore"):
            found = level.tf_weight * np.log2(share)
        result[here] = np.where(np.isfinite(found), found, np.nan)
    return result


def _share(shares: NDArray[np.float64], codes: NDArray[np.int32]) -> NDArray[np.float64]:
    if not len(shares):
        return np.full(len(codes), np.nan)
    found = shares[np.maximum(codes, 0)]
    return np.where((codes >= 0) & (found > 0), found, np.nan)
