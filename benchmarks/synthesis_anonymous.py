"""The k-anonymous mode beside Synthetic Data Showcase.

Run `python benchmarks/synthesis_anonymous.py [--table t50]`.

Errors are mean absolute ones over the combinations that at least k people of the original share; missing is the share
of these that does not occur; `under k` are combinations that occur though fewer share them. The peers:

- aggregate-seeded: pac-synth 0.0.8's own sampler, in an environment of its own, made in the folder. Its Python package
  offers it with noise only, so it gets a privacy loss so large that the noise is nothing, thresholds at k, and the
  table without the values of fewer than k people; with and without `use_synthetic_counts`. So its totals of single
  values are exact, which no k-anonymous file may have, and it adds records until all of them are met.
- row-seeded: the package has no such mode, and the program that has is not on a package index; what it does is written
  here anew from its description: attributes of a record are added one by one, drawn by how many share all so far, as
  long as k do; what is left of the rounded totals seeds further records; what is above them is taken out. Its errors
  are printed, its time is not the peer's.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.field_like import TABLES, table
from benchmarks.peer_environments import environment
from kerege.evidence.counting import Marginals, all_marginals
from kerege.evidence.synthesis.evaluation.count_spread import pair_counts
from kerege.evidence.synthesis.k_anonymity.assemble import k_anonymous

PEER = """
import json, resource, sys, time
import pandas as pd
from pacsynth import AccuracyMode, Dataset, DpAggregateSeededParametersBuilder as Builder
from pacsynth import DpAggregateSeededSynthesizer as Synthesizer, FabricationMode
source, target, k, order, synthetic = sys.argv[1:]
table = pd.read_csv(source, dtype=str, keep_default_na=False)
cpu = time.process_time()
data = Dataset.from_data_frame(table, sensitive_zeros=list(table.columns))
limits = {length: float(k) - 0.5 for length in range(2, int(order) + 1)}
asked = (Builder().reporting_length(int(order)).epsilon(1e5).percentile_percentage(100)
         .accuracy_mode(AccuracyMode.balanced()).fabrication_mode(FabricationMode.custom_fixed(limits))
         .use_synthetic_counts(synthetic == "1").build())
