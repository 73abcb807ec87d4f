"""Whole tables of text with their cells guarded as `standard.cells` says, and back."""

from __future__ import annotations

import polars as pl

from kerege.base.csv_cells import FORMULA, MARK, NUMBER, guarded


def guarded_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """A table of text as it is written, with its header."""
    found = frame.with_columns(
        pl.when(_run(name)).then(MARK + pl.col(name)).otherwise(name).alias(name) for name in frame.columns
    )
    return found.rename(guarded)


def plain_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """What was written as this table of text; names are left to the caller."""
    marked = [name for name in frame.columns if frame[name].str.starts_with(MARK).any()]
    return frame.with_columns(
        pl.when(pl.col(name).str.starts_with(MARK) & _run(name))
        .then(pl.col(name).str.slice(1))
        .otherwise(name)
        .alias(name)
        for name in marked
    )


def _run(name: str) -> pl.Expr:
    return pl.col(name).str.contains(FORMULA) & ~pl.col(name).str.contains(NUMBER)
