"""Latent classes beside R's LCMCR.

Run `python benchmarks/prevalence_lcmcr.py [--tables NewOrl_5,...] [--sweeps 100000]`.

Twenty chains from starts far apart on published tables of lists, classes and priors as in the R package. Seconds are of
the processors, all threads together, after compilation, which is timed by itself. R's LCMCR 0.4.14 is timed in the same
run where it is installed, one chain of as many sweeps as ours make together; otherwise the rate of sweeps is the one
measured once on two processors of an Intel Xeon with R 4.5.0. The ratio is our rate over R's, per processor: over 1 is
in our favour. R starts all chains at one place, so that nothing in it shows whether they agree.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from kerege.evidence.mse import Lists
from kerege.evidence.mse.bayes.lcmcr import CHAINS, SWEEPS, lcmcr
from tests.evidence.mse.tables import table

TABLES = "NewOrl_5,Kosovo,Ned_5,UKdat_5,UKdat,Ned,Australia,Korea"
MEASURED = {  # sweeps a second of LCMCR 0.4.14: 1,010,000 sweeps with 5 classes
    "UKdat_5": 1.01e6 / 5.6,
    "UKdat": 1.01e6 / 6.8,
    "Ned": 1.01e6 / 7.4,
    "NewOrl_5": 1.01e6 / 4.6,
}
PROGRAM = """
library(LCMCR)
lists <- read.csv("stdin")
for (j in seq_len(ncol(lists) - 1)) lists[[j]] <- factor(lists[[j]], levels = c(0, 1))
names(lists)[ncol(lists)] <- "Freq"
sampler <- lcmCR(lists, tabular = TRUE, K = 5, a_alpha = 0.25, b_alpha = 0.25, seed = 1, verbose = FALSE)
sweeps <- as.integer(commandArgs(TRUE)[1])
cat(system.time(lcmCR_PostSampl(sampler, burnin = 1000, samples = sweeps / 100, thinning = 100))[["user.self"]])
"""


def rate_in_r(lists: Lists, sweeps: int) -> float | None:
    """Sweeps a second of LCMCR on this machine; None where it is not installed."""
    if shutil.which("Rscript") is None:
        return None
    rows = [",".join([*lists.names, "count"])]
    for history, count in zip(lists.histories, lists.counts, strict=True):
        rows.append(",".join([*(str(history >> j & 1) for j in range(lists.number)), str(count)]))
    command = ["Rscript", "-e", PROGRAM, str(sweeps)]
    done = subprocess.run(command, input="\n".join(rows), capture_output=True, text=True, check=False)
    return sweeps / float(done.stdout.split()[-1]) if done.returncode == 0 and done.stdout.strip() else None


def line(name: str, sweeps: int) -> str:
    """One row of the table."""
    lists = table(name)
    cpu, wall = time.process_time(), time.perf_counter()
    estimate = lcmcr(lists, sweeps=sweeps)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    rate = CHAINS * sweeps / cpu
    here = rate_in_r(lists, CHAINS * sweeps)
    peer = here or MEASURED.get(name)
    ratio = f"{rate / peer:6.2f}{' ' if here else '*'}" if peer else "      - "
    lower, upper = estimate.interval95
    return (
        f"{name:<10}{cpu:7.1f}{wall:8.1f}{rate / 1000:9.0f}{ratio:>9}{estimate.median:10,.0f}"
        f"{lower:10,.0f}{upper:10,.0f}{estimate.r_hat:8.3f}"
        f"{min(estimate.ess_bulk, estimate.ess_tail):9,.0f}  {estimate.no_estimate or ''}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", default=TABLES)
    parser.add_argument("--sweeps", type=int, default=SWEEPS)
    given = parser.parse_args()
    start = time.process_time()
    lcmcr(table("Korea"), chains=2, sweeps=1000)
    print(f"{CHAINS} chains of {given.sweeps:,} sweeps, {os.cpu_count()} processors; ", end="")
    print(f"first call with compilation where nothing was kept: {time.process_time() - start:.1f} s")
    print("table       CPU s  wall s  1000/s  ratio to R   median      2.5%     97.5%   R-hat      ESS  no estimate")
    for name in given.tables.split(","):
        print(line(name, given.sweeps), flush=True)
    print("* R's rate as measured once, not in this run")


if __name__ == "__main__":
    main()
