"""Counts and snapshots for the tests of the evidence layer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.data.snapshot import Snapshot, read


def table(inner: Sequence[object], *, unreported: bool = False) -> Table:
    """Return a table with margins from its inner counts."""
    array = np.array(inner, dtype=np.int64)
    counts = array
    for d in range(array.ndim):
        counts = np.concatenate([counts.sum(axis=d, keepdims=True), counts], axis=d)
    axes = tuple(("_T", *[f"{'abc'[d]}{i}" for i in range(array.shape[d])]) for d in range(array.ndim))
    if unreported:
        axes = tuple((*axis[:-1], "_U") for axis in axes)
    by = tuple(f"dim{d}" for d in range(array.ndim))
    return Table("t", "records", by, {}, axes, counts, np.zeros(counts.shape, np.uint8))


def article() -> list[dict[str, str]]:
    """Return the 1,891 persons of the article by sex and exploitation: 3 of them are transgender."""
    groups = {
        ("female", "labour"): 500,
        ("female", "sexual"): 395,
        ("female", "other"): 12,
        ("male", "labour"): 650,
        ("male", "sexual"): 314,
        ("male", "other"): 17,
        ("transgender", "labour"): 1,
        ("transgender", "sexual"): 2,
    }
    return [{"sex": sex, "exploitation": form} for (sex, form), count in groups.items() for _ in range(count)]


def snapshot(folder: Path, rows: list[dict[str, str]], *, multi: Sequence[str] = ()) -> Snapshot:
    """Rows as a CSV file, read as a snapshot."""
    path = folder / "rows.csv"
    names = list(rows[0])
    lines = [",".join(names), *[",".join(row[name] for name in names) for row in rows]]
    path.write_text("\n".join(lines) + "\n")
    return read(path, multi=multi)
