"""Protect tables and attack them with another solver.

Run `python benchmarks/table_suppress.py [ROWS] [--no-peers] [--folder DIR]`.

First tables of invented records, by whatever loses least: time, cells, counts that must be hidden, hidden for their
sake and the people counted in those. Then suppression alone, to the end, of 30 x 20, 97 x 3 x 10 and 20 x 10 x 10 with
margins: loss (people in suppressed cells, margins twice), lower bound and gap. After each an attack: a sample of hidden
cells, the interval that scipy's solver holds each of them to.

Without `--no-peers` pytauargus 0.6.0 runs the second part too, in an environment of its own below the folder: times,
cells, people, and how many of its hidden cells the same attack pins down below the threshold.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.ctdc_like import frame
from benchmarks.peer_environments import environment
from kerege.evidence.counting.frequency_table import OK, PERTURBED, SUPPRESSED, WITHHELD, Table, tabulate
from kerege.evidence.data.snapshot import read
from kerege.evidence.sdc.suppression.complementary import Suppression, suppress_exact, weights
from kerege.evidence.sdc.suppression.protection import protect

THRESHOLD, SAMPLE = 10, 20
TABLES = (
    ["gender"],
    ["CountryOfExploitation"],
    ["ageBroad", "gender"],
    ["yearOfRegistration", "typeOfLabour"],
    ["CountryOfExploitation", "gender"],
    ["citizenship", "CountryOfExploitation"],
    ["yearOfRegistration", "ageBroad", "typeOfLabour"],
    ["yearOfRegistration", "gender", "citizenship"],
)
FIELD = ["CountryOfExploitation", "gender", "ageBroad"]
GRID, CUBE = ["citizenship", "CountryOfExploitation"], ["yearOfRegistration", "ageBroad", "typeOfLabour"]
PEER = """
import json, sys, tempfile, time
import pytauargus
names, inner, rule, how = json.load(sys.stdin)
rows = [[place, count] for place, count in inner for _ in range(count)]
data = {name: [place[d] for place, _ in rows] for d, name in enumerate(names)} | {"n": [1] * len(rows)}
start = time.perf_counter()
result = pytauargus.protect(data, names, "n", rule, how, workdir=tempfile.mkdtemp())
seconds = time.perf_counter() - start
cells = [[[row[name] for name in names], row["status"]] for row in result.tables[0].rows]
json.dump([seconds, cells], open(sys.argv[1], "w"))
"""
LONGEST = 300
RULES = ("FREQ(10,20)", "FREQ(10,100)")  # the second asks for about the width that our definition does


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


def attack(shown: Table, sample: int, seed: int = 0, *, whole: bool = False) -> list[tuple[float, float]]:
    """Return what linear programming makes of a sample of hidden cells.

    Its bounds contain every whole number possible.

    With `whole` what integer programming makes of them: the bounds themselves, or what it found in ten seconds.
    """
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
    solve = _whole if whole else _real
    intervals = []
    for place in chosen.tolist():
        cost = np.zeros(len(open_))
        cost[place] = 1.0
        ends = [sign * solve(sign * cost, part[used], rest[used], low[open_], high[open_]) for sign in (1.0, -1.0)]
        intervals.append((ends[0], ends[1]))
    return intervals


def _real(cost: np.ndarray, matrix: sp.csr_matrix, rest: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    return float(linprog(cost, A_eq=matrix, b_eq=rest, bounds=np.stack([low, high], axis=1), method="highs").fun)


def _whole(cost: np.ndarray, matrix: sp.csr_matrix, rest: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    held = LinearConstraint(matrix, rest, rest)
    solution = milp(
        cost, constraints=held, bounds=Bounds(low, high), integrality=np.ones(len(cost)), options={"time_limit": 10.0}
    )
    return float(solution.mip_dual_bound if solution.fun is None else solution.fun)


def attacked(shown: Table, sample: int, *, whole: bool = False) -> str:
    """One line about an attack."""
    intervals = attack(shown, sample, whole=whole)
    open_ = [pair for pair in intervals if pair[0] < THRESHOLD > pair[1] - pair[0] + 1e-6]
    narrow = min((high - low for low, high in intervals), default=float("nan"))
    return f"  attacked {len(intervals)}: {len(open_)} disclosed, narrowest interval {narrow:.1f}"


def line(shown: Table, seconds: float) -> str:
    """Time and loss of one table."""
    truth = shown.counts if shown.truth is None else shown.truth
    spare = np.isin(shown.status, (SUPPRESSED, WITHHELD)) & (truth >= THRESHOLD)
    tally = shown.tally()
    return (
        f"{','.join(shown.by)}: {seconds:.1f} s, {shown.counts.size:,} cells, {tally['suppressed']:,} suppressed"
        f" ({int(spare.sum()):,} complementary, of {int(truth[spare].sum()):,} people), {tally['perturbed']:,} rounded"
    )


def counted(rows: int, by: list[str], **sizes: int) -> Table:
    """A table of invented records."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.csv"
        frame(rows, **sizes).write_csv(path)
        return tabulate(read(path), by)


