"""Averaging over decomposable graphs equals R's dga, and a graph-by-graph calculation on a small table."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.special import gammaln

from kerege.evidence.mse import BadLists, average_decomposable
from kerege.evidence.mse.bayes.decomposable_graphs import dga_grid, graphs

from .tables import table

PUBLISHED = {  # Binette and Steorts 2022: R's dga on 1,000 numbers up to 30 n
    "UKdat_5": (23016, 10408, 33481),
    "Ned_5": (50270, 41616, 203328),
    "NewOrl_5": (869, 514, 1763),
    "Australia": (2255, 1186, 7314),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_integers_of_dga(name: str) -> None:
    lists = table(name)
    found = average_decomposable(lists, dga_grid(lists))
    assert (found.estimate, *found.interval()) == PUBLISHED[name]
    spaced = average_decomposable(lists)
    assert spaced.estimate == pytest.approx(PUBLISHED[name][0], rel=0.01)
    assert not spaced.cut


def test_silverman_2020_in_thousands() -> None:
    kosovo = average_decomposable(table("Kosovo"))
    limits = [round(kosovo.quantile(share) / 1000, 1) for share in (0.025, 0.1, 0.5, 0.9, 0.975)]
    assert limits == pytest.approx([9.8, 10.8, 12.6, 14.9, 16.5], abs=0.11)
    assert kosovo.top(1)[0][1] == pytest.approx(0.99, abs=0.006)
    short = average_decomposable(table("Ned_5"), np.arange(1.0, 90_000 - 8234 + 1, 5))
    assert [x / 1000 for x in short.interval()] == pytest.approx([40.8, 55.4], abs=0.06)
    assert short.top(1)[0][1] == pytest.approx(0.84, abs=0.006)


def test_a_range_that_cuts_the_posterior_is_told() -> None:
    lists = table("Ned_5")
    assert average_decomposable(lists, np.arange(1.0, 5 * lists.people, 25)).cut
    assert average_decomposable(lists).bound >= 60 * lists.people


@pytest.mark.parametrize(("lists", "number"), [(3, 8), (4, 61), (5, 822), (6, 18154)])
def test_number_of_decomposable_graphs(lists: int, number: int) -> None:
    known = graphs(lists)
    assert len(known.edges) == number
    assert (known.incidence.sum(axis=1) == known.balance).all()


def test_graphs_of_four_lists_are_those_without_a_hole() -> None:
    pairs = list(combinations(range(4), 2))
    holes = 0
    for edges in set(range(64)) - set(graphs(4).edges.tolist()):
        there = [pair for k, pair in enumerate(pairs) if (edges >> k) & 1]
        degree = [sum(j in pair for pair in there) for j in range(4)]
        holes += degree == [2, 2, 2, 2] and len(there) == 4
    assert holes == 3


def test_a_table_of_three_lists_equals_the_integral_of_each_graph() -> None:
    """Madigan and York's spina bifida table; graphs on three lists written out by hand."""
    lists = table("MadiganYork1997_spina_3list")
    unseen = np.arange(1.0, 1500.0)
    delta = 1 / 8
    by_edges = {
        0: ([1, 2, 4], []),
        1: ([3, 4], []),
        2: ([5, 2], []),
        4: ([6, 1], []),
        3: ([3, 5], [1]),
        5: ([3, 6], [2]),
        6: ([5, 6], [4]),
        7: ([7], []),
    }
    log_weight = np.array([_graph(lists, unseen, delta, *by_edges[edges]) for edges in range(8)])
    weight = np.exp(log_weight - log_weight.max())
    found = average_decomposable(lists, unseen)
    assert found.mass == pytest.approx(weight.sum(axis=0) / weight.sum(), rel=1e-9)
    by_graph = dict(zip(found.edges.tolist(), found.weights.tolist(), strict=True))
    for edges in range(8):
        assert by_graph[edges] == pytest.approx(weight[edges].sum() / weight.sum(), rel=1e-9)


def _graph(lists, unseen, delta, cliques, separators):  # type: ignore[no-untyped-def]
    """Dirichlet integrals of cliques over those of separators, with multinomial coefficient and prior 1/N."""
    people = lists.people
    full = 8 * delta
    total = gammaln(people + unseen + 1) - gammaln(unseen + 1) - np.log(people + unseen)
    for sets, sign in ((cliques, 1), (separators, -1)):
        for inside in sets:
            size = inside.bit_count()
            each = delta * 2 ** (3 - size)
            inner = lists.histories & inside
            table_of = np.array([lists.counts[inner == w].sum() for w in range(8) if w & inside == w])
            cells = gammaln(table_of[1:] + each).sum() + gammaln(table_of[0] + unseen + each) - 2**size * gammaln(each)
            total = total + sign * (cells + gammaln(full) - gammaln(people + unseen + full))
    return total


def test_seven_lists_are_refused() -> None:
    with pytest.raises(BadLists, match="at most 6"):
        average_decomposable(table("NewOrl"))
