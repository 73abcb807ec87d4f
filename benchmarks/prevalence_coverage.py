"""Rates at which intervals hold a truth that is known.

Run `python benchmarks/prevalence_coverage.py [--sets 120]`.

A model fitted to a published table is taken for the truth; lists of its whole population are drawn from it, those on no
list are hidden, and every method estimates anew. Counted is how often an interval holds the true number. Latent classes
are left out: their time. A set counts all the same where the rule of width would have stopped the estimate; the
share stopped is printed. All truths lie in the class of models that is searched; a real one need not.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from kerege.evidence.mse import BadLists, Lists, fit, rank_by_bic
from kerege.evidence.mse.loglinear.fit import Fit
from kerege.evidence.mse.loglinear.hierarchical_models import from_pairs
from kerege.evidence.mse.loglinear.stepwise_selection import stepwise_models
from kerege.evidence.mse.panels.method_result import Limits, Method
from kerege.evidence.mse.panels.methods import Options, bic, decomposable, stepwise
from kerege.evidence.mse.panels.publication_rules import compute_envelope
from tests.evidence.mse.tables import table

Methods = Sequence[Callable[[Lists, Options], Method]]


def truths() -> Iterator[tuple[str, Lists, Fit]]:
    """Assumed truth: its name, the lists it was fitted to, the fit."""
    uk, kosovo, orleans = table("UKdat_5"), table("Kosovo"), table("NewOrl_5")
    pairs = int(stepwise_models(uk.histories, [uk.counts]).models[0])
    yield "UK, 5 lists, stepwise model", uk, fit(uk, from_pairs(uk.number, pairs))
    yield "UK, 5 lists, BIC model", uk, fit(uk, rank_by_bic(uk).best)
    yield "Kosovo, BIC model", kosovo, fit(kosovo, rank_by_bic(kosovo).best)
    yield "New Orleans, 5 lists, independence", orleans, fit(orleans)


def draw(lists: Lists, truth: Fit, rng: np.random.Generator) -> Lists:
    """The lists of one population of the true size, without those who are on none."""
    histories = np.arange(1 << lists.number)
    rates = np.exp([sum(a for term, a in truth.alphas.items() if term & w == term) for w in histories.tolist()])
    seen = rng.multinomial(round(truth.estimate), rates / rates.sum())[1:]
    return Lists(histories[1:], seen, lists.names)


def intervals(drawn: Lists, options: Options, methods: Methods) -> dict[str, Limits | None]:
    """By name, of every method, and of the envelope with either interval of BIC."""
    estimates = {method.__name__: method(drawn, options) for method in methods}
    limits: dict[str, Limits | None] = {}
    for key, method in estimates.items():
        names = ("interval80", "bca80", "interval95", "bca95") if method.monte_carlo else ("interval80", "interval95")
        limits |= {f"{key} {name}": getattr(method, name) for name in names}
    if len(methods) == 1:
        return limits
    limits["envelope"] = compute_envelope(estimates)
    by_percentile = {key: replace(method, bca80=None) for key, method in estimates.items()}
    return limits | {"envelope, BIC by percentile": compute_envelope(by_percentile)}


def covered(limits: Limits | None, number: float) -> bool:
    return limits is not None and limits[0] <= number <= limits[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=120)
    parser.add_argument("--resamples", type=int, default=500)
    parser.add_argument("--stepwise", action="store_true", help="this method alone, which is fast")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    methods: Methods = (stepwise,) if asked.stepwise else (stepwise, bic, decomposable)
    for name, lists, truth in truths():
        rng, start = np.random.default_rng(asked.seed), time.process_time()
        holds: dict[str, list[bool]] = {}
        refused = 0
        for number in range(asked.sets):
            try:
                limits_by_method = intervals(draw(lists, truth, rng), Options(asked.resamples, number + 1), methods)
            except BadLists:
                refused += 1
                continue
            for key, limits in limits_by_method.items():
                holds.setdefault(key, []).append(covered(limits, truth.estimate))
        sets = asked.sets - refused
        print(f"\n{name}: {truth.estimate:,.0f} people, {sets} sets, {time.process_time() - start:.0f} CPU s")
        for key, hits in holds.items():
            share = float(np.mean(hits))
            print(f"  {key:32} {share:.3f}  ± {math.sqrt(share * (1 - share) / sets):.3f}", flush=True)
        print(f"  {refused} sets without an estimate are left out")


if __name__ == "__main__":
    main()
