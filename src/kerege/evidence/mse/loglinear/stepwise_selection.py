"""Forward stepwise selection of pairs of lists by Poisson p-values, as in the R package SparseMSE.

Chan, Silverman and Vincent 2021, "Multiple systems estimation for sparse capture data: inferential challenges when
there are nonoverlapping lists", Journal of the American Statistical Association 116, 1297-1306, section 3.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.base.processors import processor_count
from kerege.evidence.mse.lists import (
    Counts,
    Histories,
    Lists,
    check_number,
    check_setting,
    drop_unobserved,
    lists_error,
    number_of_lists,
    validate_counts,
    validate_histories,
)
from kerege.evidence.mse.loglinear.existence import existence_code, support_key
from kerege.evidence.mse.loglinear.hierarchical_models import Model, from_pairs, pairs_of

THRESHOLD = 0.02
SINGLE_THREAD_TABLES = 4000  # up to this number of tables one thread is faster than several


class StepwiseResults(NamedTuple):
    """Results of the stepwise search for many tables."""

    estimates: NDArray[np.float64]  # (B,) people, observed and unobserved
    models: NDArray[np.int64]  # (B,) chosen pairs: bit k is pair k in the order 12, 13, ..., 1t, 23, ...


class StepwiseModel(NamedTuple):
    """Model of a stepwise search, and its estimate of people, observed and unobserved."""

    model: Model
    estimate: float


def select_stepwise(lists: Lists, threshold: float = THRESHOLD) -> StepwiseModel:
    """Select interactions of pairs of lists one by one, each by the p-value of a Poisson test.

    Parameters
    ----------
    lists : Lists
        Three to ten lists.
    threshold : float, default 0.02
        A pair is added if its Poisson p-value is strictly below the threshold. With 0 the result is independence.

    Returns
    -------
    StepwiseModel
        `model`: interactions as bitmasks, for `fit` and `exists`. `estimate`: people, observed and unobserved; inf if
        no person is on two lists, NaN if a fit exists but is too far out to be found.

    Raises
    ------
    BadLists
        If there are fewer than three lists, or the threshold is not from 0 to 1.

    See Also
    --------
    stepwise_many : The same search for many tables.

    References
    ----------
    .. [1] Chan, Silverman and Vincent 2021, "Multiple systems estimation for sparse capture data: inferential
       challenges when there are nonoverlapping lists", Journal of the American Statistical Association 116, section 3.
       The results equal those of `estimatepopulation.0` of the R package SparseMSE 2.0.1.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> selected = select_stepwise(lists)
    >>> selected.model, round(selected.estimate)
    ((0, 1, 2, 4, 3), 731)
    """
    check_number(lists.number)
    results = stepwise_models(lists.histories, lists.counts[None], threshold)
    return StepwiseModel(from_pairs(lists.number, int(results.models[0])), float(results.estimates[0]))


def stepwise_many(
    histories: Any, counts: Any, threshold: float = THRESHOLD, *, empty_list: str = "compat", threads: int | None = None
) -> NDArray[np.float64]:
    """Estimate the population size of many tables of the same lists, with a stepwise search in each.

    Parameters
    ----------
    histories : (C,) integers
        Bitmasks in any order, without duplicates: bit j is set when the person is on list j. Three to ten lists.
    counts : (B, C) integers
        Number of people with each history, one table in each row. The history 0 (on no list) is allowed if it is empty
        in all rows.
    threshold : float, default 0.02
        A pair is added if its Poisson p-value is strictly below the threshold. With 0 the result is independence.
    empty_list : {"compat", "drop list"}
        Treatment of a table in which a list is empty. "compat": independence of the other lists, as in SparseMSE. "drop
        list": the whole search without that list.
    threads : int, optional
        Largest number of threads; the result does not depend on it. Default: one for each processor.

    Returns
    -------
    (B,) float64
        People, observed and unobserved; inf if no person is on two lists, NaN if a fit exists but is too far out to be
        found. If all people are on one of the lists, independence has no estimate. The value is then the number of
        observed people, as in SparseMSE; `panel` reports that there is no estimate.

    Raises
    ------
    BadLists
        If the histories, the counts or a setting are invalid.

    Notes
    -----
    The search proves existence of each model to which it adds a pair, but not of independence, from which it starts.

    References
    ----------
    .. [1] Chan, Silverman and Vincent 2021, "Multiple systems estimation for sparse capture data: inferential
       challenges when there are nonoverlapping lists", Journal of the American Statistical Association 116, section 3.
       The result of each table equals that of `estimatepopulation.0` of the R package SparseMSE 2.0.1.

    Examples
    --------
    >>> counts = [[60, 49, 4, 247, 112, 142, 12], [60, 49, 4, 247, 112, 142, 13]]  # the first: Madigan and York 1997
    >>> stepwise_many([1, 2, 3, 4, 5, 6, 7], counts).round(1).tolist()
    [730.9, 731.5]
    """
    return stepwise_models(histories, counts, threshold, empty_list=empty_list, threads=threads).estimates


def stepwise_models(
    histories: Any, counts: Any, threshold: float = THRESHOLD, *, empty_list: str = "compat", threads: int | None = None
) -> StepwiseResults:
    """Run the search of `stepwise_many` and return the chosen pairs too.

    Parameters
    ----------
    histories, counts, threshold, empty_list, threads
        As for `stepwise_many`.

    Returns
    -------
    StepwiseResults
        Estimates (B,) in people, observed and unobserved, and models (B,) as bitmasks of pairs.

    Raises
    ------
    BadLists
        As for `stepwise_many`.

    Examples
    --------
    >>> counts = [[60, 49, 4, 247, 112, 142, 12]]  # spina bifida, Madigan and York 1997
    >>> results = stepwise_models([1, 2, 3, 4, 5, 6, 7], counts)
    >>> results.estimates.shape, results.models.shape
    ((1,), (1,))
    """
    observed, people = drop_unobserved(histories, counts)
    valid_histories = validate_histories(observed)
    tables = validate_counts(people, len(valid_histories))
    check_threshold(threshold)
    if empty_list not in ("compat", "drop list"):
        raise lists_error(f"empty_list cannot be {empty_list!r}", 'give "compat" or "drop list"')
    results = search_tables(valid_histories, tables, threshold, threads)
    if empty_list == "drop list":
        _search_without_empty_lists(valid_histories, tables, threshold, results)
    return results


def check_threshold(threshold: float) -> None:
    """Raise BadLists if a threshold of p-values is not from 0 to 1."""
    check_setting("the threshold", threshold, 0, 1)


def search_tables(
    histories: Histories, counts: Counts, threshold: float, threads: int | None = None
) -> StepwiseResults:
    """Run the stepwise search on validated histories (C,) and counts (B, C).

    Compiled code decides most models. It returns tables in which the existence of a model is open; this loop proves
    these models and searches the tables again.
    """
    from kerege.evidence.mse.loglinear.kernels import stepwise_rows

    counts = np.ascontiguousarray(counts)  # another order of the axes would compile the kernel once more
    lists, pairs = number_of_lists(histories), pairs_of(number_of_lists(histories))
    estimates, models = np.empty(len(counts)), np.empty((len(counts), 2), np.int64)
    rows = np.arange(len(counts))
    known: dict[int, list[tuple[int, int]]] = {}

    def search_rows(chunk: NDArray[np.int64]) -> None:
        """Search each row of the chunk, with the existence proofs so far."""
        proofs = [known.get(int(row), []) for row in chunk] if known else []
        starts = np.r_[0, np.cumsum([len(row_proofs) for row_proofs in proofs])] if known else np.zeros(len(chunk) + 1)
        codes = np.array([pair for row_proofs in proofs for pair in row_proofs], np.int64).reshape(-1, 2)
        stepwise_rows(
            counts, histories, lists, pairs, float(threshold), chunk, starts.astype(np.int64), codes, estimates, models
        )

    while len(rows):
        run_in_chunks(search_rows, rows, threads)
        rows = rows[models[rows, 1] >= 0]
        for row in rows:
            dense = np.zeros(1 << lists, np.int64)
            dense[histories] = counts[row]
            model = int(models[row, 1])
            code = existence_code(lists, from_pairs(lists, model), support_key(dense))
            known.setdefault(int(row), []).append((model, code))
    return StepwiseResults(estimates, models[:, 0])


def run_in_chunks(
    work: Any, rows: NDArray[np.int64], threads: int | None, single_thread: int = SINGLE_THREAD_TABLES
) -> None:
    """Run `work` on chunks of the rows, in threads; the result does not depend on the number of threads."""
    if threads is not None:
        check_setting("the number of threads", threads, 1, integer=True)
    workers = threads or processor_count()
    if workers == 1 or len(rows) <= single_thread:
        work(rows)
        return
    chunks = np.array_split(rows, min(8 * workers, max(1, len(rows) // (single_thread // 4))))
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, chunks))


def _search_without_empty_lists(
    histories: Histories, counts: Counts, threshold: float, results: StepwiseResults
) -> None:
    """Replace the results of tables with empty lists by a search without them; pairs keep their numbers."""
    lists = number_of_lists(histories)
    has_people = np.stack([counts[:, ((histories >> j) & 1) == 1].sum(axis=1) > 0 for j in range(lists)])
    occupied = (has_people.astype(np.int64) << np.arange(lists)[:, None]).sum(axis=0)
    positions = {int(pair): k for k, pair in enumerate(pairs_of(lists))}
    for mask in np.unique(occupied[occupied != (1 << lists) - 1]):
        remaining = [j for j in range(lists) if (int(mask) >> j) & 1]
        if len(remaining) < 3:
            continue
        rows = np.flatnonzero(occupied == mask)
        inside = np.flatnonzero((histories & ~mask) == 0)
        reduced = sum((((histories[inside] >> j) & 1) << k) for k, j in enumerate(remaining))
        reduced_results = search_tables(np.asarray(reduced, np.int64), counts[np.ix_(rows, inside)], threshold)
        results.estimates[rows] = reduced_results.estimates
        results.models[rows] = 0
        for k, pair in enumerate(pairs_of(len(remaining))):
            pair_mask = sum(1 << remaining[j] for j in range(len(remaining)) if (int(pair) >> j) & 1)
            results.models[rows] |= ((reduced_results.models >> k) & 1) << positions[pair_mask]
