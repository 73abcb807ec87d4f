"""Pairs of lists chosen one by one by a Poisson p-value, exactly as the R package SparseMSE does.

Chan, Silverman and Vincent 2021, "Multiple systems estimation for sparse capture data: inferential challenges when
there are nonoverlapping lists", Journal of the American Statistical Association 116, 1297-1306, section 3.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import (
    Counts,
    Histories,
    Lists,
    check_number,
    check_setting,
    drop_unobserved,
    lists_error,
    number_of_lists,
    validated_counts,
    validated_histories,
)
from kerege.evidence.mse.loglinear.existence import existence_code, support
from kerege.evidence.mse.loglinear.hierarchical_models import Model, from_pairs, pairs_of

THRESHOLD = 0.02
ALONE = 4000  # tables a single thread takes; below it starting others costs more than they bring


class Chosen(NamedTuple):
    """What the search found for every table."""

    estimates: NDArray[np.float64]  # (B,) people in all, seen or not
    models: NDArray[np.int64]  # (B,) pairs chosen: bit k is pair k in the order 12, 13, ..., 1t, 23, ...


class StepwiseModel(NamedTuple):
    """The model of a stepwise search and its estimate of people, seen or not."""

    model: Model
    estimate: float


def select_stepwise(lists: Lists, threshold: float = THRESHOLD) -> StepwiseModel:
    """Choose pairs of lists that depend on each other, one by one, by the p-value of each.

    Parameters
    ----------
    lists : Lists
        Three to ten.
    threshold : float
        A pair is added when its Poisson p-value is strictly below; 0 is independence.

    Returns
    -------
    StepwiseModel
        `model` as sets of lists (bitmasks), for `fit` and `exists`; `estimate` in people, seen or not: inf where nobody
        is on two lists, NaN where a fit lies too far out to be found.

    Raises
    ------
    BadLists
        For fewer than three lists, and for a threshold that is no probability.

    Notes
    -----
    Chan, Silverman and Vincent 2021, JASA 116, section 3; equal to `estimatepopulation.0` of the R package SparseMSE
    2.0.1. The same search for many tables at once: `stepwise_many`.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> selected = select_stepwise(lists)
    >>> selected.model, round(selected.estimate)
    ((0, 1, 2, 4, 3), 731)
    """
    check_number(lists.number)
    found = stepwise_models(lists.histories, lists.counts[None], threshold)
    return StepwiseModel(from_pairs(lists.number, int(found.models[0])), float(found.estimates[0]))


def stepwise_many(
    histories: Any, counts: Any, threshold: float = THRESHOLD, *, empty_list: str = "compat", threads: int | None = None
) -> NDArray[np.float64]:
    """Estimate the number of people, seen or not, for many tables of the same lists, choosing pairs anew in each.

    Parameters
    ----------
    histories : (C,) whole numbers
        Bitmasks in any order, each once: bit j is set when the person is on list j. Three to ten lists.
    counts : (B, C) whole numbers
        People with each history, one table a row. A history 0 (on no list) may stand there with nobody in any row.
    threshold : float, default 0.02
        A pair is added when its Poisson p-value is strictly below; 0 is independence.
    empty_list : {"compat", "drop list"}
        What a table in which a list has nobody comes to: independence of the others, as in R, or the whole search
        without that list.
    threads : int, optional
        At most so many threads; the result does not depend on it.

    Returns
    -------
    (B,) float64
        People, seen or not; inf where nobody is on two lists, NaN where a fit exists but lies too far out to be found.
        Where everybody is on one of the lists independence has no estimate; as in R the number is then that of the
        people seen (the panel says that there is none).

    Raises
    ------
    BadLists
        A ValueError: one sentence on what is wrong with the tables.

    Notes
    -----
    Existence is proved of every model that a pair is added to, not of independence, from which the search starts.
    Chan, Silverman and Vincent (2021), section 3; equal to `estimatepopulation.0` of SparseMSE 2.0.1 table by table.

    Examples
    --------
    >>> counts = [[60, 49, 4, 247, 112, 142, 12], [60, 49, 4, 247, 112, 142, 13]]  # the first: Madigan and York 1997
    >>> stepwise_many([1, 2, 3, 4, 5, 6, 7], counts).round(1).tolist()
    [730.9, 731.5]
    """
    return stepwise_models(histories, counts, threshold, empty_list=empty_list, threads=threads).estimates


def stepwise_models(
    histories: Any, counts: Any, threshold: float = THRESHOLD, *, empty_list: str = "compat", threads: int | None = None
) -> Chosen:
    """As `stepwise_many`, with the pairs chosen in every table.

    Parameters
    ----------
    histories, counts, threshold, empty_list, threads
        As there.

    Returns
    -------
    Chosen
        Estimates (B,) in people, seen or not, and models (B,) as bitmasks of pairs.

    Raises
    ------
    BadLists
        As there.
    """
    seen_by, people = drop_unobserved(histories, counts)
    given = validated_histories(seen_by)
    tables = validated_counts(people, len(given))
    check_threshold(threshold)
    if empty_list not in ("compat", "drop list"):
        raise lists_error(f"empty_list is {empty_list!r}", 'give "compat" or "drop list"')
    found = searched(given, tables, threshold, threads)
    if empty_list == "drop list":
        _without_empty_lists(given, tables, threshold, found)
    return found


def check_threshold(threshold: float) -> None:
    """Raise BadLists unless it can be one of p-values."""
    check_setting("the threshold", threshold, 0, 1)


def searched(histories: Histories, counts: Counts, threshold: float, threads: int | None = None) -> Chosen:
    """The search on tables that are checked."""
    from kerege.evidence.mse.loglinear.kernels import stepwise_rows

    lists, pairs = number_of_lists(histories), pairs_of(number_of_lists(histories))
    estimates, models = np.empty(len(counts)), np.empty((len(counts), 2), np.int64)
    rows = np.arange(len(counts))
    known: dict[int, list[tuple[int, int]]] = {}

    def work(part: NDArray[np.int64]) -> None:
        of_rows = [known.get(int(row), []) for row in part] if known else []
        starts = np.r_[0, np.cumsum([len(said) for said in of_rows])] if known else np.zeros(len(part) + 1)
        told = np.array([pair for said in of_rows for pair in said], np.int64).reshape(-1, 2)
        stepwise_rows(
            counts, histories, lists, pairs, float(threshold), part, starts.astype(np.int64), told, estimates, models
        )

    while len(rows):
        in_parts(work, rows, threads)
        rows = rows[models[rows, 1] >= 0]
        for row in rows:
            dense = np.zeros(1 << lists, np.int64)
            dense[histories] = counts[row]
            model = int(models[row, 1])
            code = existence_code(lists, from_pairs(lists, model), support(dense))
            known.setdefault(int(row), []).append((model, code))
    return Chosen(estimates, models[:, 0])


def in_parts(work: Any, rows: NDArray[np.int64], threads: int | None, alone: int = ALONE) -> None:
    """Run over rows in as many threads as there are processors, in pieces that do not depend on how many."""
    if threads is not None:
        check_setting("the number of threads", threads, 1, integer=True)
    count = threads or _processors()
    if count == 1 or len(rows) <= alone:
        work(rows)
        return
    pieces = np.array_split(rows, min(8 * count, max(1, len(rows) // (alone // 4))))
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(work, pieces))


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _without_empty_lists(histories: Histories, counts: Counts, threshold: float, found: Chosen) -> None:
    """Search again, without their empty lists, the tables that have one; pairs keep their numbers."""
    lists = number_of_lists(histories)
    on = np.stack([counts[:, ((histories >> j) & 1) == 1].sum(axis=1) > 0 for j in range(lists)])
    keys = (on.astype(np.int64) << np.arange(lists)[:, None]).sum(axis=0)
    places = {int(pair): k for k, pair in enumerate(pairs_of(lists))}
    for key in np.unique(keys[keys != (1 << lists) - 1]):
        left = [j for j in range(lists) if (int(key) >> j) & 1]
        if len(left) < 3:
            continue
        rows = np.flatnonzero(keys == key)
        inside = np.flatnonzero((histories & ~key) == 0)
        small = sum((((histories[inside] >> j) & 1) << k) for k, j in enumerate(left))
        again = searched(np.asarray(small, np.int64), np.ascontiguousarray(counts[np.ix_(rows, inside)]), threshold)
        found.estimates[rows] = again.estimates
        found.models[rows] = 0
        for k, pair in enumerate(pairs_of(len(left))):
            large = sum(1 << left[j] for j in range(len(left)) if (int(pair) >> j) & 1)
            found.models[rows] |= ((again.models >> k) & 1) << places[large]
