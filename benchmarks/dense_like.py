"""Invented dense tables: 20 columns, every column reported in every record.

Run `python benchmarks/dense_like.py d20 FILE.csv`.

- d20: each column has three values. A record is of one of six kinds, and its values depend on the kind alone, so all
  columns go together, and pairs say nearly everything.
- deep: five groups of four columns with two to four values. The fourth of a group follows in nine of ten records from
  the other three together (their sum, modulo its number of values); no pair of columns says anything about that. A
  group starts from the kind of the record.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl

ROWS, COLUMNS, KINDS = 50_000, 20, 6
SIZES = (4, 3, 2, 3)  # values of the four columns of a group


def d20(seed: int = 0) -> pl.DataFrame:
    """50,000 records of six kinds x 20 columns of three values."""
    chance = np.random.default_rng([seed, 1])
    kind = chance.integers(0, KINDS, ROWS)
    usual = chance.dirichlet(np.full(3, 0.7), (KINDS, COLUMNS)).cumsum(axis=-1)[..., :2]
    return _named((chance.random((ROWS, COLUMNS))[..., None] > usual[kind]).sum(axis=-1))


def deep(seed: int = 0) -> pl.DataFrame:
    """50,000 records x 20 columns, of which each fourth follows from the three before it."""
    chance = np.random.default_rng([seed, 2])
    kind = chance.integers(0, KINDS, ROWS)
    columns = [column for _ in range(COLUMNS // len(SIZES)) for column in _group(chance, kind)]
    return _named(np.column_stack(columns))


def _group(chance: np.random.Generator, kind: np.ndarray) -> list[np.ndarray]:
    """Return three columns that depend on the kind, and one that depends on all three."""
    free = []
    for size in SIZES[:3]:
        usual = chance.dirichlet(np.full(size, 2.0), KINDS).cumsum(axis=-1)[:, :-1]
        free.append((chance.random(ROWS)[:, None] > usual[kind]).sum(axis=-1))
    any_value = chance.integers(0, SIZES[3], ROWS)
    return [*free, np.where(chance.random(ROWS) < 0.9, sum(free) % SIZES[3], any_value)]


def _named(codes: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame({f"c{at:02}": np.char.add("v", codes[:, at].astype(str)) for at in range(codes.shape[1])})


DENSE = {"d20": d20, "deep": deep}

if __name__ == "__main__":
    DENSE[sys.argv[1]]().write_csv(Path(sys.argv[2]))
