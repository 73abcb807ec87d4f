"""Count all marginals beside peers.

Run `python benchmarks/marginals.py [--peers] [--large] [--folder DIR] [--repeat N]`.

Small: all 1-, 2- and 3-way marginals of 150,000 rows x 27 columns in memory, text to counts, beside pac-synth 0.0.8 in
an environment of its own (`--peers` makes it in the folder) and one DuckDB GROUP BY a table; then with weights, as
clipped counts have them. `--large`: 10 million rows in Parquet, orders 1 to 3, beside DuckDB's `sum` of the same 27
columns of the same file. Text has no sum: there it is the sum of lengths, and a second file holds the same columns as
whole numbers of one byte, where it is the plain sum. CPU seconds are of all threads; the wall clock depends on what
else the machine does, so its load is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import combinations
from math import comb
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.ctdc_like import frame
from benchmarks.peer_environments import environment
from kerege.evidence.counting import Marginals, all_marginals

SMALL, LARGE, THREADS, PIECE = 150_000, 10_000_000, 2, 1_000_000
PEER = """
import json, sys, time
import pandas as pd
from pacsynth import Dataset
start, cpu = time.perf_counter(), time.process_time()
table = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
read = time.perf_counter() - start, time.process_time() - cpu
start, cpu = time.perf_counter(), time.process_time()
counts = Dataset.from_data_frame(table, sensitive_zeros=list(table.columns)).get_aggregates(3, ";")
print(json.dumps({"wall": time.perf_counter() - start, "cpu": time.process_time() - cpu,
                  "cells": len(counts), "people": sum(counts.values())}))
