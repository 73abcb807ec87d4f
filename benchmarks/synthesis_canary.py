"""A canary audit of the noisy counts: how much of the claimed epsilon does the strongest test find?

Run `python benchmarks/synthesis_canary.py [--runs 2000] [--epsilon 1,4] [--auto]`. With `--auto` the audit is of the
choice of columns by a first look: the intruder sees the noisy counts of the look too, of which the program publishes
the choice alone, and knows which columns and order follow from them.

The canary is a person with a value in every column that nobody else has. The clip K is fixed at the number of columns,
so the canary has full weight in all combinations and moves the counts of every length by as much as anybody can. The
intruder knows all other rows, K and every sigma, and scores each run by the likelihood ratio, the most powerful test
(Neyman and Pearson 1933). All combinations are measured: no threshold hides the canary.

Under Gaussian noise the score of runs with the canary is that of runs without it, moved by mu standard deviations. Two
lower bounds of epsilon at delta hold with 95%: from the confidence interval of mu and the trade-off of two normal
distributions (Dong, Roth and Su 2022, "Gaussian differential privacy"), and, without that assumption, from the shares
of right guesses (Clopper and Pearson 1934). The second cannot reach a large epsilon: it would need more runs than
exp(epsilon). The last line of each part is the same with a third of the noise; its bound has to exceed the claim.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from scipy.optimize import brentq
from scipy.stats import norm

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.synthesis_audit import DELTA, SURE, Floats, bound_at, others
from kerege.evidence.dp.gaussian_noise import Noise, repeatable
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.synthesis.measurement import measure
from kerege.evidence.synthesis.measurement.choice import choose_from_noise
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Noisy
from kerege.evidence.synthesis.measurement.public_schema import Column, Schema
from kerege.evidence.synthesis.presets import LOOK

ORDER = 2  # the whole loss goes to single values and pairs; triples of pairs with noise below 0 are not candidates
ALL = (-1e9,) * ORDER  # thresholds that every combination passes
COLUMNS = tuple(Column(name, ("0", "1")) for name in "abcdef")
CANARY = "1"


def score(noisy: Noisy, base: Noisy, columns: Schema = COLUMNS) -> float:
    """Return the log likelihood ratio of the canary; `base` has the counts without it and noise."""
    canary = np.array([column.values.index(CANARY) + 2 * number for number, column in enumerate(columns)])
    size = len(canary)
    total = (noisy.lengths[size] - base.lengths[size] - 0.5) / noisy.lengths_sigma**2
    for level, without in zip(noisy.levels, base.levels, strict=True):
        moved = UNIT * np.isin(level.items, canary).all(axis=1)
        total += float((moved * (level.values - without.values - moved / 2)).sum()) / level.sigma**2
    return float(total)


def scores(frame: pl.DataFrame, base: Noisy, epsilon: float, noise: Callable[[int], Noise], seeds: range) -> Floats:
    """Return the scores of runs; sigma is that of the claim, whatever noise is drawn."""
    spending = measure.plan(epsilon_to_rho(epsilon, DELTA), ORDER, ALL)
    return np.array([score(measure.measure(frame, COLUMNS, spending, noise(seed))[0], base) for seed in seeds])


class ChoiceAudit:
    """Scores of a look and of the measurement of its choice; `without` has no canary."""

    def __init__(self, without: pl.DataFrame, epsilon: float) -> None:
        rho = epsilon_to_rho(epsilon, DELTA)
        self.without, self.look, self.rest = without, rho * LOOK, rho * (1 - LOOK)
        self.bases: dict[tuple[Schema, int], Noisy] = {}

    def measure(self, rows: pl.DataFrame, columns: Schema, order: int, noise: Noise) -> Noisy:
        """Return the noisy counts of the look (`order` 0) or of a choice."""
        spending = measure.plan(self.rest if order else self.look, order or 1, ALL)
        return measure.measure(rows.select(column.name for column in columns), columns, spending, noise)[0]

    def ratio(self, noisy: Noisy, columns: Schema, order: int) -> float:
        """Return the log likelihood ratio of one measurement."""
        if (columns, order) not in self.bases:
            self.bases[columns, order] = self.measure(self.without, columns, order, lambda counts, sigma: counts)
        return score(noisy, self.bases[columns, order], columns)

    def score(self, rows: pl.DataFrame, noise: Noise) -> float:
        """Return the log likelihood ratio of one run: the choice follows from the look alone."""
        first = self.measure(rows, COLUMNS, 0, noise)
        choice = choose_from_noise(first, COLUMNS, self.rest, ORDER, ALL)
        columns = tuple(column for column in COLUMNS if column.name in choice.columns)
        order = min(choice.order, len(columns))
        second = self.measure(rows, columns, order, noise)
        return self.ratio(first, COLUMNS, 0) + self.ratio(second, columns, order)

    def scores(self, rows: pl.DataFrame, noise: Callable[[int], Noise], seeds: range) -> Floats:
        """Return the scores of runs."""
        return np.array([self.score(rows, noise(seed)) for seed in seeds])


def scaled(factor: float) -> Callable[[int], Noise]:
    """Return noise of sigma times a factor."""

    def of_seed(seed: int) -> Noise:
        sound = repeatable(seed)
        return lambda counts, sigma: sound(counts, sigma * factor)

    return of_seed


def epsilon_of_mu(mu: float) -> float:
    """Return epsilon at DELTA of two normal distributions mu standard deviations apart."""

    def excess(epsilon: float) -> float:
        second = math.exp(epsilon + norm.logcdf(-epsilon / mu - mu / 2))
        return float(norm.cdf(-epsilon / mu + mu / 2) - second - DELTA)

    return float(brentq(excess, 0.0, 60.0)) if mu > 0 and excess(0.0) > 0 else 0.0


def bound_by_mu(inside: Floats, outside: Floats) -> float:
    """Return the lower bound of epsilon from the 95% interval of mu, the difference of means."""
    n = len(inside)
    sigma = math.sqrt((inside.var(ddof=1) + outside.var(ddof=1)) / 2)
    mu = float(inside.mean() - outside.mean()) / sigma
    error = math.sqrt(2 / n + mu**2 / (4 * n))  # of Cohen's d: Hedges and Olkin 1985
    return epsilon_of_mu(mu - norm.ppf(1 - SURE) * error)


def bound_by_guesses(inside: Floats, outside: Floats) -> float:
    """Return the lower bound of epsilon from right guesses, with a threshold of other runs."""
    half = len(inside) // 2
    places = np.quantile(np.concatenate([inside[:half], outside[:half]]), np.linspace(0.02, 0.98, 49))
    at = max(places, key=lambda place: bound_at(inside[:half], outside[:half], place))
    return bound_at(inside[half:], outside[half:], at)


def main() -> None:
    """Audit each epsilon with sound noise and with too little."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000, help="with the canary, and as many without")
    parser.add_argument("--rows", type=int, default=60)
    parser.add_argument("--epsilon", default="1,4")
    parser.add_argument("--auto", action="store_true", help="audit the choice of columns by a first look")
    asked = parser.parse_args()
    measure.clip_for = lambda lengths, sigma: len(lengths) - 1  # K is fixed: it does not depend on the noise
    without = others(asked.rows, COLUMNS)
    having = pl.concat([without, pl.DataFrame({column.name: [CANARY] for column in COLUMNS})])
    print(f"{'epsilon claimed':>15} {'noise':>6} {'by mu':>7} {'share':>6} {'by guesses':>11} {'seconds':>8}")
    for epsilon in map(float, asked.epsilon.split(",")):
        spending = measure.plan(epsilon_to_rho(epsilon, DELTA), ORDER, ALL)
        base, _ = measure.measure(without, COLUMNS, spending, lambda counts, sigma: counts)
        for name, noise in (("sound", repeatable), ("1/3", scaled(1 / 3))):
            start = time.perf_counter()
            seeds = range(asked.runs), range(asked.runs, 2 * asked.runs)
            if asked.auto:
                audit = ChoiceAudit(without, epsilon)
                inside, outside = audit.scores(having, noise, seeds[0]), audit.scores(without, noise, seeds[1])
            else:
                inside, outside = (
                    scores(rows, base, epsilon, noise, part)
                    for rows, part in zip((having, without), seeds, strict=True)
                )
            by_mu, by_guesses = bound_by_mu(inside, outside), bound_by_guesses(inside, outside)
            remark = "over the claim" if max(by_mu, by_guesses) > epsilon else ""
            took = time.perf_counter() - start
            figures = f"{by_mu:>7.2f} {by_mu / epsilon:>6.0%} {by_guesses:>11.2f}"
            print(f"{epsilon:>15g} {name:>6} {figures} {took:>8.0f} {remark}", flush=True)


if __name__ == "__main__":
    main()
