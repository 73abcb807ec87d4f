"""Linkage of a million records.

Run `python benchmarks/linkage_million.py [--records 1000000] [--no-peers] [--folder DIR]`.

`kerege link` as a command on records of `benchmarks/people`, with reading, folding, learning, linking, grouping and
writing; elapsed and CPU seconds and peak memory of its processes. The bar on 2 processors is 60 s and 2 GB. Splink
5.0.0 on DuckDB gets columns that are folded already, whose making is not counted for it here. The ratios are Splink's
figure divided by ours: over 1 is in our favour.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.linkage import best_groups, head, line
from benchmarks.linkage_engines import columns, ours_by_command, splink
from benchmarks.linkage_quality import group_rates, pair_rates, truth_of
from benchmarks.people import population

SECONDS, GIGABYTES = 60, 2.0


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "kerege-peers")
    asked = parser.parse_args()
    work, start = asked.folder / f"people-{asked.records}", time.perf_counter()
    records, persons = population(asked.records, asked.seed).write(work)
    print(f"records made in {time.perf_counter() - start:.0f} s")
    truth = truth_of(persons)
    head(f"{asked.records:,} records of {truth['person'].n_unique():,} persons, seed {asked.seed}")
    run = ours_by_command([records], work / "command")
    line("kerege link", *pair_rates(run.pairs, truth), group_rates(run.clusters, truth), run, None)
    kept = "kept" if run.wall < SECONDS and run.peak < GIGABYTES else "NOT KEPT"
    print(f"bar of {SECONDS} s and {GIGABYTES:g} GB: {kept}", flush=True)
    if not asked.no_peers:
        peer = splink(columns("folded", records, work), work / "splink", asked.folder)
        line("Splink, folded columns", *pair_rates(peer.pairs, truth), best_groups(peer, truth), peer, run)


if __name__ == "__main__":
    main()
