"""Bayesian model averaging over all decomposable graphs of lists, for an unknown population size.

Madigan and York 1997, "Bayesian methods for estimation of the size of a closed population", Biometrika 84, 19-31, as in
the R package dga, which takes at most five lists. The log marginal likelihood of a graph is the sum over its cliques
minus the sum over its separators. So that of all graphs, for all unobserved numbers, is one product of an incidence
matrix (graphs x sets of lists) and a matrix (sets of lists x unobserved numbers).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Lists, check_number, check_setting, lists_error

Floats = NDArray[np.float64]
MOST = 6  # lists
POINTS = 500  # numbers in a spaced grid
TAIL = 1e-3  # the range is doubled while more posterior mass than this lies in its upper half
REACH, LIMIT = 30, 30 * 2**10  # unobserved people for each observed one: initial and largest range
BLOCK = 1024  # graphs in one block, so that the block stays in the processor's cache


class Graphs(NamedTuple):
    """The decomposable graphs of t lists: 8, 61, 822, 18,154 for three to six lists."""

    edges: NDArray[np.int64]  # (G,) bit k is the edge of pair k in the order 12, 13, ..., 1t, 23, ...
    incidence: Floats  # (G, 2^t) +1 for each clique, -1 for each separator that is not empty
    balance: Floats  # (G,) number of cliques minus number of separators that are not empty


@dataclass(frozen=True)
class Average:
    """Posterior of the population size, averaged over graphs.

    unseen: (K,) numbers of unobserved people. mass: (K,) posterior mass of each. edges, weights: graphs and their
    posterior, in descending order. bound: largest unobserved number of the grid. cut: whether the posterior is
    truncated by it. edge: (K + 1,) limits of the interval of numbers that each point of a spaced grid represents, or
    None.
    """

    lists: Lists
    unseen: Floats = field(repr=False)
    mass: Floats = field(repr=False)
    edges: NDArray[np.int64] = field(repr=False)
    weights: Floats = field(repr=False)
    bound: int
    cut: bool
    edge: Floats | None = field(repr=False, default=None)

    @property
    def estimate(self) -> float:
        """Posterior median of the population size, observed and unobserved."""
        return self.quantile(0.5)

    def quantile(self, share: float) -> float:
        """Return a posterior quantile of the population size; interpolated within the points of a spaced grid.

        Parameters
        ----------
        share : float
            Level of the quantile, from 0 to 1.

        Returns
        -------
        float
            People, observed and unobserved.

        Raises
        ------
        BadLists
            If the share is not from 0 to 1.

        Examples
        --------
        >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
        >>> average = average_decomposable(lists)
        >>> average.quantile(0.1) < average.estimate < average.quantile(0.9)
        True
        """
        check_setting("the share", share, 0, 1)
        cumulative = np.cumsum(self.mass)
        position = min(int(np.searchsorted(cumulative, share, side="right")), len(self.unseen) - 1)
        if self.edge is None:
            return float(self.lists.people + self.unseen[position])
        fraction = 1 - (cumulative[position] - share) / self.mass[position]
        unobserved = self.edge[position] + fraction * (self.edge[position + 1] - self.edge[position])
        return float(self.lists.people + np.ceil(unobserved - 0.5))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the equal-tailed credible interval of the population size."""
        check_setting("the level", level, 0, 1, exclusive=True)
        return self.quantile((1 - level) / 2), self.quantile((1 + level) / 2)

    def top(self, number: int = 5) -> list[tuple[str, float]]:
        """Return the most probable graphs, by their edges, with their posterior probabilities."""
        pairs = [f"{a}:{b}" for a, b in combinations(self.lists.names, 2)]
        return [
            (", ".join(pair for k, pair in enumerate(pairs) if (int(edges) >> k) & 1) or "independence", float(weight))
            for edges, weight in zip(self.edges[:number], self.weights[:number], strict=True)
        ]


