"""The hierarchical model of smallest BIC among all, and the same choice made anew in every resample.

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

from kerege.evidence.mse.lists import Counts, Lists, check_number, lists_error, validated_counts
from kerege.evidence.mse.loglinear.existence import existence_code, support
from kerege.evidence.mse.loglinear.fit import Fitted, fit_all
from kerege.evidence.mse.loglinear.hierarchical_models import Model, all_models, closed, neighbours
from kerege.evidence.mse.loglinear.stepwise_selection import in_parts

Floats = NDArray[np.float64]
ALONE = 200  # resamples a single thread takes


@dataclass(frozen=True)
class Ranking:
    """Models of some lists that have an estimate, smallest BIC first; `considered` is how many there were to try.

    bic and estimates (people, seen or not) are (M,); alphas has the parameters of every model, as its terms.
    """

    lists: Lists
    considered: int
    models: tuple[Model, ...] = field(repr=False)
    bic: Floats = field(repr=False)
    estimates: Floats = field(repr=False)
    alphas: tuple[Floats, ...] = field(repr=False)

    @property
    def best(self) -> Model:
        return self.models[0]

    @property
    def estimate(self) -> float:
        """People, seen or not, by the best model."""
        return float(self.estimates[0])

    def top(self, number: int | None) -> Ranking:
        """The best so many."""
        return Ranking(
            self.lists,
            self.considered,
            self.models[:number],
            self.bic[:number],
            self.estimates[:number],
            self.alphas[:number],
        )


class Selected(NamedTuple):
    """What was chosen for every table: estimates in people, seen or not, and places of the models in the ranking."""

    estimates: Floats  # (B,); NaN where no model has an estimate
    places: NDArray[np.int64]  # (B,) of the model in the ranking, -1 for none
    fits: int


@lru_cache(maxsize=8)
def _catalogue(lists: int, order: int | None) -> tuple[Model, ...]:
    return tuple(all_models(lists, order))


def rank_by_bic(lists: Lists, order: int | None = None) -> Ranking:
    """Every hierarchical model of some lists, ranked by BIC.

    Parameters
    ----------
    lists : Lists
        Three to six.
    order : int, optional
        Most lists that a term ties together. Without it all models up to five lists, those of pairs for six.

    Returns
    -------
    Ranking
        The models that have an estimate, smallest BIC first.

    Raises
    ------
    BadLists
        For seven lists or more, or six of a higher order, where `downhill` searches; where no model has an estimate.

    Notes
    -----
    Silverman, Chan and Vincent 2024, Statistics and Computing 34:44.

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
    models = _catalogue(lists.number, 2 if lists.number == 6 else order)
    return ranked(lists, models)


def ranked(lists: Lists, models: tuple[Model, ...]) -> Ranking:
    """These models ranked by BIC, those without an estimate left out."""
    found = fit_all(lists.dense, lists.number, models)
    there = np.flatnonzero(found.codes == 0)
    if not len(there):
        raise lists_error("no model has an estimate on these lists", "join lists until they overlap")
    criterion = _bic(found, lists)
    order = there[np.argsort(criterion[there], kind="stable")]
    return Ranking(
        lists,
        len(models),
        tuple(models[m] for m in order),
        criterion[order],
        lists.people + found.dark[order],
        tuple(found.alphas[found.starts[m] : found.starts[m + 1]] for m in order),
    )


def _bic(found: Fitted, lists: Lists) -> Floats:
    constant = sum(math.lgamma(n + 1) for n in lists.counts.tolist())
    return np.diff(found.starts) * math.log(lists.people) - 2 * (found.log_likelihood - constant)


