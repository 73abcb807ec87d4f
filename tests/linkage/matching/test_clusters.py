"""Clusters: links do not chain, and no pair in a cluster contradicts a match."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.linkage.matching import clusters as grouping
from kerege.linkage.matching.clusters import clusters


def groups(size: int, links: dict[tuple[int, int], float], others: float = -20.0) -> list[list[int]]:
    left, right = (np.array([pair[side] for pair in links], np.intp) for side in (0, 1))
    weights = np.array(list(links.values()), float)
    home = clusters(size, left, right, weights, lambda one, two: np.full(len(one), others))
    rows_by_group: dict[int, list[int]] = {}
    for row, group in enumerate(home.tolist()):
        rows_by_group.setdefault(group, []).append(row)
    return sorted(rows_by_group.values())


def test_two_linked_records_make_a_cluster() -> None:
    assert groups(3, {(0, 2): 4.0}) == [[0, 2], [1]]


def test_a_chain_with_contradicting_ends_is_cut_at_its_weakest_link() -> None:
    assert groups(3, {(0, 1): 9.0, (1, 2): 2.0}) == [[0, 1], [2]]


def test_a_chain_without_contradiction_stays() -> None:
    assert groups(3, {(0, 1): 9.0, (1, 2): 8.0}, others=-2.0) == [[0, 1, 2]]


def test_a_cluster_with_negative_mean_weight_is_not_made() -> None:
    assert groups(4, {(0, 1): 9.0, (2, 3): 9.0, (1, 2): 1.0}, others=-5.0) == [[0, 1], [2, 3]]


def test_no_cluster_exceeds_the_largest_size() -> None:
    size = grouping.LARGEST + 10
    links = {(i, j): 9.0 for i in range(size) for j in range(i + 1, size)}
    assert max(map(len, groups(size, links))) == grouping.LARGEST


def test_a_component_of_thousands_splits_into_small_clusters() -> None:
    links = {(i, i + 1): 3.0 for i in range(4_999)}
    assert max(map(len, groups(5_000, links))) <= grouping.LARGEST


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda p: p[0] < p[1]), st.floats(0.1, 20))
)
def test_clusters_are_consistent_and_do_not_depend_on_the_order(links: dict[tuple[int, int], float]) -> None:
    clusters = groups(10, links, others=-8.0)
    assert sorted(row for group in clusters for row in group) == list(range(10))
    for group in clusters:
        for i in group:
            for j in group:
                assert i >= j or (i, j) in links
    assert groups(10, dict(reversed(links.items())), others=-8.0) == clusters
