"""Brute-force posterior: every small register, weighed by the probability of the noisy figures.

It shares no code with the assessment. A register is a number of people for each combination of sex and region. A noisy
figure is the true count plus discrete Gaussian noise, and 0 where that is negative. Within the registers with one value
of a figure all are equally likely, and so are the values of the figure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

SEXES, REGIONS = ("female", "male"), ("north", "south")
ATOMS = tuple(product(SEXES, REGIONS))
Register = tuple[int, ...]  # people by atom
Group = Mapping[str, str]  # codes by column


@dataclass(frozen=True)
class NoisyFigure:
    """A published noisy count of a group."""

    group: Group
    count: int
    sigma: float


def count(register: Register, group: Group) -> int:
    """Return the people of a group."""
    return sum(
        people
        for (sex, region), people in zip(ATOMS, register, strict=True)
        if group.get("sex", sex) == sex and group.get("region", region) == region
    )


def probability(figure: NoisyFigure, truth: int) -> float:
    """Return the probability, up to a constant, of a noisy figure of a group of `truth` people."""
    errors = [figure.count - truth] if figure.count else range(-truth - 60, -truth + 1)
    return sum(math.exp(-(error**2) / (2 * figure.sigma**2)) for error in errors)


def posterior(
    people: int, fits: Callable[[Register], bool], figures: Sequence[NoisyFigure], group: Group
) -> dict[int, float]:
    """Return the probability of each size of a group, over all registers of few people that fit."""
    sums: dict[int, list[float]] = {}
    for register in product(range(people + 1), repeat=len(ATOMS)):
        if sum(register) <= people and fits(register):
            weight = math.prod(probability(figure, count(register, figure.group)) for figure in figures)
            sums.setdefault(count(register, group), []).append(weight)
    means = {size: sum(weights) / len(weights) for size, weights in sums.items()}
    total = sum(means.values())
    return {size: mean / total for size, mean in sorted(means.items())}


def shortest_interval(sizes: Mapping[int, float], mass: float) -> tuple[int, int]:
    """Return the shortest interval of sizes with at least this probability."""
    values = range(min(sizes), max(sizes) + 1)
    fitting = [
        (low, high)
        for low in values
        for high in range(low, max(sizes) + 1)
        if sum(sizes.get(size, 0.0) for size in range(low, high + 1)) >= mass
    ]
    return min(fitting, key=lambda ends: ends[1] - ends[0])
