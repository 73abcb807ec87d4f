"""Averaging over decomposable graphs equals the R package dga and an explicit sum."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.special import gammaln

from kerege.evidence.mse import BadLists, Lists, average_decomposable
from kerege.evidence.mse.bayes.decomposable_graphs import Average, dga_grid, list_graphs
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
    all_graphs = list_graphs(lists)
    assert len(all_graphs.edges) == number
    assert (all_graphs.incidence.sum(axis=1) == all_graphs.balance).all()


def test_the_only_other_graphs_of_four_lists_are_cycles() -> None:
    pairs = list(combinations(range(4), 2))
    holes = 0
    for edges in set(range(64)) - set(list_graphs(4).edges.tolist()):
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


# -- graphs by brute force -------------------------------------------------------------------------------------------


def is_chordal(lists: int, edges: set[frozenset[int]]) -> bool:
    """Return whether vertices whose neighbours are all adjacent can be removed until none is left."""
    left = set(range(lists))
    while left:
        simplicial = [
            v
            for v in left
            if all(
                frozenset(pair) in edges for pair in combinations([u for u in left if frozenset((u, v)) in edges], 2)
            )
        ]
        if not simplicial:
            return False
        left.remove(simplicial[0])
    return True


def maximal_cliques(lists: int, edges: set[frozenset[int]]) -> set[int]:
    complete = [
        members
        for members in range(1, 1 << lists)
        if all(frozenset(pair) in edges for pair in combinations([j for j in range(lists) if members >> j & 1], 2))
    ]
    return {members for members in complete if not any(members & other == members != other for other in complete)}


@pytest.mark.parametrize("lists", [3, 4, 5])
def test_graphs_are_those_from_which_simplicial_lists_can_be_removed(lists: int) -> None:
    pairs = list(combinations(range(lists), 2))
    step = 1 if lists < 5 else 7
    decomposable = set(list_graphs(lists).edges.tolist())
    for number in range(0, 1 << len(pairs), step):
        edges = {frozenset(pair) for k, pair in enumerate(pairs) if number >> k & 1}
        assert (number in decomposable) is is_chordal(lists, edges), number


@pytest.mark.parametrize("lists", [3, 4, 5])
def test_cliques_have_plus_1_and_separators_balance_every_list(lists: int) -> None:
    """The maximal cliques, by search; and each list is in one clique more than in separators."""
    pairs = list(combinations(range(lists), 2))
    all_graphs = list_graphs(lists)
    rows = list(zip(all_graphs.edges.tolist(), all_graphs.incidence, strict=True))
    for number, row in rows[:: 1 if lists < 5 else 11]:
        edges = {frozenset(pair) for k, pair in enumerate(pairs) if number >> k & 1}
        assert {int(members) for members in np.flatnonzero(row > 0)} == maximal_cliques(lists, edges)
        for j in range(lists):
            assert sum(value for members, value in enumerate(row) if members >> j & 1) == 1
        for a, b in edges:  # each edge is in one clique more than in separators too
            assert sum(value for members, value in enumerate(row) if members >> a & 1 and members >> b & 1) == 1


# -- quantiles of a posterior ----------------------------------------------------------------------------------------


def average_of(mass: list[float], unseen: list[float], edge: list[float] | None = None) -> Average:
    lists = table("MadiganYork1997_spina_3list")
    return Average(
        lists=lists,
        unseen=np.array(unseen),
        mass=np.array(mass),
        edges=np.array([1, 0]),
        weights=np.array([0.75, 0.25]),
        bound=int(unseen[-1]),
        cut=False,
        edge=None if edge is None else np.array(edge),
    )


@pytest.mark.parametrize(
    ("share", "unobserved"), [(0.0, 10), (0.19, 10), (0.21, 20), (0.69, 20), (0.71, 30), (1.0, 30)]
)
def test_a_quantile_of_a_grid_is_the_first_number_with_more_mass_below(share: float, unobserved: int) -> None:
    assert average_of([0.2, 0.5, 0.3], [10, 20, 30]).quantile(share) == 626 + unobserved


def test_a_quantile_of_a_spaced_grid_is_interpolated_within_its_point() -> None:
    """Half of the mass of the second point lies below 20.5: the mass is spread evenly over its span."""
    average = average_of([0.2, 0.5, 0.3], [10, 20, 30], [5.5, 15.5, 25.5, 35.5])
    assert average.quantile(0.45) == 626 + 20
    assert average.quantile(0.1) == 626 + 10
    assert average.quantile(0.85) == 626 + 30
    assert average.quantile(0.25) == 626 + 16  # a tenth of the second point lies below 16.5


def test_intervals_have_equal_tails_and_the_best_graphs_their_names() -> None:
    average = average_of([0.2, 0.5, 0.3], [10, 20, 30])
    assert average.interval(0.6) == (average.quantile(0.2), average.quantile(0.8))
    assert average.estimate == average.quantile(0.5)
    names = average.lists.names
    assert average.top() == [(f"{names[0]}:{names[1]}", 0.75), ("independence", 0.25)]
    assert average.top(1) == average.top()[:1]


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, 80])
def test_the_level_of_a_credible_interval_lies_between_0_and_1(level: float) -> None:
    with pytest.raises(BadLists, match=r"the level is .*, give a number above 0 and below 1"):
        average_of([1.0], [5.0]).interval(level)


# -- prior and grid --------------------------------------------------------------------------------------------------


def test_a_spaced_grid_has_the_mass_of_all_numbers() -> None:
    """The posterior on 500 spaced numbers and on all numbers up to 3,000."""
    lists = table("MadiganYork1997_spina_3list")
    spaced, full = average_decomposable(lists), average_decomposable(lists, np.arange(1.0, 3000.0))
    for share in (0.025, 0.1, 0.5, 0.9, 0.975):
        assert spaced.quantile(share) == pytest.approx(full.quantile(share), abs=1.5)
    assert spaced.mass.sum() == pytest.approx(1)
    assert spaced.weights == pytest.approx(full.weights, abs=0.001)
    assert spaced.bound == 30 * lists.people
    assert not spaced.cut


def test_a_larger_prior_of_the_cells_changes_the_posterior_and_the_default_is_two_to_the_minus_lists() -> None:
    lists = table("MadiganYork1997_spina_3list")
    default, given, larger = (average_decomposable(lists, delta=delta).mass for delta in (None, 1 / 8, 5.0))
    assert default == pytest.approx(given)
    assert larger != pytest.approx(given)


def test_the_order_of_the_lists_only_renames_the_graphs() -> None:
    lists = table("Kosovo")
    turned = [((w >> 1) | ((w & 1) << 3)) for w in lists.histories.tolist()]  # the first list becomes the last
    other = Lists(turned, lists.counts, [*lists.names[1:], lists.names[0]])
    first, second = average_decomposable(lists), average_decomposable(other)
    assert second.mass == pytest.approx(first.mass, rel=1e-6)
    assert np.sort(second.weights) == pytest.approx(np.sort(first.weights), rel=1e-6)


@pytest.mark.parametrize("grid", [[], [[1.0, 2.0]], [3.0, 2.0], [-1.0, 2.0], [1.0, np.inf], [np.nan]])
def test_a_grid_is_an_ascending_row_of_finite_numbers(grid: list[float]) -> None:
    with pytest.raises(BadLists, match="the grid is not an ascending row of numbers of unseen people"):
        average_decomposable(table("Korea"), np.array(grid))
    assert average_decomposable(table("Korea"), np.array([0.0, 5.0, 5.0])).bound == 5


@pytest.mark.parametrize("delta", [0.0, -1.0, np.inf, np.nan])
def test_the_prior_of_a_cell_is_above_0(delta: float) -> None:
    with pytest.raises(BadLists, match=r"delta is .*, give a number above 0"):
        average_decomposable(table("Korea"), delta=delta)
