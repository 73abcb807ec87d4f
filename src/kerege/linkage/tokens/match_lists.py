"""Persons of several lists, matched list by list: one person moves the counts by a proved number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Persons = NDArray[np.int64]


def match_lists(owner: Persons, left: Persons, right: Persons, order: list[int]) -> Persons:
    """Return the first person of each person's cluster; no cluster holds two persons of one list.

    Parameters
    ----------
    owner : (persons,) int64
        List of each person.
    left, right : (N,) int64
        Links between persons of two lists, the strongest first.
    order : list of int
        The lists in the order in which they are matched. It may not depend on the persons.

    Returns
    -------
    (persons,) int64
        The person of the earliest list in the cluster.

    Notes
    -----
    The persons of each list in turn are matched greedily to the clusters of the lists before it. A cluster is known by
    its first person alone: the links of that person decide, and they stay the same when others join. So a cluster that
    is new or gone changes the matching of the next list along one path, whose end is one more or one less person
    without a cluster, or one cluster with or without a person of that list. After k lists at most 2^(k - 1) clusters
    are new or gone, and all counts of t lists together move by 3 x 2^(t - 2) at most, for two lists by two.

    Examples
    --------
    >>> owner = np.array([0, 0, 1, 2])
    >>> match_lists(owner, np.array([0, 1, 2]), np.array([2, 2, 3]), [0, 1, 2]).tolist()  # 3 is linked to 2 alone
    [0, 1, 0, 3]
    """
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    swapped = place[owner[left]] > place[owner[right]]
    earlier, later = np.where(swapped, right, left), np.where(swapped, left, right)
    first = np.arange(len(owner))
    for number in order[1:]:
        is_of_list = owner[later] == number
        _match_list(first, earlier[is_of_list].tolist(), later[is_of_list].tolist())
    return first


def _match_list(first: Persons, clusters: list[int], persons: list[int]) -> None:
    """Match the persons of one list to clusters, given the links between them, the strongest first."""
    taken = set[int]()
    for cluster, person in zip(clusters, persons, strict=True):
        if first[cluster] == cluster and cluster not in taken and first[person] == person:
            first[person] = cluster
            taken.add(cluster)
