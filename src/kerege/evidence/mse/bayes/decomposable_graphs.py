"""Averaging over all decomposable graphs of lists, with the number of people unknown.

Madigan and York 1997, "Bayesian methods for estimation of the size of a closed population", Biometrika 84, 19-31; as in
the R package dga, which stops at five lists. Every graph's marginal likelihood is a sum over its cliques less its
separators, so all graphs at all numbers of unseen people are one product of an incidence matrix (graphs x sets of
lists) with a matrix (sets of lists x numbers).
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
MOST = 6
POINTS = 500
TAIL = 1e-3  # posterior beyond half of the range, above which the range is doubled
REACH, LIMIT = 30, 30 * 2**10  # unseen people for each one seen, at first and at most
BLOCK = 1024  # graphs at a time: what is written stays in the cache


class Graphs(NamedTuple):
    """The decomposable graphs of t lists: 8, 61, 822, 18,154 for three to six."""

    edges: NDArray[np.int64]  # (G,) bit k is pair k in the order 12, 13, ..., 1t, 23, ...
    incidence: Floats  # (G, 2^t) cliques less separators; the empty separator left out
    balance: Floats  # (G,) how many cliques less how many separators that are not empty


@dataclass(frozen=True)
class Average:
    """The posterior of the number of people.

    unseen: (K,) numbers of unseen people; mass: (K,) posterior of each; edges, weights: graphs and their posterior, the
    likeliest first; bound: the largest number tried; cut: whether the posterior leans on it.
    """

    lists: Lists
    unseen: Floats = field(repr=False)
    mass: Floats = field(repr=False)
    edges: NDArray[np.int64] = field(repr=False)
    weights: Floats = field(repr=False)
    bound: int
    cut: bool
    edge: Floats | None = field(repr=False, default=None)  # (K + 1,) what each number of a spaced grid stands for

    @property
    def estimate(self) -> float:
        """The median: people, seen or not."""
        return self.quantile(0.5)

    def quantile(self, share: float) -> float:
        """The first number of people with more than this posterior up to it; between the points of a spaced grid."""
        check_setting("the share", share, 0, 1)
        below = np.cumsum(self.mass)
        place = min(int(np.searchsorted(below, share, side="right")), len(self.unseen) - 1)
        if self.edge is None:
            return float(self.lists.people + self.unseen[place])
        inside = 1 - (below[place] - share) / self.mass[place]
        within = self.edge[place] + inside * (self.edge[place + 1] - self.edge[place])
        return float(self.lists.people + np.ceil(within - 0.5))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Equal tails, in people, seen or not."""
        check_setting("the level", level, 0, 1, exclusive=True)
        return self.quantile((1 - level) / 2), self.quantile((1 + level) / 2)

    def top(self, number: int = 5) -> list[tuple[str, float]]:
        """The likeliest graphs, by their edges, and their posterior."""
        pairs = [f"{a}:{b}" for a, b in combinations(self.lists.names, 2)]
        return [
            (", ".join(pair for k, pair in enumerate(pairs) if (int(edges) >> k) & 1) or "independence", float(weight))
            for edges, weight in zip(self.edges[:number], self.weights[:number], strict=True)
        ]


