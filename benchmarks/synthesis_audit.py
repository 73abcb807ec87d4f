"""An audit of synthetic records: is one person in them?

Run `python benchmarks/synthesis_audit.py [--runs 1000]`.

The intruder knows all other rows, the schema and the code, and sees the published records only. The table is small and
the person is as unlike the others as can be, so that they weigh as much as anybody ever does. Records are made with
the person and as often without; half of the runs train the intruder (how many records hold values, pairs and triples
of the person, and whether any do, weighed by linear discriminant analysis), the other half show how often the guess is
right. From that follows a lower bound of epsilon that holds with 95% (Clopper and Pearson 1934). It has to stay under
the claim; beside it is the same with a hundredth of the noise, which has to go over it, or the attack is too weak to
find anything. (The noisy counts themselves are audited in the tests: there, a tenth is found out.)
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import beta

from kerege.evidence.dp.gaussian_noise import Noise, repeatable
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.synthesis.generation.records import decode_records
from kerege.evidence.synthesis.generation.synthesiser import fit_records
from kerege.evidence.synthesis.measurement import measure
from kerege.evidence.synthesis.measurement.public_schema import Column
from kerege.evidence.synthesis.presets import PRESETS

DELTA = 1e-9
COLUMNS = tuple(Column(name, ("0", "1")) for name in "abcde")
TARGET = {column.name: "1" for column in COLUMNS}
SURE = 0.025
Floats = NDArray[np.float64]


def others(rows: int, columns: Sequence[Column] = COLUMNS) -> pl.DataFrame:
    """Return rows that share no value with the target person; a third of the values is not reported."""
    rng = np.random.default_rng(1)
    return pl.DataFrame(
        {column.name: [None if mute else "0" for mute in rng.random(rows) < 0.33] for column in columns}
    )


def seen(records: pl.DataFrame) -> list[float]:
    """Return the intruder's statistics: records, and occurrences and kinds of the target's combinations."""
    is_target_value = [(records[name] == value).fill_null(False).to_numpy() for name, value in TARGET.items()]
    statistics = [float(records.height)]
    for length in (1, 2, 3):
        held = np.array([np.logical_and.reduce(parts).sum() for parts in combinations(is_target_value, length)])
        statistics += [float(held.sum()), float((held > 0).sum())]
    return statistics


def runs(frame: pl.DataFrame, epsilon: float, noise: Callable[[int], Noise], seeds: range) -> Floats:
    preset = PRESETS["detailed"]  # of the presets the one that keeps the most
    spending = measure.plan(epsilon_to_rho(epsilon, DELTA), 3, preset.thresholds)
    statistics = []
    for seed in seeds:
        noisy, _ = measure.measure(frame, COLUMNS, spending, noise(seed))
        statistics.append(seen(decode_records(fit_records(noisy, preset.charge, seed), COLUMNS)))
    return np.array(statistics)


def quieter(seed: int) -> Noise:
    sound = repeatable(seed)
    return lambda counts, sigma: sound(counts, sigma / 100)


def bound(inside: Floats, outside: Floats) -> float:
    """Return a lower bound of epsilon.

    Direction and threshold are from one half of the runs, the guess from the other.
    """
    half = len(inside) // 2
    spread = np.cov(inside[:half].T) + np.cov(outside[:half].T) + 1e-3 * np.eye(inside.shape[1])
    direction = np.linalg.solve(spread, inside[:half].mean(axis=0) - outside[:half].mean(axis=0))
    one, other = inside @ direction, outside @ direction
    at = max(np.unique(np.concatenate([one[:half], other[:half]])), key=lambda x: bound_at(one[:half], other[:half], x))
    return bound_at(one[half:], other[half:], at)


def bound_at(inside: Floats, outside: Floats, at: float) -> float:
    """Return the lower bound of epsilon if scores above a threshold are guessed to have the person."""
    hit, false, n = int((inside > at).sum()), int((outside > at).sum()), len(inside)
    low = float(beta.ppf(SURE, hit, n - hit + 1)) if hit else 0.0
    high = float(beta.ppf(1 - SURE, false + 1, n - false)) if false < n else 1.0
    return max(0.0, math.log((low - DELTA) / high)) if low > DELTA else 0.0


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--runs", type=int, default=1_000, help="with her, and as many without")
    asked.add_argument("--rows", type=int, default=60)
    asked.add_argument("--epsilon", default="1,4")
    args = asked.parse_args()
    without = others(args.rows)
    having = pl.concat([without, pl.DataFrame(TARGET)])
    print(f"{'epsilon claimed':>15} {'noise':>8} {'at least':>9} {'seconds':>8}")
    for epsilon in map(float, args.epsilon.split(",")):
        for name, noise in (("sound", repeatable), ("1/100", quieter)):
            start = time.perf_counter()
            epsilon_bound = bound(
                runs(having, epsilon, noise, range(args.runs)),
                runs(without, epsilon, noise, range(args.runs, 2 * args.runs)),
            )
            remark = "over the claim" if epsilon_bound > epsilon else ""
            print(f"{epsilon:>15g} {name:>8} {epsilon_bound:>9.2f} {time.perf_counter() - start:>8.0f} {remark}")


if __name__ == "__main__":
    main()
