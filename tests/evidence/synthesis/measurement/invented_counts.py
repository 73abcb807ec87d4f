"""Invented tables of the tests of measurement, and how they are counted."""

from __future__ import annotations

import numpy as np
import polars as pl

from kerege.evidence.synthesis.measurement.noisy_counts import Counts, Noisy
from kerege.evidence.synthesis.measurement.public_schema import Column, Schema

Row = list[frozenset[str]]  # what a record reports, column by column
Cell = tuple[tuple[int, str], ...]  # column and value


def exact(counts: Counts, sigma: float) -> Counts:
    """Add no noise."""
    return counts.copy()


def frame(rows: list[Row], columns: Schema) -> pl.DataFrame:
    """Return rows as the data frame that the measurement reads."""
    series = []
    for number, column in enumerate(columns):
        values_by_row = [sorted(row[number]) for row in rows]
        if column.multi:
            series.append(
                pl.Series(column.name, [values or None for values in values_by_row], dtype=pl.List(pl.String))
            )
        else:
            series.append(
                pl.Series(column.name, [values[0] if values else None for values in values_by_row], dtype=pl.String)
            )
    return pl.DataFrame(series)


def cells_of(noisy: Noisy, columns: Schema, length: int) -> dict[Cell, int]:
    """Return the measured counts of one length by column and value."""
    names = [(number, value) for number, column in enumerate(columns) for value in column.values]
    level = noisy.levels[length - 1]
    return {
        tuple(names[place] for place in item): int(value) for item, value in zip(level.items, level.values, strict=True)
    }


def random_values(rng: np.random.Generator, column: Column, rows: int) -> list[str | None]:
    """Return random values, with null as likely as each value."""
    return [[*column.values, None][number] for number in rng.integers(0, len(column.values) + 1, rows)]


def same(first: Noisy, second: Noisy) -> bool:
    return (
        (first.clip, first.lengths_sigma, len(first.levels)) == (second.clip, second.lengths_sigma, len(second.levels))
        and all(np.array_equal(getattr(first, name), getattr(second, name)) for name in ("column", "lengths"))
        and all(
            (a.sigma, a.threshold) == (b.sigma, b.threshold)
            and np.array_equal(a.items, b.items)
            and np.array_equal(a.values, b.values)
            and (a.items.dtype, a.values.dtype) == (b.items.dtype, b.values.dtype)
            for a, b in zip(first.levels, second.levels, strict=True)
        )
    )
