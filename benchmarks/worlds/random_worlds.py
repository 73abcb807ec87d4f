"""Random worlds: any mixture of what makes estimates wrong.

No threshold of the headline was chosen by these worlds. Each of six properties is present with a chance of one half.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from benchmarks.worlds.population import Floats, Group, LinkageErrors, Tie, World

FEWEST_PEOPLE, MOST_PEOPLE = 800, 15_000
LEAST_CHANCE, MOST_CHANCE = 0.02, 0.2  # of a list, for people who are easy to reach
MOST_SPREAD, MOST_HARD, MOST_BEYOND, MOST_MISSED = 1.5, 0.7, 0.5, 0.12
HARDER = (1.0, 3.0)  # log-odds by which people are harder to reach
LEAST_TIE, MOST_TIE = 0.33, 5.0


def draw_random_world(rng: np.random.Generator) -> World:
    """Return a world of 3 to 5 lists and 800 to 15,000 people.

    The number of people and the chance of each list are drawn evenly on a logarithmic scale. A half of the worlds each
    has people who differ normally in their log-odds, people who are hard to reach, two kinds of people for two kinds of
    lists, one or two ties, people beyond reach, and missed links.
    """
    lists = int(rng.integers(3, 6))
    people = round(_draw_evenly(FEWEST_PEOPLE, MOST_PEOPLE, rng))
    chances = np.exp(rng.uniform(math.log(LEAST_CHANCE), math.log(MOST_CHANCE), lists))
    spread, hard, kinds, ties, beyond, missed = (rng.random(6) < 0.5).tolist()
    parts = [(1.0, np.log(chances / (1 - chances)))]
    if hard:
        parts = _add_hard_to_reach(parts, rng)
    if kinds:
        parts = _split_kinds(parts, lists, rng)
    return World(
        people=people,
        groups=tuple(Group(share, tuple((1 / (1 + np.exp(-log_odds))).tolist())) for share, log_odds in parts),
        spread=rng.uniform(0, MOST_SPREAD) if spread else 0.0,
        ties=_draw_ties(lists, rng) if ties else (),
        beyond=rng.uniform(0, MOST_BEYOND) if beyond else 0.0,
        linkage=LinkageErrors(missed=rng.uniform(0, MOST_MISSED) if missed else 0.0),
    )


def _draw_evenly(least: float, most: float, rng: np.random.Generator) -> float:
    """Return a number that is drawn evenly on a logarithmic scale."""
    return math.exp(rng.uniform(math.log(least), math.log(most)))


def _add_hard_to_reach(parts: list[tuple[float, Floats]], rng: np.random.Generator) -> list[tuple[float, Floats]]:
    """Return the parts, each with a share of people whom all lists reach less."""
    share, harder = rng.uniform(0, MOST_HARD), rng.uniform(*HARDER)
    easy = [(part * (1 - share), log_odds) for part, log_odds in parts]
    return easy + [(part * share, log_odds - harder) for part, log_odds in parts]


def _split_kinds(parts: list[tuple[float, Floats]], lists: int, rng: np.random.Generator) -> list[tuple[float, Floats]]:
    """Return each part as two kinds of people, each of whom the lists of the other kind reach less."""
    camp = rng.permutation(np.arange(lists) < lists // 2)  # the lists of the first kind
    share, harder = rng.uniform(0.2, 0.8), rng.uniform(*HARDER)
    first = [(part * share, log_odds - harder * ~camp) for part, log_odds in parts]
    return first + [(part * (1 - share), log_odds - harder * camp) for part, log_odds in parts]


def _draw_ties(lists: int, rng: np.random.Generator) -> tuple[Tie, ...]:
    """Return one or two ties between different lists or pairs of them."""
    pairs = list(itertools.combinations(range(lists), 2))
    chosen = rng.choice(len(pairs), rng.integers(1, 3), replace=False).tolist()
    return tuple((*pairs[number], _draw_evenly(LEAST_TIE, MOST_TIE, rng)) for number in chosen)
