"""Estimates from each few of the lists alone, without an interaction of all of these lists at once."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Counts, Lists, check_setting

Floats = NDArray[np.float64]


class MarginalEstimate(NamedTuple):
    """Estimate from some of the lists alone.

    names: these lists. people: people on any of them. estimate: all people, observed and unobserved; inf if an overlap
    is empty, NaN if the table says nothing.
    """

    names: tuple[str, ...]
    people: int
    estimate: float


def marginal_estimates(lists: Lists, size: int = 3) -> list[MarginalEstimate]:
    """Return the estimate from each `size` of the lists alone.

    Parameters
    ----------
    lists : Lists
        Two lists or more.
    size : int, default 3
        How many lists are used at a time, from 2 to the number of lists.

    Returns
    -------
    list of MarginalEstimate
        One for each choice of lists, in the order 12, 13, ..., 1t, 23, ...

    Raises
    ------
    BadLists
        If the size is out of range.

    Notes
    -----
    m_v are the people with the history v on the chosen lists, whatever the other lists say. The assumption is that the
    chosen lists have no interaction of all of them at once:

    m_0 = product of m_v over odd numbers of lists / product of m_v over even numbers of lists.

    With two lists this is Petersen's number, with three the model of all pairs. The population is m_0 and the people
    on any of the chosen lists. Each choice needs another assumption, so their estimates differ. They show how far the
    answer depends on the assumption: K-list marginal no-highest-order interaction [1]_.

    References
    ----------
    .. [1] Aleshin-Guendel, Sadinle and Wakefield 2024, "The central role of the identifying assumption in population
       size estimation", Biometrics 80.

    Examples
    --------
    >>> histories = [1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15]  # killings in Kosovo, Ball and others 2002
    >>> counts = [1131, 845, 936, 306, 177, 228, 106, 217, 31, 123, 181, 18, 42, 32, 27]
    >>> lists = Lists(histories, counts, ["EXH", "ABA", "OSCE", "HRW"])
    >>> [(result.names[0], round(result.estimate)) for result in marginal_estimates(lists, 3)]
    [('EXH', 12107), ('EXH', 17164), ('EXH', 7820), ('ABA', 7130)]
    """
    check_setting("the number of lists at a time", size, 2, lists.number, integer=True)
    estimates = estimates_of_tables(lists.dense[None], size)[0]
    chosen = list(combinations(range(lists.number), size))
    people = [int(lists.counts[(lists.histories & sum(1 << j for j in group)) > 0].sum()) for group in chosen]
    return [
        MarginalEstimate(tuple(lists.names[j] for j in group), seen, float(estimate))
        for group, seen, estimate in zip(chosen, people, estimates, strict=True)
    ]


def estimates_of_tables(tables: Counts, size: int) -> Floats:
    """Return the estimate (B, choices) from each `size` of the lists of dense tables (B, 2^t)."""
    lists = tables.shape[1].bit_length() - 1
    people = tables.astype(float)
    signs = np.array([-1.0 if v.bit_count() % 2 == 0 else 1.0 for v in range(1, 1 << size)])
    columns = []
    for group in combinations(range(lists), size):
        margin = people @ _margin(lists, group)
        columns.append(margin.sum(axis=1) + _unobserved(margin, signs))
    return np.column_stack(columns)


@cache
def _margin(lists: int, group: tuple[int, ...]) -> Floats:
    """Return the matrix (2^t, 2^k - 1) that adds the histories of t lists up to those of k of them."""
    history = np.arange(1 << lists)
    short = sum(((history >> j) & 1) << place for place, j in enumerate(group))
    columns = np.arange(1, 1 << len(group))
    return np.asarray(np.asarray(short)[:, None] == columns, np.float64)


def _unobserved(margin: Floats, signs: Floats) -> Floats:
    """Return the unobserved people (B,) of margins (B, cells): inf if a divisor is 0, NaN if a factor is."""
    logs = np.log(np.where(margin > 0, margin, 1.0)) @ signs
    no_factor = (margin[:, signs > 0] == 0).any(axis=1)
    no_divisor = (margin[:, signs < 0] == 0).any(axis=1)
    return np.asarray(np.where(no_factor, np.nan, np.where(no_divisor, np.inf, np.exp(logs))))


def median_estimates(tables: Counts, size: int) -> Floats:
    """Return the median estimate (B,) over the choices of lists that have one; NaN for none."""
    estimates = estimates_of_tables(tables, size)
    empty = np.isnan(estimates).all(axis=1)
    estimates[empty] = 0.0
    return np.asarray(np.where(empty, np.nan, np.nanmedian(estimates, axis=1)))
