"""World: a population, the lists that reach it, and the linkage of their records.

Each person has a log-odds for each list. Ties add the logarithm of their odds ratio where a person is on both lists,
so that the histories of a person follow a log-linear model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse import Lists

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Tie = tuple[int, int, float]  # two lists, from 0 on, and the odds ratio of the people on them; 0 for an empty overlap


class Group(NamedTuple):
    """People who are equally easy to reach.

    share: of the reachable people. chances: of each list. With ties, the chance is that of a person who is not on the
    tied list.
    """

    share: float
    chances: tuple[float, ...]


class LinkageErrors(NamedTuple):
    """Share of missed links, and share of the people on one list who are linked to another person."""

    missed: float = 0.0
    false: float = 0.0


@dataclass(frozen=True)
class World:
    """A population and its lists.

    people: the true number. groups: their shares add up to 1. spread: standard deviation of a normal term in the
    log-odds of a person, the same for all lists. ties: pairs of lists that depend on each other. factor: of the number
    of people on no list, which is the interaction of all lists at once. beyond: share of the people whom no list can
    reach. referred: share of the people on the first list whom it sends on to the second one.
    """

    people: int
    groups: tuple[Group, ...]
    spread: float = 0.0
    ties: tuple[Tie, ...] = ()
    factor: float = 1.0
    beyond: float = 0.0
    referred: float = 0.0
    linkage: LinkageErrors = field(default_factory=LinkageErrors)

    @property
    def lists(self) -> int:
        """Number of lists."""
        return len(self.groups[0].chances)

    def draw(self, rng: np.random.Generator) -> Lists:
        """Return the lists of one population, without the people who are on none.

        Raises
        ------
        BadLists
            If nobody is on one of the lists.
        """
        reachable = round(self.people * (1 - self.beyond))
        sizes = rng.multinomial(reachable, [group.share for group in self.groups])
        by_group = zip(sizes.tolist(), self.groups, strict=True)
        histories = np.concatenate([self._draw_group(size, group, rng) for size, group in by_group])
        sent = (histories & 1 == 1) & (rng.random(len(histories)) < self.referred)
        histories[sent] |= 2
        recorded = link_records(histories[histories > 0], self.lists, self.linkage, rng)
        people = np.bincount(recorded, minlength=1 << self.lists)
        return Lists(np.arange(1, 1 << self.lists), people[1:])

    def _draw_group(self, size: int, group: Group, rng: np.random.Generator) -> Integers:
        """Return the history of each person of a group, 0 for no list."""
        log_odds = np.log(group.chances) - np.log1p(-np.array(group.chances))
        if not self.spread:
            chances = chances_of_histories(log_odds[None], self.ties, self.factor)[0]
            return np.repeat(np.arange(1 << self.lists), rng.multinomial(size, chances))
        by_person = log_odds[None] + self.spread * rng.standard_normal(size)[:, None]
        cumulative = chances_of_histories(by_person, self.ties, self.factor).cumsum(axis=1)
        return np.asarray((rng.random(size)[:, None] > cumulative[:, :-1]).sum(axis=1), np.int64)


def chances_of_histories(log_odds: Floats, ties: Sequence[Tie], factor: float) -> Floats:
    """Return the chance (n, 2^t) of each history of people with such log-odds (n, t)."""
    on_list = (np.arange(1 << log_odds.shape[1])[:, None] >> np.arange(log_odds.shape[1])) & 1
    weights = np.exp(log_odds @ on_list.T)
    for first, second, odds_ratio in ties:
        weights[:, (on_list[:, first] & on_list[:, second]) == 1] *= odds_ratio
    weights[:, 0] *= factor
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def link_records(histories: Integers, lists: int, errors: LinkageErrors, rng: np.random.Generator) -> Integers:
    """Return the history of each person as linked records show it.

    A person on k lists has k - 1 links, between their first record and each later one. Where a link is missed, the
    later record counts as another person. A false link joins two people who are on one list each, on different ones.
    """
    kept = histories.copy()
    apart = []
    is_listed = np.zeros(len(histories), bool)  # on one of the lists before
    for bit in (1 << place for place in range(lists)):
        on_list = histories & bit > 0
        is_missed = on_list & is_listed & (rng.random(len(histories)) < errors.missed)
        kept[is_missed] -= bit
        apart.append(np.full(is_missed.sum(), bit))
        is_listed |= on_list
    linked = np.concatenate([kept, *apart])
    return _join_falsely(rng.permutation(linked), errors.false, rng) if errors.false else linked


def _join_falsely(histories: Integers, share: float, rng: np.random.Generator) -> Integers:
    """Return the histories with a share of the people on one list joined in pairs.

    A pair that is on the same list is not joined.
    """
    singles = np.flatnonzero(np.bitwise_count(histories.astype(np.uint64)) == 1)
    pairs = rng.permutation(singles)[: 2 * round(share * len(singles) / 2)].reshape(-1, 2)
    pairs = pairs[histories[pairs[:, 0]] != histories[pairs[:, 1]]]
    joined = histories.copy()
    joined[pairs[:, 0]] |= histories[pairs[:, 1]]
    return np.delete(joined, pairs[:, 1])
