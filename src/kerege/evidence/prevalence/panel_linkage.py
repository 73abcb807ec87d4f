"""The lists without errors of linkage, where each list has a rate of its own.

`linkage_error` has the model, with one rate for all lists; here a record of list j fails with its own chance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.prevalence.linkage_error import transition
from kerege.evidence.prevalence.lists import Lists, refuse

Floats = NDArray[np.float64]
ALL = ""  # the rate of missed pairs of all lists together


def without_errors(lists: Lists, miss: Mapping[str, float], false: float) -> Lists:
    """The table as it would be without errors, in whole people.

    miss: by name of a list, the share of its records that were not recognised though their person is on another list;
    or under ALL the share of pairs of records of one person that were not linked, 1 - (1 - q)^2 for records that fail
    with chance q. false: rate of false links. Raises BadLists.
    """
    matrix = transition(lists, 0.0, false) @ _splits(_chances(lists, miss))
    expected = np.linalg.solve(matrix[1:, 1:], lists.dense[1:].astype(np.float64))
    kept = np.maximum(expected, 0.0)
    whole = np.floor(kept).astype(np.int64)
    missing = round(float(kept.sum())) - int(whole.sum())
    whole[np.argsort(whole - kept, kind="stable")[:missing]] += 1  # largest remainders keep the total
    return Lists.of(np.arange(1, len(whole) + 1), whole, lists.names)


def _chances(lists: Lists, miss: Mapping[str, float]) -> list[float]:
    """Chance that a record of each list is not recognised."""
    for name, rate in miss.items():
        if name != ALL and name not in lists.names:
            raise refuse(f"no list is called {name}", f"choose one of {', '.join(lists.names)}")
        if not 0 <= rate < 1:
            raise refuse(f"a share of missed links of {rate}", "give a number from 0 to below 1")
    of_all = 1 - math.sqrt(1 - miss.get(ALL, 0.0))
    return [miss.get(name, of_all) for name in lists.names]


def _splits(chances: Sequence[float]) -> Floats:
    """What missed links make of a person: records that fail stand alone, the others stay together."""
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
