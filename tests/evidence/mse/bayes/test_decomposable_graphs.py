"""Averaging over decomposable graphs equals the R package dga and an explicit sum."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.special import gammaln

from kerege.evidence.mse import BadLists, average_decomposable
from kerege.evidence.mse.bayes.decomposable_graphs import dga_grid, graphs
from tests.evidence.mse.tables import table

PUBLISHED = {  # Binette and Steorts 2022: R's dga on 1,000 numbers up to 30 n
    "UKdat_5": (23016, 10408, 33481),
    "Ned_5": (50270, 41616, 203328),
    "NewOrl_5": (869, 514, 1763),
    "Australia": (2255, 1186, 7314),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_quantiles_equal_those_of_dga(name: str) -> None:
    lists = table(name)
    average = average_decomposable(lists, dga_grid(lists))
    assert (average.estimate, *average.interval()) == PUBLISHED[name]
    spaced = average_decomposable(lists)
    assert spaced.estimate == pytest.approx(PUBLISHED[name][0], rel=0.01)
    assert not spaced.cut


def test_quantiles_equal_those_of_silverman_2020() -> None:
    kosovo = average_decomposable(table("Kosovo"))
    limits = [round(kosovo.quantile(share) / 1000, 1) for share in (0.025, 0.1, 0.5, 0.9, 0.975)]
    assert limits == pytest.approx([9.8, 10.8, 12.6, 14.9, 16.5], abs=0.11)
    assert kosovo.top(1)[0][1] == pytest.approx(0.99, abs=0.006)
    short = average_decomposable(table("Ned_5"), np.arange(1.0, 90_000 - 8234 + 1, 5))
    assert [x / 1000 for x in short.interval()] == pytest.approx([40.8, 55.4], abs=0.06)
    assert short.top(1)[0][1] == pytest.approx(0.84, abs=0.006)


def test_a_truncated_posterior_is_reported() -> None:
    lists = table("Ned_5")
    assert average_decomposable(lists, np.arange(1.0, 5 * lists.people, 25)).cut
    assert average_decomposable(lists).bound >= 60 * lists.people


@pytest.mark.parametrize(("lists", "number"), [(3, 8), (4, 61), (5, 822), (6, 18154)])
def test_the_number_of_decomposable_graphs(lists: int, number: int) -> None:
    all_graphs = graphs(lists)
    assert len(all_graphs.edges) == number
    assert (all_graphs.incidence.sum(axis=1) == all_graphs.balance).all()


def test_the_only_other_graphs_of_four_lists_are_cycles() -> None:
    pairs = list(combinations(range(4), 2))
    holes = 0
    for edges in set(range(64)) - set(graphs(4).edges.tolist()):
        present = [pair for k, pair in enumerate(pairs) if (edges >> k) & 1]
        degree = [sum(j in pair for pair in present) for j in range(4)]
        holes += degree == [2, 2, 2, 2] and len(present) == 4
    assert holes == 3


def test_three_lists_equal_the_explicit_sum_over_graphs() -> None:
    """Spina bifida table of Madigan and York; the eight graphs of three lists are written out."""
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
    log_weight = np.array([_log_posterior_of_graph(lists, unseen, delta, *by_edges[edges]) for edges in range(8)])
    weight = np.exp(log_weight - log_weight.max())
    average = average_decomposable(lists, unseen)
    assert average.mass == pytest.approx(weight.sum(axis=0) / weight.sum(), rel=1e-9)
    by_graph = dict(zip(average.edges.tolist(), average.weights.tolist(), strict=True))
    for edges in range(8):
        assert by_graph[edges] == pytest.approx(weight[edges].sum() / weight.sum(), rel=1e-9)


def _log_posterior_of_graph(lists, unseen, delta, cliques, separators):  # type: ignore[no-untyped-def]
    """Return the log posterior of a graph: Dirichlet integrals of cliques over separators, with prior 1/N."""
    people = lists.people
    full = 8 * delta
    total = gammaln(people + unseen + 1) - gammaln(unseen + 1) - np.log(people + unseen)
    for sets, sign in ((cliques, 1), (separators, -1)):
        for members in sets:
            size = members.bit_count()
            prior = delta * 2 ** (3 - size)
            inner = lists.histories & members
            table_of = np.array([lists.counts[inner == w].sum() for w in range(8) if w & members == w])
            cells = (
                gammaln(table_of[1:] + prior).sum() + gammaln(table_of[0] + unseen + prior) - 2**size * gammaln(prior)
            )
            total = total + sign * (cells + gammaln(full) - gammaln(people + unseen + full))
    return total


def test_seven_lists_are_refused() -> None:
    with pytest.raises(BadLists, match="at most 6"):
        average_decomposable(table("NewOrl"))
