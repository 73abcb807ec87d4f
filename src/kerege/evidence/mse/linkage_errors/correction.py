"""Overlaps come from record linkage: what missed and false links do to them, and back.

Missed links: every record of a person fails to be recognised with a chance q, on its own, where (1 - q)^2 is the share
of true pairs of records that are linked; a record that fails stands in the table as a person on that list alone. With
two lists E n11* = (1 - miss) n11 (Ding and Fienberg 1994); with more, E n* = T n as in Di Consiglio and Tuoto 2018,
Journal of Official Statistics 34.

False links: each ties two records of different lists that would stand alone, and every two are as likely as any other
two. The rate is the share of the records that would stand alone which are tied so: with L false links and S people who
are left on one list only, 2 L / (S + 2 L), since each takes two. It is no share of the links. To know it, look at a
sample of the links anew: where a share f of them is false, L is f times the people on exactly two lists. The order of
the lists has no part in it. A false link to somebody who is on two lists already is not in the model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Lists, check_setting, lists_error
from kerege.evidence.mse.loglinear.bootstrap import SEED, TOP, Bootstrap, make_estimator, resampled, summarise
from kerege.evidence.mse.loglinear.integer_tables import Undo, round_to_people
from kerege.evidence.mse.loglinear.stepwise_selection import THRESHOLD

Floats = NDArray[np.float64]
HIGHEST = 0.9  # rate of errors


class Corrected(NamedTuple):
    """A table without linkage errors, as far as it can be told.

    lists: rounded to whole people. expected: (2^t,) before rounding; below 0 where the lists overlap less than the
    false links alone would make them. removed: people in such cells, counted as 0; more than there are people, and the
    errors are refused. undo: the same for resamples.
    """

    lists: Lists
    expected: Floats
    removed: float
    undo: Undo


def transition(lists: Lists, missed: float, false: float) -> Floats:
    """What errors of linkage do to lists without errors.

    Parameters
    ----------
    lists : Lists
        Without errors; false links are in proportion to the people alone on them.
    missed : float
        Share of true pairs of records that are not linked, 0 to 0.9.
    false : float
        Share of the records alone on their list, once links are missed, that are tied to somebody else's (see the
        module), 0 to 0.9.

    Returns
    -------
    (2^t, 2^t) float64
        T with E n* = T n: column w says what a person with history w becomes.

    Raises
    ------
    BadLists
        For a rate out of its range, or that the lists have not enough people for.

    Notes
    -----
    Missed links after Ding and Fienberg (1994) and Di Consiglio and Tuoto (2018).
    """
    check_rates(missed, false)
    split = splits([chance_of_record(missed)] * lists.number)
    return _false_links(_alone(split @ lists.dense), false) @ split


def correct_linkage_errors(lists: Lists, missed: float, false: float) -> Corrected:
    """Take errors of linkage out of lists.

    Parameters
    ----------
    lists : Lists
        As they were linked.
    missed, false : float
        As of `transition`.

    Returns
    -------
    Corrected
        The table T^-1 n*, rounded to whole people (largest remainders keep the total).

    Raises
    ------
    BadLists
        Where such errors cannot have made these lists.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> found = correct_linkage_errors(lists, missed=0.05, false=0.0)
    >>> lists.repeated, found.lists.repeated  # people on two lists or more
    (270, 283)
    """
    check_rates(missed, false)
    return undone(lists, [chance_of_record(missed)] * lists.number, false)


def undone(lists: Lists, chances: Sequence[float], false: float) -> Corrected:
    """The table that such errors made into this one, each list with its own chance that a record fails.

    Raises BadLists.
    """
    check_rates(0.0, false)
    matrix = _false_links(_alone_before(_alone(lists.dense), false), false) @ splits(chances)
    undo = Undo(lists, matrix)
    expected = undo.expected(lists.dense[None])
    removed = float(np.maximum(-expected, 0.0).sum())
    if removed > lists.people:
        raise lists_error("such errors of linkage cannot have made these lists", "give smaller rates")
    made = Lists(np.arange(1, len(matrix)), round_to_people(expected)[0, 1:], lists.names, lists.noise)
    return Corrected(made, expected[0], removed, undo)


def relinked(lists: Lists, missed: float, false: float, times: int, seed: int = SEED) -> list[Lists]:
    """Link lists again with errors: what a further error of this size does.

    Parameters
    ----------
    lists : Lists
        Taken as without errors.
    missed, false : float
        As of `transition`.
    times : int
        Tables to draw.
    seed : int
        What they are drawn from.

    Returns
    -------
    list of Lists

    Raises
    ------
    BadLists
        For a rate or a number out of its range.
    """
    check_rates(missed, false)
    check_setting("the number of tables", times, 1, integer=True)
    check_setting("the seed", seed, 0, integer=True)
    rng = np.random.default_rng(seed)
    fails = chance_of_record(missed)
    return [_linked_again(lists, fails, false, rng) for _ in range(times)]


def mixed(
    tables: Sequence[Lists],
    method: str = "stepwise",
    *,
    times: int = 200,
    seed: int = SEED,
    threshold: float = THRESHOLD,
    order: int | None = None,
    ntop: int | None = TOP,
) -> Bootstrap:
    """One bootstrap over linked tables of the same lists.

    Parameters
    ----------
    tables : sequence of Lists
        Such as 50 to 200 draws from the posterior of a linkage.
    method, threshold, order, ntop
        As of `bootstrap`.
    times : int
        Resamples of each table.
    seed : int
        What they are drawn from.

    Returns
    -------
    Bootstrap
        Replicates of all tables, so that limits hold the doubt about the links as well. The estimate is the median of
        the tables' own, the model that of the first; there is no BCa.

    Raises
    ------
    BadLists
        For tables of different lists, or none.

    Notes
    -----
    Sadinle (2018), "Bayesian propagation of record linkage uncertainty into population size estimation", Annals of
    Applied Statistics 12.
    """
    if not tables or any(table.names != tables[0].names for table in tables):
        raise lists_error(
            "the linked tables are not of the same lists", "give one table or more, each of the same lists"
        )
    check_setting("the number of resamples", times, 1, integer=True)
    check_setting("the seed", seed, 0, integer=True)
    rng = np.random.default_rng(seed)
    own: list[float] = []
    first = ""
    names: dict[str, int] = {}
    replicates = []
    for table in tables:
        work, called = make_estimator(table, method, threshold=threshold, order=order, ntop=ntop)
        estimates, keys = work(table.counts[None])
        own.append(float(estimates[0]))
        first = first or called(int(keys[0]))
        found, models = work(resampled(table, times, rng))
        values, inverse = np.unique(models, return_inverse=True)
        places = [names.setdefault(called(int(value)), len(names)) for value in values]
        replicates.append((found, np.array(places, np.int64)[inverse]))
    chosen = names.setdefault(first, len(names))
    called_now = list(names)
    both = np.concatenate([r[0] for r in replicates]), np.concatenate([r[1] for r in replicates])
    # leaving out one person of a mixture is not defined: BCa is not either
    nothing = np.full(len(tables[0].counts), np.nan)
    estimate = float(np.nanmedian(own))
    return summarise(tables[0], method, (estimate, chosen), both, nothing, seed, lambda key: called_now[key])


def check_rates(miss: float, false: float) -> None:
    """Raise BadLists for what is no rate, or one with which hardly anything was linked right."""
    for name, rate in (("the share of missed links", miss), ("the rate of false links", false)):
        check_setting(name, rate, 0, HIGHEST)


def chance_of_record(miss: float) -> float:
    """The chance that a record is not recognised, where this share of pairs of records is missed."""
    return 1 - math.sqrt(1 - miss)


def splits(chances: Sequence[float]) -> Floats:
    """What missed links make of a person: records that fail, each list with its own chance, stand alone; the others
    stay together."""
    size = 1 << len(chances)
    matrix = np.zeros((size, size))
    for w in range(1, size):
        on = [j for j in range(len(chances)) if (w >> j) & 1]
        for failing in range(size):
            if failing & ~w:
                continue
            chance = math.prod(chances[j] if (failing >> j) & 1 else 1 - chances[j] for j in on)
            for j in on:
                if (failing >> j) & 1:
                    matrix[1 << j, w] += chance
            if w & ~failing:
                matrix[w & ~failing, w] += chance
    return matrix


def _alone(dense: NDArray[np.generic]) -> Floats:
    """People (t,) on each list and no other."""
    alone: Floats = dense[1 << np.arange(len(dense).bit_length() - 1)].astype(np.float64)
    return alone


def _expected_links(alone: Floats, false: float) -> Floats:
    """False links (t, t) between each two lists, whose records alone are so many."""
    every_two: Floats = np.outer(alone, alone)
    np.fill_diagonal(every_two, 0.0)
    if not every_two.any():
        return every_two
    links: Floats = every_two * (false * alone.sum() / every_two.sum())
    if (links.sum(axis=1) > alone).any():
        raise lists_error(
            f"a rate of false links of {false:g}: the smaller lists have not so many people alone on them",
            "give a smaller rate",
        )
    return links


def _false_links(alone: Floats, false: float) -> Floats:
    """What false links make of people, where so many stand alone on each list before."""
    matrix = np.eye(1 << len(alone))
    links = _expected_links(alone, false)
    for i, j in combinations(range(len(alone)), 2):
        for one, other in ((i, j), (j, i)):
            if not links[one, other]:
                continue
            # each of the two lists starts half of them, so that no column loses a record
            half = links[one, other] / alone[one] / 2
            matrix[1 << one, 1 << one] -= half
            matrix[1 << other, 1 << one] -= half
            matrix[(1 << i) | (1 << j), 1 << one] += half
    return matrix


def _alone_before(left: Floats, false: float) -> Floats:
    """People alone on each list (t,) before the false links that left so many: f_j - c f_j (S - f_j) = left_j."""
    if not false or np.count_nonzero(left) < 2:
        return left
    total = left.sum() / (1 - false)

    def before(rate: float) -> Floats:
        stay = 1 - rate * total
        root = np.sqrt(stay**2 + 4 * rate * left)
        # of two forms of the same root, the one that does not cancel
        found: Floats = 2 * left / (stay + root) if stay > 0 else (root - stay) / (2 * rate)
        return found

    low, high = 0.0, 1 / total
    while before(high).sum() < total:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if before(middle).sum() < total else (low, middle)
    return before(high)


def _linked_again(lists: Lists, fails: float, false: float, rng: np.random.Generator) -> Lists:
    """One draw of the error model, person by person."""
    people = np.repeat(lists.histories, lists.counts)
    bits = (people[:, None] >> np.arange(lists.number)) & 1
    failing = bits * (rng.random(bits.shape) < fails)
    left = ((bits - failing) << np.arange(lists.number)).sum(axis=1)
    table = np.bincount(left, minlength=1 << lists.number)
    table[0] = 0
    singles = 1 << np.arange(lists.number)
    table[singles] += failing.sum(axis=0)
    links = _drawn_links(_alone(table), false, rng)
    table[singles] -= links.sum(axis=0) + links.sum(axis=1)
    for i, j in combinations(range(lists.number), 2):
        table[(1 << i) | (1 << j)] += links[i, j]
    return Lists(np.arange(1, len(table)), table[1:], lists.names)


def _drawn_links(alone: Floats, false: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """False links (t, t) above the diagonal, drawn again where a list has not so many people alone."""
    shares = np.triu(_expected_links(alone, false)).ravel()
    size = len(alone), len(alone)
    if not shares.any():
        return np.zeros(size, np.int64)
    while True:
        number = rng.binomial(int(alone.sum()), false / 2)
        links: NDArray[np.int64] = rng.multinomial(number, shares / shares.sum()).reshape(size)
        if (links.sum(axis=0) + links.sum(axis=1) <= alone).all():
            return links
