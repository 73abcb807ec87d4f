"""What the lists say without a model: bounds, coverage and how pairs of lists hang together."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np

from kerege.evidence.mse.lists import Lists, refuse


class Pair(NamedTuple):
    """Two lists of the table.

    both: people on both; chapman: people by these two alone (Chapman 1951), as if independent; odds_ratio: of being on
    one for people on the other, among those on some third list, halves added to the four cells (Haldane 1955); None
    where nobody is on a third list. Above 1 the lists find the same people, and an estimate that ignores it is too low.
    """

    names: tuple[str, str]
    both: int
    chapman: float
    odds_ratio: float | None


def lower_bound(lists: Lists) -> float:
    """People, at least, if lists are independent for each person: n + sum over pairs f_i f_j / f_2, each list apart.

    Parameters
    ----------
    lists : Lists
        Two or more.

    Returns
    -------
    float
        People, seen or not.

    Raises
    ------
    BadLists
        Where nobody is on exactly two lists.

    Notes
    -----
    f_i are people on list i alone, f_2 people on exactly two. The bound of Chao 1987, Biometrics 43, for lists of
    different size: with the odds r_j of list j, f_i f_j / f_0 is f_0 r_i r_j and f_2 the sum of these; people who
    differ make f_2 larger.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> round(lower_bound(lists))
    742
    """
    alone = [int(lists.dense[1 << j]) for j in range(lists.number)]
    twice = _on_exactly(lists, 2)
    if not twice:
        raise refuse("nobody is on exactly two lists", "there is no bound: join lists until they overlap")
    return lists.people + sum(a * b for a, b in combinations(alone, 2)) / twice


def chao(lists: Lists, *, corrected: bool = False) -> float:
    """Chao's estimate, n + f_1^2 / (2 f_2), from people on exactly one list and on exactly two.

    No lower bound where lists differ in size: with independent lists of unequal size it overshoots. Take `lower_bound`.

    Parameters
    ----------
    lists : Lists
        Two or more.
    corrected : bool
        For bias: f_1 (f_1 - 1) / (2 (f_2 + 1)).

    Returns
    -------
    float
        People, seen or not.

    Raises
    ------
    BadLists
        Where nobody is on exactly two lists, unless `corrected`.

    Notes
    -----
    Chao 1987, "Estimating the population size for capture-recapture data with unequal catchability", Biometrics 43.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> round(chao(lists)), round(chao(lists, corrected=True))
    (872, 870)
    """
    once, twice = _on_exactly(lists, 1), _on_exactly(lists, 2)
    if corrected:
        return lists.people + once * (once - 1) / (2 * (twice + 1))
    if not twice:
        raise refuse("nobody is on exactly two lists", "take the corrected form")
    return lists.people + once**2 / (2 * twice)


def coverage(lists: Lists) -> float:
    """Good and Turing's sample coverage: 1 - mean over lists of the share of its people that only that list has.

    Parameters
    ----------
    lists : Lists
        Any number of them.

    Returns
    -------
    float
        From 0 to 1; below about one half the lists are sparse.

    Notes
    -----
    Chao and Tsay 1998, "A sample coverage approach to multiple-system estimation", JASA 93.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> round(coverage(lists), 2)
    0.65
    """
    shares = [int(lists.dense[1 << j]) / lists.on(j) for j in range(lists.number)]
    return 1 - sum(shares) / len(shares)


def pairwise(lists: Lists) -> list[Pair]:
    """Overlap, Chapman's number and odds ratio of every two lists.

    Parameters
    ----------
    lists : Lists
        Two or more.

    Returns
    -------
    list of Pair
        In the order 12, 13, ..., 1t, 23, ...
    """
    found = []
    for a, b in combinations(range(lists.number), 2):
        both = lists.on((1 << a) | (1 << b), mask=True)
        chapman = (lists.on(a) + 1) * (lists.on(b) + 1) / (both + 1) - 1
        found.append(Pair((lists.names[a], lists.names[b]), both, chapman, _odds_ratio(lists, a, b)))
    return found


def _odds_ratio(lists: Lists, a: int, b: int) -> float | None:
    inside = (1 << a) | (1 << b)
    cells = [
        int(lists.counts[(lists.histories & inside == cell) & (lists.histories & ~inside != 0)].sum())
        for cell in (0, 1 << a, 1 << b, inside)
    ]
    if not sum(cells):
        return None
    neither, one, other, both = (cell + 0.5 for cell in cells)
    return both * neither / (one * other)


def _on_exactly(lists: Lists, number: int) -> int:
    return int(lists.counts[np.bitwise_count(lists.histories) == number].sum())
