"""Clusters equal those of a plain agglomeration that checks all pairs between two clusters."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.linkage.matching import clusters as grouping
from kerege.linkage.matching.clusters import clusters

Weights = dict[tuple[int, int], float]
PAIRS = [(i, j) for i in range(8) for j in range(i + 1, 8)]
# every value is exact in binary, so that a sum at a limit is at the limit
VALUES = st.sampled_from([-6.5, -6.0, -5.5, -3.0, -1.0, 0.0, 0.5, 3.0, 6.0, 9.0])


def agglomerate(
    size: int, links: Weights, others: Weights, largest: int, earlier: list[set[int]] | None = None
) -> list[int]:
    """Return each record's cluster: average linkage (Sokal and Michener 1958) with the module's limits."""
    groups = [set(group) for group in earlier] if earlier else [{row} for row in range(size)]
    known = others | links
    for left, right in sorted(links, key=lambda pair: (-links[pair], pair)):
        one, other = (next(group for group in groups if row in group) for row in (left, right))
        if one is other or len(one | other) > largest:
            continue
        across = [known[min(pair), max(pair)] for pair in product(one, other)]
        if min(across) >= -6.0 and sum(across) / len(across) >= 0.0:
            groups.remove(other)
            one |= other
    return [min(next(group for group in groups if row in group)) for row in range(size)]


@settings(max_examples=60, deadline=None)
@given(
    weights=st.fixed_dictionaries(dict.fromkeys(PAIRS, VALUES)),
    linked=st.sets(st.sampled_from(PAIRS), max_size=14),
    largest=st.sampled_from([2, 3, 4, 25]),
)
def test_clusters_are_those_of_plain_agglomeration(
    weights: Weights, linked: set[tuple[int, int]], largest: int
) -> None:
    links = {pair: weights[pair] for pair in sorted(linked)}
    left, right = (np.array([pair[side] for pair in links], np.intp) for side in (0, 1))

    def weigh(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.array([weights[min(pair), max(pair)] for pair in zip(one.tolist(), other.tolist(), strict=True)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grouping, "LARGEST", largest)
        made = clusters(8, left, right, np.array(list(links.values()), float), weigh)
    # two records that only each other link become a cluster without any check of their weight
    alone = {pair for pair in links if sum(row in other for other in links for row in pair) == 2}
    certain = {pair: weight if pair not in alone else 9.0 for pair, weight in links.items()}
    assert made.tolist() == agglomerate(8, certain, weights, largest)


@settings(max_examples=60, deadline=None)
@given(
    weights=st.fixed_dictionaries(dict.fromkeys(PAIRS, VALUES)),
    linked=st.sets(st.sampled_from(PAIRS), max_size=14),
    numbers=st.lists(st.integers(0, 3), min_size=5, max_size=5),
)
def test_clusters_of_an_earlier_run_are_kept_and_grow(
    weights: Weights, linked: set[tuple[int, int]], numbers: list[int]
) -> None:
    earlier = [{row for row in range(5) if numbers[row] == number} for number in sorted(set(numbers))]
    earlier += [{5}, {6}, {7}]
    first_row = np.array([min(next(group for group in earlier if row in group)) for row in range(8)])
    links = {pair: weights[pair] for pair in sorted(linked) if pair[1] > 4}  # each holds a new record
    left, right = (np.array([pair[side] for pair in links], np.intp) for side in (0, 1))

    def weigh(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.array([weights[min(pair), max(pair)] for pair in zip(one.tolist(), other.tolist(), strict=True)])

    made = clusters(8, left, right, np.array(list(links.values()), float), weigh, earlier=first_row)
    ties = [*links, *((min(group), row) for group in earlier for row in group if row != min(group))]
    in_group = {row for group in earlier if len(group) > 1 for row in group}
    alone = {pair for pair in links if sum(row in other for other in ties for row in pair) == 2}
    alone = {pair for pair in alone if not in_group & set(pair)}
    certain = {pair: weight if pair not in alone else 9.0 for pair, weight in links.items()}
    assert made.tolist() == agglomerate(8, certain, weights, 25, earlier)
    assert all(len({made[row] for row in group}) == 1 for group in earlier)
