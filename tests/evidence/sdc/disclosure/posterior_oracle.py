"""Brute-force posterior: every small register, weighed by the probability of the noisy figures.

It shares no code with the assessment. A register is a number of people for each combination of sex and region. A noisy
figure is the true count plus discrete Gaussian noise, and 0 where that is negative. Within the registers with one value
of a figure all are equally likely, and so are the values of the figure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

SEXES, REGIONS = ("female", "male"), ("north", "south")
ATOMS = tuple(product(SEXES, REGIONS))
Ints = NDArray[np.int64]  # a register has the people of each atom
Group = Mapping[str, str]  # codes by column


@dataclass(frozen=True)
class NoisyFigure:
    """A published noisy count of a group."""

    group: Group
    count: int
    sigma: float


def count(registers: Ints, group: Group) -> Ints:
    """Return the people of a group in a register, or in each of many registers (registers, atoms)."""
    inside = [group.get("sex", sex) == sex and group.get("region", region) == region for sex, region in ATOMS]
    return registers[..., inside].sum(axis=-1)


def registers_of(people: int) -> Ints:
    """Return every register of at most so many people (registers, atoms)."""
    registers = np.indices([people + 1] * len(ATOMS)).reshape(len(ATOMS), -1).T
    return registers[registers.sum(axis=1) <= people]


def probability(figure: NoisyFigure, truth: int) -> float:
    """Return the probability, up to a constant, of a noisy figure of a group of `truth` people."""
    errors = [figure.count - truth] if figure.count else range(-truth - 60, -truth + 1)
    return sum(math.exp(-(error**2) / (2 * figure.sigma**2)) for error in errors)


def weigh(registers: Ints, figures: Sequence[NoisyFigure]) -> NDArray[np.float64]:
    """Return the probability of all noisy figures in each register, up to a constant."""
    weights = np.ones(len(registers))
    for figure in figures:
        sizes = count(registers, figure.group)
        weights *= np.array([probability(figure, truth) for truth in range(int(sizes.max(initial=0)) + 1)])[sizes]
    return weights


def posterior(registers: Ints, weights: NDArray[np.float64], group: Group) -> dict[int, float]:
    """Return the probability of each size of a group, over registers that fit and their weights."""
    sizes = count(registers, group)
    means = {size: float(weights[sizes == size].mean()) for size in sorted(set(sizes.tolist()))}
    total = sum(means.values())
    return {size: mean / total for size, mean in means.items()}


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
