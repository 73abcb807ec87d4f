"""Selection of the hierarchical model with the smallest BIC, on the lists and again in each resample.

Silverman, Chan and Vincent 2024, "Bootstrapping multiple systems estimates to account for model selection", Statistics
and Computing 34:44.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Counts, Lists, check_number, lists_error, validate_counts
from kerege.evidence.mse.loglinear.existence import existence_code, support_key
from kerege.evidence.mse.loglinear.fit import Fitted, fit_all
from kerege.evidence.mse.loglinear.hierarchical_models import Model, all_models, close_model, list_neighbours
from kerege.evidence.mse.loglinear.stepwise_selection import run_in_chunks

Floats = NDArray[np.float64]
SINGLE_THREAD_RESAMPLES = 200  # up to this number of resamples one thread is faster than several


@dataclass(frozen=True)
class Ranking:
    """Models of some lists that have an estimate, by ascending BIC.

    considered: number of models before those without an estimate were left out. bic, estimates: (M,), estimates in
    people, observed and unobserved. alphas: the parameters of each model, in the order of its terms.
    """

    lists: Lists
    considered: int
    models: tuple[Model, ...] = field(repr=False)
    bic: Floats = field(repr=False)
    estimates: Floats = field(repr=False)
    alphas: tuple[Floats, ...] = field(repr=False)

    @property
    def best(self) -> Model:
        """Model with the smallest BIC."""
        return self.models[0]

    @property
    def estimate(self) -> float:
        """People, observed and unobserved, by the model with the smallest BIC."""
        return float(self.estimates[0])

    def top(self, number: int | None) -> Ranking:
        """Return the ranking of the best `number` models; all if None."""
        return Ranking(
            lists=self.lists,
            considered=self.considered,
            models=self.models[:number],
            bic=self.bic[:number],
            estimates=self.estimates[:number],
            alphas=self.alphas[:number],
        )


class Selected(NamedTuple):
    """The model chosen for each table: its estimate in people, observed and unobserved, and its position."""

    estimates: Floats  # (B,); NaN if no model has an estimate
    places: NDArray[np.int64]  # (B,) position in the ranking, -1 for none
    fits: int  # number of fits made


@lru_cache(maxsize=8)
def _list_models(lists: int, order: int | None) -> tuple[Model, ...]:
    """Return all hierarchical models of this number of lists, cached."""
    return tuple(all_models(lists, order))


def rank_by_bic(lists: Lists, order: int | None = None) -> Ranking:
    """Fit every hierarchical model of some lists and rank the models by BIC.

    Parameters
    ----------
    lists : Lists
        Three to six lists.
    order : int, optional
        Largest number of lists in an interaction. Default: all models up to five lists, order 2 for six lists.

    Returns
    -------
    Ranking
        The models that have an estimate, by ascending BIC.

    Raises
    ------
    BadLists
        If there are seven lists or more, or six and an order above 2: use `bootstrap` with the method "downhill" for
        these. Also if no model has an estimate.

    References
    ----------
    .. [1] Silverman, Chan and Vincent 2024, "Bootstrapping multiple systems estimates to account for model selection",
       Statistics and Computing 34:44.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> ranking = rank_by_bic(lists)
    >>> ranking.best, round(ranking.estimate), round(float(ranking.bic[0]), 1)
    ((0, 1, 2, 4, 3), 731, 76.0)
    """
    check_number(lists.number)
    if lists.number > 6 or (lists.number == 6 and (order or 2) > 2):
        raise lists_error("too many models to try them all", "search downhill instead")
    models = _list_models(lists.number, 2 if lists.number == 6 else order)
    return rank_models(lists, models)


def rank_models(lists: Lists, models: tuple[Model, ...]) -> Ranking:
    """Return these models ranked by BIC, without those that have no estimate.

    Raises BadLists if none is left.
    """
    fits = fit_all(lists.dense, lists.number, models)
    existing = np.flatnonzero(fits.codes == 0)
    if not len(existing):
        raise lists_error("no model has an estimate on these lists", "join lists until they overlap")
    criterion = _compute_bic(fits, lists)
    order = existing[np.argsort(criterion[existing], kind="stable")]
    return Ranking(
        lists=lists,
        considered=len(models),
        models=tuple(models[m] for m in order),
        bic=criterion[order],
        estimates=lists.people + fits.unobserved[order],
        alphas=tuple(fits.alphas[fits.starts[m] : fits.starts[m + 1]] for m in order),
    )


def _compute_bic(fits: Fitted, lists: Lists) -> Floats:
    """Return the BIC of each fit, with the factorials of the counts in the likelihood."""
    constant = sum(math.lgamma(n + 1) for n in lists.counts.tolist())
    return np.diff(fits.starts) * math.log(lists.people) - 2 * (fits.log_likelihood - constant)


def bic_many(ranking: Ranking, counts: Counts, *, threads: int | None = None, prune: bool = True) -> Selected:
    """Select by BIC among the models of a ranking, separately for each table.

    Parameters
    ----------
    ranking : Ranking
        A result of `rank_by_bic`, or its `top`.
    counts : (B, C) integers
        Number of people with each history of the ranked lists, one table in each row.
    threads : int, optional
        Largest number of threads; the result does not depend on it. Default: one for each processor.
    prune : bool, default True
        Skip models whose penalty alone exceeds the best BIC so far. The result is the same, but faster.

    Returns
    -------
    Selected
        In each row, models without an estimate are left out.

    Raises
    ------
    BadLists
        If the counts are invalid.

    References
    ----------
    .. [1] Schwarz 1978, "Estimating the dimension of a model", Annals of Statistics 6(2).

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> ranking = rank_by_bic(lists)
    >>> bic_many(ranking, lists.counts[None]).places.tolist()  # the table itself: the best model of the ranking
    [0]
    """
    from kerege.evidence.mse.loglinear.kernels import bic_rows

    lists = ranking.lists
    tables = validate_counts(counts, len(lists.histories))
    starts = np.r_[0, np.cumsum([len(model) for model in ranking.models])].astype(np.int64)
    terms = np.fromiter((term for model in ranking.models for term in model), np.int64, int(starts[-1]))
    alphas = np.concatenate(ranking.alphas)
    # a resample may have people in an overlap that a correction of linkage errors emptied: start such parameters at 0
    alphas = np.where(np.isfinite(alphas), alphas, 0.0)
    estimates, best = np.empty(len(tables)), np.empty((len(tables), 2), np.int64)
    known: dict[int, list[tuple[int, int]]] = {}
    fits: list[int] = []

    def select_rows(chunk: NDArray[np.int64]) -> None:
        """Select a model for each row of the chunk, with the existence proofs so far."""
        proofs = [known.get(int(row), []) for row in chunk]
        offsets = np.r_[0, np.cumsum([len(row_proofs) for row_proofs in proofs])].astype(np.int64)
        codes = np.array([pair for row_proofs in proofs for pair in row_proofs], np.int64).reshape(-1, 2)
        fits.append(
            bic_rows(
                tables,
                lists.histories,
                lists.number,
                starts,
                terms,
                alphas,
                prune,
                chunk,
                offsets,
                codes,
                estimates,
                best,
            )
        )

    rows = np.arange(len(tables))
    while len(rows):
        run_in_chunks(select_rows, rows, threads, SINGLE_THREAD_RESAMPLES)
        rows = rows[best[rows, 1] >= 0]
        for row, dense in zip(rows.tolist(), lists.resampled(tables[rows]), strict=True):
            model = int(best[row, 1])
            code = existence_code(lists.number, ranking.models[model], support_key(dense))
            known.setdefault(row, []).append((model, code))
    return Selected(estimates, best[:, 0], sum(fits))


def search_downhill(lists: Lists, order: int | None = None) -> Ranking:
    """Search for a model with a small BIC by steepest descent from independence.

    The search moves to the best neighbour while the BIC falls. A neighbour has one term more, or one generator less.
    The search may end in a local minimum of the BIC.

    Parameters
    ----------
    lists : Lists
        Three to ten lists.
    order : int, optional
        Largest number of lists in an interaction. Default: t - 1.

    Returns
    -------
    Ranking
        A ranking of that one model.

    Raises
    ------
    BadLists
        If independence has no estimate.

    References
    ----------
    .. [1] Schwarz 1978, "Estimating the dimension of a model", Annals of Statistics 6(2).

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> search_downhill(lists).best == rank_by_bic(lists).best
    True
    """
    check_number(lists.number)
    return _search_downhill(lists, lists.dense, order)


def _search_downhill(lists: Lists, dense: Counts, order: int | None) -> Ranking:
    """Run the search of `search_downhill` on a dense table (2^t,)."""
    independence = close_model(lists.number)
    best = _select_best(lists, dense, (independence,))
    visited = {independence}
    while best is not None:
        candidates = tuple(model for model in list_neighbours(best.best, lists.number, order) if model not in visited)
        visited.update(candidates)
        start = np.zeros(1 << lists.number)
        start[list(best.best)] = np.where(np.isfinite(best.alphas[0]), best.alphas[0], 0.0)
        next_best = _select_best(lists, dense, candidates, start)
        if next_best is None or next_best.bic[0] >= best.bic[0]:
            return best
        best = next_best
    raise lists_error("independence has no estimate on these lists", "join lists until they overlap")


def _select_best(lists: Lists, dense: Counts, models: tuple[Model, ...], start: Floats | None = None) -> Ranking | None:
    """Return the ranking of the best of some models on a dense table; None if no model has an estimate."""
    if not models:
        return None
    fits = fit_all(dense, lists.number, models, start)
    people = int(dense.sum())
    criterion = np.diff(fits.starts) * math.log(people) - 2 * fits.log_likelihood
    criterion += 2 * sum(math.lgamma(n + 1) for n in dense.tolist())
    criterion[fits.codes != 0] = np.inf
    best = int(np.argmin(criterion))
    if fits.codes[best]:
        return None
    return Ranking(
        lists=lists,
        considered=len(models),
        models=(models[best],),
        bic=criterion[best : best + 1],
        estimates=people + fits.unobserved[best : best + 1],
        alphas=(fits.alphas[fits.starts[best] : fits.starts[best + 1]],),
    )


def search_downhill_many(lists: Lists, counts: Counts, order: int | None = None) -> Floats:
    """Return the estimate of a downhill search in each table.

    Parameters
    ----------
    lists : Lists
        Lists whose histories the counts belong to.
    counts : (B, C) integers
        Number of people with each history, one table in each row.
    order : int, optional
        As in `search_downhill`.

    Returns
    -------
    (B,) float64
        People, observed and unobserved; NaN if independence has no estimate.

    Raises
    ------
    BadLists
        If the counts are invalid.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> bool(search_downhill_many(lists, lists.counts[None])[0] == search_downhill(lists).estimate)
    True
    """
    estimates = np.full(len(counts), np.nan)
    for row, dense in enumerate(lists.resampled(validate_counts(counts, len(lists.histories)))):
        try:
            estimates[row] = _search_downhill(lists, dense, order).estimate
        except ValueError:
            continue
    return estimates
