"""False links: how they join people of one list each."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import lists_error

Floats = NDArray[np.float64]


def count_people_alone(dense: NDArray[np.generic]) -> Floats:
    """Return the people (t,) on each list and no other."""
    alone: Floats = dense[1 << np.arange(len(dense).bit_length() - 1)].astype(np.float64)
    return alone


def estimate_false_links(alone: Floats, false: float) -> Floats:
    """Return the expected false links (t, t) between each two lists, from the people alone on each list."""
    products: Floats = np.outer(alone, alone)
    np.fill_diagonal(products, 0.0)
    if not products.any():
        return products
    links: Floats = products * (false * alone.sum() / products.sum())
    if (links.sum(axis=1) > alone).any():
        raise lists_error(
            f"a false link rate of {false:g} needs more people who are on one list only than the smaller lists have",
            "give a smaller rate",
        )
    return links


def false_link_matrix(alone: Floats, false: float) -> Floats:
    """Return the transition matrix of false links, from the people alone on each list before."""
    matrix = np.eye(1 << len(alone))
    links = estimate_false_links(alone, false)
    for i, j in combinations(range(len(alone)), 2):
        for first, second in ((i, j), (j, i)):
            if not links[first, second]:
                continue
            # attribute half of the links to each of the two lists, so that no column loses a record
            half = links[first, second] / alone[first] / 2
            matrix[1 << first, 1 << first] -= half
            matrix[1 << second, 1 << first] -= half
            matrix[(1 << i) | (1 << j), 1 << first] += half
    return matrix


def estimate_people_alone(remaining: Floats, false: float) -> Floats:
    """Return the people alone on each list (t,) before the false links that left `remaining` of them.

    Solves f_j - c f_j (S - f_j) = remaining_j, where S is the sum of f.
    """
    if not false or np.count_nonzero(remaining) < 2:
        return remaining
    total = remaining.sum() / (1 - false)

    def solve_for(rate: float) -> Floats:
        """Return f_j for the rate c."""
        stay = 1 - rate * total
        root = np.sqrt(stay**2 + 4 * rate * remaining)
        # two forms of the same root: choose the one without cancellation
        solution: Floats = 2 * remaining / (stay + root) if stay > 0 else (root - stay) / (2 * rate)
        return solution

    low, high = 0.0, 1 / total
    while solve_for(high).sum() < total:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if solve_for(middle).sum() < total else (low, middle)
    return solve_for(high)
