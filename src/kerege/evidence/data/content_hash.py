"""Whether two files hold the same rows, in whatever order and format they were written."""

from __future__ import annotations

import hashlib

import polars as pl


def rows_hash(rows: pl.DataFrame) -> str:
    """SHA-256 over rows and columns in any order, and over several values of one in any order."""
    cells = [_cell(name, isinstance(kind, pl.List)) for name, kind in sorted(rows.schema.items())]
    lines = rows.select(pl.concat_str(cells)).to_series().sort().to_list()
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _cell(name: str, multi: bool) -> pl.Expr:
    """A value with its length before it, so that no two rows read the same; - where nothing is reported."""
    column = pl.col(name)
    if multi:
        parts = column.list.unique().list.sort().list.eval(_framed(pl.element())).list.join("")
        return pl.when(column.list.len() > 0).then(_framed(parts)).fill_null("-")
    return _framed(column).fill_null("-")


def _framed(text: pl.Expr) -> pl.Expr:
    return pl.concat_str(text.str.len_bytes().cast(pl.String), pl.lit(":"), text)
