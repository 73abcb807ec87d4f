"""Order of records by a hash of their content: no result depends on the order of the rows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

# separates the columns of a record, and the values of a list
COLUMN_END, VALUE_END = "\x1f", "\x1e"


def order_by_content(frame: pl.DataFrame, ids: Sequence[str], seed: int = 0) -> NDArray[np.intp]:
    """Return the rows of a frame in the order of a hash of their content.

    Parameters
    ----------
    frame : DataFrame
        Comparison columns: texts, whole numbers, lists of texts. The order of the columns does not matter.
    ids : sequence of str
        A different id for each row. It decides between rows of the same content.
    seed : int
        Another seed gives another order.

    Returns
    -------
    (rows,) int
        Row numbers. The order is unrelated to the content: neighbours are a random sample of pairs.

    Examples
    --------
    >>> people = pl.DataFrame({"given": ["dana", "aigul", "omar"]})
    >>> shuffled = people.reverse()
    >>> first, second = order_by_content(people, ["1", "2", "3"]), order_by_content(shuffled, ["3", "2", "1"])
    >>> people["given"][first].to_list() == shuffled["given"][second].to_list()
    True
    """
    if not frame.columns:
        return np.arange(len(ids))
    hashes = pl.Series("hash", [_hash_text(text, seed) for text in join_columns(frame)], pl.Binary)
    keys = pl.DataFrame({"hash": hashes, "id": pl.Series(ids, dtype=pl.String)})
    return keys.select(pl.arg_sort_by("hash", "id")).to_series().to_numpy().astype(np.intp)


def join_columns(frame: pl.DataFrame) -> list[str]:
    """Return the content of each row as one text."""
    parts = [_as_text(frame[name]).fill_null("") for name in sorted(frame.columns)]
    return frame.select(pl.concat_str(parts, separator=COLUMN_END)).to_series().to_list()


def _as_text(series: pl.Series) -> pl.Series:
    return series.list.join(VALUE_END) if series.dtype == pl.List else series.cast(pl.String)


def _hash_text(text: str, seed: int) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8, salt=seed.to_bytes(8, "big", signed=True)).digest()
