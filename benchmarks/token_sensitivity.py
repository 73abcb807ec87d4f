"""Largest change of the counts of an overlap study by one person, over a search for bad link graphs.

Run: python benchmarks/token_sensitivity.py [STEPS] [--records N]
A graph has some persons on each of two to five lists, linked with random weights. Persons are matched as `kerege tokens
overlap` matches them (`match_lists`), and one person is removed. A search changes some weights at a time and keeps a
change that moves the counts as much or more. It is compared with the bound that `published_counts.most_moved` states,
and with greedy clusters of all lists at once, which Kerege used before.

`--records N` blanks N records at random, one at a time, from two lists on which persons repeat (`tokens_lists.py`) and
counts again, with the splitting of each list into persons, which the bound takes as given.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.tokens_lists import EXERCISES, encoded, exercise
from kerege.linkage.matching.clusters import clusters
from kerege.linkage.tokens import estimate_overlap, frequent_names
from kerege.linkage.tokens.match_lists import match_lists
from kerege.linkage.tokens.published_counts import most_moved

Ints, Weights = NDArray[np.int64], NDArray[np.float64]
Cluster = Callable[[Ints, Weights, Ints, Ints], Ints]
NO_LINK = -7.0


def by_list(owner: Ints, _: Weights, left: Ints, right: Ints) -> Ints:
    """Return the clusters of a study."""
    return match_lists(owner, left, right, list(range(int(owner.max()) + 1)))


def at_once(owner: Ints, weights: Weights, left: Ints, right: Ints) -> Ints:
    """Return greedy clusters of all lists at once."""

    def weigh(one: NDArray[np.intp], other: NDArray[np.intp]) -> Weights:
        return np.where(owner[one] == owner[other], -np.inf, weights[one, other])

    return clusters(len(owner), left, right, weights[left, right], weigh)


def histories(cluster: Cluster, owner: Ints, weights: Weights, lists: int) -> Ints:
    """Return (2^lists,) persons by capture history."""
    left, right = np.triu_indices(len(owner), 1)
    is_link = (weights[left, right] >= 0) & (owner[left] != owner[right])
    left, right = left[is_link], right[is_link]
    order = np.lexsort((right, left, -weights[left, right]))
    together = cluster(owner, weights, left[order], right[order])
    history = np.zeros(len(owner), np.int64)
    np.bitwise_or.at(history, together, 1 << owner)
    return np.bincount(history, minlength=1 << lists) * (np.arange(1 << lists) > 0)


def moved(cluster: Cluster, owner: Ints, weights: Weights, lists: int) -> int:
    """Return by how much all counts together change when the first person is removed."""
    whole, rest = histories(cluster, owner, weights, lists), np.arange(1, len(owner))
    return int(abs(whole - histories(cluster, owner[rest], weights[np.ix_(rest, rest)], lists)).sum())


def changed(draw: np.random.Generator, weights: Weights) -> Weights:
    """Return the weights with one to three pairs drawn again."""
    new = weights.copy()
    for one, other in draw.integers(len(weights), size=(draw.integers(1, 4), 2)):
        new[one, other] = new[other, one] = draw.random() * 20 if draw.random() < 0.6 else NO_LINK
    return new


def search(cluster: Cluster, lists: int, persons: int, steps: int, seed: int) -> int:
    """Return the largest change found; the removed person is on the first list."""
    draw = np.random.default_rng(seed)
    owner = np.repeat(np.arange(lists), persons)
    weights = np.full((len(owner),) * 2, NO_LINK)
    most = 0
    for _ in range(steps):
        new = changed(draw, weights)
        if (change := moved(cluster, owner, new, lists)) >= most:
            most, weights = change, new
    return most


def remove_records(times: int, seed: int = 77) -> Counter[int]:
    """Return how often a record less moves all counts of two lists together by how much."""
    with tempfile.TemporaryDirectory() as folder:
        lists = exercise(replace(EXERCISES[-1], out_of=7_000), seed, Path(folder))
        read, _ = encoded(lists, Path(folder), frequent_names.SHARE)
    whole, draw, moves = estimate_overlap.overlap(read).histories, np.random.default_rng(seed), Counter[int]()
    for _ in range(times):
        place = int(draw.integers(2))
        frame, row = read[place].frame, int(draw.integers(len(read[place].frame)))
        blank = pl.DataFrame([pl.Series(name, [None], dtype) for name, dtype in frame.schema.items()])
        without = replace(read[place], frame=pl.concat([frame[:row], blank, frame[row + 1 :]]))
        less = estimate_overlap.overlap([without if tokens is read[place] else tokens for tokens in read]).histories
        less[(1 << place) - 1] -= 1  # the blank record keeps the size of the list, and is nobody
        moves[int(abs(less - whole).sum())] += 1
    return moves


def main() -> None:
    """Print the largest change for each number of lists."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", type=int, nargs="?", default=2_000)
    parser.add_argument("--records", type=int, default=0)
    asked = parser.parse_args()
    if asked.records:
        for change, times in sorted(remove_records(asked.records).items()):
            print(f"one record less moves the counts by {change}: {times} times")
        return
    for lists in range(2, 6):
        for persons in (4, 7):
            one_by_one, together = (
                max(search(cluster, lists, persons, asked.steps, seed) for seed in (1, 2))
                for cluster in (by_list, at_once)
            )
            bound = f"at most {most_moved(lists)}"
            print(
                f"{lists} lists of {persons}: list by list {one_by_one} ({bound}), all at once {together}", flush=True
            )


if __name__ == "__main__":
    main()
