"""Bootstrap with model selection repeated in each resample.

If the counts have noise, each resample gets noise of the same standard deviation after the people are drawn. Its
negative counts are corrected as those of the lists were (`kerege.base.geometric_noise`). The limits then include both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kerege.base.geometric_noise import drawn, of_histories
from kerege.evidence.mse.lists import Counts, Lists, build_unchecked_lists, check_number, check_setting, lists_error
from kerege.evidence.mse.loglinear.bic_selection import bic_many, rank_by_bic, search_downhill, search_downhill_many
from kerege.evidence.mse.loglinear.bootstrap_intervals import Bootstrap
from kerege.evidence.mse.loglinear.hierarchical_models import from_pairs, model_name
from kerege.evidence.mse.loglinear.integer_tables import Undo
from kerege.evidence.mse.loglinear.stepwise_selection import THRESHOLD, check_threshold, search_tables

Floats = NDArray[np.float64]
Keys = NDArray[np.int64]
Estimator = Callable[[Counts], tuple[Floats, Keys]]  # counts (B, C) -> estimates (B,), model keys (B,)
TIMES, SEED, TOP = 20_000, 1, 100
LEAST = 100  # smallest number of resamples
METHODS = ("stepwise", "independence", "bic", "downhill")


def make_estimator(
    lists: Lists,
    method: str = "stepwise",
    *,
    threshold: float = THRESHOLD,
    order: int | None = None,
    ntop: int | None = TOP,
    threads: int | None = None,
) -> tuple[Estimator, Callable[[int], str]]:
    """Return a function that estimates many tables of the same histories, and one that names its models.

    The first function maps counts (B, C) to estimates (B,) and model keys (B,); the second maps a key to a model
    notation.
    """
    check_number(lists.number)
    check_options(method, threshold=threshold, order=order, ntop=ntop)
    if method in ("stepwise", "independence"):
        p_threshold = threshold if method == "stepwise" else 0.0
        return (
            lambda counts: tuple(search_tables(lists.histories, counts, p_threshold, threads)),  # type: ignore[return-value]
            lambda key: model_name(from_pairs(lists.number, key), lists.names),
        )
    if method == "bic":
        ranking = rank_by_bic(lists, order).top(ntop)
        return (
            lambda counts: bic_many(ranking, counts, threads=threads)[:2],
            lambda key: model_name(ranking.models[key], lists.names) if key >= 0 else "no estimate",
        )
    search = search_downhill(lists, order)
    return (
        lambda counts: (search_downhill_many(lists, counts, order), np.zeros(len(counts), np.int64)),
        lambda key: model_name(search.best, lists.names),
    )


def check_options(
    method: str, *, threshold: float = THRESHOLD, order: int | None = None, ntop: int | None = TOP
) -> None:
    """Raise BadLists if the method does not exist or one of its options is out of range."""
    if method not in METHODS:
        raise lists_error(f"there is no method {method!r}", f"choose one of {', '.join(METHODS)}")
    check_threshold(threshold)
    if order is not None:
        check_setting("the order", order, 1, integer=True)
    if ntop is not None:
        check_setting("the number of best models", ntop, 1, integer=True)


def draw_resamples(lists: Lists, times: int, rng: np.random.Generator) -> Counts:
    """Return multinomial resamples (times, C) of the people by history, with the noise of the counts."""
    people: Counts = rng.multinomial(lists.people, lists.counts / lists.people, size=times)
    return add_noise(lists, people, rng)


def counted_lists(lists: Lists, undo: Undo | None) -> tuple[Lists, Undo | None]:
    """Return the lists as they were counted, and the correction of linkage errors for their tables.

    Counts with noise have every history, because noise may fill the empty ones.
    """
    counted = lists if undo is None else undo.given
    if not counted.noise:
        return counted, undo
    counted = counted.with_empty()
    return counted, undo and replace(undo, given=counted)


def draw_corrected(counted: Lists, undo: Undo | None, times: int, seed: int) -> Counts:
    """Return resamples (times, C) of lists as counted, corrected for linkage errors if `undo` is given."""
    tables = draw_resamples(counted, times, np.random.default_rng(seed))
    return tables if undo is None else undo(tables)


def add_noise(lists: Lists, tables: Counts, rng: np.random.Generator) -> Counts:
    """Return tables (B, C) with noise of the lists' standard deviation; with noise, C is all histories."""
    return of_histories(tables + drawn(lists.noise, tables.shape, rng)) if lists.noise else tables


