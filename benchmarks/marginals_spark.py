"""The same Ibis expression on local Spark (Java 17).

Run `python benchmarks/marginals_spark.py [--rows N] [--folder DIR]`.

Makes an environment with PySpark 4.0 in the folder, counts there all marginals of orders 1 to 3 of field-like rows, of
a column of several values, of whole numbers and of yes and no, each also with weights, and stops unless each integer
is that of the arrays.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]
PACKAGES = ("pyspark==4.0.*", "ibis-framework[duckdb]==12.0.0", "polars", "pyarrow", "numba", "setuptools<81")
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "3g",
    "spark.sql.shuffle.partitions": "4",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


def made(folder: Path, rows: int) -> list[Path]:
    """Field-like rows, and a few of every kind of column."""
    import polars as pl

    from benchmarks.ctdc_like import frame

    kinds = {
        "text": ["x", "y", None, "", "x"],
        "several": [["p"], ["q", "r", "q", None], [], None, ["r", "p"]],
        "whole": [1, 2, None, 2, None],
        "truth": [True, False, None, True, None],
    }
    tables = {
        "kinds.parquet": pl.DataFrame({name: values * 5 for name, values in kinds.items()}),
        "field.parquet": frame(rows),
    }
    for name, table in tables.items():
        table.write_parquet(folder / name)
    return [folder / name for name in tables]


def compare(paths: list[Path]) -> None:
    """Count each file on Spark and in arrays, order after order."""
    import ibis
    from pyspark.sql import SparkSession

    from benchmarks.marginals import clipped
    from kerege.evidence.counting import all_marginals

    builder = SparkSession.builder.master("local[2]")
    for key, value in SETTINGS.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    spark = ibis.pyspark.connect(session)
    for path in paths:
        table = spark.read_parquet(path)
        for order, weights in product((1, 2, 3), (None, clipped(len(table.columns), 3))):
            start = time.perf_counter()
            marginals = all_marginals(table, order, weights=weights)
            took = time.perf_counter() - start
            what = f"{path.name}, order {order}{', with weights' if weights else ''}"
            if marginals != all_marginals(path, order, weights=weights):
                raise SystemExit(f"{what}: Spark counts otherwise")
            print(
                f"{what}: {marginals.rows:,} rows, {len(marginals.cells):,} combinations, the same integers, "
                f"{took:.1f} s, load {os.getloadavg()[0]:.1f}",
                flush=True,
            )


def main() -> None:
    """Run in the environment with Spark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=150_000)
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if asked.inside:
        compare(made(folder, asked.rows))
        return
    from benchmarks.peer_environments import environment

    python = environment(folder / "spark", *PACKAGES)
    again = [str(python), __file__, "--inside", "--rows", str(asked.rows), "--folder", str(folder)]
    sys.exit(subprocess.run(again, check=False).returncode)


if __name__ == "__main__":
    main()
