"""Clusters from pairs: greedy agglomeration with a check of all pairs between two clusters.

Connected components chain every false link: A links to B and B to C, although A and C are different persons. Here two
clusters merge only if three conditions hold. The result is small enough, no pair across them contradicts a match, and
the mean weight across them is not negative.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
from numpy.typing import NDArray

from kerege.linkage.matching.column_store import Rows

# most records in a cluster
LARGEST = 25
# least match weight of any pair inside a cluster, in bits with the prior
WORST = -6.0
# least mean match weight of the pairs across two clusters that merge, in bits
AVERAGE = 0.0

Weigh = Callable[[Rows, Rows], NDArray[np.float64]]


def clusters(
    size: int,
    left: Rows,
    right: Rows,
    weights: NDArray[np.float64],
    weigh: Weigh,
    earlier: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Return the cluster of each record, by greedy agglomeration of the links.

    Parameters
    ----------
    size : int
        Number of records.
    left, right : (N,) int
        Rows of the links; left is not right.
    weights : (N,) float64
        Match weights of the links, in bits with the prior.
    weigh : function of two arrays of rows
        Match weights of other pairs, in bits. It is called at most once.
    earlier : (size,) int64, optional
        The smallest row of the cluster of each record in an earlier run. These clusters are never split; two of them
        merge only by a link.

    Returns
    -------
    (size,) int64
        The smallest row of each record's cluster.

    Notes
    -----
    Two clusters merge only if the result has at most 25 records, no pair across them has a weight below -6 bits, and
    the mean weight across them is 0 bits or more: average linkage (Sokal and Michener 1958) with a limit on the worst
    pair. The links are used in descending order of weight.

    Examples
    --------
    >>> links = np.array([0, 1]), np.array([1, 2])  # record 0 with 1, and 1 with 2
    >>> clusters(4, *links, np.array([9.0, 5.0]), lambda one, two: np.full(len(one), -20.0)).tolist()
    [0, 0, 2, 3]
    """
    cluster_of = np.arange(size) if earlier is None else earlier.copy()
    groups = {members[0]: members for members in _list_members(cluster_of)}
    is_isolated = _find_isolated_links(cluster_of, left, right)
    cluster_of[right[is_isolated]] = left[is_isolated]
    left, right, weights = left[~is_isolated], right[~is_isolated], weights[~is_isolated]
    known = _weigh_components(cluster_of, left, right, weights, weigh)
    for link in np.lexsort((right, left, -weights)):
        left_cluster, right_cluster = int(cluster_of[left[link]]), int(cluster_of[right[link]])
        if left_cluster == right_cluster:
            continue
        first, second = groups.get(left_cluster, [left_cluster]), groups.get(right_cluster, [right_cluster])
        if len(first) + len(second) > LARGEST or not _can_merge(first, second, known):
            continue
        target, merged = (
            (left_cluster, right_cluster) if left_cluster < right_cluster else (right_cluster, left_cluster)
        )
        groups[target] = first + second
        groups.pop(merged, None)
        cluster_of[second if target == left_cluster else first] = target
    return cluster_of


def _list_members(cluster_of: NDArray[np.int64]) -> list[list[int]]:
    """Return the rows of every cluster of more than one record, the smallest row first."""
    is_member = np.bincount(cluster_of, minlength=len(cluster_of))[cluster_of] > 1
    rows = np.flatnonzero(is_member)
    rows = rows[np.argsort(cluster_of[rows], kind="stable")]
    cuts = np.flatnonzero(np.diff(cluster_of[rows])) + 1
    return [part.tolist() for part in np.split(rows, cuts) if len(part)]


def _find_isolated_links(cluster_of: NDArray[np.int64], left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Return (N,) which links join two records without another link or an earlier cluster."""
    size = len(cluster_of)
    ties = np.bincount(left, minlength=size) + np.bincount(right, minlength=size)
    ties += np.bincount(cluster_of, minlength=size)[cluster_of] - 1
    is_isolated: NDArray[np.bool_] = (ties[left] == 1) & (ties[right] == 1)
    return is_isolated


def _can_merge(first: list[int], second: list[int], known: dict[tuple[int, int], float]) -> bool:
    pair_weights = [known.get((min(pair), max(pair)), WORST - 1) for pair in product(first, second)]
    return min(pair_weights) >= WORST and sum(pair_weights) / len(pair_weights) >= AVERAGE


def _weigh_components(
    cluster_of: NDArray[np.int64], left: Rows, right: Rows, weights: NDArray[np.float64], weigh: Weigh
) -> dict[tuple[int, int], float]:
    """Return the weight of every pair across clusters, in components of at most 16 * LARGEST records."""
    known = dict(zip(zip(left.tolist(), right.tolist(), strict=True), weights.tolist(), strict=True))
    missing = []
    for members in _find_components(cluster_of, left, right):
        if 2 < len(members) <= 16 * LARGEST:
            missing += [
                (a, b)
                for i, a in enumerate(members)
                for b in members[i + 1 :]
                if cluster_of[a] != cluster_of[b] and (a, b) not in known
            ]
    if missing:
        first, second = np.array(missing, np.intp).T
        known.update(zip(missing, weigh(first, second).tolist(), strict=True))
    return known


def _find_components(cluster_of: NDArray[np.int64], left: Rows, right: Rows) -> list[list[int]]:
    """Return the components of links and earlier clusters that hold a link, their members in order."""
    from scipy.sparse import coo_array, csgraph

    size = len(cluster_of)
    one, other = np.concatenate([left, np.arange(size)]), np.concatenate([right, cluster_of])
    graph = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(size, size))
    _, labels = csgraph.connected_components(graph, directed=False)
    linked_labels = np.unique(labels[left])
    linked_rows = np.flatnonzero(np.isin(labels, linked_labels))
    order = linked_rows[np.argsort(labels[linked_rows], kind="stable")]
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    return [part.tolist() for part in np.split(order, cuts)]