def bootstrap(
    lists: Lists,
    method: str = "stepwise",
    *,
    times: int = TIMES,
    seed: int = SEED,
    threshold: float = THRESHOLD,
    order: int | None = None,
    ntop: int | None = TOP,
    threads: int | None = None,
    undo: Undo | None = None,
) -> Bootstrap:
    """Resample the people and repeat the model selection in each resample.

    Parameters
    ----------
    lists : Lists
        Three to ten lists.
    method : {"stepwise", "independence", "bic", "downhill"}
        Stepwise by p-values; independence; smallest BIC of all models; downhill search for a small BIC.
    times : int, default 20,000
        Number of resamples, 100 or more.
    seed : int, default 1
        Seed of the one random generator; the result does not depend on the number of threads.
    threshold : float, default 0.02
        Threshold of the p-value, for "stepwise".
    order : int, optional
        Largest number of lists in an interaction, for "bic" and "downhill".
    ntop : int or None, default 100
        For "bic": select only among the `ntop` models with the smallest BIC on the lists themselves; None for all.
    threads : int, optional
        Largest number of threads. Default: one for each processor.
    undo : Undo, optional
        Correction of linkage errors, if the lists were corrected. The people as counted are resampled, and each
        resample is corrected. The acceleration of BCa leaves people out of the corrected lists: rounding would hide a
        change of one counted person.

    Returns
    -------
    Bootstrap
        Estimates in people, observed and unobserved, with `percentile` and `bca` intervals.

    Raises
    ------
    BadLists
        If a setting is out of range, or the lists or options allow no estimate.

    References
    ----------
    .. [1] Chan, Silverman and Vincent 2021, "Multiple systems estimation for sparse capture data: inferential
       challenges when there are nonoverlapping lists", Journal of the American Statistical Association 116.
    .. [2] Silverman, Chan and Vincent 2024, "Bootstrapping multiple systems estimates to account for model selection",
       Statistics and Computing 34:44.
    .. [3] Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 14.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> result = bootstrap(lists, "bic", times=1000, seed=1)
    >>> interval = result.percentile(0.95)
    >>> result.model, round(result.estimate), round(interval.lower), round(interval.upper)
    ('A:B', 731, 694, 808)
    """
    check_setting("the number of resamples", times, LEAST, integer=True)
    check_setting("the seed", seed, 0, integer=True)
    counted, undo = counted_lists(lists, undo)
    # a resample may have people in histories that the correction or the noise emptied: keep all counted histories
    extended = build_unchecked_lists(lists.names, counted.histories, lists.dense[counted.histories])
    estimate, names = make_estimator(extended, method, threshold=threshold, order=order, ntop=ntop, threads=threads)
    point, model_key = estimate(extended.counts[None])
    if math.isnan(point[0]):
        raise lists_error("the method has no estimate on these lists", "take another one")
    estimates, keys = estimate(draw_corrected(counted, undo, times, seed))
    one_less = extended.counts - np.eye(len(counted.counts), dtype=np.int64)
    left_out, _ = estimate(one_less[np.isin(counted.histories, lists.histories)])
    return summarise(
        lists,
        method,
        point=(float(point[0]), int(model_key[0])),
        replicates_and_keys=(estimates, keys),
        left_out=left_out,
        seed=seed,
        names=names,
    )


def summarise(
    lists: Lists,
    method: str,
    point: tuple[float, int],
    replicates_and_keys: tuple[Floats, Keys],
    left_out: Floats,
    seed: int,
    names: Callable[[int], str],
) -> Bootstrap:
    """Return the `Bootstrap` of estimates and model keys in any order.

    Raises BadLists if no resample has an estimate.
    """
    estimates, keys = replicates_and_keys
    exist = ~np.isnan(estimates)
    if not exist.any():
        raise lists_error("no resample has an estimate", "join lists until they overlap")
    values, times = np.unique(keys[exist], return_counts=True)
    ranked = np.argsort(-times, kind="stable")
    shares = {int(values[k]): float(times[k]) / len(keys) for k in ranked}
    replicates = np.sort(estimates[exist])
    return Bootstrap(
        lists=lists,
        method=method,
        estimate=point[0],
        chosen=point[1],
        replicates=replicates,
        failed=int((~exist).sum()),
        models=shares,
        jackknife=left_out,
        seed=seed,
        names=names,
    )
