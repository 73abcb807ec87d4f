"""Effect of missed and false links on the overlaps of lists, and its inverse.

Missed links: each record of a person fails independently with probability q, where (1 - q)^2 is the share of true pairs
of records that are linked. A record that fails appears as a person on that list alone. With two lists E n11* =
(1 - miss) n11 (Ding and Fienberg 1994); with more lists E n* = T n (Di Consiglio and Tuoto 2018, Journal of Official
Statistics 34).

False links: each joins two records of different lists that would otherwise be alone, and all such pairs are equally
likely. The false link rate is the share of these records that are falsely linked. With L false links, and S people who
remain on one list only, it is 2 L / (S + 2 L), because each link takes two records. It is not a share of the links. To
measure it, review a sample of the links: if a share f of them is false, L is f times the number of people on exactly
two lists. The order of the lists has no effect. The model excludes false links to a person who is on two lists already.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.linkage_errors.false_links import (
    Floats,
    count_people_alone,
    estimate_false_links,
    estimate_people_alone,
    false_link_matrix,
)
from kerege.evidence.mse.lists import Lists, check_setting, lists_error
from kerege.evidence.mse.loglinear.bootstrap import SEED, TOP, draw_resamples, make_estimator, summarise
from kerege.evidence.mse.loglinear.bootstrap_intervals import Bootstrap
from kerege.evidence.mse.loglinear.integer_tables import Undo, round_to_people
from kerege.evidence.mse.loglinear.stepwise_selection import THRESHOLD

HIGHEST = 0.9  # largest error rate


class Corrected(NamedTuple):
    """Lists corrected for linkage errors.

    lists: rounded to whole people. expected: (2^t,) before rounding; below 0 if the lists overlap less than the false
    links alone would make them. removed: people in such negative cells, which become 0. undo: the same correction for
    resamples.
    """

    lists: Lists
    expected: Floats
    removed: float
    undo: Undo


def build_transition_matrix(lists: Lists, missed: float, false: float) -> Floats:
    """Return the transition matrix of linkage errors.

    Parameters
    ----------
    lists : Lists
        Lists without errors. False links are in proportion to the people who are alone on them.
    missed : float
        Missed link rate: share of true pairs of records that are not linked, 0 to 0.9.
    false : float
        False link rate: share of the records that are alone on their list after missed links and are linked to a record
        of another person (see the module), 0 to 0.9.

    Returns
    -------
    (2^t, 2^t) float64
        T with E n* = T n. Column w is the expected number of records by history for a person with history w.

    Raises
    ------
    BadLists
        If a rate is out of range, or too high for the people on the lists.

    References
    ----------
    .. [1] Ding and Fienberg 1994, "Dual system estimation of census undercount in the presence of matching error",
       Survey Methodology 20.
    .. [2] Di Consiglio and Tuoto 2018, Journal of Official Statistics 34.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> matrix = build_transition_matrix(lists, missed=0.0, false=0.0)  # without errors nobody changes their history
    >>> matrix.shape, bool(np.allclose(matrix[1:, 1:], np.eye(7)))
    ((8, 8), True)
    """
    check_rates(missed, false)
    missed_links = missed_link_matrix([failure_probability_of(missed)] * lists.number)
    return false_link_matrix(count_people_alone(missed_links @ lists.dense), false) @ missed_links


def correct_linkage_errors(lists: Lists, missed: float, false: float) -> Corrected:
    """Correct lists for missed and false links.

    Parameters
    ----------
    lists : Lists
        Lists as they were linked.
    missed : float
        Missed link rate: share of true pairs of records that are not linked, 0 to 0.9.
    false : float
        False link rate: share of the records alone on their list that are linked to a record of another person, 0 to
        0.9.

    Returns
    -------
    Corrected
        `lists`: the table T^-1 n* rounded to whole people; largest remainders keep the total. T is the transition
        matrix of the errors.

    Raises
    ------
    BadLists
        If a rate is out of range, or such errors cannot have produced these lists.

    References
    ----------
    .. [1] Ding and Fienberg 1994, "Dual system estimation of census undercount in the presence of matching error",
       Survey Methodology 20.
    .. [2] Di Consiglio and Tuoto 2018, Journal of Official Statistics 34.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> corrected = correct_linkage_errors(lists, missed=0.05, false=0.0)
    >>> lists.repeated, corrected.lists.repeated  # people on two lists or more
    (270, 283)
    """
    check_rates(missed, false)
    return correct_with(lists, [failure_probability_of(missed)] * lists.number, false)


def correct_with(lists: Lists, chances: Sequence[float], false: float) -> Corrected:
    """Return lists corrected for errors, with an own failure probability of the records of each list.

    Raises BadLists if such errors cannot have produced these lists: more people would be in negative cells than there
    are.
    """
    check_rates(0.0, false)
    matrix = false_link_matrix(
        estimate_people_alone(count_people_alone(lists.dense), false), false
    ) @ missed_link_matrix(chances)
    undo = Undo(lists, matrix)
    expected = undo.expected(lists.dense[None])
    removed = float(np.maximum(-expected, 0.0).sum())
    if removed > lists.people:
        raise lists_error("such errors of linkage cannot have made these lists", "give smaller rates")
    corrected = Lists(np.arange(1, len(matrix)), round_to_people(expected)[0, 1:], lists.names, lists.noise)
    return Corrected(corrected, expected[0], removed, undo)


def simulate_linkage_errors(lists: Lists, missed: float, false: float, times: int, seed: int = SEED) -> list[Lists]:
    """Simulate the linkage errors on lists without errors.

    Parameters
    ----------
    lists : Lists
        Lists taken as free of errors.
    missed, false : float
        Error rates as for `build_transition_matrix`.
    times : int
        Number of tables to draw.
    seed : int
        Seed of the draws.

    Returns
    -------
    list of Lists
        The tables with errors.

    Raises
    ------
    BadLists
        If a rate or a number is out of range.

    References
    ----------
    .. [1] Di Consiglio and Tuoto 2018, Journal of Official Statistics 34.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> (table,) = simulate_linkage_errors(lists, missed=0.2, false=0.0, times=1)
    >>> table.repeated < lists.repeated
    True
    """
    check_rates(missed, false)
    check_setting("the number of tables", times, 1, integer=True)
    check_setting("the seed", seed, 0, integer=True)
    rng = np.random.default_rng(seed)
    failure_probability = failure_probability_of(missed)
    return [_draw_relinked(lists, failure_probability, false, rng) for _ in range(times)]


def bootstrap_linked_tables(
    tables: Sequence[Lists],
    method: str = "stepwise",
    *,
    times: int = 200,
    seed: int = SEED,
    threshold: float = THRESHOLD,
    order: int | None = None,
    ntop: int | None = TOP,
) -> Bootstrap:
    """Run one bootstrap over several linked tables, to include the uncertainty of the linkage.

    Parameters
    ----------
    tables : sequence of Lists
        Linked tables, such as 50 to 200 draws from the posterior of a linkage.
    method, threshold, order, ntop
        As for `bootstrap`.
    times : int
        Number of resamples of each table.
    seed : int
        Seed of the resamples.

    Returns
    -------
    Bootstrap
        Replicates of all tables. The estimate is the median of the tables' estimates; the model is that of the first
        table. BCa is not defined.

    Raises
    ------
    BadLists
        If there is no table, or the tables have different lists.

    References
    ----------
    .. [1] Sadinle 2018, "Bayesian propagation of record linkage uncertainty into population size estimation of human
       rights violations", Annals of Applied Statistics 12.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> result = bootstrap_linked_tables(simulate_linkage_errors(lists, missed=0.05, false=0.0, times=3), times=20)
    >>> len(result.replicates) + result.failed
    60
    """
    if not tables or any(table.names != tables[0].names for table in tables):
        raise lists_error(
            "the linked tables are not of the same lists", "give one table or more, each of the same lists"
        )
    check_setting("the number of resamples", times, 1, integer=True)
    check_setting("the seed", seed, 0, integer=True)
    rng = np.random.default_rng(seed)
    point_estimates: list[float] = []
    first_model = ""
    model_numbers: dict[str, int] = {}
    replicates = []
    for table in tables:
        estimate_tables, name_model = make_estimator(table, method, threshold=threshold, order=order, ntop=ntop)
        estimates, keys = estimate_tables(table.counts[None])
        point_estimates.append(float(estimates[0]))
        first_model = first_model or name_model(int(keys[0]))
        resampled_estimates, models = estimate_tables(draw_resamples(table, times, rng))
        values, inverse = np.unique(models, return_inverse=True)
        numbers = [model_numbers.setdefault(name_model(int(value)), len(model_numbers)) for value in values]
        replicates.append((resampled_estimates, np.array(numbers, np.int64)[inverse]))
    chosen = model_numbers.setdefault(first_model, len(model_numbers))
    model_names = list(model_numbers)
    all_replicates = np.concatenate([r[0] for r in replicates]), np.concatenate([r[1] for r in replicates])
    # the jackknife is not defined for a mixture of tables, so BCa is not either
    no_jackknife = np.full(len(tables[0].counts), np.nan)
    estimate = float(np.nanmedian(point_estimates))
    return summarise(
        tables[0],
        method,
        point=(estimate, chosen),
        replicates_and_keys=all_replicates,
        left_out=no_jackknife,
        seed=seed,
        names=lambda key: model_names[key],
    )


def check_rates(miss: float, false: float) -> None:
    """Raise BadLists if a rate is not from 0 to 0.9."""
    for name, rate in (("the share of missed links", miss), ("the rate of false links", false)):
        check_setting(name, rate, 0, HIGHEST)


def failure_probability_of(miss: float) -> float:
    """Return the probability that a record is not linked, from the share of missed pairs of records."""
    return 1 - math.sqrt(1 - miss)


def missed_link_matrix(probabilities: Sequence[float]) -> Floats:
    """Return the transition matrix (2^t, 2^t) of missed links.

    `probabilities` (t,) are those with which a record of each list is not linked. Such a record becomes a person on
    that list alone; the other records of its person stay linked.
    """
    size = 1 << len(probabilities)
    matrix = np.zeros((size, size))
    for w in range(1, size):
        lists_of_person = [j for j in range(len(probabilities)) if (w >> j) & 1]
        for failing in range(size):
            if failing & ~w:
                continue
            probability = math.prod(
                probabilities[j] if (failing >> j) & 1 else 1 - probabilities[j] for j in lists_of_person
            )
            for j in lists_of_person:
                if (failing >> j) & 1:
                    matrix[1 << j, w] += probability
            if w & ~failing:
                matrix[w & ~failing, w] += probability
    return matrix


def _draw_relinked(lists: Lists, failure_probability: float, false: float, rng: np.random.Generator) -> Lists:
    """Draw one table from the error model, person by person."""
    people = np.repeat(lists.histories, lists.counts)
    bits = (people[:, None] >> np.arange(lists.number)) & 1
    fails = bits * (rng.random(bits.shape) < failure_probability)
    linked = ((bits - fails) << np.arange(lists.number)).sum(axis=1)
    table = np.bincount(linked, minlength=1 << lists.number)
    table[0] = 0
    singles = 1 << np.arange(lists.number)
    table[singles] += fails.sum(axis=0)
    links = _draw_false_links(count_people_alone(table), false, rng)
    table[singles] -= links.sum(axis=0) + links.sum(axis=1)
    for i, j in combinations(range(lists.number), 2):
        table[(1 << i) | (1 << j)] += links[i, j]
    return Lists(np.arange(1, len(table)), table[1:], lists.names)


def _draw_false_links(alone: Floats, false: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw the number of false links of every pair of lists: (t, t), zero on and below the diagonal.

    The draw is repeated while a list has more false links than people who are on it alone.
    """
    shares = np.triu(estimate_false_links(alone, false)).ravel()
    shape = len(alone), len(alone)
    if not shares.any():
        return np.zeros(shape, np.int64)
    while True:
        total = rng.binomial(int(alone.sum()), false / 2)
        links: NDArray[np.int64] = rng.multinomial(total, shares / shares.sum()).reshape(shape)
        if (links.sum(axis=0) + links.sum(axis=1) <= alone).all():
            return links