made = Synthesizer(asked)
made.fit(data)
rows = made.sample()
took = time.process_time() - cpu
Dataset.raw_data_to_data_frame(rows).to_csv(target, index=False)
print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6]))
"""
Bits = NDArray[np.uint64]


class Made(NamedTuple):
    """Return a file, the CPU seconds that it took and the peak of memory in GB.

    A value is None where that is not the peer's own.
    """

    frame: pl.DataFrame
    cpu: float | None
    peak: float | None


class Scores(NamedTuple):
    """Return mean absolute error and the share of what is missing, by length.

    Return also how many combinations fewer than k people share.
    """

    errors: list[float]
    missing: list[float]
    under: int


def ours(path: Path, k: int, order: int) -> Made:
    """Our file; the loops are compiled before."""
    frame = pl.read_csv(path, infer_schema=False)
    k_anonymous(frame.head(50), 5, order)
    cpu = time.process_time()
    made = k_anonymous(frame, k, order).frame
    return Made(made, time.process_time() - cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)


def aggregate_seeded(path: Path, k: int, order: int, python: Path, *, synthetic: bool) -> Made:
    """pac-synth's file from counts without noise."""
    source, target = path.with_suffix(".usual.csv"), path.with_suffix(".made.csv")
    frame = pl.read_csv(path, infer_schema=False)
    usual = [pl.when(pl.len().over(name) >= k).then(pl.col(name)).fill_null("") for name in frame.columns]
    frame.with_columns(usual).write_csv(source)
    command = [str(python), "-c", PEER, str(source), str(target), str(k), str(order), str(int(synthetic))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    cpu, peak = (float(figure) for figure in done.stdout.strip().splitlines()[-1].strip("[]").split(","))
    return Made(pl.read_csv(target, infer_schema=False), cpu, peak)


class RowSeeded:
    """The row-seeded mode: items by column and value, the rows that have each as bits."""

    def __init__(self, frame: pl.DataFrame, k: int) -> None:
        self.frame, self.k, self.random = frame, k, np.random.default_rng(0)
        self.items = [(name, value) for name in frame.columns for value in frame[name].unique().sort() if value]
        lines = [(frame[name] == value).to_numpy() for name, value in self.items]
        self.has = np.array(lines).T
        self.bits = np.array([np.packbits(np.pad(line, (0, -len(line) % 64))).view(np.uint64) for line in lines])
        self.owner = np.array([frame.columns.index(name) for name, _ in self.items])
        self.known: dict[frozenset[int], tuple[Bits, dict[int, int]]] = {}

    def record(self, seed: NDArray[np.int64]) -> frozenset[int]:
        """Attributes of a seed, drawn one by one by how many rows share all of them."""
        record: frozenset[int] = frozenset()
        while True:
            taken = self.owner[list(record)]
            choice = seed[~np.isin(self.owner[seed], taken)]
            hits = self.shared(record, choice)
            weights = np.where(hits >= self.k, hits, 0)
            if not weights.any():
                return record
            record |= {int(choice[np.searchsorted(weights.cumsum(), self.random.integers(weights.sum()), "right")])}

    def shared(self, record: frozenset[int], choice: NDArray[np.int64]) -> NDArray[np.int64]:
        """Count the rows that have a record's attributes and each one more."""
        if record not in self.known:
            rows = np.bitwise_and.reduce(self.bits[list(record)], axis=0) if record else ~np.zeros_like(self.bits[0])
            self.known[record] = (rows, {})
        rows, counts = self.known[record]
        if new := [item for item in choice.tolist() if item not in counts]:
            counts |= zip(new, np.bitwise_count(self.bits[new] & rows).sum(axis=1).tolist(), strict=True)
        return np.array([counts[item] for item in choice.tolist()], dtype=np.int64)

    def made(self) -> pl.DataFrame:
        """Records from rows, then from what is left; then what is above the rounded totals is taken out."""
        records = [self.record(np.flatnonzero(row)) for row in self.has]
        self.known.clear()
        totals = self.has.sum(axis=0)
        left = totals // self.k * self.k
        for record in records:
            left[list(record)] -= 1
        while (seed := np.flatnonzero(left > 0)).size:
            records.append(self.record(seed))
            left[list(records[-1])] -= 1
        kept = []
        for place in self.random.permutation(len(records)):
            out = {item for item in records[place] if left[item] < 0}
            left[list(out)] += 1
            kept.append(records[place] - out)
        rows = [{self.items[item][0]: self.items[item][1] for item in record} for record in kept if record]
        return pl.DataFrame(rows, schema=dict.fromkeys(self.frame.columns, pl.String))


def row_seeded(path: Path, k: int, order: int) -> Made:
    """A file of the row-seeded mode, whatever the order."""
    return Made(
        RowSeeded(pl.read_csv(path, infer_schema=False).with_columns(pl.all().fill_null("")), k).made(), None, None
    )


def scores(original: Marginals, made: pl.DataFrame, k: int) -> Scores:
    """The file beside the original."""
    synthetic = all_marginals(made, original.order)
    result = Scores([], [], 0)
    for length in range(1, original.order + 1):
        true, counts = pair_counts(original, synthetic, length)
        usual = true >= k
        result.errors.append(float(np.abs(counts - true)[usual].mean()))
        result.missing.append(float((counts[usual] == 0).mean()))
        occurring = len(synthetic.combinations(length)[2])
        result = result._replace(under=result.under + occurring - int((counts[usual] > 0).sum()))
    return result


def alone(work: Callable[..., Made], *given: object, **more: object) -> Made:
    """Run in a process of its own, so that the peak of memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, given, more)


def main() -> None:
    """One table, and how often our error goes into theirs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", choices=TABLES, default="t50")
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--order", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    path = asked.folder / f"anonymous-{asked.table}.csv"
    frame = table(TABLES[asked.table])
    frame.write_csv(path)
    original = all_marginals(frame, asked.order)
    python = environment(asked.folder / "pacsynth", "pac-synth==0.0.8", "pandas")
    lengths = range(1, asked.order + 1)
    print(f"{frame.height:,} rows x {frame.width} columns, k = {asked.k}, combinations of up to {asked.order}")
    errors = "".join(f"{f'error {length}':>9}" for length in lengths)
    missing = "".join(f"{f'missing {length}':>11}" for length in lengths)
    print(f"{'':44} {'records':>8} {'CPU s':>7} {'GB':>5}{errors}{missing} {'under k':>8}")
    base: Scores | None = None
    given = (path, asked.k, asked.order)
    for what, work in (
        ("kerege, k-anonymous", partial(alone, ours, *given)),
        ("aggregate-seeded, synthetic counts", partial(aggregate_seeded, *given, python, synthetic=True)),
        ("aggregate-seeded", partial(aggregate_seeded, *given, python, synthetic=False)),
        ("row-seeded, written anew", partial(alone, row_seeded, *given)),
    ):
        made = work()
        result = scores(original, made.frame, asked.k)
        base = base or result
        spent = f"{made.cpu:7.1f} {made.peak:5.2f}" if made.cpu is not None else f"{'-':>7} {'-':>5}"
        figures = "".join(f"{error:9.2f}" for error in result.errors) + "".join(
            f"{share:11.1%}" for share in result.missing
        )
        print(f"{what:44} {made.frame.height:8,} {spent}{figures} {result.under:8,}", flush=True)
        if result is not base:
            times = "".join(f"{one / two:8.1f}x" for one, two in zip(result.errors, base.errors, strict=True))
            print(f"{'':44} {'':8} {'':7} {'':5}{times}", flush=True)


if __name__ == "__main__":
    main()