def bic_many(ranking: Ranking, counts: Counts, *, threads: int | None = None, prune: bool = True) -> Selected:
    """Choose by BIC among the models of a ranking anew in every table.

    Parameters
    ----------
    ranking : Ranking
        Of `rank_by_bic`; its `top` makes the choice one of fewer.
    counts : (B, C) whole numbers
        People with each of the histories of its lists, one table a row.
    threads : int, optional
        At most so many; the result does not depend on it.
    prune : bool
        Pass over models whose terms alone cost more than the best so far, which changes no result.

    Returns
    -------
    Selected
        A model without an estimate on a row is left out there.

    Raises
    ------
    BadLists
        For counts that are none.
    """
    from kerege.evidence.mse.loglinear.kernels import bic_rows

    lists = ranking.lists
    tables = validated_counts(counts, len(lists.histories))
    starts = np.r_[0, np.cumsum([len(model) for model in ranking.models])].astype(np.int64)
    terms = np.fromiter((term for model in ranking.models for term in model), np.int64, int(starts[-1]))
    alphas = np.concatenate(ranking.alphas)
    # where a correction emptied an overlap of the lists, a resample may have it still
    alphas = np.where(np.isfinite(alphas), alphas, 0.0)
    estimates, best = np.empty(len(tables)), np.empty((len(tables), 2), np.int64)
    known: dict[int, list[tuple[int, int]]] = {}
    made: list[int] = []

    def work(part: NDArray[np.int64]) -> None:
        of_rows = [known.get(int(row), []) for row in part]
        from_ = np.r_[0, np.cumsum([len(said) for said in of_rows])].astype(np.int64)
        told = np.array([pair for said in of_rows for pair in said], np.int64).reshape(-1, 2)
        made.append(
            bic_rows(
                tables, lists.histories, lists.number, starts, terms, alphas, prune, part, from_, told, estimates, best
            )
        )

    rows = np.arange(len(tables))
    while len(rows):
        in_parts(work, rows, threads, ALONE)
        rows = rows[best[rows, 1] >= 0]
        for row, dense in zip(rows.tolist(), lists.resampled(tables[rows]), strict=True):
            model = int(best[row, 1])
            code = existence_code(lists.number, ranking.models[model], support(dense))
            known.setdefault(row, []).append((model, code))
    return Selected(estimates, best[:, 0], sum(made))


def downhill(lists: Lists, order: int | None = None) -> Ranking:
    """The model a search ends in that starts from independence and moves to the best neighbour while BIC falls.

    A neighbour has one term more, or one of the largest terms less. There are secondary minima: what it finds is not
    always the best model there is.

    Parameters
    ----------
    lists : Lists
        Three to ten.
    order : int, optional
        Most lists that a term ties together, t - 1 if not given.

    Returns
    -------
    Ranking
        Of that one model.

    Raises
    ------
    BadLists
        Where independence has no estimate.
    """
    check_number(lists.number)
    return _downhill(lists, lists.dense, order)


def _downhill(lists: Lists, dense: Counts, order: int | None) -> Ranking:
    here = closed(lists.number)
    best = _one(lists, dense, (here,))
    seen = {here}
    while best is not None:
        around = tuple(model for model in neighbours(best.best, lists.number, order) if model not in seen)
        seen.update(around)
        base = np.zeros(1 << lists.number)
        base[list(best.best)] = np.where(np.isfinite(best.alphas[0]), best.alphas[0], 0.0)
        following = _one(lists, dense, around, base)
        if following is None or following.bic[0] >= best.bic[0]:
            return best
        best = following
    raise lists_error("independence has no estimate on these lists", "join lists until they overlap")


def _one(lists: Lists, dense: Counts, models: tuple[Model, ...], base: Floats | None = None) -> Ranking | None:
    """The best of some models on a table; None where none has an estimate."""
    if not models:
        return None
    found = fit_all(dense, lists.number, models, base)
    people = int(dense.sum())
    criterion = np.diff(found.starts) * math.log(people) - 2 * found.log_likelihood
    criterion += 2 * sum(math.lgamma(n + 1) for n in dense.tolist())
    criterion[found.codes != 0] = np.inf
    m = int(np.argmin(criterion))
    if found.codes[m]:
        return None
    return Ranking(
        lists,
        len(models),
        (models[m],),
        criterion[m : m + 1],
        people + found.dark[m : m + 1],
        (found.alphas[found.starts[m] : found.starts[m + 1]],),
    )


def downhill_many(lists: Lists, counts: Counts, order: int | None = None) -> Floats:
    """The estimate of a search downhill in every table.

    Parameters
    ----------
    lists : Lists
        Whose histories the counts are of.
    counts : (B, C) whole numbers
        People with each history, one table a row.
    order : int, optional
        As in `downhill`.

    Returns
    -------
    (B,) float64
        People, seen or not; NaN where independence has no estimate.

    Raises
    ------
    BadLists
        For counts that are none.
    """
    estimates = np.full(len(counts), np.nan)
    for row, dense in enumerate(lists.resampled(validated_counts(counts, len(lists.histories)))):
        try:
            estimates[row] = _downhill(lists, dense, order).estimate
        except ValueError:
            continue
    return estimates
