"""Coverage of an average over all hierarchical models beside that over decomposable graphs.

Run `python benchmarks/prevalence_averaging.py [--sets 60]`.

Lists are drawn from the truths of `prevalence_coverage.py`. The average has the weights exp(-BIC / 2), and for each
model the normal distribution of the logarithm of the undetected. The package has the graphs only: this shows why.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.prevalence_coverage import covered, draw, truths
from kerege.evidence.mse import BadLists, Lists, average_decomposable, rank_by_bic
from kerege.evidence.mse.loglinear.fit import standard_errors
from kerege.evidence.mse.panels.method_result import Limits

DRAWS, LEAST_WEIGHT = 4_000, 1e-3  # draws of the average; models with less of the largest weight are left out
MOST = 1e9  # undetected people of a draw


def average_models(lists: Lists) -> Limits:
    """Return the 80% interval of the average over all hierarchical models."""
    ranking = rank_by_bic(lists)
    weights = np.exp(-(ranking.bic - ranking.bic[0]) / 2)
    weights = weights[weights > LEAST_WEIGHT]
    rng = np.random.default_rng(1)
    people = []
    for place, times in enumerate(rng.multinomial(DRAWS, weights / weights.sum()).tolist()):
        alphas = dict(zip(ranking.models[place], ranking.alphas[place].tolist(), strict=True))
        if times:
            logs = alphas[0] + standard_errors(lists.number, alphas)[0] * rng.standard_normal(times)
            people.append(lists.people + rng.poisson(np.minimum(np.exp(logs), MOST)))
    low, high = np.quantile(np.concatenate(people), [0.1, 0.9]).tolist()
    return low, high


AVERAGES: dict[str, Callable[[Lists], Limits]] = {
    "all hierarchical models": average_models,
    "decomposable graphs": lambda lists: average_decomposable(lists).interval(0.8),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=60)
    asked = parser.parse_args()
    for name, lists, truth in truths():
        rng = np.random.default_rng(1)
        holds: dict[str, list[bool]] = {key: [] for key in AVERAGES}
        for _ in range(asked.sets):
            drawn = draw(lists, truth, rng)
            try:
                limits = {key: average(drawn) for key, average in AVERAGES.items()}
            except BadLists:
                continue
            for key, interval in limits.items():
                holds[key].append(covered(interval, truth.estimate))
        for key, hits in holds.items():
            print(f"{name:36} {key:24} {np.mean(hits):.2f} of {len(hits)}", flush=True)


if __name__ == "__main__":
    main()