def average_decomposable(
    lists: Lists, unseen: NDArray[np.float64] | None = None, *, delta: float | None = None
) -> Average:
    """Posterior of the number of people, averaged over all decomposable graphs.

    Parameters
    ----------
    lists : Lists
        Three to six.
    unseen : (K,) numbers of unseen people, ascending, optional
        A grid that counts each of its numbers once, as R's dga does. Without it: 500 numbers at equal steps of the
        logarithm from 1 on, each weighing what lies around it, the range doubled until less than a thousandth of the
        posterior lies in its upper half.
    delta : float, optional
        Of the hyper-Dirichlet prior of every cell, 2^-t if not given. The prior of the number of people N is 1/N, that
        of the graphs uniform.

    Returns
    -------
    Average
        Posterior of the number of people and of the graphs.

    Raises
    ------
    BadLists
        For seven lists or more, a grid that is none, a `delta` that is not above 0.

    Notes
    -----
    Madigan and York 1997, Biometrika 84.

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
        raise lists_error(f"{lists.number} lists", f"averaging over graphs takes at most {MOST}: join some")
    weight = 2.0**-lists.number if delta is None else delta
    if not 0 < weight < np.inf:
        raise lists_error(f"delta is {delta}", "give a number above 0")
    if unseen is not None:
        return _averaged(lists, _checked_grid(unseen), None, weight)
    reach = REACH
    while True:
        numbers, edge = _spaced(reach * lists.people)
        found = _averaged(lists, numbers, edge, weight)
        if not found.cut or reach >= LIMIT:
            return found
        reach *= 2


def _checked_grid(unseen: NDArray[np.float64]) -> Floats:
    grid = np.asarray(unseen, np.float64)
    if grid.ndim != 1 or not len(grid) or not np.isfinite(grid).all() or grid[0] < 0 or (np.diff(grid) < 0).any():
        raise lists_error("the grid is no ascending row of numbers of unseen people", "give numbers such as dga_grid's")
    return grid


decomposable = average_decomposable  # the module's own name, for callers that import from it


def dga_grid(lists: Lists, times: int = 30, points: int = 1000) -> Floats:
    """The grid of Binette and Steorts 2022 for `average_decomposable`: equal steps from 1 to `times` the people seen.

    Parameters
    ----------
    lists : Lists
        Whose people count.
    times, points : int
        Unseen people for each seen one, at most; numbers in the grid.

    Returns
    -------
    (points,) float64
        Numbers of unseen people, whole and ascending.
    """
    return np.round(np.linspace(1, times * lists.people, points))


def _spaced(largest: int) -> tuple[Floats, Floats]:
    """Whole numbers from 1 on at about equal steps of the logarithm, and the edges of what each stands for."""
    numbers = np.unique(np.round(np.geomspace(1, largest, POINTS)))
    return numbers, np.r_[0.5, (numbers[1:] + numbers[:-1]) / 2, numbers[-1] + 0.5]


@lru_cache(maxsize=4)
def graphs(lists: int) -> Graphs:
    """All decomposable graphs by maximum cardinality search, every graph at once.

    A graph is decomposable if and only if the lists reached before a list and tied to it are all tied to one another.
    Where they are no more than in the step before, a clique is complete, and they are a separator.
    """
    pairs = list(combinations(range(lists), 2))
    edges = np.arange(1 << len(pairs))
    near = np.zeros((len(edges), lists), np.int64)
    for k, (a, b) in enumerate(pairs):
        there = (edges >> k) & 1
        near[:, a] |= there << b
        near[:, b] |= there << a
    incidence = np.zeros((len(edges), 1 << lists))
    balance = np.zeros(len(edges))
    every = np.arange(len(edges))
    reached = np.zeros(len(edges), np.int64)
    clique = np.zeros(len(edges), np.int64)
    good = np.ones(len(edges), bool)
    for step in range(lists):
        ties = _ones(near & reached[:, None])
        ties[((reached[:, None] >> np.arange(lists)) & 1) == 1] = -1
        chosen = ties.argmax(axis=1)
        before = near[every, chosen] & reached
        for j in range(lists):
            good &= (((before >> j) & 1) == 0) | ((before & ~(near[:, j] | (1 << j))) == 0)
        if step:
            ends = _ones(before) < _ones(clique)  # the last clique cannot grow by this list
            incidence[every[ends], clique[ends]] += 1
            inner = ends & (before > 0)
            incidence[every[inner], before[inner]] -= 1
            balance += ends
            balance -= inner
        clique = before | (1 << chosen)
        reached |= 1 << chosen
    incidence[every, clique] += 1
    balance += 1
    return Graphs(edges[good], np.ascontiguousarray(incidence[good]), balance[good])


def _ones(masks: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.bitwise_count(masks).astype(np.int64)


def _averaged(lists: Lists, unseen: Floats, edge: Floats | None, delta: float) -> Average:
    """Normalise over graphs and numbers, block by block of graphs, with a running maximum."""
    from scipy.special import gammaln

    known = graphs(lists.number)
    people, whole = lists.people, 2.0**lists.number * delta
    common = gammaln(people + unseen + 1) - gammaln(unseen + 1) - np.log(people + unseen)
    if edge is not None:
        common += np.log(np.diff(edge))
    tie = gammaln(whole) - gammaln(people + unseen + whole)
    of_sets = _of_sets(lists, unseen, delta)
    total, rows = np.zeros(len(unseen)), np.zeros(len(known.edges))
    largest = -np.inf
    for start in range(0, len(rows), BLOCK):
        part = slice(start, start + BLOCK)
        block = known.incidence[part] @ of_sets
        block += known.balance[part, None] * tie
        block += common
        peak = float(block.max())
        if peak > largest:
            shrink = np.exp(largest - peak)
            total *= shrink
            rows *= shrink
            largest = peak
        block -= largest
        np.exp(block, out=block)
        total += block.sum(axis=0)
        rows[part] = block.sum(axis=1)
    ranked = np.argsort(-rows, kind="stable")
    mass = total / total.sum()
    cut = bool(mass[unseen > unseen[-1] / 2].sum() >= TAIL)
    weights = rows[ranked] / rows.sum()
    return Average(lists, unseen, mass, known.edges[ranked], weights, int(unseen[-1]), cut, edge)


def _of_sets(lists: Lists, unseen: Floats, delta: float) -> Floats:
    """L_C(N0) for every set of lists C and number of unseen people: (2^t, K); 0 for the empty set."""
    from scipy.special import gammaln

    found = np.zeros((1 << lists.number, len(unseen)))
    for inside in range(1, 1 << lists.number):
        size = inside.bit_count()
        prior = delta * 2.0 ** (lists.number - size)
        table = np.bincount(lists.histories & inside, lists.counts, 1 << lists.number)
        cells = [w for w in range(1, 1 << lists.number) if w & inside == w]
        fixed = gammaln(table[cells] + prior).sum() - 2.0**size * gammaln(prior)
        found[inside] = gammaln(unseen + table[0] + prior) + fixed
    return found
