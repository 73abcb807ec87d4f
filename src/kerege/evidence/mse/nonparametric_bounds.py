"""Estimates without a model: lower bounds, sample coverage, and the association of pairs of lists."""

from __future__ import annotations

import math
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Counts, Lists, lists_error


class ListPair(NamedTuple):
    """Overlap and association of two lists.

    both: people on both lists. chapman: Chapman's estimate (1951) from these two lists alone, as if they were
    independent. odds_ratio: odds ratio of the two lists among people on a third list, with 0.5 added to each of the
    four cells (Haldane 1955); None if no person is on a third list. Above 1 the lists find the same people, and an
    estimate under independence is too low.
    """

    names: tuple[str, str]
    both: int
    chapman: float
    odds_ratio: float | None


def lower_bound(lists: Lists) -> float:
    """Return a lower bound of the population size that allows lists of different size.

    The formula is n + (sum over pairs i < j of f_i f_j) / f_2. Here n is the number of observed people, f_i the number
    on list i alone, and f_2 the number on exactly two lists. It is a bound if the lists are independent for each
    person.

    Parameters
    ----------
    lists : Lists
        Two lists or more.

    Returns
    -------
    float
        People, observed and unobserved.

    Raises
    ------
    BadLists
        If no person is on exactly two lists.

    Notes
    -----
    The bound of Chao (1987) for lists of unequal size. With the odds r_j of list j, f_i f_j / f_0 is f_0 r_i r_j, and
    f_2 is the sum of these over the pairs. If the odds differ between people, f_2 is larger and the bound is lower.

    References
    ----------
    .. [1] Chao 1987, "Estimating the population size for capture-recapture data with unequal catchability",
       Biometrics 43.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> round(lower_bound(lists))
    742
    """
    if not _count_on_exactly(lists, 2):
        raise lists_error("nobody is on exactly two lists", "there is no bound: join lists until they overlap")
    return float(lower_bounds(lists.dense[None])[0])


def lower_bounds(tables: Counts) -> NDArray[np.float64]:
    """Return the lower bound (B,) of dense tables (B, 2^t); nobody on two lists counts as one half."""
    people = tables[:, 1:].astype(float)
    on_lists = np.bitwise_count(np.arange(1, tables.shape[1], dtype=np.uint64))
    alone = people[:, on_lists == 1]
    twice = np.maximum(people[:, on_lists == 2].sum(axis=1), 0.5)
    pairs = (alone.sum(axis=1) ** 2 - (alone**2).sum(axis=1)) / 2  # f_i f_j, summed over the pairs i < j
    return np.asarray(people.sum(axis=1) + pairs / twice)


def chao(lists: Lists, *, corrected: bool = False) -> float:
    """Return Chao's estimate n + f_1^2 / (2 f_2), with f_k the number of people on exactly k lists.

    It is not a lower bound if the lists differ in size: with independent lists of unequal size it is too high. Use
    `lower_bound` then.

    Parameters
    ----------
    lists : Lists
        Two lists or more.
    corrected : bool, default False
        Use the bias-corrected form n + f_1 (f_1 - 1) / (2 (f_2 + 1)).

    Returns
    -------
    float
        People, observed and unobserved.

    Raises
    ------
    BadLists
        If no person is on exactly two lists, unless `corrected`.

    References
    ----------
    .. [1] Chao 1987, "Estimating the population size for capture-recapture data with unequal catchability",
       Biometrics 43.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> round(chao(lists)), round(chao(lists, corrected=True))
    (872, 870)
    """
    once, twice = _count_on_exactly(lists, 1), _count_on_exactly(lists, 2)
    if corrected:
        return lists.people + once * (once - 1) / (2 * (twice + 1))
    if not twice:
        raise lists_error("nobody is on exactly two lists", "take the corrected form")
    return lists.people + once**2 / (2 * twice)


def coverage(lists: Lists) -> float:
    """Return the sample coverage after Good and Turing: 1 - the mean over lists of f_j / n_j.

    f_j is the number of people on list j alone, and n_j the number on list j.

    Parameters
    ----------
    lists : Lists
        Any number of lists.

    Returns
    -------
    float
        From 0 to 1. Below about 0.5 the lists are sparse.

    References
    ----------
    .. [1] Chao and Tsay 1998, "A sample coverage approach to multiple-system estimation with application to census
       undercount", Journal of the American Statistical Association 93.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> round(coverage(lists), 2)
    0.65
    """
    shares = [int(lists.dense[1 << j]) / lists.on(j) for j in range(lists.number)]
    return 1 - math.fsum(shares) / len(shares)


def pairwise(lists: Lists) -> list[ListPair]:
    """Return the overlap, Chapman's estimate and the odds ratio of each pair of lists.

    Parameters
    ----------
    lists : Lists
        Two lists or more.

    Returns
    -------
    list of ListPair
        In the order 12, 13, ..., 1t, 23, ...

    References
    ----------
    .. [1] Chapman 1951, "Some properties of the hypergeometric distribution with applications to zoological sample
       censuses", University of California Publications in Statistics 1.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> [(pair.names, pair.both) for pair in pairwise(lists)]
    [(('A', 'B'), 16), (('A', 'C'), 124), (('B', 'C'), 154)]
    """
    pairs = []
    for a, b in combinations(range(lists.number), 2):
        both = lists.on((1 << a) | (1 << b), mask=True)
        chapman = (lists.on(a) + 1) * (lists.on(b) + 1) / (both + 1) - 1
        pairs.append(ListPair((lists.names[a], lists.names[b]), both, chapman, _odds_ratio(lists, a, b)))
    return pairs


def _odds_ratio(lists: Lists, a: int, b: int) -> float | None:
    """Return the odds ratio of lists a and b among people on a third list; None if there are none."""
    both_lists = (1 << a) | (1 << b)
    cells = [
        int(lists.counts[(lists.histories & both_lists == cell) & (lists.histories & ~both_lists != 0)].sum())
        for cell in (0, 1 << a, 1 << b, both_lists)
    ]
    if not sum(cells):
        return None
    neither, only_a, only_b, both = (cell + 0.5 for cell in cells)
    return both * neither / (only_a * only_b)


def _count_on_exactly(lists: Lists, number: int) -> int:
    """Return the number of people on exactly this number of lists."""
    return int(lists.counts[np.bitwise_count(lists.histories) == number].sum())
