"""Measure for synthetic records at scale.

Run `python benchmarks/synthesis_scale.py [ROWS] [--folder DIR]`.

Rows are drawn from the invented tables of the field's shape and written to Parquet, ten million by default. All
clipped combinations of up to three values are measured from the file piece by piece, and by one expression in DuckDB.
The noise is repeatable, so that the noisy counts can be compared to the last digit. That local Spark counts the same
with weights is shown by `marginals_spark.py`.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.field_like import t150
from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.synthesis.measurement.measure import measure, plan
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy
from kerege.evidence.synthesis.measurement.public_schema import Column, Schema
from kerege.evidence.synthesis.presets import PRESETS

ROWS, PIECE = 10_000_000, 1_000_000


def written(path: Path, rows: int) -> Schema:
    """Draw rows with replacement and write them group by group; returns the public values."""
    frame = t150().with_columns(pl.all().replace({"": None}))
    chance = np.random.default_rng(0)
    with pq.ParquetWriter(path, frame.slice(0, 1).to_arrow().schema) as writer:
        for start in range(0, rows, PIECE):
            places = chance.integers(0, frame.height, min(PIECE, rows - start))
            writer.write_table(frame[places].to_arrow(), row_group_size=PIECE)
    return tuple(Column(name, tuple(sorted(frame[name].drop_nulls().unique()))) for name in frame.columns)


def timed(source: Any, schema: Schema) -> tuple[Noisy, float, float]:
    """Return the noisy counts, elapsed and CPU seconds."""
    spending = plan(epsilon_to_rho(4.0, 1e-9), 3, PRESETS["balanced"].thresholds)
    wall, cpu = time.perf_counter(), time.process_time()
    noisy, _ = measure(source, schema, spending, repeatable(1))
    return noisy, time.perf_counter() - wall, time.process_time() - cpu


def same(one: Noisy, other: Noisy) -> bool:
    """Whether two measurements agree to the last digit."""
    levels = zip(one.levels, other.levels, strict=True)
    return np.array_equal(one.lengths, other.lengths) and all(
        np.array_equal(a.items, b.items) and np.array_equal(a.values, b.values) for a, b in levels
    )


def compared(path: Path, schema: Schema, engines: dict[str, Callable[[], Any]]) -> None:
    """Print a line an engine, and whether it says what the first one does."""
    first: Noisy | None = None
    for name, source in engines.items():
        noisy, wall, cpu = timed(source(), schema)
        first = first or noisy
        agrees = "" if first is noisy else ("same counts" if same(first, noisy) else "OTHER COUNTS")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        rows = pq.read_metadata(path).num_rows
        print(f"{name:24} {rows:>12,} rows {wall:8.1f} s wall {cpu:8.1f} s CPU {memory:6.2f} GB at most  {agrees}")


def main() -> None:
    """Write the rows, measure them by each engine."""
    import ibis

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="?", type=int, default=ROWS)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        path = Path(folder) / "rows.parquet"
        warm = Path(folder) / "warm.parquet"
        with ProcessPoolExecutor(1) as writer:  # its memory is not counted
            schema = writer.submit(written, path, arguments.rows).result()
            writer.submit(written, warm, 1_000).result()
        timed(warm, schema)  # compiles
        duck = ibis.duckdb.connect()
        compared(path, schema, {"arrays, piece by piece": lambda: path, "DuckDB": lambda: duck.read_parquet(path)})


if __name__ == "__main__":
    main()
