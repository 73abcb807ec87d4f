"""Text tables with cells protected against formula injection, as in `kerege.base.csv_cells`, and back."""

from __future__ import annotations

import polars as pl

from kerege.base.csv_cells import FORMULA, MARK, NUMBER, guarded


def guard_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """Mark cells and column names that a spreadsheet would run as formulas, for writing."""
    marked = frame.with_columns(
        pl.when(_is_formula(name)).then(MARK + pl.col(name)).otherwise(name).alias(name) for name in frame.columns
    )
    return marked.rename(guarded)


def remove_guards(frame: pl.DataFrame) -> pl.DataFrame:
    """Remove the marks that `guard_formulas` set from the cells; the caller restores the names."""
    marked = [name for name in frame.columns if frame[name].str.starts_with(MARK).any()]
    return frame.with_columns(
        pl.when(pl.col(name).str.starts_with(MARK) & _is_formula(name))
        .then(pl.col(name).str.slice(1))
        .otherwise(name)
        .alias(name)
        for name in marked
    )


def _is_formula(name: str) -> pl.Expr:
    """Return the expression "a spreadsheet would run this cell as a formula"."""
    return pl.col(name).str.contains(FORMULA) & ~pl.col(name).str.contains(NUMBER)
