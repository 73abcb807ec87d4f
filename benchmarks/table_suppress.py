"""Protect field-like tables and attack them with another solver: `python benchmarks/table_suppress.py [ROWS]`.

Prints a line a table: time, cells, counts that must be hidden, hidden for their sake and the people counted in those,
then the attack: a sample of hidden cells, the widest interval that scipy's solver can hold each of them to.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.ctdc_like import frame
from kerege.evidence.protect import protect
from kerege.evidence.snapshot import read
from kerege.evidence.tables import OK, PERTURBED, SUPPRESSED, WITHHELD, Table, tabulate

THRESHOLD, SAMPLE = 10, 20
TABLES = (
    ["gender"], ["CountryOfExploitation"], ["ageBroad", "gender"], ["yearOfRegistration", "typeOfLabour"],
    ["CountryOfExploitation", "gender"], ["citizenship", "CountryOfExploitation"],
    ["yearOfRegistration", "ageBroad", "typeOfLabour"], ["yearOfRegistration", "gender", "citizenship"],
)  # fmt: skip


def sums(shape: tuple[int, ...]) -> sp.csr_matrix:
    """Every total less its parts is nought: built here, not taken from the protection."""
    grid = np.arange(int(np.prod(shape))).reshape(shape)
    rows = []
    for d in range(len(shape)):
        lines = np.moveaxis(grid, d, -1).reshape(-1, shape[d])
        values = np.tile([-1.0, *[1.0] * (shape[d] - 1)], len(lines))
        where = (np.repeat(np.arange(len(lines)), shape[d]), lines.ravel())
        rows.append(sp.csr_matrix((values, where), shape=(len(lines), grid.size)))
    return sp.vstack(rows).tocsr()


def attack(shown: Table, sample: int, seed: int = 0) -> list[tuple[float, float]]:
    """What linear programming makes of a sample of hidden cells: bounds that contain every whole number possible."""
    status, counts = shown.status.ravel(), shown.counts.ravel().astype(float)
    half = float(shown.params.get("half_width", 0))
    free = np.isin(status, (SUPPRESSED, WITHHELD))
    low = np.where(free, 0.0, np.where(status == PERTURBED, np.maximum(counts - half, 0), counts))
    high = np.where(free, 1e6, np.where(status == PERTURBED, counts + half, counts))
    open_ = np.flatnonzero(status != OK)
    if not len(open_):
        return []
    matrix = sums(shown.counts.shape)
    rest = -(matrix @ np.where(status == OK, counts, 0.0))
    part = matrix[:, open_]
    used = np.flatnonzero(np.diff(part.indptr))
    chosen = np.random.default_rng(seed).permutation(np.flatnonzero(free[open_]))[:sample]
    found = []
    for place in chosen.tolist():
        ends = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(open_))
            cost[place] = sign
            bounds = np.stack([low[open_], high[open_]], axis=1)
            solved = linprog(cost, A_eq=part[used], b_eq=rest[used], bounds=bounds, method="highs")
            ends.append(sign * solved.fun)
        found.append((ends[0], ends[1]))
    return found


def line(shown: Table, seconds: float) -> str:
    """Time and loss of one table."""
    truth = shown.counts if shown.truth is None else shown.truth
    spare = np.isin(shown.status, (SUPPRESSED, WITHHELD)) & (truth >= THRESHOLD)
    tally = shown.tally()
    return (
        f"{','.join(shown.by)}: {seconds:.1f} s, {shown.counts.size:,} cells, {tally['suppressed']:,} suppressed"
        f" ({int(spare.sum()):,} complementary, of {int(truth[spare].sum()):,} people), {tally['perturbed']:,} rounded"
    )


def main(rows: int) -> None:
    """Run all tables."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.csv"
        frame(rows).write_csv(path)
        snapshot = read(path)
    print(f"{rows:,} rows")
    for by in TABLES:
        counted = tabulate(snapshot, by)
        start = time.perf_counter()
        shown = protect(counted, threshold=THRESHOLD)
        print(line(shown, time.perf_counter() - start), flush=True)
        found = attack(shown, SAMPLE)
        open_ = [pair for pair in found if pair[0] < THRESHOLD > pair[1] - pair[0] + 1e-6]
        narrow = min((high - low for low, high in found), default=float("nan"))
        print(f"  attacked {len(found)}: {len(open_)} disclosed, narrowest interval {narrow:.1f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