def drawn(shape: tuple[int, ...], mean: np.ndarray, seed: int) -> Table:
    """A table with no names: counts drawn about their means, margins added."""
    counts = np.random.default_rng(seed).poisson(mean)
    for d in range(counts.ndim):
        counts = np.concatenate([counts.sum(axis=d, keepdims=True), counts], axis=d)
    axes = tuple(("_T", *[f"{'abc'[d]}{i:02}" for i in range(size)]) for d, size in enumerate(shape))
    return Table("t", "rows", tuple("abc"[: len(shape)]), {}, axes, counts, np.zeros(counts.shape, np.uint8))


def hard_tables() -> list[tuple[str, Table]]:
    """Return tables of 30 x 20, 97 x 3 x 10 and 20 x 10 x 10 cells.

    Some have the field's shape; others are dense, with few small counts that are far apart.
    """
    grid, cube = (30, 20), (20, 10, 10)
    tables = [
        (f"30 x 20, {rows:,} records", counted(rows, GRID, citizenships=29, countries=19)) for rows in (2_000, 20_000)
    ]
    for middle, spread, seed in ((5.0, 1.5, 0), (4.0, 1.0, 1), (6.0, 1.7, 1)):
        mean = np.random.default_rng(seed).lognormal(middle, spread, grid)
        tables.append((f"30 x 20, dense ({middle:.0f}, {spread})", drawn(grid, mean, seed)))
    tables.append(("97 x 3 x 10, 3,000 records", counted(3_000, FIELD, countries=97)))
    tables += [(f"20 x 10 x 8, {rows:,} records", counted(rows, CUBE, years=20)) for rows in (2_000, 20_000, 150_000)]
    for power in (1.2, 0.4):
        mean = np.ones(())
        for size in cube:
            mean = np.multiply.outer(mean, 1 / np.arange(1, size + 1) ** power)
        tables.append((f"20 x 10 x 10, powers of {power}", drawn(cube, 50_000 * mean / mean.sum(), 1)))
    return tables


def peer(table: Table, python: str, rule: str, how: str) -> tuple[float, Table] | None:
    """Return what pytauargus makes of a table: seconds and its pattern.

    Return None when it fails or takes five minutes.
    """
    inner = [([f"c{i:03}" for i in place], int(count)) for place, count in np.ndenumerate(table.counts) if all(place)]
    with tempfile.TemporaryDirectory() as folder:  # it leaves its logs where it runs
        out, asked = Path(folder) / "out.json", json.dumps([table.by, inner, rule, how])
        try:
            subprocess.run(
                [python, "-c", PEER, str(out)],
                input=asked,
                text=True,
                check=True,
                timeout=LONGEST,
                capture_output=True,
                cwd=folder,
            )
        except subprocess.SubprocessError:
            return None
        seconds, cells = json.loads(out.read_text())
    status = np.zeros(table.counts.shape, np.uint8)
    for names, letter in cells:
        if letter in ("U", "M", "D"):
            status[tuple(0 if name.strip('"') == "Total" else int(name.strip('"')[1:]) for name in names)] = SUPPRESSED
    return seconds, replace(table, status=status)


def compare(name: str, table: Table, python: str | None) -> None:
    """One table, suppressed here and by the peer."""
    start = time.perf_counter()
    outcome = suppress_exact(table, THRESHOLD)
    seconds = time.perf_counter() - start
    whole = table.counts.ndim > 2
    print(f"{name}: {seconds:.1f} s, {words(outcome)}", flush=True)
    print(attacked(outcome.table, 6 if whole else SAMPLE, whole=whole), flush=True)
    for rule in RULES if python else ():
        for how in ("OPT(1)", "MOD(1)"):
            protected = peer(table, python or "", rule, how)
            if protected is None:
                print(f"  pytauargus {rule} {how}: failed, or not in {LONGEST} s", flush=True)
                continue
            loss = float(weights(table)[protected[1].status.ravel() == SUPPRESSED].sum())
            hidden = protected[1].tally()["suppressed"]
            print(
                f"  pytauargus {rule} {how}: {protected[0]:.1f} s ({protected[0] / seconds:.1f} times ours), {hidden:,}"
                f" suppressed, {people(protected[1]):,} people, loss {loss:,.0f} ({loss / outcome.loss:.2f} times ours)"
            )
            print("  " + attacked(protected[1], hidden), flush=True)


def people(table: Table) -> int:
    """Return the people in suppressed cells, margins included."""
    return int(table.counts[table.status == SUPPRESSED].sum())


def words(outcome: Suppression) -> str:
    """Return the quality of a suppression."""
    return (
        f"{outcome.table.tally()['suppressed']:,} suppressed, {people(outcome.table):,} people, loss"
        f" {outcome.loss:,.0f}, lower bound {outcome.lower_bound:,.0f}, gap {100 * outcome.gap:.1f}%"
    )


def main(rows: int, python: str | None) -> None:
    """Run all tables."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.csv"
        frame(rows).write_csv(path)
        snapshot = read(path)
    print(f"{rows:,} rows")
    for by in TABLES:
        table = tabulate(snapshot, by)
        start = time.perf_counter()
        shown = protect(table, threshold=THRESHOLD)
        print(line(shown, time.perf_counter() - start), flush=True)
        print(attacked(shown, SAMPLE), flush=True)
    for name, hard in hard_tables():
        compare(name, hard, python)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=50_000)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "kerege-peers")
    asked = parser.parse_args()
    peers = None if asked.no_peers else environment(asked.folder / "pytauargus", "pytauargus==0.6.0")
    main(asked.rows, str(peers) if peers else None)
