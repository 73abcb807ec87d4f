"""Linkage of generated Central-Asian records beside Splink.

Run `python benchmarks/linkage.py [--records 10000,100000] [--population people|villages]`.

The records are those of `benchmarks/people`: names in six languages, spelled by the standards of romanisation and by
ear, with siblings, twins, impostors and shared telephones; or those of `benchmarks/villages.py`, with few names. Our
engine and Splink 5.0.0 on DuckDB 2.0.1, trained as its documentation advises, link the same columns with the place,
made from names as written, by `anyascii`, and folded as ours does. Pairs count from a probability of a half. The rows
`from 0.9` and `from 0.99` count pairs from that threshold, and groups made of them: our groups use pairs from 0.9 on
always, those of Splink are connected components. A merged person is in one group with another person; those of a
borrowed identity are not counted.
Times are of whole processes; what makes the columns is counted for both (ours in its own process). The ratios are
Splink's figure divided by ours: over 1 is in our favour.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.linkage_engines import ARMS, STRICT, Run, blocking_recall, columns, ours, splink
from benchmarks.linkage_quality import Groups, Rates, group_rates, pair_rates, truth_of
from benchmarks.people import population
from benchmarks.villages import villages

# groups of Splink are made from these probabilities on
THRESHOLDS = (0.9, 0.99)
SEEDS = {"people": 7, "villages": 11}


def head(what: str) -> None:
    """Print the title of a part, with the load of the machine."""
    print(f"\n{what}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(
        f"{'':24} {'pairs: P':>8} {'R':>6} {'F1':>6} {'best F1':>7} | {'groups: P':>9} {'R':>6} {'F1':>6} "
        f"{'largest':>7} | {'merged':>6} {'twins':>9} {'siblings':>10} {'spouses':>8} {'others':>6} | {'wall s':>6} "
        f"{'CPU s':>6} {'GB':>5}  ratio wall, CPU, GB"
    )


def line(what: str, half: Rates, best: Rates, groups: Groups, run: Run | None, base: Run | None) -> None:
    """Print a row of the table."""
    kin = {kind: f"{linked}/{of}" for kind, (linked, of) in groups.kin.items()}
    cost = f"{run.wall:6.1f} {run.cpu:6.1f} {run.peak:5.2f}" if run else ""
    if run and base:
        cost += f"  {run.wall / base.wall:6.1f} {run.cpu / base.cpu:6.1f} {run.peak / base.peak:6.1f}"
    print(
        f"{what:24} {half.precision:8.3f} {half.recall:6.3f} {half.f1:6.3f} {best.f1:7.3f} | "
        f"{groups.rates.precision:9.3f} {groups.rates.recall:6.3f} {groups.rates.f1:6.3f} {groups.largest:7} | "
        f"{groups.merged:6.1f} {kin.get('twin', ''):>9} {kin.get('sibling', ''):>10} {kin.get('spouse', ''):>8} "
        f"{groups.others:6} | {cost}",
        flush=True,
    )


def by_group(what: str, groups: Groups) -> str:
    """Print the false merges by sex and language."""
    shares = " ".join(f"{name} {share:6.1f}" for name, share in (groups.by_sex | groups.by_language).items())
    return f"{what:24} {shares}"


def write_population(name: str, records: int, seed: int, folder: Path) -> tuple[Path, Path]:
    """Return the files of the records and of the truth of a population."""
    if name == "people":
        return population(records, seed).write(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "records.csv", folder / "truth.csv"
    for path, table in zip(paths, villages(records, seed), strict=True):
        table.write_csv(path)
    return paths


def best_groups(run: Run, truth: pl.DataFrame) -> Groups:
    """Return the result of Splink's threshold with the better F1."""
    made = [group_rates(run.clusters.with_name(f"clusters-{least}.csv"), truth) for least in THRESHOLDS]
    return max(made, key=lambda groups: groups.rates.f1)


def compare(name: str, records: int, seed: int, arms: tuple[str, ...], folder: Path, peers: bool) -> None:
    """Measure all variants on one population."""
    table, persons = write_population(name, records, seed, folder / f"{name}-{records}")
    truth = truth_of(persons)
    head(f"{name}: {records:,} records of {truth['person'].n_unique():,} persons, seed {seed}")
    shares, recalls = [], []
    for arm in arms:
        work = folder / f"{name}-{records}" / arm.replace(" ", "-")
        run = ours(arm, table, work / "ours")
        groups = group_rates(run.clusters, truth)
        line(f"ours, {arm}", *pair_rates(run.pairs, truth), groups, run, None)
        _strict_line(run, truth, STRICT)
        shares.append(by_group(f"ours, {arm}", groups))
        recalls.append(f"{arm} {blocking_recall(arm, table, persons):.3f}")
        if not peers:
            continue
        peer = splink(columns(arm, table, work), work / "splink", folder)
        groups, seconds = best_groups(peer, truth), run.seconds["columns"]
        peer = replace(peer, wall=peer.wall + seconds, cpu=peer.cpu + seconds)
        line(f"Splink, {arm}", *pair_rates(peer.pairs, truth), groups, peer, run)
        for least in THRESHOLDS:
            _strict_line(peer, truth, least)
        shares.append(by_group(f"Splink, {arm}", groups))
    print(f"\nmerged persons of 10,000, by sex and language; true pairs that are compared at all: {', '.join(recalls)}")
    print("\n".join(shares), flush=True)


def _strict_line(run: Run, truth: pl.DataFrame, least: float) -> None:
    """Print pairs from a threshold, and the groups made of them."""
    groups = group_rates(run.clusters.with_name(f"clusters-{least}.csv"), truth)
    line(f"  from {least}", *pair_rates(run.pairs, truth, least), groups, None, None)


def main() -> None:
    """Run the requested parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", default="10000,100000")
    parser.add_argument("--population", choices=list(SEEDS), default="people")
    parser.add_argument("--seed", type=int, default=0, help="default: 7 for people, 11 for villages")
    parser.add_argument("--arms", default=",".join(ARMS))
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "kerege-peers")
    asked = parser.parse_args()
    for records in asked.records.split(","):
        seed = asked.seed or SEEDS[asked.population]
        compare(asked.population, int(records), seed, tuple(asked.arms.split(",")), asked.folder, not asked.no_peers)


if __name__ == "__main__":
    main()
