"""Hash of the rows of a file, independent of the order of rows and of the file format."""

from __future__ import annotations

import hashlib

import polars as pl


def hash_rows(rows: pl.DataFrame) -> str:
    """Return the SHA-256 of the rows; the order of rows, columns and multiple values does not matter.

    Parameters
    ----------
    rows : DataFrame
        Columns of text or lists of text; null is not reported.

    Returns
    -------
    str
        64 hexadecimal digits. Do not publish them: an intruder who guesses all rows can confirm the guess.

    Notes
    -----
    SHA-256: FIPS 180-4. Each value is hashed with its length before it, so that no two rows read alike.

    Examples
    --------
    >>> rows = pl.DataFrame({"sex": ["female", "male"], "form": ["labour", None]})
    >>> hash_rows(rows) == hash_rows(rows.reverse().select("form", "sex"))
    True
    """
    cells = [_cell(name, isinstance(kind, pl.List)) for name, kind in sorted(rows.schema.items())]
    lines = rows.select(pl.concat_str(cells)).to_series().sort().to_list()
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _cell(name: str, multi: bool) -> pl.Expr:
    """Return a value with its length as prefix, so that no two rows read alike; `-` if not reported."""
    column = pl.col(name)
    if multi:
        parts = column.list.unique().list.sort().list.eval(_framed(pl.element())).list.join("")
        return pl.when(column.list.len() > 0).then(_framed(parts)).fill_null("-")
    return _framed(column).fill_null("-")


def _framed(text: pl.Expr) -> pl.Expr:
    return pl.concat_str(text.str.len_bytes().cast(pl.String), pl.lit(":"), text)
