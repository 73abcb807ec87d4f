"""Largest change of the counts of an overlap study by one person, over random link graphs.

Run: python benchmarks/token_sensitivity.py [GRAPHS]
Every person of a graph is removed in turn.
A graph has up to four persons on each of two to five lists, linked with random weights, some of them equal. Persons are
clustered as `kerege tokens overlap` clusters them: greedily, and no cluster has two persons of one list. The worst
graph of each number of lists is a proof that the counts move by at least so much; no bound from above follows.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from kerege.linkage.matching.clusters import clusters

MOST = 4


def histories(owner: NDArray[np.int64], weights: NDArray[np.float64], lists: int) -> NDArray[np.int64]:
    """Return (2^lists,) persons by capture history."""
    left, right = np.triu_indices(len(owner), 1)
    is_link = (weights[left, right] >= 0) & (owner[left] != owner[right])
    left, right = left[is_link], right[is_link]

    def weigh(one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.where(owner[one] == owner[other], -np.inf, weights[one, other])

    order = np.lexsort((right, left, -weights[left, right]))
    left, right = left[order], right[order]
    together = clusters(len(owner), left, right, weights[left, right], weigh)
    history = np.zeros(len(owner), np.int64)
    np.bitwise_or.at(history, together, 1 << owner)
    return np.bincount(history, minlength=1 << lists) * (np.arange(1 << lists) > 0)


def graph(draw: np.random.Generator, lists: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the list of each person, and the weights of all pairs in bits."""
    owner = np.repeat(np.arange(lists), draw.integers(1, MOST + 1, lists))
    upper = np.triu(
        np.where(
            draw.random((len(owner),) * 2) < draw.uniform(0.2, 0.9), draw.integers(1, 20, (len(owner),) * 2), -7.0
        ),
        1,
    )
    return owner, upper + upper.T


def moved(owner: NDArray[np.int64], weights: NDArray[np.float64], lists: int) -> list[int]:
    """Return for each person by how much the counts change in all when they are removed."""
    whole, people = histories(owner, weights, lists), np.arange(len(owner))
    rest = [people[people != person] for person in people]
    return [int(abs(whole - histories(owner[kept], weights[np.ix_(kept, kept)], lists)).sum()) for kept in rest]


def main(graphs: int) -> None:
    """Print for each number of lists how often a person moves the counts by how much."""
    print(f"{graphs} graphs for each number of lists; change of all counts when one person is removed")
    for lists in range(2, 6):
        draw = np.random.default_rng(lists)
        changes = Counter(change for _ in range(graphs) for change in moved(*graph(draw, lists), lists))
        total = sum(changes.values())
        shares = ", ".join(f"{change}: {count / total:.2%}" for change, count in sorted(changes.items()))
        print(f"{lists} lists, {total:,} persons removed: {shares}; at most {max(changes)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
