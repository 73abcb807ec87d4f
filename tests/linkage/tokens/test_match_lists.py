"""Lists are matched one after the other, and one person moves the counts by a proved number."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from benchmarks.token_sensitivity import NO_LINK, at_once, by_list, moved, search
from kerege.linkage.tokens.match_lists import match_lists
from kerege.linkage.tokens.published_counts import most_moved


@pytest.mark.parametrize("lists", [2, 3, 4])
def test_one_person_moves_the_counts_by_at_most_what_the_study_charges(lists: int) -> None:
    """Each person of random graphs is removed in turn, whatever their list."""
    draw, most = np.random.default_rng(lists), 0
    for _ in range(25):
        owner = np.repeat(np.arange(lists), 4)
        size = (len(owner), len(owner))
        weights = np.triu(np.where(draw.random(size) < 0.6, draw.random(size) * 20, NO_LINK), 1)
        weights += weights.T
        for person in range(len(owner)):
            order = [person, *(other for other in range(len(owner)) if other != person)]
            most = max(most, moved(by_list, owner[order], weights[np.ix_(order, order)], lists))
    assert 2 <= most <= most_moved(lists)


def test_a_search_for_the_worst_graph_stays_within_the_bound_that_clusters_at_once_break() -> None:
    by_cluster = {cluster: search(cluster, 3, 5, 400, seed=1) for cluster in (by_list, at_once)}
    assert by_cluster[by_list] <= most_moved(3) < by_cluster[at_once]


def test_two_lists_are_matched_by_the_strongest_link_first() -> None:
    """The matching of all orders of the links that picks the strongest free link each time."""
    owner, links = np.array([0, 0, 0, 1, 1, 1]), [(0, 3), (1, 3), (1, 4), (2, 4), (0, 5), (2, 5)]
    for order in permutations(links):
        free, expected = set(range(6)), list(range(6))
        for left, right in order:
            if {left, right} <= free:
                free -= {left, right}
                expected[right] = left
        pairs = np.array(order)
        assert match_lists(owner, pairs[:, 0], pairs[:, 1], [0, 1]).tolist() == expected


def test_the_order_of_the_lists_is_that_of_the_study() -> None:
    owner, left, right = np.array([0, 1, 2]), np.array([0, 1]), np.array([1, 2])
    assert match_lists(owner, left, right, [0, 1, 2]).tolist() == [0, 0, 2]
    assert match_lists(owner, left, right, [1, 0, 2]).tolist() == [1, 1, 1]
