"""Error of the noise methods on one national year: `python benchmarks/table_noise.py [ROWS]`.

All two-way tables of eight columns of field-like rows, inner cells that count a person. A line for each method: mean
and 95th percentile of the absolute error, error of cells below 10 and how many of them are shown as 0, relative error
of the others, the error of the grand total, cells within the stated error, seconds. The peer of `dp` is OpenDP's
noise alone on the inner cells at the same loss: no margins measured, nothing made consistent.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.ctdc_like import frame
from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.data.snapshot import Snapshot, read
from kerege.evidence.dp.gaussian_noise import discrete_gaussian, gaussian_scale
from kerege.evidence.dp.tables import noised_table
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.release.method_params import complete
from kerege.evidence.sdc.perturbation.cell_key import cell_key
from kerege.evidence.sdc.perturbation.ptable import ptable

COLUMNS = (
    "gender",
    "ageBroad",
    "citizenship",
    "CountryOfExploitation",
    "typeOfLabour",
    "isForcedLabour",
    "isSexualExploit",
    "meansThreats",
)
PAIRS = [list(pair) for pair in combinations(COLUMNS, 2)]
Floats = NDArray[np.float64]
Method = Callable[[Snapshot, list[str]], Table]


def by_key(**params: object) -> Method:
    """Apply the cell key method."""
    given = complete("cellkey", params)
    design = ptable(int(given["D"]), float(given["V"]), int(given["smallest"]))
    return lambda snapshot, by: cell_key(snapshot, by, design, b"k" * 32, additive=bool(given["additive"]))


def by_noise(epsilon: float) -> Method:
    """Apply differential privacy; the tables share the privacy loss evenly."""
    rho = epsilon_to_rho(epsilon) / len(PAIRS)
    return lambda snapshot, by: noised_table(snapshot, by, rho)


def rough(base: int) -> Callable[[Table], Floats]:
    """Round the inner cells to a base."""
    return lambda table: np.rint(inner(table) / base) * base


def bare(epsilon: float) -> Callable[[Table], Floats]:
    """Apply OpenDP's noise to the inner cells alone, negative results as 0, with the same privacy loss."""
    sigma = gaussian_scale(epsilon_to_rho(epsilon) / len(PAIRS), 1.0)
    return lambda table: np.maximum(discrete_gaussian(inner(table), sigma), 0).astype(float)


def inner(table: Table) -> NDArray[np.int64]:
    """The true inner cells."""
    truth = table.counts if table.truth is None else table.truth
    return truth[tuple(slice(1, None) for _ in table.by)]


def line(name: str, shown: list[Floats], truth: list[Floats], totals: list[float], held: str, seconds: float) -> str:
    """Return what a method does to the figures."""
    near, true = np.concatenate([s.ravel() for s in shown]), np.concatenate([t.ravel() for t in truth])
    near, true = near[true > 0], true[true > 0]
    error, small = np.abs(near - true), true < 10
    relative = (error[~small] / true[~small]).mean()
    return (
        f"{name:<34} {error.mean():6.2f} {np.percentile(error, 95):5.0f} {error[small].mean():7.2f} "
        f"{int((near[small] == 0).sum()):5d}/{int(small.sum())} {relative:7.1%} "
        f"{np.abs(totals).mean() if totals else float('nan'):7.1f} {held:>7} {seconds:6.1f}"
    )


def main(rows: int) -> None:
    """Run all methods."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.csv"
        frame(rows, years=1, citizenships=40, countries=30).write_csv(path)
        snapshot = read(path)
    plain = [by_key()(snapshot, by) for by in PAIRS]
    truth = [inner(table).astype(float) for table in plain]
    print(f"{rows:,} rows, {len(PAIRS)} tables, {sum(int((t > 0).sum()) for t in truth)} cells that count somebody")
    print(
        f"{'method':<34} {'error':>6} {'p95':>5} {'<10':>7} {'as 0':>9} {'>=10':>7} {'total':>7} {'held':>7} {'s':>6}"
    )
    rounded = [rough(10)(table) for table in plain]
    print(line("rounded to 10", rounded, truth, [], "", 0.0))
    for name, method in (
        ("cell key D=5 V=3, no 1 or 2", by_key(D=5)),
        ("cell key D=10 V=3, no 1 or 2", by_key()),
        ("cell key D=10 V=3, additive", by_key(additive=True)),
        ("cell key D=2 V=1, all shown", by_key(D=2, V=1, smallest=1)),
        *((f"dp epsilon {epsilon} over all tables", by_noise(epsilon)) for epsilon in (1, 4, 12)),
    ):
        start = time.perf_counter()
        tables = [method(snapshot, by) for by in PAIRS]
        seconds = time.perf_counter() - start
        shown = [table.counts[tuple(slice(1, None) for _ in table.by)].astype(float) for table in tables]
        totals = [float(table.counts.flat[0] - table.truth.flat[0]) for table in tables if table.truth is not None]
        print(line(name, shown, [inner(t).astype(float) for t in tables], totals, held(tables), seconds), flush=True)
    for epsilon in (1, 4, 12):
        start = time.perf_counter()
        shown = [bare(epsilon)(table) for table in plain]
        totals = [float(s.sum() - t.sum()) for s, t in zip(shown, truth, strict=True)]
        print(line(f"  OpenDP alone, epsilon {epsilon}", shown, truth, totals, "", time.perf_counter() - start))


def held(tables: list[Table]) -> str:
    """Return the share of cells, margins included, whose true count lies within the stated error."""
    inside = []
    for table in tables:
        width = table.params.get("half_width") if table.error95 is None else table.error95
        inside.append((np.abs(table.counts - table.truth) <= width).ravel())
    return f"{np.concatenate(inside).mean():.1%}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_891)