def average_decomposable(
    lists: Lists, unseen: NDArray[np.float64] | None = None, *, delta: float | None = None
) -> Average:
    """Average the posterior of the population size over all decomposable graphs of the lists.

    Parameters
    ----------
    lists : Lists
        Three to six lists.
    unseen : (K,) numbers of unobserved people, ascending, optional
        A grid with equal prior weight for each point, as in the R package dga. Default: about 500 numbers at equal
        steps of the logarithm from 1 on; each point has the weight of the numbers around it. The range is doubled until
        less than a thousandth of the posterior lies in its upper half.
    delta : float, optional
        Parameter of the hyper-Dirichlet prior of each cell, above 0. Default: 2^-t. The prior of the population size N
        is 1/N; that of the graphs is uniform.

    Returns
    -------
    Average
        Posterior of the population size and of the graphs.

    Raises
    ------
    BadLists
        If there are fewer than three or more than six lists, the grid is invalid, or `delta` is not above 0.

    References
    ----------
    .. [1] Madigan and York 1997, "Bayesian methods for estimation of the size of a closed population", Biometrika 84.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> average = average_decomposable(lists)
    >>> average.quantile(0.5), average.interval(0.95)
    (731.0, (694.0, 787.0))
    >>> average.top(1)[0][0]
    'A:B'
    """
    check_number(lists.number)
    if lists.number > MOST:
        raise lists_error(f"there are {lists.number} lists", f"join some: averaging over graphs takes at most {MOST}")
    cell_prior = 2.0**-lists.number if delta is None else delta
    if not 0 < cell_prior < np.inf:
        raise lists_error(f"delta is {delta}", "give a number above 0")
    if unseen is not None:
        return _average_over(lists, _validate_grid(unseen), None, cell_prior)
    ratio = REACH
    while True:
        grid, limits = _space_grid(ratio * lists.people)
        average = _average_over(lists, grid, limits, cell_prior)
        if not average.cut or ratio >= LIMIT:
            return average
        ratio *= 2


def _validate_grid(unseen: NDArray[np.float64]) -> Floats:
    """Return a grid as float64. Raises BadLists if it is not an ascending row of numbers from 0 on."""
    grid = np.asarray(unseen, np.float64)
    if grid.ndim != 1 or not len(grid) or not np.isfinite(grid).all() or grid[0] < 0 or (np.diff(grid) < 0).any():
        raise lists_error(
            "the grid is not an ascending row of numbers of unseen people", "give numbers such as those of dga_grid"
        )
    return grid


decomposable = average_decomposable  # second name, for callers that import it from this module


def dga_grid(lists: Lists, times: int = 30, points: int = 1000) -> Floats:
    """Return the grid of Binette and Steorts 2022 for `average_decomposable`, with equal steps.

    Parameters
    ----------
    lists : Lists
        Lists whose observed people count.
    times, points : int
        Largest number of unobserved people for each observed one; number of grid points.

    Returns
    -------
    (points,) float64
        Unobserved people from 1 to `times` the observed people: whole numbers, ascending.

    References
    ----------
    .. [1] Binette and Steorts 2022, "On the reliability of multiple systems estimation for the quantification of modern
       slavery", Journal of the Royal Statistical Society A 185.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> grid = dga_grid(lists, times=2, points=3)
    >>> grid.tolist()  # 626 observed people
    [1.0, 626.0, 1252.0]
    """
    return np.round(np.linspace(1, times * lists.people, points))


def _space_grid(largest: int) -> tuple[Floats, Floats]:
    """Return integers at about equal steps of the logarithm, and the limits of what each represents."""
    numbers = np.unique(np.round(np.geomspace(1, largest, POINTS)))
    return numbers, np.r_[0.5, (numbers[1:] + numbers[:-1]) / 2, numbers[-1] + 0.5]


