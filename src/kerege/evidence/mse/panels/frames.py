"""Data frames of results."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def to_polars(records: Sequence[dict[str, object]]) -> pl.DataFrame:
    """Return a frame with one row for each record; all records have the same keys."""
    return pl.DataFrame(records, infer_schema_length=None)
