"""From pairs to persons: links are taken from the strongest to the weakest, and a link must suit everybody it joins.

Connected components chain every error: A is B, B is C, and A has nothing to do with C. Here two groups become one only
if the group stays small enough, nobody in one contradicts anybody in the other, and on average they agree.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
from numpy.typing import NDArray

from kerege.linkage.matching.column_store import Rows

LARGEST = 25
# a pair inside a group may not speak against it by more than this, in bits of evidence with the prior
WORST = -6.0
# groups of more than two are joined when their pairs agree on average
AVERAGE = 0.0

Weigh = Callable[[Rows, Rows], NDArray[np.float64]]


def clusters(size: int, left: Rows, right: Rows, weights: NDArray[np.float64], weigh: Weigh) -> NDArray[np.int64]:
    """(size,) the smallest row of each record's group.

    `left`, `right` (N,) are the links to take and `weights` (N,) their weights; `weigh` gives the weights of any other
    pairs, which are asked for all at once.
    """
    home = np.arange(size)
    alone = _alone(size, left, right)
    home[right[alone]] = left[alone]
    left, right, weights = left[~alone], right[~alone], weights[~alone]
    known = _within(size, left, right, weights, weigh)
    groups: dict[int, list[int]] = {}
    for link in np.lexsort((right, left, -weights)):
        one, two = int(home[left[link]]), int(home[right[link]])
        if one == two:
            continue
        first, second = groups.get(one, [one]), groups.get(two, [two])
        if len(first) + len(second) > LARGEST or not _suits(first, second, known):
            continue
        keep, gone = (one, two) if one < two else (two, one)
        groups[keep] = first + second
        groups.pop(gone, None)
        home[second if keep == one else first] = keep
    return home


def _alone(size: int, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Which links join two records that have no other link: most of them."""
    links = np.bincount(left, minlength=size) + np.bincount(right, minlength=size)
    found: NDArray[np.bool_] = (links[left] == 1) & (links[right] == 1)
    return found


def _suits(first: list[int], second: list[int], known: dict[tuple[int, int], float]) -> bool:
    between = [known.get((min(pair), max(pair)), WORST - 1) for pair in product(first, second)]
    return min(between) >= WORST and sum(between) / len(between) >= AVERAGE


def _within(
    size: int, left: Rows, right: Rows, weights: NDArray[np.float64], weigh: Weigh
) -> dict[tuple[int, int], float]:
    """The weight of every pair inside a connected component of at most a few hundred records."""
    known = dict(zip(zip(left.tolist(), right.tolist(), strict=True), weights.tolist(), strict=True))
    missing = []
    for members in _components(size, left, right):
        if 2 < len(members) <= 16 * LARGEST:
            missing += [(a, b) for i, a in enumerate(members) for b in members[i + 1 :] if (a, b) not in known]
    if missing:
        one, two = np.array(missing, np.intp).T
        known.update(zip(missing, weigh(one, two).tolist(), strict=True))
    return known


def _components(size: int, left: Rows, right: Rows) -> list[list[int]]:
    """The connected components of more than one record, members in order."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    touched = np.unique(np.concatenate([left, right]))
    order = touched[np.argsort(labels[touched], kind="stable")]
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    return [part.tolist() for part in np.split(order, cuts)]
