"""Estimates of the undetected beside R: `python benchmarks/prevalence.py [--repeat N] [--all]`.

CPU seconds of this process (all threads, the least of some runs), so that other work on the machine counts little;
the load is printed. R's times are those measured on one idle core (Xeon, R 4.5.0, SparseMSE 2.0.1,
MultipleSystemsEstimation 1.2.0, dga 2.0.2): 1,000 resamples extrapolated from 100; a ratio is of seconds on different
machines. Where `Rscript` and SparseMSE are installed, its 100 resamples are timed here as well, multiplied by ten.
`--all` adds the bootstrap over every model of five lists. The first call is timed in a process of its own with an
empty cache of machine code, the second with a full one.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from kerege.evidence.mse import Lists, average_decomposable, bootstrap, rank_by_bic, stepwise_many
from kerege.evidence.mse.bayes.decomposable_graphs import dga_grid, list_graphs
from kerege.evidence.mse.loglinear.bic_selection import bic_many
from kerege.evidence.mse.loglinear.bootstrap import draw_resamples

DATA = Path(__file__).parents[1] / "tests" / "evidence" / "mse" / "data"
SPARSE_MSE = {"UKdat_5": 76, "UKdat": 173, "Ned_5": 108, "Ned": 222, "NewOrl_5": 19, "NewOrl": 444}  # seconds
FIRST = (
    "import time; wall, cpu = time.perf_counter(), time.process_time()\n"
    "from kerege.evidence.mse import stepwise_many\n"
    "stepwise_many([1, 2, 4, 3, 5, 6], [[10, 10, 10, 3, 4, 5]])\n"
    "print(time.process_time() - cpu, time.perf_counter() - wall)"
)
IN_R = (
    "library(SparseMSE); started <- proc.time(); invisible(estimatepopulation({name}, nboot=100, pthresh=0.02, "
    "iseed=1234)); cat(sum((proc.time() - started)[1:2]) * 10)"
)


def table(name: str) -> Lists:
    with (DATA / f"{name}.csv").open() as file:
        head, *rows = csv.reader(file)
    histories = [sum(1 << j for j, there in enumerate(row[:-1]) if there == "1") for row in rows]
    return Lists(histories, [int(row[-1]) for row in rows], head[:-1])


def cpu(work: Callable[[], object], repeat: int) -> float:
    """The least CPU seconds of some runs."""
    runs = []
    for _ in range(repeat):
        start = time.process_time()
        work()
        runs.append(time.process_time() - start)
    return min(runs)


def say(what: str, ours: float, peer: float | None = None, note: str = "") -> None:
    """One line of the table."""
    beside = f"{peer:10.2f} {peer / ours:9,.0f}x" if peer else f"{'':10} {'':>10}"
    print(f"{what:52} {ours * 1000:12.1f} {beside}  {note}", flush=True)


def in_r(name: str) -> float | None:
    """Seconds of 1,000 resamples in R here, if it is installed."""
    if not shutil.which("Rscript"):
        return None
    run = subprocess.run(["Rscript", "-e", IN_R.format(name=name)], capture_output=True, text=True, check=False)
    return float(run.stdout) if run.returncode == 0 else None


def first_calls() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for call in ("first call, compiling", "first call of the next process"):
            run = subprocess.run(
                [sys.executable, "-c", FIRST],
                capture_output=True,
                text=True,
                check=True,
                env={**os.environ, "NUMBA_CACHE_DIR": folder},
            )
            own, wall = map(float, run.stdout.split())
            say(call, own, note=f"{wall:.1f} s of wall clock")


def stepwise(repeat: int) -> None:
    rng = np.random.default_rng(1)
    for name, peer in SPARSE_MSE.items():
        lists = table(name)
        counts = draw_resamples(lists, 1000, rng)
        took = cpu(lambda lists=lists, counts=counts: stepwise_many(lists.histories, counts, threads=1), repeat)  # type: ignore[misc]
        say(f"stepwise, 1,000 resamples, {name}", took, in_r(name) or peer, "SparseMSE")
    lists = table("UKdat")
    took = cpu(lambda: bootstrap(lists, times=20_000, threads=1), repeat)
    say("bootstrap, B = 20,000, UKdat", took, 20 * SPARSE_MSE["UKdat"], "SparseMSE")


def bic(repeat: int, every: bool) -> None:
    rng = np.random.default_rng(1)
    lists = table("UKdat_5")
    say("BIC of 1,024 models, UKdat_5", cpu(lambda: rank_by_bic(lists, 2), repeat), 1.55, "MSE 1.2")
    for name, order in (("Kosovo", None), ("UKdat_5", 2), ("UKdat_5", None)):
        ranking = rank_by_bic(table(name), order)
        counts = draw_resamples(ranking.lists, 60, rng)
        fits = bic_many(ranking, counts, threads=1, prune=False).fits
        took = cpu(lambda r=ranking, c=counts: bic_many(r, c, threads=1, prune=False), repeat)  # type: ignore[misc]
        peer = fits * (0.55e-3 if name == "Kosovo" else 0.7e-3)
        say(f"BIC, {len(ranking.models)} models x 60, {name}", took, peer, f"{fits / took:,.0f} fits a second; MSE 1.2")
    if every:
        ranking = rank_by_bic(lists)
        counts = draw_resamples(lists, 1000, rng)
        took = cpu(lambda: bic_many(ranking, counts), 1)
        say(f"BIC, {len(ranking.models)} models x 1,000, UKdat_5", took, note="only models that can win")
        took = cpu(lambda: bic_many(ranking, counts, prune=False), 1)
        say("  with every model fitted", took, len(ranking.models) * 0.7, "MSE 1.2")


def averaging(repeat: int) -> None:
    for name, peer in (("UKdat_5", 0.020), ("UKdat", None)):
        lists = table(name)

        def anew(lists: Lists = lists) -> None:
            list_graphs.cache_clear()
            average_decomposable(lists, dga_grid(lists) if lists.number == 5 else None)

        say(f"decomposable graphs, {lists.number} lists, {name}", cpu(anew, repeat), peer, "dga" if peer else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(f"{'':52} {'CPU ms':>12} {'R, s':>10} {'ratio':>10}")
    first_calls()
    stepwise_many([1, 2, 4, 3, 5, 6], [[10, 10, 10, 3, 4, 5]])
    stepwise(options.repeat)
    bic(options.repeat, options.all)
    averaging(options.repeat)
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


if __name__ == "__main__":
    main()
