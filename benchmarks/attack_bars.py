"""Times of the disclosure risk assessment and their bars: `python benchmarks/attack_bars.py`.

Three linked sparse tables of 5,000 cells and a dense ring of 700 cells, small cells suppressed, as an intruder assesses
them; then the releases below `$KEREGE_HOME`, such as the three years of the demo, if there are any. Prints seconds of
processor time, the groups that were examined, disclosed and undecided, and the memory used.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy is loaded

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.ctdc_like import frame
from kerege.base import files
from kerege.evidence.counting.frequency_table import SUPPRESSED, Table, tabulate
from kerege.evidence.data.snapshot import read
from kerege.evidence.sdc.disclosure.intruder import public, report
from kerege.evidence.sdc.groups.decisions import assess_groups
from kerege.evidence.sdc.populations.populations import PublishedPopulation
from kerege.evidence.sdc.published_tables.publication import as_sheet
from kerege.evidence.sdc.published_tables.stated_manifest import StatedTime

THRESHOLD, MEMORY = 10, 1_000  # people, MB
SPARSE = (["citizenship", "CountryOfExploitation"], ["CountryOfExploitation", "gender"], ["citizenship", "gender"])
RING, RING_PEOPLE = {"a": 20, "b": 20, "c": 5}, 20_000


def sparse_tables() -> list[Table]:
    """Return three linked tables of invented records in the shape of the field's public files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.csv"
        frame(50_000, citizenships=70, countries=55).write_csv(path)
        snapshot = read(path)
    return [hidden(tabulate(snapshot, by)) for by in SPARSE]


def ring_tables() -> list[Table]:
    """Return three two-way tables in a ring, of people drawn evenly: no cell is empty."""
    rng = np.random.default_rng(0)
    people = {name: rng.choice(size, RING_PEOPLE, p=weights(size)) for name, size in RING.items()}
    return [one_more_a_line(hidden(counted(people, by))) for by in (("a", "b"), ("b", "c"), ("a", "c"))]


def weights(size: int) -> np.ndarray:
    """Return the shares of codes, from few people to many."""
    shares = np.arange(1, size + 1) ** 0.7
    return np.asarray(shares / shares.sum())


def counted(people: dict[str, np.ndarray], by: tuple[str, str]) -> Table:
    """Return a table of drawn people with its margins."""
    counts = np.zeros([RING[name] for name in by], dtype=np.int64)
    np.add.at(counts, tuple(people[name] for name in by), 1)
    for d in range(2):
        counts = np.concatenate([counts.sum(axis=d, keepdims=True), counts], axis=d)
    axes = tuple(("_T", *[f"{name}{code}" for code in range(RING[name])]) for name in by)
    return Table(
        name="_".join(by),
        of="records",
        by=by,
        where={},
        axes=axes,
        counts=counts,
        status=np.zeros_like(counts, np.uint8),
    )


def hidden(table: Table) -> Table:
    """Return a table with its small counts suppressed."""
    is_small = (table.counts > 0) & (table.counts < THRESHOLD)
    return replace(table, status=np.where(is_small, SUPPRESSED, table.status).astype(np.uint8))


def one_more_a_line(table: Table) -> Table:
    """Return a table with one more cell suppressed in each line with one suppressed cell."""
    status = table.status.copy()
    for d in range(2):
        inner, of_lines = np.moveaxis(table.counts, d, 1)[1:, 1:], np.moveaxis(status, d, 1)[1:, 1:]
        for counts, line in zip(inner, of_lines, strict=True):
            if (line == SUPPRESSED).sum() == 1:
                line[np.argmin(np.where(line == SUPPRESSED, counts.max() + 1, counts))] = SUPPRESSED
    return replace(table, status=status)


def assess(name: str, tables: list[Table], most: float) -> None:
    """Print the time of the assessment of some tables, as an intruder sees them."""
    sheets = tuple(as_sheet(table, "new", StatedTime("2025-12-31", origin="one")) for table in tables)
    start = time.process_time()
    findings = assess_groups(PublishedPopulation("records", "one", sheets), sheets, THRESHOLD)
    disclosed = len(findings.small) + sum(len(part.narrow) for part in findings.parts)
    cells = sum(table.counts.size for table in tables)
    verdict = f"{findings.examined:,} groups examined, {disclosed:,} disclosed, {findings.undecided} undecided"
    print_time(f"{name}, {cells:,} cells", time.process_time() - start, most, verdict)


def assess_releases(folders: list[Path], most: float) -> None:
    """Print the time of the assessment of releases together, the last as the new one."""
    start = time.process_time()
    *old, new = public(folders)
    result = report(new, old, THRESHOLD)
    verdict = (
        f"{result.examined.groups:,} groups examined, {len(result.disclosures)} disclosed, {result.undecided} undecided"
    )
    print_time(f"{len(folders)} releases together", time.process_time() - start, most, verdict)


def print_time(name: str, seconds: float, most: float, verdict: str) -> None:
    """Print a time and its bar."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    kept = "kept" if seconds <= most and memory < MEMORY else "NOT KEPT"
    print(
        f"{name}: {seconds:.1f} s (at most {most:.0f}), {memory} MB (below {MEMORY:,}): {kept}; {verdict}", flush=True
    )


def main() -> None:
    """Run all."""
    assess("three linked sparse tables", sparse_tables(), 10)
    assess("a dense ring", ring_tables(), 60)
    folders = sorted(path.parent for path in (files.home() / "releases").glob("*/manifest.json"))
    if folders:
        assess_releases(folders, 60)


if __name__ == "__main__":
    main()