"""


class Took(NamedTuple):
    """The best of some runs, in seconds."""

    wall: float
    cpu: float


def timed(work: Callable[[], object], repeat: int) -> Took:
    """Return elapsed and CPU seconds, each the least of some runs."""
    runs = []
    for _ in range(repeat):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        runs.append((time.perf_counter() - wall, time.process_time() - cpu))
    return Took(min(run[0] for run in runs), min(run[1] for run in runs))


def line(what: str, took: Took, base: Took | None = None) -> None:
    """One row of the table; `base` is what the ratios are to."""
    ratio = f"{took.wall / base.wall:8.2f} {took.cpu / base.cpu:8.2f}" if base else f"{'':8} {'':8}"
    print(f"{what:58} {took.wall:8.2f} {took.cpu:8.2f} {ratio}", flush=True)


def head(what: str) -> None:
    """Print the title of a part, with the load of the machine."""
    print(f"\n{what}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(f"{'':58} {'wall s':>8} {'CPU s':>8} {'wall x':>8} {'CPU x':>8}")


def group_bys(table: pl.DataFrame, order: int) -> tuple[int, int]:
    """One GROUP BY a table: cells that are not empty, and the sum of their counts."""
    connection = duckdb.connect()
    connection.execute(f"SET threads = {THREADS}")
    connection.register("source", table)
    connection.execute("CREATE TABLE records AS FROM source")
    cells = people = 0
    for length in range(1, order + 1):
        for names in combinations(table.columns, length):
            group = ", ".join(f'"{name}"' for name in names)
            filled = " AND ".join(f"\"{name}\" <> ''" for name in names)
            query = f"SELECT count(*), sum(n) FROM (SELECT count(*) n FROM records WHERE {filled} GROUP BY {group})"
            more = connection.execute(query).fetchall()[0]
            cells, people = cells + more[0], people + int(more[1] or 0)
    return cells, people


def clipped(columns: int, order: int) -> list[list[int]]:
    """Return weights: the more combinations of a length a row has, the less it weighs in each.

    Return nothing if it reports all.
    """
    return [[*(max(1, 64 // max(1, comb(k, length))) for k in range(columns)), 0] for length in range(1, order + 1)]


def agree(marginals: Marginals, cells: int, people: int, who: str) -> None:
    """Stop when a peer counts otherwise."""
    if (len(marginals.cells), int(marginals.hits.sum())) != (cells, people):
        raise SystemExit(
            f"{who} counts {cells:,} cells of {people:,}, we {len(marginals.cells):,} of {marginals.hits.sum():,}"
        )


def pacsynth(folder: Path, table: pl.DataFrame) -> tuple[Took, int, int]:
    """Its counting of all combinations of up to three, from a pandas frame."""
    path = folder / "small.csv"
    table.write_csv(path)
    python = environment(folder / "pacsynth", "pac-synth==0.0.8", "pandas")
    done = subprocess.run([str(python), "-c", PEER, str(path)], check=True, capture_output=True, text=True)
    measured = json.loads(done.stdout)
    return Took(measured["wall"], measured["cpu"]), measured["cells"], measured["people"]


def engines(table: pl.DataFrame, marginals: Marginals, weights: list[list[int]] | None, base: Took) -> None:
    """Time the other engine; stop when it counts otherwise."""
    counted: list[Marginals] = []
    took = timed(lambda: counted.append(all_marginals(table, 3, weights=weights, engine="ibis")), 1)
    line("the Ibis expression on DuckDB" + (", with weights" if weights else ""), took, base)
    if counted[0] != marginals:
        raise SystemExit("the engines differ")


def small(folder: Path, repeat: int, *, peers: bool) -> None:
    """150,000 rows in memory."""
    table = frame(SMALL)
    marginals = all_marginals(table, 3)  # compiles, or reads what was compiled
    head(f"{SMALL:,} rows x {table.width} columns, orders 1 to 3, {len(marginals.cells):,} combinations")
    ours = timed(lambda: all_marginals(table, 3), repeat)
    line("arrays, from a Polars frame of text", ours)
    engines(table, marginals, None, ours)
    weights = clipped(table.width, 3)
    line("arrays, with weights", timed(lambda: all_marginals(table, 3, weights=weights), repeat), ours)
    engines(table, all_marginals(table, 3, weights=weights), weights, ours)
    if not peers:
        return
    counted: list[tuple[int, int]] = []
    took = timed(lambda: counted.append(group_bys(table, 3)), 1)
    agree(marginals, *counted[0], "DuckDB")
    line("DuckDB, one GROUP BY a table", took, ours)
    took, cells, people = pacsynth(folder, table)
    line("pac-synth 0.0.8, get_aggregates", took, ours)
    agree(marginals, cells, people, "pac-synth")


def made(folder: Path) -> tuple[Path, Path]:
    """10 million rows as Parquet: text, and the same as whole numbers of one byte."""
    text, whole = folder / "text.parquet", folder / "whole.parquet"
    if not (text.exists() and whole.exists()):
        pieces = [frame(PIECE, seed=seed) for seed in range(LARGE // PIECE)]
        table = pl.concat(pieces).with_columns(pl.all().replace({"": None}))
        table.write_parquet(text, row_group_size=250_000)
        table.select(pl.all().rank("dense").cast(pl.UInt8)).write_parquet(whole, row_group_size=250_000)
    return text, whole


def duckdb_sum(path: Path, term: str) -> None:
    """DuckDB's sum of every column of a file."""
    connection = duckdb.connect()
    connection.execute(f"SET threads = {THREADS}")
    terms = ", ".join(term.format(f'"{name}"') for name in pl.read_parquet_schema(path))
    connection.execute(f"SELECT {terms} FROM read_parquet('{path}')").fetchall()


def large(folder: Path, repeat: int) -> None:
    """10 million rows of a file."""
    text, whole = made(folder)
    for path, what, term in ((whole, "whole numbers", "sum({})"), (text, "text", "sum(length({}))")):
        head(f"{LARGE:,} rows x 27 columns of {what} in Parquet")
        base = timed(lambda path=path, term=term: duckdb_sum(path, term), repeat)
        line(f"DuckDB, {term.format('column')} of each", base)
        for order in (1, 2, 3):
            took = timed(lambda path=path, order=order: all_marginals(path, order), repeat)
            line(f"arrays, all marginals of orders 1 to {order}", took, base)


def main() -> None:
    """Run the requested parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", action="store_true", help="count with the peers too, in environments made here")
    parser.add_argument("--large", action="store_true", help="count 10 million rows of a file")
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    parser.add_argument("--repeat", type=int, default=3)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    small(asked.folder, asked.repeat, peers=asked.peers)
    if asked.large:
        large(asked.folder, asked.repeat)


if __name__ == "__main__":
    main()
