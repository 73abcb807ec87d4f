"""Tables and snapshots for the tests of this floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from kerege.evidence.counting.frequency_table import OK, PERTURBED, SUPPRESSED, TOTAL, WITHHELD, Table
from kerege.evidence.data.snapshot import Snapshot, read
from kerege.evidence.sdc.constraints.sheet import Sheet

Figure = int | tuple[float, float] | None  # an exact count, bounds, or a suppressed count


@dataclass(frozen=True)
class Source:
    """A source of tables: the rows of a register, None for an intruder."""

    frame: pl.DataFrame | None = None
    multi: frozenset[str] = frozenset()
    unit: str = "victims"

    def list_of(self, column: str) -> str:
        """Return no code list."""
        return ""


def sheet(by: Sequence[str], cells: Mapping[tuple[str, ...], Figure], **stated: Any) -> Sheet:
    """Return a published table with the cells that are given; all other cells are withheld."""
    columns = [list(dict.fromkeys([TOTAL, *(key[d] for key in cells)])) for d in range(len(by))]
    shape = tuple(map(len, columns))
    counts, status = np.zeros(shape, np.int64), np.full(shape, WITHHELD, np.uint8)
    lower, upper = np.zeros(shape), np.full(shape, np.inf)
    for key, figure in cells.items():
        place = tuple(column.index(code) for column, code in zip(columns, key, strict=True))
        if figure is None:
            status[place], lower[place] = SUPPRESSED, 1
        elif isinstance(figure, tuple):
            status[place], lower[place], upper[place] = PERTURBED, *figure
        else:
            status[place], counts[place], lower[place], upper[place] = OK, figure, figure, figure
    arrays = {"counts": counts, "status": status, "lower": lower, "upper": upper}
    named = {"name": "t", "of": "victims", "where": {}} | stated
    return Sheet(by=tuple(by), axes=tuple(map(tuple, columns)), **arrays, **named)


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
