"""Overlaps come from record linkage: what missed and false links do to them, and back.

The model of an error: every record of a person fails to be recognised with a chance q, on its own, where (1 - q)^2 is
the share of true pairs of records that are linked; a record that fails stands in the table as a person on that list
alone. Lists are linked one after another: a record alone on its list is then, with the rate of false links, tied to a
record alone on one of the lists before it, in proportion to how many those have. With two lists this is E n11* = (1 -
miss) n11 + false (n2* - n11*) (Ding and Fienberg 1994; Di Consiglio and Tuoto 2015, Journal of Official Statistics 31);
with more, E n* = T n as in Di Consiglio and Tuoto 2018, JOS 34.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.prevalence.lists import Lists, refuse
from kerege.evidence.prevalence.resampling import SEED, TOP, Bootstrap, estimator, resampled, summed
from kerege.evidence.prevalence.stepwise import THRESHOLD

Floats = NDArray[np.float64]
HIGHEST = 0.9  # rate of errors


class Corrected(NamedTuple):
    """A table without linkage errors, as far as it can be told.

    lists: rounded to whole people. expected: (2^t,) before rounding; below 0 where the lists overlap less than the
    false links alone would make them. removed: people in such cells, counted as 0.
    Where those are more than there are people, the errors are refused.
    """

    lists: Lists
    expected: Floats
    removed: float


def transition(lists: Lists, miss: float, false: float) -> Floats:
    """T (2^t, 2^t) with E n* = T n: column w says what a person with history w becomes. Raises BadLists.

    miss: share of true pairs of records that are not linked; false: share of records alone on their list, the first
    list apart, that are linked to somebody else's.
    """
    check_rates(miss, false)
    alone = lists.counts[[int(w).bit_count() == 1 for w in lists.histories]]
    on = lists.histories[[int(w).bit_count() == 1 for w in lists.histories]]
    weights = np.zeros(1 << lists.number)
    weights[on] = alone
    return _false_links(lists.number, false, weights) @ splits([chance_of_record(miss)] * lists.number)


def corrected(lists: Lists, miss: float, false: float) -> Corrected:
    """The table T^-1 n*, rounded to whole people (largest remainders keep the total). Raises BadLists."""
    return solved(lists, transition(lists, miss, false))


def solved(lists: Lists, matrix: Floats) -> Corrected:
    """The table that such errors, a (2^t, 2^t) transition, made into this one. Raises BadLists."""
    expected = np.zeros(1 << lists.number)
    expected[1:] = np.linalg.solve(matrix[1:, 1:], lists.dense[1:].astype(np.float64))
    kept = np.maximum(expected, 0.0)
    removed = float((kept - expected).sum())
    if removed > lists.people:
        raise refuse("such errors of linkage cannot have made these lists", "give smaller rates")
    whole = np.floor(kept).astype(np.int64)
    missing = round(float(kept.sum())) - int(whole.sum())
    whole[np.argsort(whole - kept, kind="stable")[:missing]] += 1
    made = Lists.of(np.arange(1, len(whole)), whole[1:], lists.names)
    return Corrected(made, expected, removed)


def relinked(lists: Lists, miss: float, false: float, times: int, seed: int = SEED) -> list[Lists]:
    """Tables as linkage with such errors would make them of these lists: what a further error of this size does."""
    check_rates(miss, false)
    rng = np.random.default_rng(seed)
    fails = chance_of_record(miss)
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
    """One bootstrap over linked tables of the same lists, such as 50 to 200 draws from the posterior of a linkage.

    Each is resampled so many times, and the replicates are mixed, so that limits hold the doubt about the links as well
    (Sadinle 2018, "Bayesian propagation of record linkage uncertainty into population size estimation", Annals of
    Applied Statistics 12). The estimate is the median of the tables' own; the model is that of the first. Raises
    BadLists.
    """
    if not tables or any(table.names != tables[0].names for table in tables):
        raise refuse("the linked tables are not of the same lists", "give one table or more, each of the same lists")
    rng = np.random.default_rng(seed)
    own: list[float] = []
    first = ""
    names: dict[str, int] = {}
    replicates = []
    for table in tables:
        work, called = estimator(table, method, threshold=threshold, order=order, ntop=ntop)
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
    return summed(tables[0], method, (estimate, chosen), both, nothing, seed, lambda key: called_now[key])


def check_rates(miss: float, false: float) -> None:
    """Raise BadLists for what is no rate, or one with which hardly anything was linked right."""
    if not 0 <= miss <= HIGHEST:
        raise refuse(f"a share of missed links of {miss}", f"give a number from 0 to {HIGHEST}")
    if not 0 <= false <= HIGHEST:
        raise refuse(f"a rate of false links of {false}", f"give a number from 0 to {HIGHEST}")


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


def _false_links(lists: int, false: float, alone: Floats) -> Floats:
    """What false links make of people: those on list j alone join one of those alone on a list before it."""
    matrix = np.eye(1 << lists)
    for j in range(1, lists):
        before = np.array([alone[1 << i] for i in range(j)])
        if not before.sum():
            continue
        matrix[1 << j, 1 << j] -= false
        for i, share in enumerate(before / before.sum()):
            matrix[1 << i, 1 << j] -= false * share
            matrix[(1 << i) | (1 << j), 1 << j] += false * share
    return matrix


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
    alone = table[singles].copy()
    for j in range(1, lists.number):
        if not alone[:j].sum():
            continue
        links = min(rng.binomial(alone[j], false), int(table[singles[:j]].sum()))
        partners = rng.multivariate_hypergeometric(table[singles[:j]], links)
        table[singles[:j]] -= partners
        table[singles[:j] | singles[j]] += partners
        table[singles[j]] -= links
    return Lists.of(np.arange(1, len(table)), table[1:], lists.names)
