"""Persons known to be on two lists without their names: how many of them the other tokens link.

A common number of a document, or a common code of a reviewed sample, says that two records are one person. How often
the tokens of names and dates link such pairs shows how often they fail, whatever the lists' errors are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.linkage.matching.model_file import Model

# known pairs, after noise, below which they say too little
LEAST_KNOWN = 30
# records of each list from which on common documents are worth their noise
LEAST_RECORDS = 5_000
HIGHEST = 0.9  # a missed link rate


@dataclass(frozen=True)
class KnownPairs:
    """Persons known to be on both of two lists, and how many of them are linked without that knowledge.

    is_sample: whether they are a reviewed sample of all persons on both lists; otherwise they have a common document,
    and the document links them. noise: standard deviation of the noise in `linked` and in `missed`.
    """

    linked: float
    missed: float
    is_sample: bool
    noise: float = 0.0

    @property
    def count(self) -> float:
        """Return the number of pairs."""
        return self.linked + self.missed

    @property
    def rate(self) -> float:
        """Return the share of the pairs that is missed, with half a pair of each kind before the data."""
        return min(HIGHEST, (max(0.0, self.missed) + 0.5) / (max(0.0, self.count) + 1))

    @property
    def spread(self) -> float:
        """Return the standard deviation of `rate`: by chance, and by noise."""
        rate = self.rate
        by_noise = self.noise * math.hypot(rate, 1 - rate) / self.count
        return math.hypot(math.sqrt(rate * (1 - rate) / self.count), by_noise)

    def expected_missing(self, linked_persons: float) -> tuple[float, float]:
        """Return how many persons on both lists are not linked if so many are, and the standard deviation.

        At least half a person: where everybody has a common document, nobody else is known.
        """
        others = linked_persons if self.is_sample else max(0.0, linked_persons - self.count)
        missing, deviation = others * self.rate / (1 - self.rate), others * self.spread / (1 - self.rate) ** 2
        return max(0.5, missing), max(0.5, deviation)

    def with_noise(self, linked: float, missed: float, deviation: float) -> KnownPairs:
        """Return the numbers with noise."""
        return replace(self, linked=self.linked + linked, missed=self.missed + missed, noise=deviation)


def count_by_document(
    left: NDArray[np.int64], right: NDArray[np.int64], weights: NDArray[np.float64], least: float
) -> KnownPairs:
    """Return the known pairs of persons with a common document.

    Parameters
    ----------
    left, right : (N,) int64
        Persons of two lists with a common document.
    weights : (N,) float64
        Match weight of each pair without the document, in bits.
    least : float
        Match weight of a link, in bits.

    Returns
    -------
    KnownPairs
        Nobody is in two pairs: the heaviest pair counts first. So one more person changes `linked` and the sum of both
        numbers by one at most, as a path of the greedy matching.

    Examples
    --------
    >>> left, right = np.array([0, 0, 1]), np.array([10, 11, 12])  # 10 and 11 are one person, entered twice
    >>> count_by_document(left, right, np.array([5.0, -3.0, -4.0]), least=0.0)
    KnownPairs(linked=1, missed=1, is_sample=False, noise=0.0)
    """
    matched = weights[match_pairs(left, right, weights)]
    linked = int((matched >= least).sum())
    return KnownPairs(linked, len(matched) - linked, is_sample=False)


def match_pairs(left: NDArray[np.int64], right: NDArray[np.int64], weights: NDArray[np.float64]) -> list[int]:
    """Return the rows of a greedy matching: nobody is in two pairs, and the heaviest pair counts first.

    Parameters
    ----------
    left, right : (N,) int64
        Persons of two lists.
    weights : (N,) float64
        Weight of each pair.

    Returns
    -------
    list of int
        One more person changes their number by one at most.

    Examples
    --------
    >>> match_pairs(np.array([0, 0, 1]), np.array([10, 11, 11]), np.array([5.0, 7.0, 4.0]))
    [1]
    """
    taken: set[tuple[str, int]] = set()
    rows = []
    for row in np.lexsort((right, left, -weights)).tolist():
        sides = {("left", int(left[row])), ("right", int(right[row]))}
        if taken.isdisjoint(sides):
            taken |= sides
            rows.append(row)
    return rows


def count_sample(first: pl.DataFrame, second: pl.DataFrame, weights: pl.DataFrame, least: float) -> KnownPairs:
    """Return the known pairs of a reviewed sample.

    Parameters
    ----------
    first, second : DataFrame
        `known`, `person`: the codes of the sample in each list, and the persons of their records.
    weights : DataFrame
        `person`, `person_right`, `weight`: match weight of pairs of persons, in bits. Other pairs are not linked.
    least : float
        Match weight of a link, in bits.

    Returns
    -------
    KnownPairs
        One pair for each code that both lists have once or more often.

    Examples
    --------
    >>> first = pl.DataFrame({"known": ["a", "b", "c"], "person": [0, 1, 2]})
    >>> second = pl.DataFrame({"known": ["a", "b"], "person": [5, 6]})
    >>> weights = pl.DataFrame({"person": [0], "person_right": [5], "weight": [4.0]})
    >>> count_sample(first, second, weights, least=0.0)
    KnownPairs(linked=1, missed=1, is_sample=True, noise=0.0)
    """
    pairs = first.join(second, on="known").join(weights, on=["person", "person_right"], how="left")
    heaviest = pairs.group_by("known").agg(pl.col("weight").max().fill_null(-math.inf))["weight"]
    linked = int((heaviest >= least).sum())
    return KnownPairs(linked, len(heaviest) - linked, is_sample=True)


def document_place(model: Model) -> int | None:
    """Return the place of the comparison of documents in the model; None if the lists have none."""
    names = [comparison.name for comparison in model.comparisons]
    return names.index("document") if "document" in names else None