@lru_cache(maxsize=4)
def list_graphs(lists: int) -> Graphs:
    """Return all decomposable graphs of some lists, by maximum cardinality search on all graphs at once.

    Parameters
    ----------
    lists : int
        Number of lists.

    Returns
    -------
    Graphs
        Edges as bitmasks of pairs, the number of times that each set of lists is a clique less the times that it is a
        separator, and the balance of the two.

    Notes
    -----
    A graph is decomposable (chordal) if and only if, in the search order, the earlier neighbours of each list are all
    adjacent to one another. If a list has no more earlier neighbours than the list before it, the last clique is
    complete, and these neighbours are a separator.

    References
    ----------
    .. [1] Tarjan and Yannakakis 1984, "Simple linear-time algorithms to test chordality of graphs, test acyclicity of
       hypergraphs, and selectively reduce acyclic hypergraphs", SIAM Journal on Computing 13.

    Examples
    --------
    >>> len(list_graphs(3).edges), len(list_graphs(4).edges)  # all 8 graphs of three lists; 61 of 64 of four
    (8, 61)
    """
    pairs = list(combinations(range(lists), 2))
    edges = np.arange(1 << len(pairs))
    adjacent = np.zeros((len(edges), lists), np.int64)
    for k, (a, b) in enumerate(pairs):
        has_edge = (edges >> k) & 1
        adjacent[:, a] |= has_edge << b
        adjacent[:, b] |= has_edge << a
    incidence = np.zeros((len(edges), 1 << lists))
    balance = np.zeros(len(edges))
    rows = np.arange(len(edges))
    visited = np.zeros(len(edges), np.int64)
    clique = np.zeros(len(edges), np.int64)
    is_decomposable = np.ones(len(edges), bool)
    for step in range(lists):
        scores = _count_bits(adjacent & visited[:, None])
        scores[((visited[:, None] >> np.arange(lists)) & 1) == 1] = -1
        chosen = scores.argmax(axis=1)
        earlier = adjacent[rows, chosen] & visited
        for j in range(lists):
            is_decomposable &= (((earlier >> j) & 1) == 0) | ((earlier & ~(adjacent[:, j] | (1 << j))) == 0)
        if step:
            is_complete = _count_bits(earlier) < _count_bits(clique)  # the last clique cannot grow to include this list
            incidence[rows[is_complete], clique[is_complete]] += 1
            has_separator = is_complete & (earlier > 0)
            incidence[rows[has_separator], earlier[has_separator]] -= 1
            balance += is_complete
            balance -= has_separator
        clique = earlier | (1 << chosen)
        visited |= 1 << chosen
    incidence[rows, clique] += 1
    balance += 1
    return Graphs(edges[is_decomposable], np.ascontiguousarray(incidence[is_decomposable]), balance[is_decomposable])


def _count_bits(masks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of set bits of each mask."""
    return np.bitwise_count(masks).astype(np.int64)


def _average_over(lists: Lists, unseen: Floats, edge: Floats | None, delta: float) -> Average:
    """Return the posterior over graphs and numbers, computed in blocks of graphs with a running maximum."""
    from scipy.special import gammaln

    decomposable_graphs = list_graphs(lists.number)
    people, total_prior = lists.people, 2.0**lists.number * delta
    prior_term = gammaln(people + unseen + 1) - gammaln(unseen + 1) - np.log(people + unseen)
    if edge is not None:
        prior_term += np.log(np.diff(edge))
    separator_term = gammaln(total_prior) - gammaln(people + unseen + total_prior)
    set_terms = _set_terms(lists, unseen, delta)
    total, graph_mass = np.zeros(len(unseen)), np.zeros(len(decomposable_graphs.edges))
    largest = -np.inf
    for start in range(0, len(graph_mass), BLOCK):
        chunk = slice(start, start + BLOCK)
        block = decomposable_graphs.incidence[chunk] @ set_terms
        block += decomposable_graphs.balance[chunk, None] * separator_term
        block += prior_term
        peak = float(block.max())
        if peak > largest:
            rescaling = np.exp(largest - peak)
            total *= rescaling
            graph_mass *= rescaling
            largest = peak
        block -= largest
        np.exp(block, out=block)
        total += block.sum(axis=0)
        graph_mass[chunk] = block.sum(axis=1)
    order = np.argsort(-graph_mass, kind="stable")
    mass = total / total.sum()
    cut = bool(mass[unseen > unseen[-1] / 2].sum() >= TAIL)
    weights = graph_mass[order] / graph_mass.sum()
    return Average(
        lists=lists,
        unseen=unseen,
        mass=mass,
        edges=decomposable_graphs.edges[order],
        weights=weights,
        bound=int(unseen[-1]),
        cut=cut,
        edge=edge,
    )


def _set_terms(lists: Lists, unseen: Floats, delta: float) -> Floats:
    """Return the term L_C(N0) of each set of lists C and unobserved number (2^t, K); 0 for the empty set."""
    from scipy.special import gammaln

    terms = np.zeros((1 << lists.number, len(unseen)))
    for members in range(1, 1 << lists.number):
        size = members.bit_count()
        prior = delta * 2.0 ** (lists.number - size)
        margin = np.bincount(lists.histories & members, lists.counts, 1 << lists.number)
        cells = [w for w in range(1, 1 << lists.number) if w & members == w]
        constant = gammaln(margin[cells] + prior).sum() - 2.0**size * gammaln(prior)
        terms[members] = gammaln(unseen + margin[0] + prior) + constant
    return terms
