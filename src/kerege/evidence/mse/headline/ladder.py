"""Top of the headline: the most people if nobody had less than a stated chance of being listed.

Each person has a place on one scale of reach, which is the same for all lists. The distribution over the scale is
free. A linear program finds the largest population that fits the numbers of people on exactly 1, 2, ... lists.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Lists, check_setting
from kerege.evidence.mse.loglinear.heterogeneity import design_of_model
from kerege.evidence.mse.loglinear.hierarchical_models import Model
from kerege.evidence.mse.loglinear.poisson_regression import fit_poisson

Floats = NDArray[np.float64]
PLACES = np.exp(np.linspace(-6.0, 3.0, 151))  # places on the scale: the odds of an average list
WIDTH = 1.64  # largest distance of a fitted number from the counted one, in standard errors
MOST_LOG_ODDS = 15.0
STEPS, SMALL = 50, 1e-9  # Newton's method: most steps, tolerance
RIDGE = 1e-9


def most_people(lists: Lists, least_chance: float) -> float | None:
    """Return the largest number of people if nobody had less than this chance of coming onto some list.

    Parameters
    ----------
    lists : Lists
        Three to ten lists.
    least_chance : float
        Least chance of being on at least one list, above 0 and below 1.

    Returns
    -------
    float or None
        People, observed and unobserved; None if no such population fits the lists.

    Raises
    ------
    BadLists
        If the chance is not between 0 and 1.

    Notes
    -----
    r_j are the relative odds of list j (`relative_odds`), theta the place of a person. The chance of being on exactly k
    lists is e_k(r) theta^k / prod(1 + theta r_j), with the elementary symmetric polynomials e_k. Each of 151 places,
    6% apart, whose chance of some list is at least the least chance has a mass of people. The expected number on
    exactly k lists is within 1.64 standard errors of the counted one, for each k. Without a least chance the total has
    no bound [1]_.

    References
    ----------
    .. [1] Johndrow, Lum and Manrique-Vallier 2016, "Low-risk population size estimates in the presence of capture
       heterogeneity", arXiv 1606.02235.

    Examples
    --------
    >>> histories = [1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15]  # killings in Kosovo, Ball and others 2002
    >>> lists = Lists(histories, [1131, 845, 936, 306, 177, 228, 106, 217, 31, 123, 181, 18, 42, 32, 27])
    >>> round(most_people(lists, 0.2), -2), round(most_people(lists, 0.1), -2), most_people(lists, 0.5)
    (16100.0, 27800.0, None)
    """
    from scipy.optimize import linprog  # its import takes half a second, and a panel of some methods does not need it

    check_setting("the least chance", least_chance, 0, 1, exclusive=True)
    chances = chances_by_number(relative_odds(lists))
    reachable = chances[:, 1 - chances[0] >= least_chance]
    if not reachable.shape[1]:
        return None
    counted = people_by_number(lists)
    orders = range(1, lists.number + 1)
    noise = np.array([math.comb(lists.number, order) for order in orders]) * lists.noise**2
    slack = WIDTH * np.sqrt(np.maximum(counted, 1) + noise)
    rows = reachable[1:]
    solution = linprog(
        -np.ones(rows.shape[1]),
        A_ub=np.vstack([rows, -rows]),
        b_ub=np.concatenate([counted + slack, slack - counted]),
        method="highs",
    )
    return -float(solution.fun) if solution.status == 0 else None


def people_by_number(lists: Lists) -> Floats:
    """Return the people (t,) on exactly 1, 2, ... t lists."""
    on_lists = np.bitwise_count(lists.histories.astype(np.uint64))
    return np.bincount(on_lists, lists.counts, lists.number + 1)[1:].astype(float)


def chances_by_number(odds: Floats) -> Floats:
    """Return the chance (t + 1, 151) of being on exactly 0, 1, ... t lists, at each place of the scale."""
    polynomials = elementary_symmetric(odds)
    orders = np.arange(len(odds) + 1)
    return np.asarray(
        polynomials[:, None] * PLACES[None] ** orders[:, None] / np.prod(1 + np.outer(odds, PLACES), axis=0)
    )


def elementary_symmetric(values: Floats) -> Floats:
    """Return the elementary symmetric polynomials e_0, ..., e_t (t + 1,) of values (t,)."""
    polynomials = np.zeros(len(values) + 1)
    polynomials[0] = 1
    for value in values:
        polynomials[1:] += polynomials[:-1] * value
    return polynomials


def relative_odds(lists: Lists) -> Floats:
    """Return the odds (t,) of each list relative to their mean, for any places of the people.

    Notes
    -----
    Given that a person is on k lists, the chance of the history w is the product of r_j over its lists, divided by
    e_k(r). The place on the scale cancels. Newton's method maximises this conditional likelihood (Rasch 1960; Agresti
    1994), which is concave in log r.
    """
    size = lists.number
    on_list = (lists.histories[:, None] >> np.arange(size)) & 1
    partial = (on_list.sum(axis=1) > 0) & (on_list.sum(axis=1) < size)
    people, orders = lists.counts[partial].astype(float), on_list[partial].sum(axis=1)
    observed = people @ on_list[partial]
    by_order = np.bincount(orders, people, size + 1)
    log_odds = np.zeros(size)
    for _ in range(STEPS):
        odds = np.exp(log_odds)
        total = elementary_symmetric(odds)
        without = [elementary_symmetric(np.delete(odds, j)) for j in range(size)]
        expected, information = np.zeros(size), RIDGE * np.eye(size)
        for order in range(1, size):
            if not by_order[order]:
                continue
            share = np.array([odds[j] * without[j][order - 1] for j in range(size)]) / total[order]
            both = np.outer(share, share)
            together = _chance_of_pairs(odds, order) / total[order]
            information += by_order[order] * (np.diag(share) + together - both)
            expected += by_order[order] * share
        # the odds are relative: their mean logarithm stays 0
        step = np.linalg.solve(information + np.ones((size, size)) / size, observed - expected)
        step *= min(1.0, 2.0 / max(np.abs(step).max(), SMALL))
        log_odds = np.clip(log_odds + step, -MOST_LOG_ODDS, MOST_LOG_ODDS)
        if np.abs(step).max() < SMALL:
            break
    odds = np.exp(log_odds)
    return np.asarray(odds / odds.mean())


def _chance_of_pairs(odds: Floats, order: int) -> Floats:
    """Return r_i r_j e_{k-2} of the other lists (t, t), with 0 on the diagonal."""
    size = len(odds)
    pairs = np.zeros((size, size))
    if order < 2:
        return pairs
    for i in range(size):
        for j in range(i):
            others = elementary_symmetric(np.delete(odds, [i, j]))
            pairs[i, j] = pairs[j, i] = odds[i] * odds[j] * others[order - 2]
    return pairs


def heterogeneity_score(lists: Lists, model: Model) -> float:
    """Return how clearly people differ in how easily lists reach them, as a standard score.

    The score z is the signed root of the likelihood ratio of the term k^2 / 2, with k the number of lists of a history,
    added to a log-linear model. A z above 1.28 says that some people are far easier to reach than others.

    Parameters
    ----------
    lists : Lists
        Three to ten lists.
    model : tuple of int
        A hierarchical model, such as the one of `select_stepwise`.

    Returns
    -------
    float
        z; 0 if the model leaves no cell to compute it from.

    References
    ----------
    .. [1] Darroch, Fienberg, Glonek and Junker 1993, "A three-sample multiple-recapture approach to census population
       estimation with heterogeneous catchability", Journal of the American Statistical Association 88.

    Examples
    --------
    >>> from kerege.evidence.mse import select_stepwise
    >>> histories = [1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15]  # killings in Kosovo, Ball and others 2002
    >>> counts = [1131, 845, 936, 306, 177, 228, 106, 217, 31, 123, 181, 18, 42, 32, 27]
    >>> lists = Lists(histories, counts)
    >>> heterogeneity_score(lists, select_stepwise(lists).model) > 1.28
    False
    """
    design = design_of_model(lists, model)
    counts = lists.dense[design.cells].astype(float)
    squares = np.bitwise_count(design.cells.astype(np.uint64)).astype(float) ** 2 / 2
    with_squares = np.column_stack([design.matrix, squares])
    if np.linalg.matrix_rank(with_squares) <= np.linalg.matrix_rank(design.matrix):
        return 0.0
    without = fit_poisson(design.matrix, counts)
    fitted = fit_poisson(with_squares, counts)
    ratio = 2 * (fitted.log_likelihood - without.log_likelihood)
    return math.copysign(math.sqrt(max(ratio, 0.0)), fitted.parameters[-1])
